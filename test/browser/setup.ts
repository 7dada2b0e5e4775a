import { execFileSync } from 'node:child_process'

/** Tells the browser tests where Chromium is (CHROMIUM_PATH), and fails early and plainly when there is none. */
export default function setup(): void {
  process.env.CHROMIUM_PATH = execFileSync('scripts/services', ['chromium', '--find'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim()
}

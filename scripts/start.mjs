// npm start: builds what is not built yet, then becomes `auren start`.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runInFewArenas } from '../packages/server/bin/few-arenas.js'

const root = resolve(import.meta.dirname, '..')
const cli = join(root, 'packages/server/dist/cli.js')

const problem = whatIsMissing()
if (problem) fail(problem)

// Loaded only now: before the check its own imports could be what is missing.
const { buildPackage, buildPwa, packages } = await import('./build/packages.mjs')
// A signal ends the build too, with the exit code that shells expect.
const interrupted = { SIGINT: () => process.exit(130), SIGTERM: () => process.exit(143) }
for (const [signal, stop] of Object.entries(interrupted)) process.once(signal, stop)

const started = Date.now()
console.log('AUREN: looking for sources that changed since the last build…')
try {
  const built = await Promise.all([...packages.map((name) => buildPackage(name, { types: false })), buildPwa({})])
  if (!built.includes(true)) console.log('nothing changed, nothing to build')
  else console.log(`built in ${((Date.now() - started) / 1000).toFixed(1)} s; the next start skips this`)
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
}
if (!existsSync(cli)) fail('packages/server/src/cli.ts does not exist: there is no server to start')

for (const [signal, stop] of Object.entries(interrupted)) process.off(signal, stop)
// In this very process: signals reach the server once and directly, killing this process kills the server, and its
// exit code is ours.
const args = ['start', ...process.argv.slice(2)]
runInFewArenas(cli, args)
process.argv = [process.execPath, cli, ...args]
await import(pathToFileURL(cli).href)

/** @returns {string | undefined} what the person must do first */
function whatIsMissing() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) return `AUREN needs Node 20.19 or newer; this is ${process.version}`
  if (!existsSync(join(root, 'node_modules/tsup'))) return 'the dependencies are not installed: run `npm ci` first'
  return undefined
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(`AUREN cannot start: ${message}`)
  process.exit(1)
}

// Type-checks everything that runs in Node in one program, then the PWA, whose world is the browser's.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const projects = ['tsconfig.json', 'packages/pwa/tsconfig.json'].filter((project) => existsSync(join(root, project)))

let failed = false
for (const project of projects) {
  const started = Date.now()
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '-p', project, '--noEmit', '--pretty', String(process.stdout.isTTY === true)],
    { cwd: root, stdio: 'inherit' },
  )
  console.log(
    `typecheck ${project}: ${status === 0 ? 'clean' : 'errors'} (${((Date.now() - started) / 1000).toFixed(1)} s)`,
  )
  if (status !== 0) failed = true
}
process.exitCode = failed ? 1 : 0

import { resolve } from 'node:path'
import { build } from 'tsup'
import { buildPackage, packages } from '../scripts/build/packages.mjs'

const root = resolve(import.meta.dirname, '..')
const server = resolve(root, 'packages/server')

/**
 * Builds the packages as they are now, and the server that is killed on top of them: it starts in half the time that
 * its sources take, some hundred times in a run, and what is killed is what is published.
 */
export default async function setup(): Promise<void> {
  await Promise.all(packages.map((name) => buildPackage(name, { types: false, force: true })))
  await build({
    entry: { child: resolve(server, 'test/kill/child.ts') },
    // One level below the package, as what is published: the thread's entry is found from there.
    outDir: resolve(server, 'dist-kill'),
    format: 'esm',
    target: 'node20',
    platform: 'node',
    config: false,
    dts: false,
    tsconfig: resolve(root, 'tsconfig.build.json'),
    external: [/^[^./]/],
    silent: true,
  })
  process.env.AUREN_KILLABLE = resolve(server, 'dist-kill/child.js')
}

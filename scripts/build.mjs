// npm run build: core, plugins, server and the PWA, in the order of their dependence. With --js only the JavaScript of
// the three packages, all at once.
import { resolve } from 'node:path'
import { buildPackage, buildPwa, packages } from './build/packages.mjs'
import { drift, generate } from './generate.mjs'

const jsOnly = process.argv.includes('--js')
try {
  assertGenerated(resolve(import.meta.dirname, '..'))
  if (jsOnly) await Promise.all(packages.map((name) => buildPackage(name, { types: false, force: true })))
  else {
    for (const name of packages) await buildPackage(name, { types: true, force: true })
    await buildPwa({ force: true })
  }
} catch (error) {
  console.error(`build: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}

/**
 * What is exported comes from the generated map: building from a stale one would publish a package with doors missing.
 * @param {string} root
 */
function assertGenerated(root) {
  const stale = drift(root, generate(root).files).map(({ path }) => path)
  if (stale.length > 0) throw new Error(`stale: ${stale.join(', ')}. Run \`npm run generate\` first`)
}

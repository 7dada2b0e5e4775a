// npm run build: core, plugins, server and the PWA, in the order of their dependence. With --js only the JavaScript of
// the three packages, all at once.
import { buildPackage, buildPwa, packages } from './build/packages.mjs'

const jsOnly = process.argv.includes('--js')
try {
  if (jsOnly) await Promise.all(packages.map((name) => buildPackage(name, { types: false, force: true })))
  else {
    for (const name of packages) await buildPackage(name, { types: true, force: true })
    await buildPwa({ force: true })
  }
} catch (error) {
  console.error(`build: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}

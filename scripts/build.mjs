// npm run build: core, plugins, server and the PWA, in the order of their dependence. With --js without types and PWA.
import { buildPackage, buildPwa, packages } from './build/packages.mjs'

const jsOnly = process.argv.includes('--js')
for (const name of packages) await buildPackage(name, { types: !jsOnly })
if (!jsOnly) await buildPwa()

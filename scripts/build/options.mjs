import { resolve } from 'node:path'
import { entriesOf } from './entries.mjs'

const root = resolve(import.meta.dirname, '../..')

/**
 * tsup's options for one package.
 * @param {string} folder of the package
 * @param {{ types: boolean }} [what] without types (AUREN_BUILD=js) only the JavaScript is written: a second, not twenty
 * @returns {import('tsup').Options}
 */
export function buildOptions(folder, { types } = { types: process.env.AUREN_BUILD !== 'js' }) {
  return {
    entry: entriesOf(folder).entry,
    outDir: 'dist',
    format: 'esm',
    target: 'node20',
    platform: 'node',
    splitting: true,
    sourcemap: true,
    // A build without types leaves those of the last full build in place: the packages above compile against them.
    clean: types ? true : ['**/*.js', '**/*.js.map'],
    dts: types ? { compilerOptions: { ignoreDeprecations: '6.0' } } : false,
    tsconfig: resolve(root, 'tsconfig.build.json'),
    // Nothing that is installed is bundled: a user has one copy of a library, patched when they patch it.
    external: [/^[^./]/],
    silent: true,
  }
}

// Writes what is derived from folders and from the catalogue. With --check it writes nothing and fails on drift.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { catalogueFiles } from './generate/catalogue.mjs'
import { licenseFiles } from './generate/license.mjs'
import { pluginFiles } from './generate/plugins.mjs'

/** @typedef {{ path: string, text: string }} GeneratedFile `path` is relative to the root of the repository. */

/**
 * Generates all files in memory.
 * @param {string} root folder of the repository
 * @returns {{ files: GeneratedFile[], notes: string[] }} the files, and what a reader should know (empty rooms)
 * @throws {Error} when two plugins share a name, a name is malformed or a row of the catalogue is
 */
export function generate(root) {
  const catalogue = catalogueFiles(root)
  const plugins = pluginFiles(root)
  return {
    files: [...catalogue.files, ...plugins.files, ...licenseFiles(root)],
    notes: [...catalogue.notes, ...plugins.notes],
  }
}

/**
 * Which generated files differ from what is on disk.
 * @param {string} root
 * @param {GeneratedFile[]} files
 * @returns {GeneratedFile[]}
 */
export function drift(root, files) {
  return files.filter(({ path, text }) => {
    const file = join(root, path)
    return !existsSync(file) || readFileSync(file, 'utf8') !== text
  })
}

/**
 * @param {string} root
 * @param {{ check: boolean }} options
 * @returns {number} exit code
 */
function run(root, { check }) {
  const { files, notes } = generate(root)
  for (const note of notes) console.log(`note: ${note}`)
  const changed = drift(root, files)
  if (check && changed.length > 0) {
    console.error('These files no longer agree with the folders and the catalogue that they are generated from:')
    for (const { path } of changed) console.error(`  ${path}`)
    console.error('Run `npm run generate` and commit the result.')
    return 1
  }
  for (const { path, text } of changed) {
    const file = join(root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    console.log(`wrote ${path}`)
  }
  if (changed.length === 0) console.log(`${files.length} generated files are up to date`)
  return 0
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = run(resolve(dirname(fileURLToPath(import.meta.url)), '..'), {
      check: process.argv.includes('--check'),
    })
  } catch (error) {
    console.error(`generate: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}

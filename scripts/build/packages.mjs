import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'tsup'
import { entriesOf } from './entries.mjs'
import { buildOptions } from './options.mjs'

const root = resolve(import.meta.dirname, '../..')

/** The published packages; each is compiled against the built types of those before it. */
export const packages = /** @type {const} */ (['core', 'plugins', 'server'])

/**
 * Builds one package.
 * @param {(typeof packages)[number]} name
 * @param {{ types: boolean }} what
 * @returns {Promise<boolean>} false when it has nothing to build yet
 */
export async function buildPackage(name, what) {
  const folder = join(root, 'packages', name)
  const { entry, missing } = entriesOf(folder)
  if (missing.length > 0) console.log(`note: packages/${name} has no ${missing.join(', ')} yet`)
  if (Object.keys(entry).length === 0) return false
  const started = Date.now()
  // tsup resolves its entries from the working directory.
  process.chdir(folder)
  await build({ ...buildOptions(folder, what), config: false })
  process.chdir(root)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  console.log(`built packages/${name}${what.types ? '' : ' (JavaScript only)'} in ${seconds} s`)
  return true
}

/**
 * Builds the PWA with vite.
 * @returns {Promise<boolean>} false when there is none yet
 */
export async function buildPwa() {
  const folder = join(root, 'packages/pwa')
  if (!existsSync(join(folder, 'index.html'))) {
    console.log('note: packages/pwa has no index.html yet: nothing to build')
    return false
  }
  const started = Date.now()
  const { build: viteBuild } = await import('vite')
  process.chdir(folder)
  await viteBuild({ root: folder, logLevel: 'warn' })
  process.chdir(root)
  console.log(`built packages/pwa in ${((Date.now() - started) / 1000).toFixed(1)} s`)
  return true
}

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Each published package carries the licence: npm packs only what lies in the package's own folder.
 * @param {string} root
 * @returns {import('../generate.mjs').GeneratedFile[]}
 */
export function licenseFiles(root) {
  if (!existsSync(join(root, 'LICENSE'))) return []
  const text = readFileSync(join(root, 'LICENSE'), 'utf8')
  return ['core', 'plugins', 'server'].map((name) => ({ path: `packages/${name}/LICENSE`, text }))
}

// Remembers what was built from which sources, so that a second start builds nothing.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

// Beside the installed packages and not in dist: dist is published, and a new install is a reason to build again.
const stampFile = 'node_modules/.cache/auren/build.json'

/**
 * Whether a folder's build is younger than everything it is built from.
 * @param {string} root
 * @param {string} folder e.g. `packages/core`
 * @param {string} product a file that the build writes, relative to the folder
 */
export function isFresh(root, folder, product) {
  return existsSync(join(root, folder, product)) && readStamps(root)[folder] === fingerprint(root, folder)
}

/**
 * Notes that a folder has just been built.
 * @param {string} root
 * @param {string} folder
 * @param {string} sources its fingerprint before the build: what changed meanwhile must not count as built
 */
export function markBuilt(root, folder, sources) {
  const stamps = { ...readStamps(root), [folder]: sources }
  mkdirSync(dirname(join(root, stampFile)), { recursive: true })
  writeFileSync(join(root, stampFile), `${JSON.stringify(stamps, null, 2)}\n`)
}

/**
 * Digest of names, sizes and modification times of what a folder is built from.
 * @param {string} root
 * @param {string} folder
 */
export function fingerprint(root, folder) {
  const hash = createHash('sha256')
  for (const place of [folder, 'scripts/build', 'tsconfig.base.json', 'tsconfig.build.json'])
    for (const file of filesUnder(join(root, place))) {
      const { size, mtimeMs } = statSync(file)
      hash.update(`${file.slice(root.length)} ${size} ${mtimeMs}\n`)
    }
  return hash.digest('hex')
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesUnder(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  const notSource = new Set(['dist', 'node_modules', 'test', 'fixtures'])
  return readdirSync(path)
    .filter((name) => !notSource.has(name))
    .sort()
    .flatMap((name) => filesUnder(join(path, name)))
}

/**
 * @param {string} root
 * @returns {Record<string, string>}
 */
function readStamps(root) {
  try {
    return JSON.parse(readFileSync(join(root, stampFile), 'utf8'))
  } catch {
    // None yet, or cut off by a crash: both mean that nothing is known to be fresh.
    return {}
  }
}

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { packages } from './build/packages.mjs'

const root = resolve(import.meta.dirname, '..')

/**
 * @typedef {object} Tarball
 * @property {string} name `@auren/core`
 * @property {string} folder of the package
 * @property {string} file the packed package
 * @property {string[]} subpaths what it exports: `.`, `./analysis` …
 * @property {string[]} workers subpaths that are files for a worker thread: plain JavaScript, not to be imported
 * @property {string[]} optionalPeers packages that it must work without
 */

/**
 * Packs the published packages as they would be published.
 * @param {string} into an empty folder
 * @returns {Tarball[]} those that have been built; the others are noted on the console
 */
export function pack(into) {
  return packages.flatMap((name) => {
    const folder = join(root, 'packages', name)
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    if (!existsSync(join(folder, 'dist'))) {
      console.log(`note: ${manifest.name} is not built (npm run build) and is left out`)
      return []
    }
    const printed = execFileSync('npm', ['pack', '--json', '--pack-destination', into], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const doors = Object.entries(manifest.exports ?? {}).filter(([subpath]) => subpath !== './package.json')
    return [
      {
        name: manifest.name,
        folder,
        file: join(into, JSON.parse(printed)[0].filename),
        subpaths: doors.filter(([, target]) => typeof target === 'object').map(([subpath]) => subpath),
        workers: doors.filter(([, target]) => typeof target === 'string').map(([subpath]) => subpath),
        optionalPeers: Object.entries(manifest.peerDependenciesMeta ?? {})
          .filter(([, meta]) => meta.optional)
          .map(([peer]) => peer),
      },
    ]
  })
}

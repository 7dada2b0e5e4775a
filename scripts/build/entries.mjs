import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What a package builds, read from its manifest, so that what is exported and what is built cannot differ: every
 * subpath with an `auren-source`, and every bin (dist/cli.js from src/cli.ts).
 * @param {string} folder of the package
 * @returns {{ entry: Record<string, string>, missing: string[] }} esbuild's entries (name in dist -> source), and the
 *   sources that the manifest names and that do not exist (yet)
 * @throws {Error} when a bin does not begin with a shebang
 */
export function entriesOf(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  /** @type {[string, string][]} */
  const wanted = []
  for (const target of Object.values(manifest.exports ?? {}))
    if (typeof target === 'object' && target['auren-source'])
      wanted.push([nameInDist(target.default), target['auren-source']])
  for (const bin of Object.values(manifest.bin ?? {})) {
    const built = programOf(folder, bin)
    const name = nameInDist(built)
    wanted.push([name, `./src/${name}.ts`])
    const source = join(folder, 'src', `${name}.ts`)
    if (existsSync(source) && !readFileSync(source, 'utf8').startsWith('#!/usr/bin/env node\n'))
      throw new Error(`${manifest.name}: src/${name}.ts is a bin and must begin with #!/usr/bin/env node`)
  }
  const present = wanted.filter(([, source]) => existsSync(join(folder, source)))
  return {
    entry: Object.fromEntries(present.map(([name, source]) => [name, source])),
    missing: wanted.filter((pair) => !present.includes(pair)).map(([, source]) => source),
  }
}

/**
 * A bin is a built file, or a launcher that is committed and imports one (so that npm links it before the first build).
 * @param {string} folder
 * @param {string} bin
 */
function programOf(folder, bin) {
  if (bin.startsWith('./dist/')) return bin
  const found = /'\.\.\/(dist\/[\w/-]+\.js)'/.exec(readFileSync(join(folder, bin), 'utf8'))
  if (!found) throw new Error(`${bin} imports nothing of dist`)
  return `./${found[1]}`
}

/** @param {string} path e.g. `./dist/analysis/index.js` */
function nameInDist(path) {
  return path.replace(/^\.\/dist\//, '').replace(/\.js$/, '')
}

// Packs the packages, installs them in empty folders as a stranger would, and uses what they export.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pack } from './pack.mjs'

/** @typedef {import('./pack.mjs').Tarball} Tarball */

const root = resolve(import.meta.dirname, '..')
const place = mkdtempSync(join(tmpdir(), 'auren-smoke-'))
/** @type {string[]} */
const complaints = []
try {
  mkdirSync(join(place, 'tarballs'))
  const tarballs = pack(join(place, 'tarballs'))
  const library = tarballs.filter(({ name }) => name !== '@auren/server')
  const server = tarballs.filter(({ name }) => name === '@auren/server')
  if (library.length > 0) tryLibrary(library, install('library', library))
  if (server.length > 0) tryServer(server, install('server', tarballs))
  if (tarballs.length === 0) complaints.push('nothing is built: run `npm run build` first')
} finally {
  rmSync(place, { recursive: true, force: true })
}
for (const complaint of complaints) console.error(`smoke: ${complaint}`)
process.exitCode = complaints.length > 0 ? 1 : 0

/**
 * @param {string} name
 * @param {Tarball[]} tarballs
 * @returns {string} a folder outside the repository in which they are installed, with what a TypeScript user has
 */
function install(name, tarballs) {
  const folder = join(place, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const extra = ['typescript', '@types/node'].map((tool) => `${tool}@${devDependencies[tool]}`)
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel', 'error']
  execFileSync('npm', [...args, ...tarballs.map(({ file }) => file), ...extra], { cwd: folder, stdio: 'inherit' })
  return folder
}

/**
 * Every subpath alone, without the optional peers, and all of them in one program without skipLibCheck.
 * @param {Tarball[]} tarballs
 * @param {string} folder
 */
function tryLibrary(tarballs, folder) {
  const peers = tarballs.flatMap(({ optionalPeers }) => optionalPeers)
  const present = peers.filter((peer) => existsSync(join(folder, 'node_modules', peer)))
  if (present.length > 0) console.log(`note: installed by another dependency: ${present.join(', ')}`)
  tryImports(tarballs, folder)
  tryTypes(tarballs, folder)
}

/**
 * @param {Tarball[]} tarballs
 * @param {string} folder
 */
function tryServer(tarballs, folder) {
  tryImports(tarballs, folder)
  const bin = join(folder, 'node_modules/.bin/auren')
  const { status, stderr } = spawnSync(bin, ['--help'], { cwd: folder, encoding: 'utf8', timeout: 60_000 })
  if (status !== 0) complaints.push(`auren --help ends with ${status}: ${stderr}`)
  else console.log('auren --help works')
}

/**
 * @param {Tarball[]} tarballs
 * @param {string} folder
 */
function tryImports(tarballs, folder) {
  for (const { name, subpaths, workers } of tarballs) {
    for (const specifier of specifiers(name, subpaths)) {
      // An import must also let the process end: a timer or a socket left open would keep it.
      const script = `if (Object.keys(await import('${specifier}')).length === 0) throw new Error('exports nothing')`
      const { status, stderr } = node(folder, script)
      if (status !== 0) complaints.push(`import '${specifier}' fails: ${stderr || 'it does not end within a minute'}`)
    }
    for (const specifier of specifiers(name, workers)) {
      const script = `import { accessSync } from 'node:fs'; accessSync(new URL(import.meta.resolve('${specifier}')))`
      const { status, stderr } = node(folder, script)
      if (status !== 0) complaints.push(`the worker '${specifier}' is not in the package: ${stderr}`)
    }
    console.log(`${name}: ${subpaths.length} subpaths imported, ${workers.length} workers found`)
  }
}

/**
 * @param {string} folder
 * @param {string} script
 */
function node(folder, script) {
  const args = ['--input-type=module', '--eval', script]
  return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', timeout: 60_000 })
}

/**
 * @param {Tarball[]} tarballs
 * @param {string} folder
 */
function tryTypes(tarballs, folder) {
  const lines = tarballs
    .flatMap(({ name, subpaths }) => specifiers(name, subpaths))
    .map(
      (specifier, at) => `import * as part${at} from '${specifier}'\nexport type Part${at} = keyof typeof part${at}\n`,
    )
  writeFileSync(join(folder, 'consumer.ts'), lines.join(''))
  const compilerOptions = {
    target: 'ES2023',
    lib: ['ES2023'],
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }))
  const tsc = join(folder, 'node_modules/typescript/bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: folder, encoding: 'utf8' })
  if (status !== 0) complaints.push(`a consumer does not compile without skipLibCheck:\n${stdout}`)
  else console.log('a consumer of every subpath compiles without skipLibCheck')
}

/**
 * @param {string} name
 * @param {string[]} subpaths
 */
function specifiers(name, subpaths) {
  return subpaths.map((subpath) => name + subpath.slice(1))
}

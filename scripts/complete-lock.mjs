// npm run lock: completes package-lock.json after a dependency was changed.
// npm leaves optional packages out of the lock when it cannot or need not fetch them (binaries for another system, say),
// and then `npm ci` refuses the lock, or works only on the system on which it was made. Their versions are pinned by the
// package that wants them and their systems are in their names, so that the entries can be written without fetching.
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32']

/** @typedef {{ version?: string, dev?: boolean, optionalDependencies?: Record<string, string> } & Record<string, unknown>} Entry */

/**
 * Optional packages that something in the lock wants and that have no entry.
 * @param {Record<string, Entry>} entries the `packages` of a package-lock.json
 * @returns {{ name: string, version: string, dev: boolean }[]}
 */
export function missingOptionals(entries) {
  return Object.entries(entries).flatMap(([place, { optionalDependencies = {}, dev = false }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !entries[`${place}/node_modules/${name}`] && !entries[`node_modules/${name}`])
      .map(([name, version]) => ({ name, version, dev })),
  )
}

/**
 * @param {Record<string, Entry>} entries
 * @returns {Record<string, Entry>} with an entry for each optional package, in npm's order
 * @throws {Error} for a package whose version is a range or whose name does not tell its system
 */
export function completed(entries) {
  const added = missingOptionals(entries).map(({ name, version, dev }) => {
    const parts = name.split(/[/-]/)
    const os = parts.filter((part) => systems.includes(part))
    const cpu = parts.filter((part) => processors.includes(part))
    if (!/^\d+\.\d+\.\d+/.test(version) || os.length !== 1 || cpu.length !== 1)
      throw new Error(`the lock lacks ${name}@${version}, and that does not say which version or system it is for`)
    const libc = parts.some((part) => part.startsWith('musl'))
      ? ['musl']
      : parts.some((part) => part.startsWith('gnu'))
        ? ['glibc']
        : []
    return [
      `node_modules/${name}`,
      {
        version,
        cpu,
        ...(dev ? { dev } : {}),
        ...(os[0] === 'linux' && libc.length > 0 ? { libc } : {}),
        optional: true,
        os,
      },
    ]
  })
  const { '': top, ...rest } = { ...entries, ...Object.fromEntries(added) }
  const sorted = Object.entries(rest).sort(([a], [b]) => a.localeCompare(b, 'en'))
  return { ...(top ? { '': top } : {}), ...Object.fromEntries(sorted) }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const file = resolve(import.meta.dirname, '../package-lock.json')
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  const missing = missingOptionals(lock.packages)
  lock.packages = completed(lock.packages)
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(missing.length === 0 ? 'package-lock.json is complete' : `added ${missing.length} optional packages`)
}

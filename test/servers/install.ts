import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'

/** What scripts/services installs and keeps; git ignores it. */
export const servicesFolder = resolve(import.meta.dirname, '../../.services')

/** A folder with the temporary files for what cannot be in {@link servicesFolder}; another clone has another. */
export function outside(name: string): string {
  const clone = createHash('sha256').update(servicesFolder).digest('hex').slice(0, 8)
  const folder = join(tmpdir(), `auren-${name}-${process.getuid?.() ?? 0}-${clone}`)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  return folder
}

const began = Date.now()

/** Tells on stderr what is done, with the seconds since the start. */
export function say(message: string): void {
  process.stderr.write(`services ${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${message}\n`)
}

/** Path of a program, or null. */
export function which(program: string): string | null {
  const found = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' })
  return found.status === 0 ? found.stdout.trim() : null
}

/**
 * Installs Debian packages.
 * @param why what they are for, for who must install them by hand
 */
export function installDebian(packages: readonly string[], why: string): void {
  const missing = `${why} is not here. On Debian, as root: apt-get install ${packages.join(' ')}`
  if (which('apt-get') === null || process.getuid?.() !== 0) throw new Error(missing)
  const apt = (...args: string[]) =>
    spawnSync('apt-get', args, {
      encoding: 'utf8',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  say(`installing ${packages.join(' ')} with apt-get`)
  // Lists that are there may do; only where they do not is the network asked for new ones.
  const install = () => apt('install', '-y', '--no-install-recommends', ...packages)
  let done = install()
  if (done.status !== 0) {
    apt('update')
    done = install()
  }
  if (done.status !== 0) throw new Error(`${missing}\n${done.stdout}\n${done.stderr}`)
}

/** Runs a program; throws with all that it said when it fails. */
export function run(command: string, args: readonly string[], options: { cwd?: string } = {}): string {
  const done = spawnSync(command, args, { encoding: 'utf8', ...options })
  if (done.error) throw done.error
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${done.stdout}\n${done.stderr}`)
  return done.stdout
}

/** Fills a folder once: into a neighbour first, so that what was cut off is never taken for whole. */
export function keepFolder(folder: string, fill: (into: string) => void): string {
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.${process.pid}.part`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  try {
    fill(unfinished)
    renameSync(unfinished, folder)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    // Somebody else may have been faster.
    if (!existsSync(folder)) throw error
  }
  return folder
}

/** Unpacks the newest version of an npm package that begins with `version`; nothing of it is run. */
export function unpackNpm(name: string, version: string, into: string): void {
  const all = JSON.parse(run('npm', ['view', name, 'versions', '--json'])) as string | string[]
  const newest = [all].flat().findLast((one) => one.startsWith(`${version}.`))
  if (newest === undefined) throw new Error(`npm has no ${name} ${version}`)
  say(`unpacking ${name} ${newest}`)
  run('npm', ['pack', '--silent', `${name}@${newest}`], { cwd: into })
  const [tarball] = readdirSync(into).filter((file) => file.endsWith('.tgz'))
  execFileSync('tar', ['xzf', tarball as string, '--strip-components=1', '--no-same-owner'], { cwd: into })
  rmSync(join(into, tarball as string))
}

/** Makes the links that an npm tarball cannot hold: `[{ source, target }]` relative to the package. */
export function makeLinks(root: string, list: string): void {
  for (const { source, target } of JSON.parse(readFileSync(join(root, list), 'utf8')) as {
    source: string
    target: string
  }[]) {
    const link = join(root, target)
    mkdirSync(dirname(link), { recursive: true })
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(root, source)), link)
  }
}

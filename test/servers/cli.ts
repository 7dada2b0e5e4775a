import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { outside, say, servicesFolder } from './install.js'
import { kafkaVersion, startKafka } from './kafka.js'
import { reaches, startPostgres } from './postgres.js'
import { startRedis } from './redis.js'
import { type Server, signalTree } from './server.js'

/** A server that runs, as `.services/running/<name>.json` notes it. */
interface Note {
  address: string
  folder: string
  pid: number
  /** When the process began, as `ps` tells it: another process may get the same number later. */
  began: string
}

const notes = join(servicesFolder, 'running')
const addresses = join(servicesFolder, 'addresses.json')
const kinds = ['postgres', 'redis', 'kafka'] as const
type Kind = (typeof kinds)[number]

/** What scripts/services runs: `up`, `down [name]`, `status`, or the name of one server with `--version`. */
async function main(): Promise<void> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { version: { type: 'string' } } })
  const [command, ...names] = positionals
  mkdirSync(notes, { recursive: true })
  if (command === 'status') return status()
  if (command === 'down') return down(names)
  if (command === 'up') {
    // Installing is done in turns, for apt has a lock; then they start side by side.
    const started = await Promise.allSettled(kinds.map((kind) => bring(kind, undefined)))
    const failed = started.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    for (const reason of failed) say(`FAILED: ${reason instanceof Error ? reason.message : reason}`)
    if (failed.length > 0) process.exitCode = 1
    say(`addresses are in ${addresses}`)
    return
  }
  if (!(kinds as readonly string[]).includes(command ?? ''))
    throw new Error(`unknown: ${command}; there are up, down, status, ${kinds.join(', ')}`)
  process.stdout.write(`${await bring(command as Kind, values.version)}\n`)
}

/** Starts a server unless it runs already, and notes where. Returns its address. */
async function bring(kind: Kind, version: string | undefined): Promise<string> {
  const name = nameOf(kind, version)
  const known = noteOf(name)
  if (known && isRunning(known)) {
    say(`${name} is up at ${known.address}`)
    publish()
    return known.address
  }
  const folder = folderOf(name)
  // What a server that is gone left behind is of no use to a test.
  rmSync(folder, { recursive: true, force: true })
  say(`starting ${name}`)
  const server = await startOne(kind, version, folder)
  const note: Note = { address: server.address, folder, pid: server.pid(), began: beganAt(server.pid()) }
  replace(join(notes, `${name}.json`), note)
  publish()
  say(`${name} is up at ${server.address}`)
  return server.address
}

function startOne(kind: Kind, version: string | undefined, folder: string): Promise<Server> {
  const common = { folder, outlive: true }
  if (kind === 'redis') {
    if (version !== undefined) throw new Error('redis is the one that is installed: leave out --version')
    return startRedis(common)
  }
  if (kind === 'kafka') return startKafka({ ...common, version: version ?? kafkaVersion })
  if (version !== undefined && version !== '15' && version !== '17' && version !== '18')
    throw new Error(`postgres --version ${version}: there are 15, 17 and 18`)
  return startPostgres({ ...common, ...(version === undefined ? {} : { version }) })
}

/** `postgres`, `postgres17`, `kafka`, `kafka39`: the default has no number. */
function nameOf(kind: Kind, version: string | undefined): string {
  if (version === undefined || version === kafkaVersion || (kind === 'postgres' && version === '15')) return kind
  return kind + version.split('.').slice(0, 2).join('')
}

/** In the repository, or with the temporary files where the server's user cannot get into it. */
function folderOf(name: string): string {
  mkdirSync(servicesFolder, { recursive: true })
  if (!name.startsWith('postgres') || reaches(join(servicesFolder, '.'))) return join(servicesFolder, 'data', name)
  return join(outside('services'), name)
}

async function down(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => noteOf(name) === null)
  if (unknown.length > 0)
    throw new Error(`not started by scripts/services: ${unknown.join(', ')}; it has ${noted().join(', ') || 'none'}`)
  await Promise.all((names.length > 0 ? names : noted()).map(end))
  publish()
}

async function end(name: string): Promise<void> {
  const note = noteOf(name)
  if (!note) return
  if (isRunning(note)) {
    // One that was stopped by SIGSTOP would never see the signal to end.
    signalTree(note.pid, 'SIGCONT')
    process.kill(note.pid, name.startsWith('postgres') ? 'SIGINT' : 'SIGTERM')
    for (let i = 0; i < 100 && isRunning(note); i++) await sleep(100)
    if (isRunning(note)) signalTree(note.pid, 'SIGKILL')
  }
  rmSync(note.folder, { recursive: true, force: true, maxRetries: 5 })
  rmSync(join(notes, `${name}.json`), { force: true })
  say(`${name} is down`)
}

function status(): void {
  for (const name of noted()) {
    const note = noteOf(name)
    process.stdout.write(
      `${name.padEnd(12)} ${note && isRunning(note) ? `up    ${note.address}  pid ${note.pid}` : 'dead'}\n`,
    )
  }
  if (noted().length === 0) process.stdout.write('nothing runs\n')
}

/** Writes the addresses of what runs, for test/services.ts. */
function publish(): void {
  const running = noted().flatMap((name) => {
    const note = noteOf(name)
    return note && isRunning(note) ? [[name, note.address]] : []
  })
  replace(addresses, Object.fromEntries(running))
}

const noted = (): string[] =>
  readdirSync(notes).flatMap((file) => (file.endsWith('.json') ? [basename(file, '.json')] : []))

function noteOf(name: string): Note | null {
  const file = join(notes, `${name}.json`)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Note) : null
}

const isRunning = ({ pid, began }: Note): boolean => beganAt(pid) === began

function beganAt(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return 'never'
  }
}

/** Whole or not at all: tests read these files while others are written. */
function replace(file: string, value: unknown): void {
  writeFileSync(`${file}.part`, `${JSON.stringify(value, null, 2)}\n`)
  renameSync(`${file}.part`, file)
}

await main().catch((error: unknown) => {
  say(`FAILED: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
})

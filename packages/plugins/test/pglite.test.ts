import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { postgresMajor } from '../src/storage/pglite/folder.js'
import { backup, pglite, restore } from '../src/storage/pglite/index.js'
import { openPglite } from '../src/storage/pglite/sql.js'

let root: string
/** A folder with a database in it that one test after the other uses. */
let dataDir: string
let logged: string[]
const ctx = { log: (_level: string, message: string) => void logged.push(message), now: () => 5000 }
const open = (options: Parameters<typeof pglite>[0] = {}) => pglite({ dataDir, ...options }).open(ctx)
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const bytes = (plain: string) => new TextEncoder().encode(plain)

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'auren-pglite-'))
  dataDir = join(root, 'data')
})
afterAll(() => rm(root, { recursive: true, force: true }))
beforeEach(() => {
  logged = []
})

describe('a data folder', () => {
  it('is made at the first start, says so, and is for its owner’s eyes only', async () => {
    const storage = await open()
    expect(logged.join('\n')).toMatch(/Making the database in .*data/)
    await storage.journal.transaction((tx) => storage.journal.person(tx, 'ann'))
    writeFileSync(join(root, 'sealed'), await storage.vault.seal('ann', bytes('kept')))
    await storage.close()
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
    expect(statSync(join(dataDir, 'master.key')).mode & 0o777).toBe(0o600)
    expect(Number(readFileSync(join(dataDir, 'pg', 'PG_VERSION'), 'utf8'))).toBe(postgresMajor)
  })

  it('gives back what was put in, and is quiet about it', async () => {
    const storage = await open()
    expect(text(await storage.vault.open('ann', readFileSync(join(root, 'sealed'))))).toBe('kept')
    expect(logged).toEqual([])
    await storage.close()
  })

  it('has one owner: the second one is told who that is', async () => {
    const storage = await open({ port: 8000 })
    const second = await open().catch((error: unknown) => error)
    expect(second).toMatchObject({ code: 'AUREN_STORE_LOCKED' })
    expect(String(second)).toContain(`process ${process.pid} (a server on port 8000)`)
    await expect(restore({ dataDir, file: 'none' })).rejects.toMatchObject({ code: 'AUREN_STORE_LOCKED' })
    await storage.close()
    await (await open()).close()
    expect(readdirSync(dataDir).filter((name) => /lock|owner/.test(name))).toEqual([])
  })

  it('that a dead process had open is taken over at once; that of a living one is not', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    const take = (pid: number | undefined, host = hostname()) => {
      mkdirSync(join(dataDir, 'auren.lock'))
      writeFileSync(join(dataDir, 'owner.json'), JSON.stringify({ pid, port: null, host }))
    }
    take(child.pid)
    await (await open()).close()
    for (const [pid, host] of [
      [process.ppid, hostname()],
      [child.pid, 'elsewhere'],
    ] as const) {
      take(pid, host)
      const refused = await open().catch((error: unknown) => error)
      expect(refused).toMatchObject({ code: 'AUREN_STORE_LOCKED' })
      expect(String(refused)).toContain(`process ${pid}`)
      rmSync(join(dataDir, 'auren.lock'), { recursive: true })
    }
    await (await open()).close()
  })

  it('does not open with another key, or without one', async () => {
    const other = Buffer.alloc(32, 9).toString('base64')
    await expect(open({ masterKey: other })).rejects.toMatchObject({ code: 'AUREN_KEY_INVALID' })
    const file = join(dataDir, 'master.key')
    const key = readFileSync(file, 'utf8')
    rmSync(file)
    await expect(open()).rejects.toMatchObject({ code: 'AUREN_KEY_INVALID' })
    expect(existsSync(file)).toBe(false)
    const storage = await open({ masterKey: `${other},${key.trim()}` })
    expect(text(await storage.vault.open('ann', readFileSync(join(root, 'sealed'))))).toBe('kept')
    await storage.close()
    expect(logged.at(-1)).toMatch(/2 keys are now wrapped/)
    // The new key alone is enough from here on.
    writeFileSync(file, other)
    await (await open()).close()
  })

  it('of another PostgreSQL is refused, with what to do', async () => {
    const file = join(dataDir, 'pg', 'PG_VERSION')
    const before = readFileSync(file)
    writeFileSync(file, '17\n')
    const refused = await open().catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'AUREN_STORE_VERSION' })
    expect(String(refused)).toMatch(/PostgreSQL 17.*auren export/)
    writeFileSync(file, before)
  })

  it('must be a folder, and the key a key', async () => {
    writeFileSync(join(root, 'file'), '')
    await expect(open({ dataDir: join(root, 'file') })).rejects.toMatchObject({ code: 'AUREN_CONFIG_INVALID' })
    await expect(open({ masterKey: 'short' })).rejects.toMatchObject({ code: 'AUREN_CONFIG_INVALID' })
    await expect(open({ partitions: 0 })).rejects.toMatchObject({ code: 'AUREN_CONFIG_INVALID' })
  })

  it('waits for the disk at every commit that writes', async () => {
    const sql = await openPglite({ dataDir: join(dataDir, 'pg') })
    expect(await sql.transaction((tx) => tx.query('show fsync'))).toEqual([{ fsync: 'on' }])
    const before = await sql.flushes()
    for (let i = 0; i < 20; i++)
      await sql.transaction((tx) => tx.query("insert into auren.counters values ('test', $1, 1)", [i]))
    expect(await sql.flushes()).toBeGreaterThanOrEqual(before + 20)
    await sql.close()
  })
})

describe('backups', () => {
  it('are taken while it runs, hold no key, and come back in an empty folder', { timeout: 120_000 }, async () => {
    const storage = await open()
    await storage.journal.transaction((tx) => storage.journal.addJob(tx, { kind: 'k', user: 'ann', payload: { a: 1 } }))
    const file = join(root, 'there.tar.gz')
    const written = await backup({ dataDir, file })
    expect(written).toEqual({ file, bytes: statSync(file).size })
    await expect(restore({ dataDir, file })).rejects.toMatchObject({ code: 'AUREN_STORE_LOCKED' })
    await storage.close()
    await expect(restore({ dataDir, file })).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })

    const target = join(root, 'restored')
    await restore({ dataDir: target, file })
    await expect(open({ dataDir: target })).rejects.toMatchObject({ code: 'AUREN_KEY_INVALID' })
    rmSync(target, { recursive: true })
    await restore({ dataDir: target, file, keyFile: join(dataDir, 'master.key') })
    const restored = await open({ dataDir: target })
    expect(await restored.journal.transaction((tx) => restored.journal.listJobs(tx, {}))).toMatchObject([
      { kind: 'k', user: 'ann', payload: { a: 1 } },
    ])
    await restored.close()
  })

  it('rotate, when they are named after the time', async () => {
    const folder = join(dataDir, 'backups')
    mkdirSync(folder, { recursive: true })
    const names = [1, 2, 3].map((day) => `auren-2020010${day}T000000Z.tar.gz`)
    for (const name of [...names, 'mine.tar.gz']) writeFileSync(join(folder, name), '')
    const { file } = await backup({ dataDir, keep: 2 })
    expect(readdirSync(folder).sort()).toEqual([names[2], file.split('/').at(-1), 'mine.tar.gz'].sort())
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('that are none are refused, and leave nothing behind', async () => {
    const file = join(root, 'noise.tar.gz')
    writeFileSync(file, 'noise')
    const target = join(root, 'nothing')
    await expect(restore({ dataDir: target, file })).rejects.toMatchObject({ code: 'AUREN_INPUT_INVALID' })
    await expect(backup({ dataDir: target })).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
    expect(existsSync(join(target, 'pg'))).toBe(false)
  })
})

it('keeps what was committed when the process is killed', { timeout: 60_000 }, async () => {
  const script = join(import.meta.dirname, 'pglite-child.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions', 'auren-source', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
    // In the middle of its work: it goes on committing until the signal arrives.
    if (said.split('\n').length > 30) child.kill('SIGKILL')
  })
  const [, signal] = await once(child, 'exit')
  expect(signal).toBe('SIGKILL')
  // A last line that was cut off in the pipe is not an acknowledgement.
  const acknowledged = said.split('\n').slice(0, -1).map(Number)
  expect(acknowledged.length).toBeGreaterThan(29)

  // The dead one's lock is no obstacle, and nothing that it acknowledged is missing.
  const storage = await open()
  const { journal } = storage
  for (const i of acknowledged) {
    const receipt = await journal.transaction((tx) =>
      journal.receive(tx, { provider: 'p', deliveryKey: String(i), user: 'ann', account: 'a' }, 99),
    )
    expect(receipt).toMatchObject({ duplicate: true, receivedAt: i })
  }
  await storage.close()
})

it('in memory it is gone with the process', async () => {
  const storage = await pglite().open(ctx)
  await storage.journal.transaction((tx) => storage.journal.person(tx, 'ann'))
  expect(text(await storage.vault.open('ann', await storage.vault.seal('ann', bytes('x'))))).toBe('x')
  await storage.close()
  await expect(storage.journal.lag()).rejects.toMatchObject({ code: 'AUREN_CLOSED' })
})

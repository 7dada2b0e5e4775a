import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backup, restore } from '@auren/plugins/pglite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { placesIn } from '../../../plugins/src/storage/pglite/folder.js'
import { openPglite } from '../../../plugins/src/storage/pglite/sql.js'
import { createBox } from '../../../plugins/src/storage/sql/box.js'
import { makeMasterKey, parseMasterKeys } from '../../../plugins/src/storage/sql/master-key.js'
import type { Sql } from '../../../plugins/src/storage/sql/port.js'
import { createVault, type SqlVault } from '../../../plugins/src/storage/sql/vault.js'
import { type Installation, install } from '../harness.js'
import { bearer, send } from '../identity-http.js'
import { canaries, foundIn, leaveCanaries } from './canaries.js'
import { startTwo, type Two } from './two-persons.js'

/** C14: erase; then search everything; replay an old webhook; restore a backup of before, and see who is in it. */

const masterKey = makeMasterKey()
/** Numbers of nobody else, as they stand in a row and packed. */
const numbers = { heartRate: '61.73717', packed: '6173717', weight: '71.93737' }
const words = {
  note: canaries.note,
  chat: canaries.chat,
  raw: canaries.raw,
  aside: canaries.aside,
  file: canaries.file,
  access: canaries.access,
  refresh: canaries.refresh,
  tokenName: canaries.tokenName,
  line: 'CANARY-line-7f3',
  tag: 'CANARY-tag-7f3',
}
const env = {
  AUREN_LOCAL_PERSON: 'false',
  OURA_CLIENT_ID: 'client',
  OURA_CLIENT_SECRET: 's3cret',
  OURA_VERIFICATION_TOKEN: 'token',
}

let two: Two
let folder: string
let dump: string
let ann: string
let ben: string
let delivery: Record<string, unknown>
/** Opens what was sealed before the erasure, with the key as the backup has it. */
let before: { sql: Sql; vault: SqlVault }
const logged: string[] = []
const destination = { write: (line: string): void => void logged.push(line) }

interface Found {
  /** `table: what` */
  plain: string[]
  opened: string[]
  tables: number
}

/** Looks through every column of every row of every table, as it stands and opened. */
async function search(sql: Sql, vault: SqlVault): Promise<Found> {
  const found: Found = { plain: [], opened: [], tables: 0 }
  const tables = await sql.transaction((tx) =>
    tx.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'auren' and c.relkind in ('r', 'p', 'm') order by 1`,
    ),
  )
  for (const { name } of tables) {
    found.tables++
    const rows = await sql.transaction((tx) => tx.query<Record<string, unknown>>(`select * from auren.${name}`))
    for (const row of rows) {
      const cells = Object.values(row)
      const text = JSON.stringify(cells.map((cell) => (cell instanceof Uint8Array ? null : cell)))
      for (const what of foundIn(Buffer.from(text), { ...words, ...numbers, person: ann }))
        found.plain.push(`${name}: ${what}`)
      for (const cell of cells) {
        if (!(cell instanceof Uint8Array)) continue
        for (const what of foundIn(cell, { ...words, ...numbers, person: ann })) found.plain.push(`${name}: ${what}`)
        // As it was sealed, and inflated.
        for (const door of [vault, createBox(vault)]) {
          const opened = await door.open(ann, cell).catch(() => null)
          if (opened === null) continue
          found.opened.push(name)
          for (const what of foundIn(opened, words)) found.opened.push(`${name}: ${what}`)
        }
      }
    }
  }
  return { ...found, plain: [...new Set(found.plain)].sort(), opened: [...new Set(found.opened)].sort() }
}

async function openRaw(dataDir: string): Promise<{ sql: Sql; vault: SqlVault }> {
  const sql = await openPglite({ dataDir: placesIn(dataDir).database })
  return { sql, vault: createVault(sql, parseMasterKeys(masterKey)) }
}

const reopen = (dataDir: string): Promise<Installation> =>
  install(
    { ...env, OURA_BASE_URL: two.oura.url, AUREN_MASTER_KEY: masterKey, AUREN_LOG_LEVEL: 'debug' },
    { dataDir, destination },
  )

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auren-erasure-'))
  two = await startTwo({ AUREN_MASTER_KEY: masterKey, AUREN_LOG_LEVEL: 'debug' }, { destination })
  ann = two.ann.user
  ben = two.ben.user
  ;({ delivery } = await leaveCanaries(two))
  const { call, here } = two
  const sample = { shape: 'sample', start: '2026-11-20T11:00:00Z' }
  for (const [person, value] of [
    [two.ann, Number(numbers.heartRate)],
    [two.ben, 62],
  ] as const)
    await call('biometric', 'POST', '/v1/observations', person.token, {
      headers: { 'idempotency-key': 'numbers' },
      body: {
        app: 'watch',
        observations: [
          { ...sample, metric: 'heart_rate', value, unit: '/min' },
          { ...sample, metric: 'weight', value: person === two.ann ? Number(numbers.weight) : 80, unit: 'kg' },
          { shape: 'tag', tag: 'note', start: '2026-11-20T11:00:00Z', text: person === two.ann ? words.tag : 'Ben' },
        ],
      },
    })
  // Two revisions, so that the history has them too.
  await call('biometric', 'POST', '/v1/observations', two.ann.token, {
    headers: { 'idempotency-key': 'corrected' },
    body: { app: 'watch', observations: [{ ...sample, metric: 'heart_rate', value: 63, unit: '/min' }] },
  })
  // An export that is brought back with a line that is none.
  async function* lines() {
    yield Buffer.from(`{"type":"auren","v":2,"user":${JSON.stringify(ann)},"at":0}\n${words.line}\n`)
  }
  await here.auren.ingest.file('auto', lines(), { userId: ann, name: 'x.ndjson' })
  await here.auren.ingest.settled()
  await here.auren.memory.for(ann).consolidate()
  expect(await here.auren.today(ann)).toBeTruthy()
  expect(await here.auren.hot.get(ann, 'today')).not.toBeNull()
  await here.close()

  const there = await backup({ dataDir: here.config.dataDir, file: join(folder, 'before.tar.gz') })
  dump = there.file
  before = await openRaw(here.config.dataDir)
}, 120_000)
afterAll(async () => {
  await two?.oura.close()
  await two?.here.remove()
  await rm(folder, { recursive: true, force: true })
})

describe('erasure (C14)', () => {
  it('finds the canaries where they are, so that it would find them later', async () => {
    const { opened, plain, tables } = await search(before.sql, before.vault)
    await before.sql.close()
    expect(tables).toBeGreaterThan(30)
    expect(opened).toEqual(
      expect.arrayContaining([
        'memories: note',
        'turns: chat',
        'inbox: raw',
        'quarantine: aside',
        'quarantine: line',
        'blob_frames: file',
        'connections: access',
        'connections: refresh',
        'entries: tag',
        'checkpoints',
        'runs: chat',
      ]),
    )
    expect(plain).toEqual(
      expect.arrayContaining([
        'days: weight',
        'chunk_history: packed',
        'persons: person',
        'accounts: person',
        'memories: person',
      ]),
    )
    // Words are sealed wherever they are.
    expect(plain.filter((what) => !/: (person|heartRate|packed|weight)$/.test(what))).toEqual([])
  }, 60_000)

  it('leaves nothing in any table, file, cache or log; the key is gone, and an old webhook is refused', async () => {
    const { dataDir } = two.here.config
    const here = await reopen(dataDir)
    const base = here.services.addresses.neuros as string
    const login = await send(base, 'POST', '/v1/auth/login', {
      body: { name: canaries.name, password: canaries.password },
    })
    const gone = await send(base, 'DELETE', `/v1/me?confirm=${encodeURIComponent('erase everything')}`, {
      headers: bearer(login.json.accessToken as string),
    })
    expect(gone.status, gone.text).toBe(200)
    expect(await here.auren.hot.get(ann, 'today')).toBeNull()
    // The vendor sends again what it had sent before: received, and nothing comes of it.
    const { headers, body } = two.oura.sign(
      { data_type: 'sleep', user_id: two.oura.account, ...delivery } as never,
      Date.now(),
    )
    const again = await send(here.services.addresses.biometric as string, 'POST', '/webhooks/oura', { headers, body })
    expect(again.status).toBeLessThan(300)
    await here.auren.ingest.settled()
    expect(
      (await send(base, 'GET', '/v1/memories', { headers: bearer(login.json.accessToken as string) })).status,
    ).toBe(401)
    await here.close()

    const after = await openRaw(dataDir)
    const { opened, plain } = await search(after.sql, after.vault)
    expect(plain).toEqual([])
    expect(opened).toEqual([])
    await expect(after.vault.seal(ann, new Uint8Array(1))).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
    // The audit log keeps time, act and a keyed hash; others keep everything.
    const acts = await after.sql.transaction((tx) => tx.query<{ action: string }>('select action from auren.audit'))
    expect(acts.map(({ action }) => action)).toContain('account.erase')
    const others = await after.sql.transaction((tx) =>
      tx.query<{ n: number }>('select count(*) as n from auren.chunks where user_id = $1', [ben]),
    )
    expect(others[0]?.n).toBe(2)
    await after.sql.close()
    expect(readFileSync(placesIn(dataDir).erasures, 'utf8')).toMatch(/^([0-9a-f]{32} \d+\n)+$/)
    const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(files.length).toBeGreaterThan(100)
    const inFiles = files.flatMap(({ parentPath, name }) => foundIn(readFileSync(join(parentPath, name)), words))
    expect(inFiles).toEqual([])
    expect(logged.length).toBeGreaterThan(20)
    expect(foundIn(Buffer.from(logged.join('')), { ...words, ...numbers, person: ann })).toEqual([])
  }, 120_000)

  it('does not come back with a backup of before: the list of erasures is applied at the start', async () => {
    const dataDir = join(folder, 'restored')
    await restore({ dataDir, file: dump })
    const raw = await openRaw(dataDir)
    // The backup alone has everything.
    expect((await search(raw.sql, raw.vault)).opened).toContain('memories: note')
    await raw.sql.close()
    const list = readFileSync(placesIn(two.here.config.dataDir).erasures)
    await writeFile(placesIn(dataDir).erasures, list)

    const here = await reopen(dataDir)
    const login = await send(here.services.addresses.neuros as string, 'POST', '/v1/auth/login', {
      body: { name: canaries.name, password: canaries.password },
    })
    expect(login.status).toBe(401)
    await here.close()
    const after = await openRaw(dataDir)
    const { opened, plain } = await search(after.sql, after.vault)
    expect(plain).toEqual([])
    expect(opened).toEqual([])
    // Once: what Ben has is there, and who comes back is not erased at each start.
    const [others] = await after.sql.transaction((tx) =>
      tx.query<{ n: number }>('select count(*) as n from auren.chunks where user_id = $1', [ben]),
    )
    expect(others?.n).toBe(2)
    await after.sql.transaction((tx) => after.vault.create(tx as never, ann))
    await after.sql.close()
    const back = await reopen(dataDir)
    await back.auren.memory.for(ann).remember({ kind: 'note', text: 'I am here again.' })
    await back.close()
    const third = await reopen(dataDir)
    expect((await third.auren.memory.for(ann).list()).map(({ text }) => text)).toEqual(['I am here again.'])
    await third.close()
  }, 120_000)
})

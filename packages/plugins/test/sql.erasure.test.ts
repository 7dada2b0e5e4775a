import { randomUUID } from 'node:crypto'
import type { Envelope, Journal, Tx } from '@auren/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createJournal } from '../src/storage/sql/journal/index.js'
import type { Sql, SqlTx } from '../src/storage/sql/port.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

let sql: Sql
let journal: Journal

const envelope = (user: string, receivedAt: number): Envelope => ({
  v: 1,
  id: randomUUID(),
  user,
  account: user,
  receivedAt,
  provider: 'oura',
  rawRef: 'r',
  observations: [],
})
const delivery = (deliveryKey: string, user: string | null, account: string) => ({
  provider: 'oura',
  deliveryKey,
  user,
  account,
  body: new Uint8Array(10),
})
const within = <T>(fn: (t: Tx) => Promise<T>): Promise<T> => journal.transaction(fn)

beforeAll(async () => {
  sql = await openTestSql()
  journal = createJournal(sql, await openTestVault(sql, 'ann', 'anna'), { partitions: 1, now: () => 5000 })
})
afterAll(() => sql.close())

async function fill(user: string): Promise<void> {
  await within(async (t) => {
    await journal.receive(t, delivery(`${user} 1`, user, `${user} acc`), 300)
    await journal.receive(t, delivery(`${user} early`, null, `${user} acc`), 200)
    await journal.enqueue(t, [envelope(user, 300)])
    await journal.addJob(t, { kind: 'fetch', user, payload: {} })
    await journal.quarantine(t, [
      { user, provider: 'oura', account: 'a', rawRef: 'r', receivedAt: 1, reason: 'x', detail: '', item: 1 },
    ])
    await journal.connections.save(t, {
      user,
      provider: 'oura',
      account: `${user} acc`,
      status: 'active',
      tokens: null,
      state: {},
      lastSyncAt: null,
      error: null,
    })
    await journal.blobs.append(t, await journal.blobs.create(t, user, { name: 'x' }), 0, new Uint8Array(100))
    await (t as SqlTx).query(
      `insert into auren.memories (user_id, id, kind, origin, status, pinned, valid_from, recorded_at, about, derived_from, sealed, digest, words)
       values ($1, 'm', 'note', 'self', 'active', false, 0, 0, '{}', '{}', '\\x00', '', '')`,
      [user],
    )
  })
}

/** Rows of a person by table, of every table that can have some. */
async function rowsOf(user: string): Promise<Record<string, number>> {
  return sql.transaction(async (t) => {
    const tables = await t.query<{ name: string }>(
      `select distinct table_name as name from information_schema.columns where table_schema = 'auren' and column_name = 'user_id'`,
    )
    const counts: Record<string, number> = {}
    for (const { name } of tables) {
      const [row] = await t.query<{ n: number }>(`select count(*) as n from auren.${name} where user_id = $1`, [user])
      if (row && row.n > 0) counts[name] = row.n
    }
    return counts
  })
}

it('reaches every table, leaves others alone, keeps the log without a gap, and refuses what came before', async () => {
  await fill('ann')
  await fill('anna')
  expect(await within((t) => journal.assign(t, 10))).toBe(2)
  await within((t) => journal.enqueue(t, [envelope('ann', 400), envelope('anna', 400)]))
  const read = await within((t) => journal.read(t, 0, 0, 10, 1e9))
  const others = await rowsOf('anna')
  expect(Object.keys(await rowsOf('ann')).sort()).toEqual(Object.keys(others).sort())
  expect(Object.keys(others).length).toBeGreaterThan(7)

  const removed = await within((t) => journal.erase(t, 'ann'))
  expect(removed).toMatchObject({
    inbox: 1,
    outbox: 2,
    jobs: 1,
    quarantine: 1,
    connections: 1,
    blobs: 1,
    blob_frames: 1,
    memories: 1,
    persons: 1,
  })
  expect(await rowsOf('ann')).toEqual({})
  expect(await rowsOf('anna')).toEqual(others)

  // Positions 0 and 1 are there still, the first one empty under another id.
  expect(await within((t) => journal.assign(t, 10))).toBe(1)
  const after = await within((t) => journal.read(t, 0, 0, 10, 1e9))
  expect(after.map(({ position }) => position)).toEqual([0, 1, 2])
  expect(after[0]?.envelope).toMatchObject({ user: 'erased', observations: [] })
  expect(after.slice(1).map(({ envelope: e }) => e.user)).toEqual(['anna', 'anna'])
  // Who had read it before must not write it now.
  const ids = read.map(({ id }) => id)
  expect(await within((t) => journal.pending(t, ids))).toEqual(new Set([ids[1]]))
  await within((t) =>
    journal.markStored(
      t,
      after.map(({ id }) => id),
    ),
  )
  expect(await journal.lag()).toMatchObject({ waiting: 0, accepted: 3, stored: 3 })

  expect(await within((t) => journal.erasedUntil(t, 'ann'))).toBe(400)
  expect(await within((t) => journal.erasedUntil(t, 'anna'))).toBeNull()
  await expect(within((t) => journal.enqueue(t, [envelope('ann', 300)]))).rejects.toMatchObject({
    code: 'AUREN_NOT_FOUND',
  })

  // They come back: the vendor sends old deliveries again, which are refused, and new ones, which are not.
  await within((t) => journal.person(t, 'ann'))
  for (const key of ['ann 1', 'ann early'])
    expect(await within((t) => journal.receive(t, delivery(key, 'ann', 'ann acc'), 900))).toMatchObject({
      duplicate: true,
    })
  expect(await rowsOf('ann')).toEqual({ persons: 1 })
  expect(await within((t) => journal.receive(t, delivery('ann 2', 'ann', 'ann acc'), 900))).toMatchObject({
    duplicate: false,
  })

  const hashes = await sql.transaction((t) => t.query<{ hash: string }>('select hash from auren.erased_deliveries'))
  expect(hashes).toHaveLength(2)
  for (const { hash } of hashes) expect(hash).toMatch(/^[0-9a-f]{32}$/)
})

it('of a person who is not there removes nothing', async () => {
  const removed = await within((t) => journal.erase(t, 'nobody'))
  expect(Object.values(removed).every((rows) => rows === 0)).toBe(true)
})

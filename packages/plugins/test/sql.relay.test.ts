import { randomUUID } from 'node:crypto'
import type { Envelope, Journal } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createJournal } from '../src/storage/sql/journal/index.js'
import type { Sql, SqlTx } from '../src/storage/sql/port.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

const bus = 'kafka:a'
const group = `memory@${bus}`
let sql: Sql
let journal: Journal

const tx = <T>(fn: (t: SqlTx) => Promise<T>): Promise<T> => journal.transaction((t) => fn(t as SqlTx))
const envelope = (user: string, n: number, size = 1): Envelope => ({
  v: 1,
  id: randomUUID(),
  user,
  account: user,
  receivedAt: n,
  provider: 'test',
  rawRef: randomUUID(),
  observations: Array.from({ length: size }, () => ({ noise: randomUUID() })) as unknown as Envelope['observations'],
})
const enqueue = async (...envelopes: Envelope[]): Promise<string[]> => {
  await tx((t) => journal.enqueue(t, envelopes))
  return envelopes.map(({ id }) => id)
}
const due = async (limit = 100, bytes = 1e6): Promise<string[]> =>
  (await tx((t) => journal.unpublished(t, bus, group, limit, bytes))).map(({ id }) => id)
const acknowledge = (rows: readonly string[], from = 0, partition = 1): Promise<void> =>
  tx((t) =>
    journal.acknowledge(
      t,
      bus,
      rows.map((id, i) => ({ id, partition, position: from + i })),
    ),
  )

beforeAll(async () => {
  sql = await openTestSql()
})
afterAll(() => sql.close())
beforeEach(async () => {
  await sql.transaction((t) =>
    t.script(
      'truncate auren.persons, auren.outbox, auren.offsets, auren.log_heads, auren.counters, auren.relay, auren.dead_letters, auren.system_keys',
    ),
  )
  journal = createJournal(sql, await openTestVault(sql, 'ann', 'bob'), { partitions: 2, now: () => 0 })
})

describe('the relay', () => {
  it('is one at a time; another one follows when it lets go, or its time is over', async () => {
    const hold = (owner: string, ms: number): Promise<number> => tx((t) => journal.holdRelay(t, owner, ms))
    expect(await hold('a', 60_000)).toBe(60_000)
    expect(await hold('b', 60_000)).toBe(0)
    expect(await hold('a', 60_000)).toBe(60_000)
    await tx((t) => journal.releaseRelay(t, 'b'))
    expect(await hold('b', 60_000)).toBe(0)
    await tx((t) => journal.releaseRelay(t, 'a'))
    // A lease that is over is anybody's, by the database's clock.
    expect(await hold('b', -1)).toBe(-1)
    expect(await hold('a', 60_000)).toBe(60_000)
  })

  it('is for ever where nobody else can have the database', async () => {
    const alone = createJournal(sql, await openTestVault(sql), { partitions: 2, alone: true, now: () => 0 })
    for (const owner of ['a', 'b'])
      expect(await alone.transaction((t) => alone.holdRelay(t, owner, 1))).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('what is to be published', () => {
  it('is what was never acknowledged, oldest first, within rows and bytes, and one at least', async () => {
    const ids = await enqueue(envelope('ann', 1, 40), envelope('bob', 2, 40), envelope('ann', 3, 40))
    const rows = await tx((t) => journal.unpublished(t, bus, group, 10, 1e6))
    expect(rows.map(({ id }) => id)).toEqual(ids)
    const size = rows[0]?.payload.length as number
    expect(await due(2)).toEqual(ids.slice(0, 2))
    expect(await due(10, size + (rows[1]?.payload.length as number))).toEqual(ids.slice(0, 2))
    expect(await due(10, 1)).toEqual(ids.slice(0, 1))
    const [ann, bob, again] = rows.map(({ key }) => key)
    expect(ann).toBe(again)
    expect(ann).not.toBe(bob)
    for (const key of [ann, bob]) expect(key).toMatch(/^[\da-f]{16,}$/)
  })

  it('is not a backlog; it is what the consumer has passed and not stored', async () => {
    const ids = await enqueue(...[1, 2, 3].map((n) => envelope('ann', n)))
    await acknowledge(ids)
    expect(await due()).toEqual([])
    const { epoch } = await tx((t) => journal.takeOver(t, group, 1))
    await tx((t) => journal.advance(t, group, 1, epoch, 0, 2))
    expect(await due()).toEqual(ids.slice(0, 2))
    // Another partition's, or another group's place says nothing of this one.
    await tx((t) => journal.takeOver(t, 'memory@kafka:b', 1))
    await acknowledge(ids.slice(0, 1), 7, 0)
    expect(await due()).toEqual(ids.slice(1, 2))
    expect(await journal.lag()).toMatchObject({ waiting: 3, published: 4 })
  })

  it('is what the bus does not hold (any more)', async () => {
    const ids = await enqueue(...[1, 2, 3, 4].map((n) => envelope('ann', n)))
    await acknowledge(ids)
    const reconcile = (earliest: number, end: number, known: number, still = true) =>
      tx((t) => journal.reconcile(t, bus, group, { partition: 1, earliest, end, known, still }))
    expect(await reconcile(0, 4, 0)).toEqual({ reset: false, again: 0 })
    // Somebody may have published since it was asked.
    expect(await reconcile(0, 2, 0, false)).toEqual({ reset: false, again: 0 })
    expect(await reconcile(0, 2, 0)).toEqual({ reset: false, again: 2 })
    expect(await due()).toEqual(ids.slice(2))
    // Cut by its retention.
    expect(await reconcile(1, 4, 0)).toEqual({ reset: true, again: 0 })
    expect(await due()).toEqual([ids[0], ...ids.slice(2)])
    expect(await tx((t) => journal.places(t, group))).toEqual([{ partition: 1, epoch: 1, next: 1 }])
    // Made anew: it ends before what has been read of it.
    expect(await reconcile(0, 0, 1)).toMatchObject({ reset: true })
    expect(await tx((t) => journal.places(t, group))).toEqual([{ partition: 1, epoch: 2, next: 0 }])
    expect(new Set(await due())).toEqual(new Set(ids))
  })

  it('opens what a record carries with its row’s key; bytes that are not the row’s are told, and not taken', async () => {
    const [one, other, stranger] = [envelope('ann', 1), envelope('ann', 2), envelope('bob', 3)]
    await enqueue(one, other, stranger)
    const rows = await tx((t) => journal.unpublished(t, bus, group, 10, 1e6))
    const [first, second, third] = rows.map(({ payload }) => payload) as [Uint8Array, Uint8Array, Uint8Array]
    const open = (id: string, value: Uint8Array) => tx((t) => journal.openRecords(t, [{ id, value }]))
    expect(await open(one.id, first)).toEqual(new Map([[one.id, { envelope: one, garbled: false }]]))
    for (const wrong of [second, third, new Uint8Array(), new Uint8Array(40)])
      expect(await open(one.id, wrong)).toEqual(new Map([[one.id, { envelope: one, garbled: true }]]))
    expect(await open(randomUUID(), first)).toEqual(new Map())
    await tx((t) => journal.erase(t, 'ann'))
    expect(await open(one.id, first)).toEqual(new Map())
  })
})

describe('from log to log', () => {
  it('moves nothing where nothing has changed', async () => {
    const ids = await enqueue(envelope('ann', 1), envelope('bob', 2))
    expect(await tx((t) => journal.align(t, null, 'memory@table'))).toBe(0)
    await tx((t) => journal.assign(t, 10))
    expect(await tx((t) => journal.align(t, null, 'memory@table'))).toBe(0)
    expect(await tx((t) => journal.align(t, bus, group))).toBe(2)
    expect(await tx((t) => journal.align(t, bus, group))).toBe(0)
    expect(await due()).toEqual(ids)
    await acknowledge(ids)
    expect(await tx((t) => journal.align(t, bus, group))).toBe(0)
    expect(await tx((t) => journal.align(t, 'kafka:b', 'memory@kafka:b'))).toBe(2)
  })

  it('closes the holes that another log has left in the table', async () => {
    const ids = await enqueue(...Array.from({ length: 8 }, (_, n) => envelope('ann', n)))
    await tx((t) => journal.assign(t, 100))
    const places = async () => [
      ...(await tx((t) => journal.read(t, 0, 0, 100, 1e6))),
      ...(await tx((t) => journal.read(t, 1, 0, 100, 1e6))),
    ]
    const { partition } = (await places())[0] as { partition: number }
    const { epoch } = await tx((t) => journal.takeOver(t, 'memory@table', partition))
    await tx((t) => journal.markStored(t, ids.slice(0, 2)))
    await tx((t) => journal.advance(t, 'memory@table', partition, epoch, 0, 2))
    await tx((t) => journal.markStored(t, [ids[3] as string, ids[7] as string]))
    expect(await tx((t) => journal.align(t, null, 'memory@table'))).toBe(4)
    await tx((t) => journal.assign(t, 100))
    expect((await places()).map(({ id, position }) => [id, position])).toEqual(
      [2, 4, 5, 6].map((n, i) => [ids[n], 2 + i]),
    )
  })
})

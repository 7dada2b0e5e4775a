import { randomUUID } from 'node:crypto'
import type { Delivery, Envelope, Journal } from '@auren/core'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createJournal } from '../src/storage/sql/journal/index.js'
import { partitionOf } from '../src/storage/sql/journal/locks.js'
import type { Sql, SqlTx } from '../src/storage/sql/port.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

let sql: Sql
let journal: Journal
let clock = 0

const envelope = (user: string, value: number, size = 1): Envelope => ({
  v: 1,
  id: randomUUID(),
  user,
  account: user,
  receivedAt: 1000 + value,
  provider: 'test',
  rawRef: `raw ${value}`,
  observations: Array.from({ length: size }, (_, i) => ({
    type: 'sample',
    metric: 'heart_rate',
    start: 60_000 * i,
    value: 40 + ((value * 7 + i) % 90),
  })) as unknown as Envelope['observations'],
})
const delivery = (deliveryKey: string, user: string | null, more: Partial<Delivery> = {}): Delivery => ({
  provider: 'oura',
  deliveryKey,
  user,
  account: 'acc',
  ...more,
})
const tx = <T>(fn: (t: SqlTx) => Promise<T>): Promise<T> => journal.transaction((t) => fn(t as SqlTx))

beforeAll(async () => {
  sql = await openTestSql()
})
afterAll(() => sql.close())
beforeEach(async () => {
  await sql.transaction(async (t) => {
    const tables = await t.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'auren' and c.relkind in ('r', 'p') and c.relname not in ('migrations', 'audit')`,
    )
    await t.script(`truncate ${tables.map(({ name }) => `auren.${name}`).join(', ')} restart identity`)
  })
  clock = 5000
  journal = createJournal(sql, await openTestVault(sql, 'ann', 'bob'), { partitions: 3, now: () => clock })
})

describe('the inbox', () => {
  it('keeps a delivery with its bytes, and takes the same one once', async () => {
    const body = new Uint8Array(300_000).map((_, i) => i % 7)
    const first = await tx((t) => journal.receive(t, delivery('k1', 'ann', { body, headers: { 'x-a': 'b' } }), 100))
    expect(first).toMatchObject({ receivedAt: 100, duplicate: false })
    const again = await tx((t) => journal.receive(t, delivery('k1', 'ann', { body }), 200))
    expect(again).toEqual({ ...first, duplicate: true })
    const raw = await tx((t) => journal.raw(t, first.id))
    const { body: kept, ...rest } = raw?.delivery ?? {}
    expect(Buffer.compare(kept as Uint8Array, body)).toBe(0)
    expect({ ...raw, delivery: rest }).toEqual({
      receivedAt: 100,
      delivery: delivery('k1', 'ann', { headers: { 'x-a': 'b' } }),
    })
    expect(await tx((t) => journal.raw(t, randomUUID()))).toBeNull()
  })

  it('keeps deliveries that are nobody’s', async () => {
    const body = new TextEncoder().encode('{"a":1}')
    const { id } = await tx((t) => journal.receive(t, delivery('k2', null, { body }), 100))
    expect((await tx((t) => journal.raw(t, id)))?.delivery).toEqual(delivery('k2', null, { body }))
  })

  it('refuses a person that was never made', async () => {
    const unknown = tx((t) => journal.receive(t, delivery('k3', 'zoe', { body: new Uint8Array(1) }), 100))
    await expect(unknown).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
    await tx((t) => journal.person(t, 'zoe'))
    await tx((t) => journal.person(t, 'zoe'))
    await tx((t) => journal.receive(t, delivery('k3', 'zoe', { body: new Uint8Array(1) }), 100))
  })
})

describe('the outbox', () => {
  it('gives what a row holds, whether or not the process that asks wrote it, and the first time as the second', async () => {
    const pulse = { shape: 'sample', metric: 'heart_rate', start: 1, value: 61.5, unit: '/min', offset: null }
    const said = { ...envelope('ann', 1), observations: [pulse] } as unknown as Envelope
    const night = { shape: 'session', kind: 'sleep', start: 0, end: -0, nap: undefined, measures: { a: -0 } }
    const other = { ...envelope('ann', 2), observations: [night] } as unknown as Envelope
    await tx((t) => journal.enqueue(t, [said, other]))
    await tx((t) => journal.assign(t, 10))
    const partition = partitionOf('ann', 3)
    const read = (of: Journal) => of.transaction((t) => of.read(t, partition, 0, 10, 1e9))
    const [first, second] = [await read(journal), await read(journal)]
    const stranger = createJournal(sql, await openTestVault(sql, 'ann'), { partitions: 3, now: () => clock })
    expect(first.map(({ envelope: of }) => of)).toStrictEqual(JSON.parse(JSON.stringify([said, other])))
    expect(first).toStrictEqual(second)
    expect(await read(stranger)).toStrictEqual(second)
  })

  it('never gives what was undone, though the process that asks had written it', async () => {
    const [mine, others] = [envelope('ann', 1), envelope('ann', 2)]
    const undone = journal.transaction(async (t) => {
      await journal.enqueue(t, [mine])
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    const stranger = createJournal(sql, await openTestVault(sql, 'ann'), { partitions: 3, now: () => clock })
    await stranger.transaction((t) => stranger.enqueue(t, [{ ...others, id: mine.id }]))
    await tx((t) => journal.assign(t, 10))
    const [read] = await tx((t) => journal.read(t, partitionOf('ann', 3), 0, 10, 1e9))
    expect(read?.envelope).toEqual({ ...others, id: mine.id })
  })

  it('gives consecutive positions per partition, and reads what was put in', async () => {
    const users = ['ann', 'bob', 'zoe', 'eve', 'dan']
    const sent: Envelope[] = []
    for (let round = 0; round < 4; round++)
      await tx(async (t) => {
        for (const user of users) await journal.person(t, user)
        const batch = users.map((user, i) => envelope(user, round * 10 + i))
        sent.push(...batch)
        await journal.enqueue(t, batch)
      })
    const counts: number[] = []
    do counts.push(await tx((t) => journal.assign(t, 7)))
    while (counts.at(-1))
    expect(counts).toEqual([7, 7, 6, 0])
    const seen = new Map<string, Envelope>()
    for (let partition = 0; partition < 3; partition++) {
      const records = await tx((t) => journal.read(t, partition, 0, 100, 1e9))
      expect(records.map(({ position }) => position)).toEqual(records.map((_, i) => i))
      expect(new Set(records.map(({ envelope: e }) => e.user)).size).toBeLessThan(5)
      for (const record of records) seen.set(record.id, record.envelope)
      const middle = await tx((t) => journal.read(t, partition, 2, 3, 1e9))
      expect(middle).toEqual(records.slice(2, 5))
    }
    expect([...seen.values()].sort(byId)).toEqual(sent.sort(byId))
    for (const user of users) {
      const mine = sent.filter((e) => e.user === user).map((e) => e.id)
      const order = await Promise.all(
        [0, 1, 2].map(async (p) =>
          (await tx((t) => journal.read(t, p, 0, 100, 1e9))).filter((r) => mine.includes(r.id)),
        ),
      )
      expect(order.filter((records) => records.length > 0)).toHaveLength(1)
      expect(order.flat().map((r) => r.envelope.receivedAt)).toEqual(
        sent
          .filter((e) => e.user === user)
          .map((e) => e.receivedAt)
          .sort((a, b) => a - b),
      )
    }
  })

  it('bounds what it reads in bytes, and always gives one', async () => {
    const batch = [1, 2, 3].map((i) => envelope('ann', i, 100))
    await tx((t) => journal.enqueue(t, batch))
    await tx((t) => journal.assign(t, 10))
    const { partition } = await placeOf('ann')
    const one = Buffer.byteLength(JSON.stringify(batch[0]))
    expect(await tx((t) => journal.read(t, partition, 0, 10, 10))).toHaveLength(1)
    expect(await tx((t) => journal.read(t, partition, 0, 10, one * 2 + 20))).toHaveLength(2)
    expect(await tx((t) => journal.read(t, partition, 1, 10, 10))).toHaveLength(1)
  })

  it('a position is never given twice, also after everything was stored', async () => {
    const ids: string[] = []
    for (const i of [1, 2, 3]) {
      await tx((t) => journal.enqueue(t, [envelope('ann', i)]))
      await tx((t) => journal.assign(t, 10))
      const { partition } = await placeOf('ann')
      const records = await tx((t) => journal.read(t, partition, 0, 10, 1e9))
      expect(records.map(({ position }) => position)).toEqual([i - 1])
      ids.push(...records.map(({ id }) => id))
      await tx((t) => journal.markStored(t, [records[0]?.id as string]))
    }
    expect(new Set(ids).size).toBe(3)
  })

  it('counts so that accepted is stored and waiting together', async () => {
    const batch = [1, 2, 3, 4].map((i) => envelope('ann', i))
    await tx((t) => journal.enqueue(t, batch))
    await tx((t) => journal.assign(t, 10))
    await tx((t) => journal.markStored(t, [batch[0]?.id as string, batch[1]?.id as string]))
    await tx((t) => journal.markStored(t, [batch[0]?.id as string]))
    expect(await journal.lag()).toEqual({
      waiting: 2,
      oldestMs: 3997,
      quarantined: 0,
      jobs: 0,
      planned: 0,
      accepted: 4,
      published: 0,
      stored: 2,
      duplicates: 1,
    })
    const ids = batch.map(({ id }) => id)
    expect(await tx((t) => journal.pending(t, ids))).toEqual(new Set(ids.slice(2)))
  })

  it('undoes everything when the transaction throws', async () => {
    const half = tx(async (t) => {
      await journal.receive(t, delivery('k', 'ann'), 1)
      await journal.enqueue(t, [envelope('ann', 1)])
      throw new Error('no')
    })
    await expect(half).rejects.toThrow('no')
    expect(await journal.lag()).toMatchObject({ waiting: 0, accepted: 0 })
    expect(await tx((t) => journal.receive(t, delivery('k', 'ann'), 1))).toMatchObject({ duplicate: false })
  })

  it('refuses an envelope of a version that is not known', async () => {
    await tx((t) => journal.enqueue(t, [{ ...envelope('ann', 1), v: 9 }]))
    await tx((t) => journal.assign(t, 1))
    await expect(placeOf('ann')).rejects.toMatchObject({ code: 'AUREN_ENVELOPE_VERSION' })
  })

  async function placeOf(user: string): Promise<{ partition: number }> {
    for (let partition = 0; partition < 3; partition++) {
      const records = await tx((t) => journal.read(t, partition, 0, 1, 1))
      if (records.some(({ envelope: e }) => e.user === user)) return { partition }
    }
    throw new Error('not found')
  }
  function byId(a: Envelope, b: Envelope): number {
    return a.id < b.id ? -1 : 1
  }
})

describe('offsets', () => {
  it('advance for the newest epoch and the expected position only', async () => {
    expect(await tx((t) => journal.takeOver(t, 'memory', 1))).toEqual({ epoch: 1, next: 0 })
    expect(await tx((t) => journal.advance(t, 'memory', 1, 1, 0, 5))).toBe(true)
    expect(await tx((t) => journal.advance(t, 'memory', 1, 1, 0, 5))).toBe(false)
    expect(await tx((t) => journal.takeOver(t, 'memory', 1))).toEqual({ epoch: 2, next: 5 })
    expect(await tx((t) => journal.advance(t, 'memory', 1, 1, 5, 6))).toBe(false)
    expect(await tx((t) => journal.advance(t, 'memory', 1, 2, 5, 6))).toBe(true)
    expect(await tx((t) => journal.takeOver(t, 'other', 1))).toEqual({ epoch: 1, next: 0 })
  })
})

describe('quarantine', () => {
  const item = (user: string | null, value: number) => ({
    user,
    provider: 'oura',
    account: 'acc',
    rawRef: 'r',
    receivedAt: 10,
    reason: 'hard_range',
    detail: `${value} is above 250`,
    item: { value },
  })

  it('keeps items sealed, by person and state, newest first', async () => {
    await tx((t) => journal.quarantine(t, [item('ann', 300), item('bob', 301), item(null, 302)]))
    const all = await tx((t) => journal.listQuarantine(t, {}))
    expect(all.map(({ item: i }) => i)).toEqual([{ value: 302 }, { value: 301 }, { value: 300 }])
    const [mine] = await tx((t) => journal.listQuarantine(t, { user: 'ann' }))
    expect(mine).toMatchObject({ ...item('ann', 300), replayedAt: null })
    await tx((t) => journal.markReplayed(t, mine?.id as string, 77))
    expect(await tx((t) => journal.listQuarantine(t, { user: 'ann', open: true }))).toEqual([])
    expect(await tx((t) => journal.listQuarantine(t, { id: mine?.id as string }))).toMatchObject([{ replayedAt: 77 }])
    expect(await journal.lag()).toMatchObject({ quarantined: 2 })
    const rows = await sql.as('bob', (t) => journal.listQuarantine(t, {}))
    expect(rows.map(({ user }) => user)).toEqual(['bob'])
  })
})

describe('locks of persons', () => {
  it('are held until the transaction ends, one each', async () => {
    const held = await tx(async (t) => {
      await journal.lockPersons(t, ['ann', 'bob', 'zoe', 'ann'])
      await journal.lockPersons(t, [])
      return t.query("select 1 from pg_locks where locktype = 'advisory'")
    })
    expect(held).toHaveLength(3)
    expect(await tx((t) => t.query("select 1 from pg_locks where locktype = 'advisory'"))).toEqual([])
  })

  it('are taken in ascending order, so that two who lock the same ones never wait in a circle', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 20 }), async (users) => {
        const asked: string[] = []
        const spy = { query: async (_text: string, params: string[]) => asked.push(...params) } as unknown as SqlTx
        await journal.lockPersons(spy, users)
        await journal.lockPersons(spy, users.toReversed())
        expect(asked[0]).toBe(asked[1])
        const keys = (asked[0] as string).slice(1, -1).split(',').map(BigInt)
        expect(keys).toHaveLength(users.length)
        expect(keys.every((key, i) => i === 0 || (keys[i - 1] as bigint) < key)).toBe(true)
      }),
    )
  })
})

it('stores no word, token or measurement in clear', async () => {
  const canary = 'canary-5b1f'
  await tx(async (t) => {
    const body = new TextEncoder().encode(canary)
    await journal.receive(t, delivery('k', 'ann', { body, headers: { h: canary } }), 1)
    await journal.receive(t, delivery('l', null, { body, headers: { h: canary } }), 1)
    await journal.enqueue(t, [{ ...envelope('ann', 1), account: canary, rawRef: canary }])
    await journal.addJob(t, { kind: 'fetch', user: 'ann', payload: { canary } })
    await journal.leaseJob(t, ['fetch'], 1000, clock).then(async (job) => {
      await journal.saveJob(t, job?.id as string, { canary }, 1000, clock)
    })
    await journal.quarantine(t, [
      {
        user: 'ann',
        provider: 'p',
        account: 'a',
        rawRef: 'r',
        receivedAt: 1,
        reason: 'x',
        detail: canary,
        item: canary,
      },
    ])
    await journal.connections.save(t, {
      user: 'ann',
      provider: 'oura',
      account: 'a',
      status: 'active',
      tokens: { accessToken: canary, refreshToken: canary },
      state: { canary },
      lastSyncAt: null,
      error: null,
    })
    const blob = await journal.blobs.create(t, 'ann', { name: canary })
    await journal.blobs.append(t, blob, 0, body)
  })
  const dump = await sql.transaction(async (t) => {
    const tables = ['inbox', 'outbox', 'jobs', 'quarantine', 'connections', 'blobs', 'blob_frames']
    const rows = await Promise.all(tables.map((name) => t.query(`select x::text as x, x.* from auren.${name} x`)))
    return rows.flat().map((row) =>
      Object.values(row)
        .map((v) => (v instanceof Uint8Array ? Buffer.from(v) : v))
        .join(' '),
    )
  })
  expect(dump.length).toBeGreaterThan(7)
  expect(dump.filter((row) => row.includes(canary) || row.includes(Buffer.from(canary).toString('hex')))).toEqual([])
})

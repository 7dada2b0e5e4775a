import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Connection, Journal } from '@auren/core'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createJournal } from '../src/storage/sql/journal/index.js'
import type { Sql } from '../src/storage/sql/port.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

let sql: Sql
let journal: Journal
const now = 5000

beforeAll(async () => {
  sql = await openTestSql()
})
afterAll(() => sql.close())
beforeEach(async () => {
  await sql.transaction((t) =>
    t.script(
      'truncate auren.persons, auren.inbox, auren.outbox, auren.jobs, auren.connections, auren.blobs, auren.blob_frames',
    ),
  )
  journal = createJournal(sql, await openTestVault(sql, 'ann', 'bob'), { partitions: 3, now: () => now })
})

describe('jobs', () => {
  const add = (kind: string, more: Partial<Parameters<Journal['addJob']>[1]> = {}) =>
    journal.transaction((t) => journal.addJob(t, { kind, user: 'ann', payload: { n: kind }, ...more }))
  const lease = (at: number, kinds = ['a', 'b']) => journal.transaction((t) => journal.leaseJob(t, kinds, 100, at))
  const save = (id: string, at: number, attempt?: number) =>
    journal.transaction((t) => journal.saveJob(t, id, { at }, 100, at, attempt))
  const end = (id: string, how: Parameters<Journal['endJob']>[2], at = now) =>
    journal.transaction((t) => journal.endJob(t, id, how, at))
  const get = (id: string) => journal.transaction((t) => journal.getJob(t, id))

  it('are leased when due, in order, one worker each', async () => {
    const [late, first, second] = [
      await add('a', { runAt: 900 }),
      await add('a', { runAt: 100 }),
      await add('b', { runAt: 200 }),
    ]
    await add('other', { runAt: 1 })
    expect(await lease(50)).toBeNull()
    expect(await lease(500)).toMatchObject({
      id: first,
      state: 'running',
      attempts: 1,
      payload: { n: 'a' },
      user: 'ann',
    })
    expect(await lease(500)).toMatchObject({ id: second })
    expect(await lease(500)).toBeNull()
    expect(await lease(950)).toMatchObject({ id: first, attempts: 2 })
    expect(await lease(950)).toMatchObject({ id: second })
    expect(await lease(950)).toMatchObject({ id: late })
  })

  it('keep their lease and progress as long as they say so, and lose it to another', async () => {
    const id = await add('a', { runAt: 0 })
    await lease(0)
    expect(await save(id, 90)).toBe(true)
    expect(await lease(150)).toBeNull()
    expect(await lease(190)).toMatchObject({ id, attempts: 2, progress: { at: 90 } })
    expect(await save(id, 195, 1)).toBe(false)
    expect(await save(id, 195, 2)).toBe(true)
    expect(await save(id, 1000)).toBe(false)
    expect(await save(randomUUID(), 1)).toBe(false)
  })

  it('end done, dead, cancelled, or wait for another try', async () => {
    const id = await add('a', { runAt: 0 })
    await lease(0)
    await end(id, { state: 'waiting', error: 'AUREN_VENDOR_LIMIT', runAt: 700, progress: { page: 3 } })
    expect(await lease(600)).toBeNull()
    expect(await lease(700)).toMatchObject({ id, attempts: 2, error: 'AUREN_VENDOR_LIMIT', progress: { page: 3 } })
    await end(id, { state: 'dead', error: 'gone' })
    expect(await get(id)).toMatchObject({ state: 'dead', error: 'gone', progress: { page: 3 }, updatedAt: now })
    expect(await lease(99_999)).toBeNull()
    expect(await journal.lag()).toMatchObject({ jobs: 0 })
    // What is planned for later does not wait: it is not due.
    await add('a', { runAt: now + 1 })
    expect(await journal.lag()).toMatchObject({ jobs: 0, planned: 1 })
    await add('a', { runAt: now })
    expect(await journal.lag()).toMatchObject({ jobs: 1 })
    await lease(now)
    expect(await journal.lag()).toMatchObject({ jobs: 1 })
  })

  it('stay cancelled or done, whatever a worker that did not hear of it says', async () => {
    const [one, two] = [await add('a', { runAt: 0 }), await add('a', { runAt: 0 })]
    await lease(0)
    await end(one, { state: 'cancelled' })
    expect(await save(one, 1)).toBe(false)
    await end(one, { state: 'waiting', runAt: 0 })
    expect(await get(one)).toMatchObject({ state: 'cancelled' })
    await lease(0)
    await lease(500)
    await end(two, { state: 'dead', attempt: 1 })
    expect(await get(two)).toMatchObject({ state: 'running', attempts: 2 })
    await end(two, { state: 'done', attempt: 2 })
    expect(await get(two)).toMatchObject({ state: 'done' })
  })

  it('are added once per key, whoever’s they are', async () => {
    const [one, two, none] = [
      await add('a', { key: 'k' }),
      await add('b', { key: 'k' }),
      await add('a', { user: null }),
    ]
    expect(two).toBe(one)
    expect(await get(none)).toMatchObject({ user: null, payload: { n: 'a' }, runAt: now })
    expect(await get(randomUUID())).toBeNull()
  })

  it('are listed newest first, and to a person only their own', async () => {
    const [one, two] = [await add('a'), await add('b')]
    const foreign = await add('a', { user: 'bob' })
    const list = (filter: Parameters<Journal['listJobs']>[1]) =>
      journal.transaction((t) => journal.listJobs(t, filter)).then((jobs) => jobs.map(({ id }) => id))
    expect(await list({})).toEqual([foreign, two, one])
    expect(await list({ user: 'ann', limit: 1 })).toEqual([two])
    expect(await list({ kind: 'a' })).toEqual([foreign, one])
    const mine = await sql.as('ann', (t) => journal.listJobs(t, {}))
    expect(mine.map(({ id, payload }) => [id, payload])).toEqual([
      [two, { n: 'b' }],
      [one, { n: 'a' }],
    ])
    expect(await sql.as('ann', (t) => journal.getJob(t, foreign))).toBeNull()
  })
})

describe('connections', () => {
  const connection = (user: string, account = 'acc', more: Partial<Connection> = {}): Omit<Connection, 'id'> => ({
    user,
    provider: 'oura',
    account,
    status: 'active',
    tokens: { accessToken: 'a', refreshToken: 'r', expiresAt: 9, scope: 's' },
    state: { cursor: 1 },
    lastSyncAt: null,
    error: null,
    ...more,
  })
  const save = (c: Parameters<Journal['connections']['save']>[1]) =>
    journal.transaction((t) => journal.connections.save(t, c))
  const list = (filter: Parameters<Journal['connections']['list']>[1]) =>
    journal.transaction((t) => journal.connections.list(t, filter))

  it('keep tokens and state, one row per person and account', async () => {
    const saved = await save(connection('ann'))
    expect(await list({ provider: 'oura', account: 'acc' })).toEqual([saved])
    const changed = await save({
      ...connection('ann', 'acc', { tokens: null, status: 'error', error: 'x', lastSyncAt: 5 }),
    })
    expect(changed.id).toBe(saved.id)
    expect(await list({ user: 'ann' })).toEqual([changed])
    expect(await journal.transaction((t) => journal.connections.lock(t, saved.id))).toEqual(changed)
    const hold = (leaseMs: number) => journal.transaction((t) => journal.connections.holdRefresh(t, saved.id, leaseMs))
    expect([await hold(60_000), await hold(60_000), await hold(0), await hold(60_000)]).toEqual([
      true,
      false,
      true,
      true,
    ])
    await journal.transaction((t) => journal.connections.remove(t, saved.id))
    expect(await journal.transaction((t) => journal.connections.lock(t, saved.id))).toBeNull()
  })

  it('may learn their account later', async () => {
    const pending = await save(connection('ann', 'pending'))
    await save({ ...pending, account: 'real' })
    expect((await list({ user: 'ann' })).map(({ id, account }) => [id, account])).toEqual([[pending.id, 'real']])
  })

  it('give an account to one person at a time', async () => {
    const mine = await save(connection('ann'))
    await expect(save(connection('bob'))).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    await save({ ...mine, status: 'revoked', tokens: null })
    await save(connection('bob'))
    await expect(save(mine)).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    expect((await list({ account: 'acc' })).map(({ user, status }) => [user, status])).toEqual([
      ['ann', 'revoked'],
      ['bob', 'active'],
    ])
  })
})

describe('blobs', () => {
  const within = <T>(fn: (t: Parameters<Journal['person']>[0]) => Promise<T>) => journal.transaction(fn)

  it('give back every span of what was appended, whatever the parts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 1_300_000 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1.1, noNaN: true }), fc.double({ min: 0, max: 1.1, noNaN: true })), {
          minLength: 5,
          maxLength: 5,
        }),
        fc.boolean(),
        async (parts, spans, noise) => {
          const size = parts.reduce((a, b) => a + b, 0)
          const whole = noise ? new Uint8Array(randomBytes(size)) : new Uint8Array(size).map((_, i) => (i >> 9) % 256)
          const id = await within((t) => journal.blobs.create(t, 'ann', { name: 'export.zip', size }))
          let offset = 0
          for (const part of parts) {
            const bytes = whole.subarray(offset, offset + part)
            expect(await within((t) => journal.blobs.append(t, id, offset, bytes))).toMatchObject({
              size: offset + part,
            })
            expect(await within((t) => journal.blobs.append(t, id, offset, bytes))).toMatchObject({
              size: offset + part,
            })
            offset += part
          }
          for (const [from, length] of spans.map(([a, b]) => [Math.floor(a * size), Math.floor(b * size)] as const)) {
            const read = await within((t) => journal.blobs.read(t, id, from, length))
            expect(Buffer.compare(read, whole.subarray(from, from + length))).toBe(0)
          }
        },
      ),
      { numRuns: 8 },
    )
  })

  it('refuse a gap, and bytes after the end', async () => {
    const id = await within((t) => journal.blobs.create(t, 'ann', { name: 'a' }))
    await expect(within((t) => journal.blobs.append(t, id, 5, new Uint8Array(1)))).rejects.toMatchObject({
      code: 'AUREN_CONFLICT',
    })
    await within((t) => journal.blobs.append(t, id, 0, Uint8Array.of(1, 2, 3)))
    // The client cut the parts anew: what is known is skipped.
    expect(await within((t) => journal.blobs.append(t, id, 1, Uint8Array.of(2, 3, 4)))).toMatchObject({ size: 4 })
    const sha256 = createHash('sha256')
      .update(Uint8Array.of(1, 2, 3, 4))
      .digest('hex')
    await within((t) => journal.blobs.seal(t, id, sha256))
    await within((t) => journal.blobs.seal(t, id, sha256))
    expect(await within((t) => journal.blobs.info(t, id))).toEqual({ id, user: 'ann', name: 'a', size: 4, sha256 })
    expect(await within((t) => journal.blobs.append(t, id, 0, Uint8Array.of(1)))).toMatchObject({ size: 4 })
    for (const wrong of [
      () => within((t) => journal.blobs.append(t, id, 4, Uint8Array.of(1))),
      () => within((t) => journal.blobs.seal(t, id, 'other')),
    ])
      await expect(wrong()).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    await within((t) => journal.blobs.remove(t, id))
    expect(await within((t) => journal.blobs.info(t, id))).toBeNull()
    await expect(within((t) => journal.blobs.read(t, id, 0, 1))).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
    expect(
      await within((t) =>
        (t as never as { query(q: string): Promise<unknown[]> }).query('select 1 from auren.blob_frames'),
      ),
    ).toEqual([])
  })
})

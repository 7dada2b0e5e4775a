import { randomUUID } from 'node:crypto'
import type { Envelope, Observation } from '@auren/core'
import { expect, it } from 'vitest'
import { createConsumer } from '../../core/src/events/consume.js'
import { createJournal } from '../src/storage/sql/journal/index.js'
import { createLongTerm } from '../src/storage/sql/longterm/index.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

const envelope = (user: string, value: number): Envelope => ({
  v: 1,
  id: randomUUID(),
  user,
  account: user,
  receivedAt: 1000,
  provider: 'toy',
  rawRef: 'raw',
  observations: [
    {
      shape: 'sample',
      metric: 'heart_rate',
      start: 500,
      value,
      unit: '/min',
      source: { name: 'Watch', type: 'watch' },
      offset: 0,
      zoneBasis: 'carried',
    } satisfies Observation,
  ],
})

it('an erasure between reading and storing: nothing is written, nothing stays behind, the log has no gap', async () => {
  const sql = await openTestSql()
  const vault = await openTestVault(sql, 'ann', 'bob')
  const now = () => 5000
  const journal = createJournal(sql, vault, { partitions: 1, now })
  const longTerm = createLongTerm(sql, vault)
  const consumer = createConsumer({ journal, longTerm, group: 'memory', now })
  await journal.transaction((tx) =>
    journal.enqueue(tx, [envelope('ann', 60), envelope('bob', 61), envelope('ann', 62), envelope('bob', 63)]),
  )
  await journal.transaction((tx) => journal.assign(tx, 10))
  const place = await consumer.takeOver(0)
  const read = () => journal.transaction((tx) => journal.read(tx, 0, place.next, 10, 1e9))

  const before = await read()
  await journal.transaction((tx) => journal.erase(tx, 'ann'))
  // The first half as it was read before the erasure, the rest as it is read after it.
  const halfway = await consumer.consume(place, before.slice(0, 2))
  const end = await consumer.consume(halfway, (await read()).slice(-2))

  expect(end.next).toBe(4)
  expect(await journal.lag()).toMatchObject({ waiting: 0, accepted: 4, stored: 4 })
  const rows = await sql.transaction((tx) =>
    tx.query<{ user: string; n: number }>('select user_id as "user", sum(n)::int4 as n from auren.chunks group by 1'),
  )
  expect(rows).toEqual([{ user: 'bob', n: 1 }])
  await sql.close()
})

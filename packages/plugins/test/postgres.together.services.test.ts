import { randomUUID } from 'node:crypto'
import { type AnyPlugin, type Auren, createAuren, type Envelope, type Journal, type Observation } from '@auren/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { service } from '../../../test/services.js'
import { createConsumer } from '../../core/src/events/consume.js'
import { neuros } from '../src/neuros/index.js'
import { postgres } from '../src/storage/postgres/index.js'
import { openPostgres } from '../src/storage/postgres/sql.js'
import { createJournal } from '../src/storage/sql/journal/index.js'
import { createLongTerm } from '../src/storage/sql/longterm/index.js'
import { migrate } from '../src/storage/sql/migrate.js'
import { migrations } from '../src/storage/sql/migrations/index.js'
import type { Sql } from '../src/storage/sql/port.js'
import { makeDatabase, type TestDatabase } from './postgres-fixture.js'
import { openTestVault } from './sql-fixture.js'

const server = service('postgres')
const masterKey = Buffer.alloc(32, 7).toString('base64')
const hour = 3_600_000
const t0 = Date.UTC(2026, 0, 5)
const now = () => t0 + 24 * hour

/** What a process has, of those that share the database. */
interface Process {
  sql: Sql
  journal: Journal
  longTerm: ReturnType<typeof createLongTerm>
}

describe.skipIf(server === null)('several processes on one database', () => {
  let database: TestDatabase
  let processes: Process[]
  let persons = 0

  beforeAll(async () => {
    database = await makeDatabase(server as string)
    const all = await Promise.all([0, 1, 2].map(() => openPostgres({ url: database.url, pool: 6 })))
    // Nobody has been here before, and all come at once.
    const steps = await Promise.all([...all, ...all].map((sql) => migrate(sql, migrations)))
    expect(steps.sort()).toEqual([0, 0, 0, 0, 0, migrations.length].sort())
    processes = await Promise.all(
      all.map(async (sql) => {
        const vault = await openTestVault(sql)
        const journal = createJournal(sql, vault, { partitions: 3, now })
        return { sql, journal, longTerm: createLongTerm(sql, vault) }
      }),
    )
  })
  afterAll(async () => {
    for (const { sql } of processes ?? []) await sql.close()
    await database?.drop()
  })

  const of = (n: number): Process => processes[n % processes.length] as Process
  const person = async (): Promise<string> => {
    const user = `person ${++persons}`
    await of(0).journal.transaction((tx) => of(0).journal.person(tx, user))
    return user
  }
  const envelope = (user: string, observations: Observation[]): Envelope => ({
    v: 1,
    id: randomUUID(),
    user,
    account: 'a',
    receivedAt: t0,
    provider: 'toy',
    rawRef: randomUUID(),
    observations,
  })
  const pulse = (start: number, value: number): Observation => ({
    shape: 'sample',
    metric: 'heart_rate',
    start,
    value,
    unit: '/min',
    source: { name: 'Watch', type: 'watch' },
    offset: 60,
    zoneBasis: 'carried',
  })

  it('take ten deliveries of one key at once as one, and give all ten the same receipt', async () => {
    for (let round = 0; round < 5; round++) {
      const user = await person()
      const key = randomUUID()
      const receipts = await Promise.all(
        Array.from({ length: 10 }, (_, n) => {
          const { journal } = of(n)
          return journal.transaction(async (tx) => {
            const receipt = await journal.receive(
              tx,
              { provider: 'toy', deliveryKey: key, user, account: 'a', body: new Uint8Array(10) },
              t0 + n,
            )
            if (!receipt.duplicate) await journal.enqueue(tx, [envelope(user, [pulse(t0, 60)])])
            return receipt
          })
        }),
      )
      expect(receipts.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
      expect(new Set(receipts.map(({ id, receivedAt }) => `${id} ${receivedAt}`)).size).toBe(1)
      expect(await database.admin(`select 1 from auren.outbox where user_id = '${user}'`)).toHaveLength(1)
    }
  })

  it('write one chunk from all sides, its first rows too, and lose no sample', async () => {
    for (let round = 0; round < 3; round++) {
      const [together, alone] = [await person(), await person()]
      // One day of one source, cut into pieces that overlap, in another order for each.
      const pieces = Array.from({ length: 30 }, (_, n) =>
        Array.from({ length: 60 }, (_, i) => pulse(t0 + (n * 40 + i) * 60_000, 50 + ((n * 40 + i) % 70))),
      )
      const write = (n: number, user: string, observations: Observation[]) => {
        const { journal, longTerm } = of(n)
        return journal.transaction(
          async (tx) => {
            await journal.lockPersons(tx, [user])
            await longTerm.write(tx, user, [
              { provider: 'toy', account: 'a', receivedAt: t0, rawRef: 'raw', observations },
            ])
          },
          { lane: n % 2 ? 'bulk' : 'interactive' },
        )
      }
      await Promise.all(pieces.map((piece, n) => write(n, together, piece)))
      for (const [n, piece] of pieces.entries()) await write(n, alone, piece)
      const columns = 'metric, bucket, n, first, layout::text, bytes::text, min, max, sum'
      const rows = (user: string) =>
        database.admin(`select ${columns} from auren.chunks where user_id = '${user}' order by 1, 2`)
      expect(await rows(together)).toEqual(await rows(alone))
      expect((await rows(alone)).reduce((sum, row) => sum + Number(row.n), 0)).toBe(29 * 40 + 60)
      const days = (user: string) =>
        database.admin(
          `select metric, date::text, value, n, sum, mean from auren.days where user_id = '${user}' order by 1, 2, value`,
        )
      expect(await days(together)).toEqual(await days(alone))
    }
  })

  it('give each row of the outbox one place, without a gap, whoever relays', async () => {
    const users = await Promise.all(Array.from({ length: 7 }, person))
    const before = await heads()
    let enqueued = 0
    const producing = Promise.all(
      users.map(async (user, n) => {
        const { journal } = of(n)
        for (let i = 0; i < 15; i++) {
          await journal.transaction((tx) => journal.enqueue(tx, [envelope(user, [])]))
          enqueued++
        }
      }),
    )
    let done = false
    const relay = async ({ journal }: Process): Promise<number> => {
      let given = 0
      for (;;) {
        const last = done
        const now = await journal.transaction((tx) => journal.assign(tx, 4))
        given += now
        if (now === 0 && last) return given
      }
    }
    const relaying = processes.map(relay)
    await producing
    done = true
    await Promise.all(relaying)
    expect(await database.admin('select 1 from auren.outbox where position is null')).toEqual([])
    const after = await heads()
    let places = 0
    for (const [partition, next] of after) {
      const rows = await database.admin<{ position: string }>(
        `select position from auren.outbox where partition = ${partition} and position >= ${before.get(partition) ?? 0} order by 1`,
      )
      expect(rows.map(({ position }) => Number(position))).toEqual(
        Array.from({ length: next - (before.get(partition) ?? 0) }, (_, i) => (before.get(partition) ?? 0) + i),
      )
      places += rows.length
    }
    expect(places).toBeGreaterThanOrEqual(enqueued)
  })
  const heads = async (): Promise<Map<number, number>> =>
    new Map(
      (await database.admin<{ partition: number; next: string }>('select partition, next from auren.log_heads')).map(
        ({ partition, next }) => [partition, Number(next)],
      ),
    )

  it('let one relay at a time hold the lease, and the next when it is given back', async () => {
    const held = await Promise.all(
      processes.map(({ journal }, n) => journal.transaction((tx) => journal.holdRelay(tx, `process ${n}`, 60_000))),
    )
    expect(held.filter((ms) => ms > 0)).toHaveLength(1)
    const holder = held.findIndex((ms) => ms > 0)
    await of(holder).journal.transaction((tx) => of(holder).journal.releaseRelay(tx, `process ${holder}`))
    const { journal } = of(holder + 1)
    expect(await journal.transaction((tx) => journal.holdRelay(tx, 'next', 60_000))).toBeGreaterThan(0)
    await journal.transaction((tx) => journal.releaseRelay(tx, 'next'))
  })

  it('store a partition once between them while they take it from each other', async () => {
    const user = await person()
    const envelopes = Array.from({ length: 40 }, (_, n) => envelope(user, [pulse(t0 + n * 60_000, 60 + (n % 9))]))
    await of(0).journal.transaction((tx) => of(0).journal.enqueue(tx, envelopes))
    const records = envelopes.map((one, position) => ({ partition: 90, position, id: one.id, envelope: one }))
    let zombies = 0
    const consume = async ({ journal, longTerm }: Process, greed: number, times: number): Promise<void> => {
      const consumer = createConsumer({ journal, longTerm, group: 'contested', now })
      let place = await consumer.takeOver(90)
      for (;;) {
        const next = records.slice(place.next, place.next + greed)
        if (next.length === 0) return
        try {
          place = await consumer.consume(place, next)
        } catch (error) {
          expect(error).toMatchObject({ code: 'AUREN_ZOMBIE' })
          zombies++
          // Two who both take over for ever would never let each other finish.
          if (--times === 0) return
          place = await consumer.takeOver(90)
        }
      }
    }
    await Promise.all([consume(of(0), 3, Number.POSITIVE_INFINITY), consume(of(1), 2, 6), consume(of(2), 5, 6)])
    expect(zombies).toBeGreaterThan(0)
    const [chunks] = await database.admin(`select sum(n) as n from auren.chunks where user_id = '${user}'`)
    expect(Number(chunks?.n)).toBe(40)
    expect(await database.admin(`select 1 from auren.outbox where user_id = '${user}'`)).toEqual([])
    const [offset] = await database.admin(
      `select next from auren.offsets where consumer = 'contested' and partition = 90`,
    )
    expect(Number(offset?.next)).toBe(40)
  })

  it('leave alone what another holds when they start', async () => {
    const user = await person()
    const { journal } = of(0)
    const at = Date.now()
    const id = await journal.transaction((tx) =>
      journal.addJob(tx, { kind: 'held', user, payload: {}, key: randomUUID(), runAt: at }),
    )
    await journal.transaction((tx) => journal.leaseJob(tx, ['held'], 60_000, at))
    const other = await postgres({ url: database.url, masterKey, pool: 2, partitions: 3 }).open({
      log: () => {},
      now: Date.now,
    })
    const lease = (when: number) =>
      other.journal.transaction((tx) => other.journal.leaseJob(tx, ['held'], 60_000, when))
    expect(await lease(at + 1)).toBeNull()
    expect(await lease(at + 60_001)).toMatchObject({ id, attempts: 2 })
    await other.journal.transaction((tx) => other.journal.endJob(tx, id, { state: 'done' }, at))
    await other.close()
  })

  it('run whole side by side: whatever is sent to whichever, twice too, counts once', async () => {
    const plugins = (): readonly AnyPlugin[] => [
      postgres({ url: database.url, masterKey, pool: 5, partitions: 3 }),
      ...neuros(),
    ]
    const all: Auren[] = await Promise.all(
      [0, 1].map(() => createAuren({ plugins: plugins(), zone: 'Europe/Berlin', now })),
    )
    try {
      const users = ['ida', 'joe', 'kim']
      const before = await all[0]?.lag()
      const send = async (auren: Auren, user: string, n: number) =>
        auren.ingest.observations({
          userId: user,
          provider: 'app',
          key: `${n}`,
          observations: [pulse(t0 + n * 60_000, 60 + (n % 30))],
        })
      await Promise.all(
        users.flatMap((user) =>
          Array.from({ length: 40 }, (_, n) => Promise.all(all.map((auren) => send(auren, user, n)))),
        ),
      )
      for (const auren of all) await auren.ingest.settled()
      for (const user of users) {
        const [chunks] = await database.admin(`select sum(n) as n from auren.chunks where user_id = '${user}'`)
        expect(Number(chunks?.n)).toBe(40)
      }
      const after = await all[1]?.lag()
      expect((after?.accepted ?? 0) - (before?.accepted ?? 0)).toBe(users.length * 40)
      expect(after?.quarantined).toBe(0)
    } finally {
      for (const auren of all) await auren.close()
    }
  })
})

import { randomUUID } from 'node:crypto'
import type { Envelope, LogRecord, Observation, ObservationInput } from '@auren/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConsumer, type Place } from '../../core/src/events/consume.js'
import { exportOf, record } from './apple-health-files.js'
import { openRig, pieces, type Rig, start } from './ingest-rig.js'

let rig: Rig
let persons = 0
const person = (): string => `person ${++persons}`
const uuid = (text: string): string => {
  const hex = Buffer.from(text.padEnd(16, '.')).toString('hex').slice(0, 32)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}

beforeAll(async () => {
  rig = await openRig({ partitions: 1 })
})
afterAll(() => rig.close())

const pulse = (at: number, value: number, more: Partial<ObservationInput> = {}): Observation =>
  ({
    shape: 'sample',
    metric: 'heart_rate',
    start: at,
    value,
    unit: '/min',
    source: { name: 'Watch', type: 'watch' },
    offset: 60,
    zoneBasis: 'carried',
    ...more,
  }) as Observation

/** A history with what is hard about order: corrections, deletions, records that shrink, late days, sessions, totals. */
const history = (user: string): Envelope[] => {
  const said: Observation[][] = []
  for (let n = 0; n < 24; n++) {
    const at = start - (n % 6) * 86_400_000
    said.push([
      ...Array.from({ length: 12 }, (_, i) => pulse(at + i * 60_000, 50 + ((n * 7 + i) % 60))),
      pulse(at, 60 + n, { recordId: `r${n % 4}`, version: n }),
      {
        shape: 'daily_total',
        metric: 'steps',
        date: new Date(at).toISOString().slice(0, 10),
        value: 1000 + n,
        unit: '{count}',
        source: { name: 'Phone', type: 'phone' },
        offset: 60,
        zoneBasis: 'carried',
      } as Observation,
      {
        shape: 'session',
        kind: 'sleep',
        start: at - 8 * 3_600_000,
        end: at - n * 60_000,
        measures: {},
        recordId: `sleep/${n % 6}`,
        source: { name: 'Watch', type: 'watch' },
        offset: 60,
        zoneBasis: 'carried',
      } as Observation,
    ])
    if (n % 5 === 4) said.push([{ shape: 'deletion', recordId: `r${n % 4}`, version: n + 0.5 } as Observation])
  }
  return said.map((observations, n) => ({
    v: 1,
    id: uuid(`${user} ${n}`),
    user,
    account: 'a',
    receivedAt: start + n * 1000,
    provider: 'toy',
    rawRef: `raw ${n}`,
    observations,
  }))
}

/** Stores envelopes by the journal's own log, cut into batches as told. */
async function store(envelopes: readonly Envelope[], cuts: readonly number[] = []): Promise<void> {
  const { journal, longTerm } = rig
  const group = `group ${randomUUID()}`
  // Rows of the log are made by hand: the composed consumer must not take them first.
  const records: LogRecord[] = envelopes.map((envelope, position) => ({
    partition: 90,
    position,
    id: randomUUID(),
    envelope,
  }))
  const pending = new Set(records.map(({ id }) => id))
  const consumer = createConsumer({
    journal: {
      ...journal,
      pending: async () => pending,
      markStored: async (_tx: unknown, ids: readonly string[]) => {
        for (const id of ids) pending.delete(id)
      },
    } as never,
    longTerm,
    group,
    now: () => start,
  })
  let place: Place = await consumer.takeOver(90)
  for (let from = 0, cut = 0; from < records.length; cut++) {
    const size = cuts[cut % Math.max(1, cuts.length)] ?? 24
    place = await consumer.consume(place, records.slice(from, from + size))
    from += size
  }
}

describe('T6 and T7 on the real tables', () => {
  it('any order, any repetition and any cut of the same envelopes give equal tables and history', async () => {
    const plain = person()
    await rig.journal.transaction((tx) => rig.journal.person(tx, plain))
    await store(history(plain))
    const expected = await rig.digest(plain)
    expect(Object.values(expected).every((digest) => !digest.startsWith('0 '))).toBe(true)
    const count = history(plain).length
    const shuffled = fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count })
    const repeated = fc.array(fc.nat(count - 1), { maxLength: 10 })
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(shuffled, repeated, cuts, async (order, again, sizes) => {
        const user = person()
        await rig.journal.transaction((tx) => rig.journal.person(tx, user))
        const envelopes = history(user)
        await store(
          [...order, ...again].map((i) => envelopes[i] as Envelope),
          sizes,
        )
        expect(await rig.digest(user)).toEqual(expected)
      }),
      { numRuns: 12 },
    )
  })
})

describe('two who consume one partition', () => {
  it('store everything once between them, whoever takes over when', async () => {
    const user = person()
    await rig.journal.transaction((tx) => rig.journal.person(tx, user))
    const envelopes = history(user)
    const expected = person()
    await rig.journal.transaction((tx) => rig.journal.person(tx, expected))
    await store(history(expected))
    const records: LogRecord[] = envelopes.map((envelope, position) => ({
      partition: 91,
      position,
      id: envelope.id,
      envelope,
    }))
    let writes = 0
    const consumer = createConsumer({
      journal: {
        ...rig.journal,
        pending: async () => new Set(records.map(({ id }) => id)),
        markStored: async () => undefined,
      } as never,
      longTerm: {
        write: (tx, who, batches) => {
          writes += batches.length
          return rig.longTerm.write(tx, who, batches)
        },
      },
      group: 'contested',
      now: () => start,
    })
    let zombies = 0
    // Two who both take over for ever would never let each other finish: one gives up after some times.
    const worker = async (greed: number, times: number): Promise<void> => {
      let place = await consumer.takeOver(91)
      for (;;) {
        const next = records.slice(place.next, place.next + greed)
        if (next.length === 0) return
        try {
          place = await consumer.consume(place, next)
        } catch (error) {
          if ((error as { code?: string }).code !== 'AUREN_ZOMBIE') throw error
          zombies++
          if (--times === 0) return
          place = await consumer.takeOver(91)
        }
      }
    }
    await Promise.all([worker(2, Number.POSITIVE_INFINITY), worker(3, 5)])
    expect(zombies).toBeGreaterThan(0)
    expect(writes).toBeGreaterThanOrEqual(records.length)
    expect(await rig.digest(user)).toEqual(await rig.digest(expected))
    const [offset] = await rig.query<{ next: number }>(
      `select next from auren.offsets where consumer = 'contested' and partition = 91`,
    )
    expect(offset?.next).toBe(records.length)
  })
})

describe('erasure while data is on its way', () => {
  it('leaves nothing of the person, and what comes after them is stored', async () => {
    const [gone, stays] = [person(), person()]
    const send = (userId: string, n: number) =>
      rig.auren.ingest.observations({
        userId,
        provider: 'app',
        key: `${n}`,
        observations: Array.from({ length: 300 }, (_, i) => pulse(start - i * 1000, 50 + (n % 50)) as ObservationInput),
      })
    for (let n = 0; n < 12; n++) {
      await send(gone, n)
      await send(stays, n)
    }
    const erasing = rig.auren.memory.for(gone).erase()
    await erasing
    await rig.auren.ingest.settled()
    const left = await rig.query<{ name: string }>(
      `select distinct table_name as name from information_schema.columns where table_schema = 'auren' and column_name = 'user_id'`,
    )
    for (const { name } of left) {
      const [row] = await rig.query<{ n: number }>(`select count(*) as n from auren.${name} where user_id = $1`, [gone])
      expect([name, row?.n]).toEqual([name, 0])
    }
    const held = await rig.longTerm.samples(
      { user: stays, purpose: 'display' },
      { metric: 'heart_rate', from: 0, to: 4e12 },
    )
    expect(held).toHaveLength(300)
    const lag = await rig.journal.lag()
    expect(lag.waiting).toBe(0)
  })
})

describe('siblings of one import', () => {
  const at = '2024-05-01 08:00:00 +0200'
  const filler = (from: number, count: number): string =>
    Array.from({ length: count }, (_, i) => {
      const second = from + i
      const clock = `${String(9 + Math.floor(second / 3600)).padStart(2, '0')}:${String(Math.floor(second / 60) % 60).padStart(2, '0')}:${String(second % 60).padStart(2, '0')}`
      return record({ value: String(50 + (i % 40)), start: `2024-05-02 ${clock} +0200` })
    }).join('\n')
  // Three steps lie between the first and the last.
  const xml = exportOf(
    [
      record({ value: '63', start: at }),
      filler(0, 2500),
      record({ value: '61', start: at }),
      record({ value: '63', start: at }),
      filler(2500, 2500),
      record({ value: '62', start: at }),
      record({ value: '61', start: at }),
    ].join('\n'),
  )
  const siblings = async (user: string) =>
    (
      await rig.longTerm.samples(
        { user, purpose: 'display' },
        { metric: 'heart_rate', from: Date.parse('2024-05-01T06:00:00Z'), to: Date.parse('2024-05-01T06:00:01Z') },
      )
    ).map(({ value }) => value)
  const load = (user: string, text: string) =>
    rig.auren.ingest.file('apple-health', pieces(Buffer.from(text)), { userId: user, name: 'export.xml' })

  it('are all kept, however far apart they stand, and none takes another’s place', async () => {
    const user = person()
    const view = await load(user, xml)
    expect(view).toMatchObject({ state: 'done', progress: { observations: 5003 } })
    expect((await siblings(user)).sort()).toEqual([61, 62, 63])
    // Nothing was lost to the undo log as if it were a correction.
    expect(await rig.query('select 1 from auren.chunk_history where user_id = $1', [user])).toEqual([])
    expect(await rig.query('select 1 from auren.ordinals where user_id = $1', [user])).toEqual([])
  })

  it('are the same when a later export holds them again', async () => {
    const user = person()
    await load(user, xml)
    const before = await rig.digest(user, 'runs', 'revision')
    rig.advance(86_400_000)
    const later = xml.replace(
      '</HealthData>',
      `${record({ value: '70', start: '2024-05-03 08:00:00 +0200' })}\n</HealthData>`,
    )
    await load(user, later)
    expect((await siblings(user)).sort()).toEqual([61, 62, 63])
    expect(await rig.query('select 1 from auren.chunk_history where user_id = $1', [user])).toEqual([])
    expect((await rig.digest(user, 'runs', 'revision')).entries).toEqual(before.entries)
  })
})

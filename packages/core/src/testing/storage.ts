import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { Batch, DayRow, LongTerm, Scope } from '../memory/ports.js'
import type { Observation, UserId } from '../observation/schema.js'
import { storageInvariants } from './invariants.js'
import { testBudgets } from './storage-budgets.js'
import { testCache } from './storage-cache.js'
import { testConsent } from './storage-consent.js'
import { testConsolidation } from './storage-consolidation.js'
import { hour, observations, receivedAt, t0, watch } from './storage-data.js'
import { fillTiers, type OpenStorage, type TestRunner, type WholeStorage } from './storage-kit.js'
import { testKnowledge } from './storage-knowledge.js'
import { testRecall } from './storage-recall.js'
import { testSearch } from './storage-search.js'

/**
 * Holds a storage to the {@link storageInvariants}: what is measured, what is concluded and said, and what is recalled.
 * Tiers that it leaves out are filled in by those in process ({@link OpenStorage}).
 * ```ts
 * import * as vitest from 'vitest'
 * testStorage({ runner: vitest, open: async () => openMyStorage() })
 * ```
 */
export function testStorage({ runner, open }: { runner: TestRunner; open(): Promise<OpenStorage> }): void {
  const { describe, it, expect, beforeAll, afterAll } = runner
  const title = (number: keyof typeof storageInvariants) => `${number}: ${storageInvariants[number].title}`

  describe('storage: long-term tier', () => {
    let storage: WholeStorage
    let count = 0
    beforeAll(async () => {
      storage = fillTiers(await open())
    })
    afterAll(() => storage.close())

    const person = async (name = `person ${++count}`): Promise<UserId> => {
      await storage.transaction((tx) => storage.person(tx, name))
      return name
    }
    const write = (user: UserId, ...batches: Batch[]) =>
      storage.transaction(async (tx) => {
        await storage.lockPersons(tx, [user])
        return storage.longTerm.write(tx, user, batches)
      })
    const read = (user: UserId) => everything(storage.longTerm, user)

    it(title(1), async () => {
      const names = ['ann', 'anna', 'an_', 'an%', 'ann:x', 'аnn', 'Ann', ' ann', "ann'--"]
      const empty = await read(await person('nobody'))
      for (const [i, name] of names.entries()) await write(await person(name), batch([heartRate(t0, 40 + i)]))
      for (const [i, name] of names.entries()) {
        const seen = await read(name)
        expect(seen.samples.map(({ value }) => value)).toEqual([40 + i])
        expect(seen.days.map(({ value }) => value)).toEqual([40 + i])
        expect(seen.version).toBeGreaterThan(0)
      }
      expect(await read('nobody')).toEqual(empty)
      expect(empty.samples).toEqual([])
      await write('anna', batch(observations()))
      expect((await read('ann')).samples.map(({ value }) => value)).toEqual([40])
      expect((await read('ann')).tags).toEqual([])
    })

    it(title(2), async () => {
      const user = await person()
      await write(user, batch([heartRate(t0, 61)]))
      expect((await read(user)).samples.map(({ value }) => value)).toEqual([61])
      const before = await storage.longTerm.version(scope(user))
      await write(user, batch([heartRate(t0 + hour, 62)]))
      expect((await read(user)).samples.map(({ value }) => value)).toEqual([61, 62])
      expect(await storage.longTerm.version(scope(user))).toBeGreaterThan(before)
    })

    it(title(3), async () => {
      const user = await person()
      await write(user, batch(observations()))
      const once = await read(user)
      for (let i = 0; i < 3; i++) {
        const { changed } = await write(user, batch(observations()), batch(observations()))
        expect(changed).toBe(0)
      }
      expect(await read(user)).toEqual(once)
    })

    it(title(4), async () => {
      const deliveries = observations(true).map((one, i) => batch([one], receivedAt + i))
      const [first, ...others] = [deliveries, [...deliveries].reverse(), ...shuffles(deliveries, 4)]
      const user = await person()
      for (const delivery of first as Batch[]) await write(user, delivery)
      const { version: _, ...expected } = await read(user)
      for (const [i, order] of others.entries()) {
        const other = await person()
        if (i % 2 === 0) await write(other, ...order)
        else for (const delivery of order) await write(other, delivery)
        const { version: __, ...seen } = await read(other)
        expect(seen).toEqual(expected)
      }
    })

    it(title(6), async () => {
      const user = await person()
      const said = [60, 61, 62, 63]
      const then: unknown[] = []
      const as = (asOf?: number) =>
        storage.longTerm.samples(scope(user), { ...allHeartRate, ...(asOf === undefined ? {} : { asOf }) })
      for (const [i, value] of said.entries()) {
        const late = i === 2 ? [heartRate(t0 + hour, 99)] : []
        await write(user, batch([heartRate(t0, value), ...late], receivedAt + i * 10))
        then.push(await as())
      }
      await write(user, batch([deletion(t0)], receivedAt + 40))
      then.push(await as())
      for (const [i, expected] of then.entries())
        for (const later of [0, 9]) expect(await as(receivedAt + i * 10 + later)).toEqual(expected)
      expect(await as(receivedAt - 1)).toEqual([])
    })

    it(title(7), async () => {
      const user = await person()
      const deliveries = [60, 61, 60, 62].map((value, i) => batch([heartRate(t0, value)], receivedAt + i))
      for (const [, delivery] of shuffles(deliveries, 1)[0]?.entries() ?? []) await write(user, delivery)
      for (let at = 0; at < 6; at++) {
        const known = await storage.longTerm.samples(scope(user), { ...allHeartRate, asOf: receivedAt + at })
        expect(known.length).toBe(1)
      }
      expect((await read(user)).samples.map(({ value }) => value)).toEqual([62])
    })

    it(title(14), async () => {
      const [gone, stays] = [await person(), await person()]
      for (const user of [gone, stays]) await write(user, batch(observations()))
      const before = await read(stays)
      const counts = await storage.transaction((tx) => storage.longTerm.erase(tx, gone))
      expect(Object.values(counts).some((rows) => rows > 0)).toBe(true)
      expect(await read(gone)).toEqual(await read(await person()))
      // Nor is it there for what reads past the sources that it came from.
      let left = 0
      for await (const _ of storage.longTerm.scan(scope(gone))) left++
      expect(left).toBe(0)
      expect(await read(stays)).toEqual(before)
    })

    it(title(15), async () => {
      const [from, to] = [await person(), await person()]
      await write(from, batch(observations()))
      const batches: Batch[] = []
      for await (const exported of storage.longTerm.scan(scope(from))) {
        const { provider, account, receivedAt: at, rawRef, ...observation } = exported
        batches.push({ provider, account: account ?? 'account', receivedAt: at, rawRef, observations: [observation] })
      }
      expect(batches.length).toBe(observations().length)
      await write(to, ...batches.reverse())
      const [{ version: _, ...exported }, { version: __, ...imported }] = [await read(from), await read(to)]
      expect(imported).toEqual(exported)
    })

    it(title(16), async () => {
      const user = await person()
      const worn = Array.from({ length: 24 }, (_, i) => heartRate(t0 + i * (hour / 4), 60))
      await write(user, batch([...worn, heartRate(t0 + 72 * hour, 60)]))
      const days = await storage.longTerm.days(scope(user), { ...years, metrics: ['heart_rate', 'steps'] })
      expect(days.map(({ date, n, coverage }) => [date, n, coverage])).toEqual([
        ['2026-05-04', 24, 0.25],
        ['2026-05-07', 1, 1 / 96],
      ])
    })

    it(title(17), async () => {
      const user = await person()
      const nights: [instant: string, offset: number | null, date: string][] = [
        ['2024-02-28T23:30:00Z', 60, '2024-02-29'],
        ['2024-02-29T22:59:00Z', 60, '2024-02-29'],
        ['2026-03-29T21:59:00Z', 120, '2026-03-29'],
        ['2026-03-29T22:01:00Z', null, '2026-03-30'],
        ['2026-10-25T22:59:00Z', null, '2026-10-25'],
        ['2026-10-25T23:01:00Z', null, '2026-10-26'],
      ]
      await storage.transaction((tx) =>
        storage.longTerm.setProfile(tx, user, { zones: [{ from: 0, zone: 'Europe/Berlin' }] }),
      )
      await write(
        user,
        batch(
          nights.map(([instant, offset], i) => ({
            ...heartRate(Date.parse(instant), 50 + i),
            offset,
            zoneBasis: offset === null ? 'absent' : 'carried',
          })),
        ),
      )
      const seen = await read(user)
      expect(seen.samples.map(({ start, value }) => [start, value])).toEqual(
        nights.map(([instant], i) => [Date.parse(instant), 50 + i]),
      )
      const expected: Record<string, number[]> = {}
      for (const [i, [, , date]] of nights.entries()) expected[date] = [...(expected[date] ?? []), 50 + i]
      for (const day of seen.days) {
        const values = expected[day.date] ?? []
        expect([day.n, day.min, day.max]).toEqual([values.length, Math.min(...values), Math.max(...values)])
      }
      expect(seen.days.length).toBe(Object.keys(expected).length)
    })

    testConsolidation(runner, () => storage, person)
    testRecall(runner, () => storage, person)
    testKnowledge(runner, () => storage, person)
    testCache(runner, () => storage, person)
    testConsent(runner, () => storage, person)
    testBudgets(runner, () => storage, person)
    testSearch(runner, () => storage, person)
  })
}

const scope = (user: UserId): Scope => ({ user, purpose: 'answer' })
const years = { from: '1990-01-01', to: '2090-01-01' }
const allHeartRate = { metric: 'heart_rate', from: 0, to: 4e12 }

const batch = (of: readonly Observation[], at = receivedAt): Batch => ({
  provider: 'test',
  account: 'account',
  receivedAt: at,
  rawRef: `raw ${at}`,
  observations: of,
})

function heartRate(start: number, value: number): Extract<Observation, { shape: 'sample' }> {
  return {
    shape: 'sample',
    metric: 'heart_rate',
    start,
    value,
    unit: '/min',
    source: watch,
    offset: 0,
    zoneBasis: 'carried',
  }
}

function deletion(start: number): Observation {
  return { shape: 'deletion', target: { shape: 'sample', of: 'heart_rate', start }, source: watch }
}

/** All that a person can read of tier 2. */
async function everything(longTerm: LongTerm, user: UserId) {
  const metrics = await longTerm.metrics(scope(user))
  const days: DayRow[] = []
  const samples = []
  for (const { metric } of metrics) {
    days.push(...(await longTerm.days(scope(user), { ...years, metrics: [metric] })))
    samples.push(...(await longTerm.samples(scope(user), { metric, from: 0, to: 4e12 })))
  }
  return {
    metrics,
    days,
    samples,
    sessions: await longTerm.sessions(scope(user), { ...years, all: true }),
    tags: await longTerm.tags(scope(user), years),
    sources: await longTerm.sources(scope(user)),
    version: await longTerm.version(scope(user)),
  }
}

/** Seeded permutations. */
function shuffles<T>(items: readonly T[], count: number): T[][] {
  const random = xoroshiro128plus(22)
  return Array.from({ length: count }, () => {
    const shuffled = [...items]
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = uniformInt(random, 0, i)
      ;[shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T]
    }
    return shuffled
  })
}

import { consolidate } from '../memory/consolidate.js'
import { rungs } from '../memory/ladder/ports.js'
import type { Batch, LongTerm, Scope } from '../memory/ports.js'
import type { Observation, UserId } from '../observation/schema.js'
import type { DetectorPlugin } from '../plugin/types.js'
import { storageInvariants } from './invariants.js'
import type { TestRunner, WholeStorage } from './storage-kit.js'

const day = 86_400_000
/** 2025-01-01T00:00:00Z */
const begin = 1_735_689_600_000
const TODAY = '2025-09-01'
const now = Date.parse('2025-09-01T03:00:00Z')

/** Concludes from days and from the ladder what is easily checked by hand; what no longer holds it no longer proposes. */
const detector: DetectorPlugin = {
  kind: 'detector',
  id: 'suite',
  version: '1.0.0',
  reads: { metrics: ['resting_heart_rate'], rungs: ['month'] },
  run(view) {
    const days = view.days('resting_heart_rate').length
    return [
      ...(days === 0
        ? []
        : [{ key: 'days', kind: 'pattern' as const, text: `${days} days`, body: { days }, validFrom: TODAY }]),
      ...view
        .rows('month', 'resting_heart_rate')
        .filter(({ median }) => median !== null && median > 60)
        .map(({ period, median, from }) => ({
          key: period,
          kind: 'baseline' as const,
          text: `${period} was high`,
          body: { median },
          validFrom: from,
        })),
    ].map((proposal) => ({ ...proposal, about: ['resting_heart_rate'], confidence: 1, validTo: null }))
  },
}

/** Holds what is concluded to invariants 4 and 8. */
export function testConsolidation(
  { it, expect }: TestRunner,
  storage: () => WholeStorage,
  person: (name?: string) => Promise<UserId>,
): void {
  const ports = () => {
    const { longTerm, transaction, lockPersons, patterns, ladder } = storage()
    return { longTerm, patterns, ladder, journal: { transaction, lockPersons } }
  }
  const run = (user: UserId, held: ReturnType<typeof ports>, at = now) => consolidate(held, [detector], user, at, TODAY)
  const write = (user: UserId, batches: readonly Batch[]) =>
    storage().transaction(async (tx) => {
      await storage().lockPersons(tx, [user])
      return storage().longTerm.write(tx, user, batches)
    })
  /** Tier 3 without the stamps of the system. */
  const tier3 = async (user: UserId, asOf?: number) => {
    const { patterns, ladder } = storage()
    const as = asOf === undefined ? {} : { asOf }
    const records = await patterns.list(scope(user), as)
    return {
      records: records
        .filter(({ status }) => status !== 'retired')
        .map(({ recordedAt: _at, supersededAt: _until, ...rest }) => rest)
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
      rows: await ladder.read(scope(user), { rungs, ...as }),
    }
  }

  it(`4: ${storageInvariants[4].title}: what is concluded, too`, async () => {
    const held = ports()
    const deliveries = history()
    const whole = await person()
    await write(whole, deliveries)
    await run(whole, held)
    const expected = await tier3(whole)
    expect(expected.records.length).toBe(2)
    const orders = [
      [...deliveries].reverse(),
      [...deliveries.filter((_, i) => i % 2 === 1), ...deliveries.filter((_, i) => i % 2 === 0)],
      [...deliveries.slice(5), ...deliveries.slice(0, 5)],
    ]
    for (const order of orders) {
      const other = await person()
      // What was concluded in between, from a part of the data, leaves no trace in what is concluded at the end.
      for (const [i, delivery] of order.entries()) {
        await write(other, [delivery])
        if (i % 3 === 0) await run(other, held, now - 1000 + i)
      }
      await run(other, held)
      expect(await tier3(other)).toEqual(expected)
      const again = await run(other, held, now + 1)
      expect([again.written, again.retired, again.ladder.written, again.ladder.removed]).toEqual([0, 0, 0, 0])
    }
  })

  it(`8: ${storageInvariants[8].title}`, async () => {
    const held = ports()
    const deliveries = history()
    const user = await person()
    await write(user, deliveries.slice(0, 6))
    await run(user, held, now)
    const old = await tier3(user)
    const sources = await everySample(storage().longTerm, user)
    await write(user, deliveries.slice(6))
    const measured = await everySample(storage().longTerm, user)

    // A crash at each step leaves the old whole: never a part of the new, and never neither.
    for (const [part, method] of steps) {
      for (const when of ['before', 'after'] as const) {
        const target = held[part] as unknown as Record<string, (...of: unknown[]) => Promise<unknown>>
        const broken = new Proxy(target, {
          get: (of, name) =>
            name !== method
              ? Reflect.get(of, name)
              : async (...args: unknown[]) => {
                  if (when === 'after') await (of[method] as (...of: unknown[]) => Promise<unknown>)(...args)
                  throw new Error('crash')
                },
        })
        const failed = await run(user, { ...held, [part]: broken } as typeof held, now + 5).then(
          () => 'done',
          () => 'crashed',
        )
        expect(failed).toBe('crashed')
        expect(await tier3(user)).toEqual(old)
      }
    }
    const report = await run(user, held, now + 10)
    expect(report.retired).toBeGreaterThan(0)
    const whole = await person()
    await write(whole, deliveries)
    await run(whole, held)
    expect(await tier3(user)).toEqual(await tier3(whole))
    // What was concluded before is read as of then; what it was made from is there as it was.
    expect(await tier3(user, now + 9)).toEqual(old)
    expect(await everySample(storage().longTerm, user)).toEqual(measured)
    expect(sources.length).toBeGreaterThan(100)
  })
}

const steps = [
  ['ladder', 'advance'],
  ['patterns', 'put'],
  ['patterns', 'close'],
] as const

const scope = (user: UserId): Scope => ({ user, purpose: 'consolidate' })

async function everySample(longTerm: LongTerm, user: UserId): Promise<[number, number][]> {
  const samples = await longTerm.samples(scope(user), { metric: 'resting_heart_rate', from: 0, to: 4e12 })
  return samples.map(({ start, value }) => [start, value])
}

/** Eight months of nights: a month each, then late days, corrections that take back a high month, and deletions. */
function history(): Batch[] {
  const of = (from: number, to: number, value: (i: number) => number): Observation[] =>
    Array.from({ length: to - from }, (_, i) => ({
      shape: 'sample',
      metric: 'resting_heart_rate',
      start: begin + (from + i) * day + day / 4,
      value: value(from + i),
      unit: '/min',
      source: { name: 'Watch', type: 'watch' as const },
      offset: 0,
      zoneBasis: 'carried',
    }))
  const usual = (i: number) => 54 + ((i * 5) % 7)
  const high = (i: number) => 64 + ((i * 5) % 7)
  const months = [0, 31, 59, 90, 120, 151, 181].map((from, i) => of(from, from + 28, i === 2 || i === 4 ? high : usual))
  const batches = [
    ...months,
    of(29, 31, usual),
    of(59, 87, usual),
    [
      {
        shape: 'deletion' as const,
        target: { shape: 'sample' as const, of: 'resting_heart_rate', start: begin + 120 * day + day / 4 },
        source: { name: 'Watch', type: 'watch' as const },
        sticky: true,
      },
    ],
    [
      {
        shape: 'tag' as const,
        tag: 'illness',
        start: begin + 125 * day,
        end: begin + 129 * day,
        source: { name: 'Phone', type: 'phone' as const },
        offset: 0,
        zoneBasis: 'carried' as const,
      },
    ],
  ]
  return batches.map((observations, i) => ({
    provider: 'test',
    account: 'account',
    receivedAt: begin + 300 * day + i,
    rawRef: `raw ${i}`,
    observations,
  }))
}

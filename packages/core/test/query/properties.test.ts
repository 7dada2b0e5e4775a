import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DayRow } from '../../src/memory/ports.js'
import type { Aggregate, Condition, Fact } from '../../src/query/schema.js'
import { asker, day, heartRate, plus, sample, steps, utc } from './person.js'

const origin = '2025-12-20'
const span = 120

/** Days of steps with gaps; the date, not the order, is what counts. */
const history = fc
  .uniqueArray(fc.integer({ min: 0, max: span - 1 }), { maxLength: 60 })
  .chain((days) =>
    fc.tuple(
      ...days.map((index) =>
        fc
          .tuple(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 96 }))
          .map(([value, slots]) => day('steps', plus(origin, index), value, { coverage: slots / 96 })),
      ),
    ),
  )
  .map((rows) => rows as unknown as DayRow[])

const today = plus(origin, span - 1)
const whole = { kind: 'between', from: origin, to: today } as const
const aggregates: Aggregate[] = [
  'sum',
  'mean',
  'median',
  'min',
  'max',
  'sd',
  'count',
  'days',
  'first',
  'last',
  'range',
  'percentile',
  'distribution',
  'argmax',
]
const groups = ['day', 'week', 'month', 'quarter', 'year', 'weekday', 'season'] as const

const bare = ({ id: _id, query: _query, ...fact }: Fact) => fact

describe('for every history', () => {
  it('the rows of a sum or count add up to the whole, and so do their n', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.constantFrom(...groups),
        fc.constantFrom('sum' as const, 'count' as const),
        async (days, group, aggregate) => {
          const fact = await asker({ days }, today).ask({ measure: steps, aggregate, period: whole, group })
          const total = fact.rows!.reduce((sum, row) => sum + (row.value ?? 0), 0)
          expect(total).toBe(fact.value ?? 0)
          expect(fact.rows!.reduce((sum, row) => sum + row.n, 0)).toBe(fact.n)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('the parts of a period add up to the period, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.integer({ min: 1, max: span - 1 }), async (days, cut) => {
        const { ask } = asker({ days }, today)
        const sum = (from: string, to: string) =>
          ask({ measure: steps, aggregate: 'sum', period: { kind: 'between', from, to } })
        const [all, before, after] = [
          await sum(origin, today),
          await sum(origin, plus(origin, cut - 1)),
          await sum(plus(origin, cut), today),
        ]
        expect((before.value ?? 0) + (after.value ?? 0)).toBe(all.value ?? 0)
        expect(before.n + after.n).toBe(all.n)
        expect((before.coverage * cut + after.coverage * (span - cut)) / span).toBeCloseTo(all.coverage, 9)
      }),
      { numRuns: 60 },
    )
  })

  it('a condition and its opposite share the days on which it is known', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.integer({ min: 0, max: 30_000 }), async (days, limit) => {
        const { ask } = asker({ days }, today)
        const over = { on: 'metric', metric: 'steps', op: '>', value: limit } as const
        const [yes, no] = [
          await ask({ measure: steps, aggregate: 'days', period: whole, where: [over] }),
          await ask({ measure: steps, aggregate: 'days', period: whole, where: [{ on: 'not', of: over }] }),
        ]
        expect((yes.value ?? 0) + (no.value ?? 0)).toBe(days.length)
      }),
      { numRuns: 40 },
    )
  })

  it('the order in which days are read changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.constantFrom(...aggregates),
        fc.constantFrom(...groups),
        fc.nat(),
        async (days, aggregate, group, turn) => {
          const turned = days
            .map((_, i) => days[(i * 7 + turn) % days.length]!)
            .filter((row, i, all) => all.indexOf(row) === i)
          const rest = days.filter((row) => !turned.includes(row))
          const query = { measure: steps, aggregate, p: 50, period: whole, group } as const
          const fact = await asker({ days }, today).ask(query)
          expect(await asker({ days: [...rest, ...turned].reverse() }, today).ask(query)).toEqual(fact)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('a comparison turned round has the opposite difference', async () => {
    const half = { kind: 'between', from: origin, to: plus(origin, 59) } as const
    const other = { kind: 'between', from: plus(origin, 60), to: today } as const
    await fc.assert(
      fc.asyncProperty(history, fc.constantFrom(...aggregates), async (days, aggregate) => {
        const { ask } = asker({ days }, today)
        const a = await ask({ measure: steps, aggregate, p: 50, period: half, compare: { period: other } })
        const b = await ask({ measure: steps, aggregate, p: 50, period: other, compare: { period: half } })
        expect(a.comparison!.value).toBe(b.value)
        expect(b.comparison!.value).toBe(a.value)
        if (a.comparison!.difference === null) expect(b.comparison!.difference).toBeNull()
        else expect(a.comparison!.difference).toBe(0 - b.comparison!.difference!)
      }),
      { numRuns: 60 },
    )
  })

  it('a value is there if and only if the fact stands on enough', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.constantFrom(...aggregates),
        fc.integer({ min: 1, max: 100 }),
        async (days, aggregate, n) => {
          const fact = await asker({ days }, today).ask({
            measure: steps,
            aggregate,
            p: 90,
            period: { kind: 'last', n, unit: 'day' },
          })
          expect(fact.value !== null).toBe(fact.status === 'ok')
          expect(fact.status === 'ok').toBe(fact.n >= fact.minimum)
          expect(fact.coverage).toBeGreaterThanOrEqual(0)
          expect(fact.coverage).toBeLessThanOrEqual(1)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('an unnecessary condition changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.constantFrom(...aggregates), async (days, aggregate) => {
        const { ask } = asker({ days }, today)
        const query = { measure: steps, aggregate, p: 50, period: whole } as const
        const always = [{ on: 'season' as const, in: ['winter', 'spring', 'summer', 'autumn'] as never }]
        const fact = bare(await ask(query))
        const seasonal = bare(await ask({ ...query, where: always }))
        expect({ ...seasonal, notes: [] }).toEqual({ ...fact, notes: [] })
      }),
      { numRuns: 40 },
    )
  })

  it('samples inside and outside a window of the clock are all the samples', async () => {
    const minute = fc.integer({ min: 0, max: 3 * 1440 - 1 })
    const clock = fc
      .integer({ min: 0, max: 1439 })
      .map((m) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`)
    await fc.assert(
      fc.asyncProperty(
        fc.array(minute, { maxLength: 40 }),
        clock,
        clock,
        fc.integer({ min: -720, max: 840 }),
        async (at, from, to, offset) => {
          const samples = at.map((m) => sample('heart_rate', utc('2026-03-10T00:00:00') + m * 60_000, 60, { offset }))
          const { ask } = asker({ samples })
          const window = { on: 'time', from, to } as const
          const count = async (where: Condition[]) =>
            (await ask({ measure: heartRate, aggregate: 'count', over: 'sample', where })).value ?? 0
          expect((await count([window])) + (await count([{ on: 'not', of: window }]))).toBe(at.length)
        },
      ),
      { numRuns: 40 },
    )
  })
})

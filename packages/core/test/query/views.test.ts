import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Profile } from '../../src/memory/ports.js'
import { bucketMinutes } from '../../src/query/intraday.js'
import { seriesView, traceView } from '../../src/query/views.js'
import type { MemoryLongTermContent } from '../../src/testing/memory-long-term.js'
import { asker, day, phone, sample, scope, utc, watch } from './person.js'

const date = '2026-11-01'
const at = (time: string) => utc(`${date}T${time}:00`)

function viewOf(content: MemoryLongTermContent) {
  const { engine, longTerm } = asker(content)
  const ports = { engine, longTerm, registry: {} }
  return {
    series: async (metric: string, buckets: number, more: { to?: string; source?: string } = {}) =>
      (await seriesView(ports, scope, { metric, from: date, to: date, buckets, ...more })).buckets,
    trace: (metric: string) => traceView(ports, scope, { metric, date, limit: 500 }),
  }
}
const sum = (buckets: readonly { value: number }[]) => buckets.reduce((total, { value }) => total + value, 0)

describe('a day of steps that two devices counted', () => {
  // 10:00-11:00 both, 11:00-12:00 the watch alone, 12:00-13:00 the phone alone: 600 + 300 + 900, not 2,500.
  const samples = [
    sample('steps', at('10:00'), 600, { end: at('11:00') }),
    sample('steps', at('10:00'), 700, { end: at('11:00'), source: phone.key }),
    sample('steps', at('11:00'), 300, { end: at('12:00') }),
    sample('steps', at('12:00'), 900, { end: at('13:00'), source: phone.key }),
  ]

  it('is merged in every bucket, and says whose the steps are', async () => {
    const buckets = await viewOf({ samples }).series('steps', 48)
    // 60 minutes are the narrowest that give at most 48 buckets on a day of 25 hours and divide the day.
    expect(buckets.map(({ from, value, sources }) => [from.slice(11, 16), value, sources])).toEqual([
      ['10:00', 600, [watch.key]],
      ['11:00', 300, [watch.key]],
      ['12:00', 900, [phone.key]],
    ])
  })

  it('cuts intervals where buckets end', async () => {
    const buckets = await viewOf({ samples }).series('steps', 400)
    expect(buckets).toHaveLength(3 * 15)
    expect(buckets.every(({ value }, i) => Math.abs(value - [40, 20, 60][Math.floor(i / 15)]!) < 1e-9)).toBe(true)
  })

  it('follows the person’s ranks', async () => {
    const profile: Profile = { ranks: { steps: [phone.key] } }
    const buckets = await viewOf({ samples, profile }).series('steps', 48)
    expect(buckets.map(({ value }) => value)).toEqual([700, 300, 900])
  })

  it('shows one device where it is asked for one', async () => {
    const buckets = await viewOf({ samples }).series('steps', 48, { source: phone.key })
    expect(buckets.map(({ value }) => value)).toEqual([700, 900])
  })

  it('counts what runs over midnight for both days', async () => {
    const over = [sample('steps', at('23:30'), 600, { end: utc('2026-11-02T00:30:00') })]
    expect(sum(await viewOf({ samples: over }).series('steps', 48))).toBeCloseTo(300, 9)
    expect(sum(await viewOf({ samples: over }).series('steps', 96, { to: '2026-11-02' }))).toBeCloseTo(600, 9)
  })

  it('is drawn by the day where only a daily total is known', async () => {
    const days = [day('steps', date, 8000, { parts: { [watch.key]: 8000 } })]
    expect(await viewOf({ days }).series('steps', 400)).toMatchObject([
      { from: date, to: date, value: 8000, sources: [watch.key] },
    ])
  })
})

describe('a day of heart rates that two devices measured', () => {
  it('never mixes them: each bucket is the best device’s that has anything in it', async () => {
    const samples = [
      sample('heart_rate', at('10:05'), 60),
      sample('heart_rate', at('10:20'), 64),
      sample('heart_rate', at('10:10'), 100, { source: phone.key }),
      sample('heart_rate', at('11:10'), 90, { source: phone.key }),
    ]
    expect(await viewOf({ samples }).series('heart_rate', 48)).toMatchObject([
      { min: 60, max: 64, mean: 62, value: 62, n: 2, sources: [watch.key] },
      { min: 90, max: 90, value: 90, n: 1, sources: [phone.key] },
    ])
  })
})

describe('the number of buckets', () => {
  it('is never more than was asked for, also on a day of 25 hours', async () => {
    // Berlin's clocks go back on 25 October 2026.
    const begin = Date.parse('2026-10-24T22:00:00Z')
    const samples = Array.from({ length: 25 * 60 }, (_, i) =>
      sample('heart_rate', begin + i * 60_000, 60 + (i % 7), { offset: i < 180 ? 120 : 60 }),
    )
    const { engine, longTerm } = asker({ samples, profile: { zones: [{ from: 0, zone: 'Europe/Berlin' }] } })
    const span = { metric: 'heart_rate', from: '2026-10-25', to: '2026-10-25' }
    for (const buckets of [24, 25, 60, 400, 1499, 1500, 2000]) {
      const view = await seriesView({ engine, longTerm, registry: {} }, scope, { ...span, buckets })
      expect(view.buckets.length).toBeLessThanOrEqual(buckets)
      const minutes = bucketMinutes(1, buckets)
      if (minutes === null) continue
      expect(view.buckets.reduce((n, bucket) => n + bucket.n, 0)).toBe(1500)
      expect(view.buckets.length).toBe(Math.ceil(1500 / minutes))
    }
  })

  it('decides the width', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2000 }), (days, buckets) => {
        const width = bucketMinutes(days, buckets)
        if (width !== null) {
          expect(1440 % width).toBe(0)
          expect(Math.ceil(1500 / width) * days).toBeLessThanOrEqual(buckets)
        } else expect(buckets).toBeLessThan(3 * days)
      }),
    )
  })
})

describe('a trace', () => {
  it('has the merged row beside each device’s, and says how it came about', async () => {
    const parts = { [watch.key]: 4157, [phone.key]: 9922 }
    const trace = await viewOf({
      days: [
        day('steps', date, 6000, { source: watch.key }),
        day('steps', date, 14_079, { parts }),
        day('steps', date, 12_000, { source: phone.key }),
      ],
      samples: [sample('steps', at('10:00'), 4157, { end: at('11:00') })],
    }).trace('steps')
    expect(trace.rows.map(({ source, value }) => [source, value])).toEqual([
      ['merged', 14_079],
      [watch.key, 6000],
      [phone.key, 12_000],
    ])
    expect(trace.text).toBe('14,079 steps on 1 Nov 2026 = 9,922 steps iPhone + 4,157 steps Watch')
    expect(trace).toMatchObject({ more: 1 })
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { baseline, baselines, deviation, weeklyMedians } from '../../src/memory/baseline.js'

const plus = (date: string, days: number) =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
const run = (from: string, values: number[]) => values.map((value, i) => ({ date: plus(from, i), value }))

describe('baselines of a day', () => {
  it('has those windows that have 14 days, each without the day judged', () => {
    const days = run(
      plus('2026-11-23', -100),
      Array.from({ length: 101 }, (_, i) => (i === 100 ? 1000 : i + 0.5)),
    )
    const found = baselines(days, '2026-11-23')
    expect(found.map(({ window, n, median }) => [window, n, median])).toEqual([
      [28, 28, 86],
      [90, 90, 55],
      [365, 100, 50],
    ])
    expect(found[0]).toMatchObject({ validFrom: '2026-10-26', validTo: '2026-11-22' })
    expect(baselines(days.slice(-14), '2026-11-23')).toEqual([])
  })

  it('is not moved by a few wild days', () => {
    const calm = Array.from({ length: 28 }, (_, i) => 50.5 + (i % 7))
    const wild = calm.map((value, i) => (i % 10 === 0 ? 500 : value))
    const a = baseline(run('2026-10-26', calm), '2026-11-23', 28)!
    const b = baseline(run('2026-10-26', wild), '2026-11-23', 28)!
    expect(Math.abs(a.median - b.median)).toBeLessThanOrEqual(1)
    expect(b.high).toBeLessThan(70)
  })

  it('does not call less than nothing usual, unless some day was', () => {
    const uneven = Array.from({ length: 20 }, (_, i) => (i % 2 ? 0.5 : 100.5))
    expect(baseline(run('2026-11-03', uneven), '2026-11-23', 28)!.low).toBe(0)
    const around = uneven.map((value) => value - 50)
    expect(baseline(run('2026-11-03', around), '2026-11-23', 28)!.low).toBeLessThan(-50)
  })

  it('gives the same for days in any order', () => {
    const days = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 15, maxLength: 40 })
    fc.assert(
      fc.property(days, (values) => {
        const inOrder = run(plus('2026-11-23', 1 - values.length), values)
        const turned = [...inOrder].reverse()
        expect(deviation(turned, '2026-11-23', 28)).toEqual(deviation(inOrder, '2026-11-23', 28))
        expect(weeklyMedians(turned)).toEqual(weeklyMedians(inOrder))
      }),
    )
  })

  it('never sees the day itself or a later one', () => {
    const past = run(
      '2026-10-26',
      Array.from({ length: 28 }, (_, i) => i + 0.25),
    )
    const more = [...past, { date: '2026-11-23', value: 9e9 }, { date: '2026-11-24', value: -9e9 }]
    expect(baseline(more, '2026-11-23', 28)).toEqual(baseline(past, '2026-11-23', 28))
  })
})

describe('weekly medians', () => {
  it('keeps ISO weeks with three days, and their distance', () => {
    const days = [...run('2026-12-28', [1, 2, 30, 4]), ...run('2027-01-04', [5, 6]), ...run('2027-01-11', [7, 8, 9])]
    expect(weeklyMedians(days)).toEqual([
      { week: '2026-W53', index: 0, median: 3, n: 4 },
      { week: '2027-W02', index: 2, median: 8, n: 3 },
    ])
  })
})

import type { DetectorView } from '@auren/core'
import { baselines } from '@auren/plugins/baselines'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const dayBefore = (today: string, n: number): string =>
  new Date(Date.parse(today) - n * 86_400_000).toISOString().slice(0, 10)
const TODAY = '2026-03-31'

function view(values: readonly number[], metric = 'resting_heart_rate'): DetectorView {
  const days = values.map((value, i) => ({ date: dayBefore(TODAY, values.length - i), value, coverage: 1 }))
  return {
    today: TODAY,
    metrics: () => [metric],
    days: (id) => (id === metric ? days : []),
    tags: () => [],
    rows: () => [],
    series: () => [],
    spans: () => [],
    random: () => Math.random,
  }
}

describe('baselines', () => {
  const detector = baselines()

  it('are the medians of the windows, computed by plain sorting', () => {
    const values = Array.from({ length: 100 }, (_, i) => 50 + ((i * 37) % 11))
    const found = detector.run(view(values))
    const median = (list: number[]) => {
      const sorted = list.toSorted((a, b) => a - b)
      return (
        ((sorted[Math.floor((sorted.length - 1) / 2)] as number) +
          (sorted[Math.ceil((sorted.length - 1) / 2)] as number)) /
        2
      )
    }
    expect(found.map(({ body }) => [body.window, body.median, body.n])).toEqual([
      [28, median(values.slice(-28)), 28],
      [90, median(values.slice(-90)), 90],
      [365, median(values), 100],
    ])
  })

  it('are told in the words of their metric, and not of sessions, which no day without one counts', () => {
    const twenty = Array.from({ length: 20 }, () => 14)
    expect(detector.run(view(twenty, 'respiratory_rate'))[0]?.text).toMatch(/28 days: 14 breaths\/min \(between/)
    expect(detector.run(view(twenty, 'workout'))).toEqual([])
  })

  it('need fourteen days', () => {
    expect(detector.run(view(Array.from({ length: 13 }, () => 50)))).toEqual([])
    expect(detector.run(view(Array.from({ length: 14 }, () => 50)))).toHaveLength(3)
  })

  it('never take in the day that is judged', () => {
    const usual = view(Array.from({ length: 40 }, () => 50))
    const today = { ...usual, days: (id: string) => [...usual.days(id), { date: TODAY, value: 500, coverage: 1 }] }
    expect(detector.run(today).map(({ body }) => body.median)).toEqual(
      detector.run(usual).map(({ body }) => body.median),
    )
  })

  it('do not depend on the order of the days', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 40, max: 90 }), { minLength: 14, maxLength: 60 }),
        fc.integer(),
        (values, seed) => {
          const given = view(values)
          const days = given
            .days('resting_heart_rate')
            .toSorted((a, b) => ((a.value * 7919 + seed) % 13) - ((b.value * 7919 + seed) % 13))
          expect(detector.run({ ...given, days: () => days })).toEqual(detector.run(given))
        },
      ),
      { numRuns: 50 },
    )
  })

  it('have a key of their own for each metric and window', () => {
    const keys = detector.run(view(Array.from({ length: 400 }, (_, i) => i % 7))).map((proposal) => proposal.key)
    expect(new Set(keys).size).toBe(3)
  })
})

import { describe, expect, it } from 'vitest'
import { asker, night, plus, run, series, steps } from './person.js'

describe('groups', () => {
  // Every day's value is 1, from 27 Dec 2025 (a Saturday) to 5 Jan 2026, but for 1 Jan.
  const values = Array.from({ length: 10 }, (_, i) => (plus('2025-12-27', i) === '2026-01-01' ? null : 1))
  const period = { kind: 'between', from: '2025-12-27', to: '2026-01-05' } as const
  const { ask } = asker({ days: series('steps', '2025-12-27', values) }, '2026-06-01')
  const sums = async (group: 'day' | 'week' | 'month' | 'quarter' | 'year' | 'weekday' | 'season') => {
    const fact = await ask({ measure: steps, aggregate: 'sum', period, group })
    expect(fact.value).toBe(9)
    return Object.fromEntries(fact.rows!.map((row) => [row.key, row.value]))
  }

  it('by week, over the turn of the year', async () => {
    expect(await sums('week')).toEqual({ '2025-W52': 2, '2026-W01': 6, '2026-W02': 1 })
  })
  it('by month, quarter and year', async () => {
    expect(await sums('month')).toEqual({ '2025-12': 5, '2026-01': 4 })
    expect(await sums('quarter')).toEqual({ '2025-Q4': 5, '2026-Q1': 4 })
    expect(await sums('year')).toEqual({ '2025': 5, '2026': 4 })
  })
  it('by weekday in the order of the week, and by season', async () => {
    const weekdays = await sums('weekday')
    expect(Object.keys(weekdays)).toEqual([
      'monday',
      'tuesday',
      'wednesday',
      'thursday',
      'friday',
      'saturday',
      'sunday',
    ])
    expect(weekdays).toMatchObject({ monday: 2, thursday: null, saturday: 2 })
    expect(await sums('season')).toEqual({ winter: 9 })
  })
  it('by day, with a row for the day without data', async () => {
    const fact = await ask({ measure: steps, aggregate: 'mean', period, group: 'day' })
    expect(fact.rows).toHaveLength(10)
    expect(fact.rows![5]).toEqual({ key: '2026-01-01', value: null, n: 0, coverage: 0 })
  })
  it('has coverage per row', async () => {
    const fact = await ask({ measure: steps, aggregate: 'mean', period, group: 'month' })
    expect(fact.rows!.map((row) => row.coverage)).toEqual([1, 0.8])
  })
  it('has no value in a row below the minimum', async () => {
    const fact = await ask({ measure: steps, aggregate: 'sd', period, group: 'week' })
    expect(fact.rows!.map((row) => [row.n, row.value])).toEqual([
      [2, 0],
      [6, 0],
      [1, null],
    ])
  })
  it('by activity, the most frequent first', async () => {
    const sessions = [
      run('2026-01-02', '07:00', 30),
      run('2026-01-03', '07:00', 30, { activity: 'cycling' }),
      run('2026-01-04', '07:00', 30),
      run('2026-01-04', '17:00', 30, { activity: null }),
    ]
    const { ask: sporty } = asker({ sessions }, '2026-06-01')
    const fact = await sporty({
      measure: { of: 'session', kind: 'workout', field: 'count' },
      aggregate: 'count',
      group: 'activity',
    })
    expect(fact.rows).toEqual([
      { key: 'running', value: 2, n: 2 },
      { key: 'cycling', value: 1, n: 1 },
      { key: 'unknown', value: 1, n: 1 },
    ])
  })
  it('counts nights under a limit per month, out of those known', async () => {
    const nights = [
      night('2025-12-30', '23:00', '05:00'),
      night('2026-01-03', '23:00', '07:00'),
      night('2026-01-04', '23:00', '04:00'),
    ]
    const { ask: sleepy } = asker({ sessions: nights }, '2026-06-01')
    const fact = await sleepy({
      measure: { of: 'session', kind: 'sleep', field: 'duration' },
      aggregate: 'count',
      where: [{ on: 'value', op: '<', value: 6.5 * 3600 }],
      period,
      group: 'month',
    })
    expect(fact).toMatchObject({ value: 2, n: 3 })
    expect(fact.rows).toMatchObject([
      { key: '2025-12', value: 1, n: 1 },
      { key: '2026-01', value: 1, n: 2 },
    ])
  })
})

describe('comparison', () => {
  const { ask } = asker({
    days: series(
      'steps',
      '2026-10-01',
      Array.from({ length: 54 }, (_, i) => i + 1),
    ),
  })
  // October holds 1 … 31, November until the 23rd 32 … 54.
  it('of two periods', async () => {
    const fact = await ask({
      measure: steps,
      aggregate: 'mean',
      period: { kind: 'calendar', unit: 'month', offset: 0 },
      compare: { period: { kind: 'calendar', unit: 'month', offset: -1 } },
    })
    expect(fact).toMatchObject({ value: 43, from: '2026-11-01', to: '2026-11-23' })
    expect(fact.comparison).toEqual({
      value: 16,
      n: 31,
      coverage: 1,
      from: '2026-10-01',
      to: '2026-10-31',
      difference: 27,
      ratio: 43 / 16,
    })
    expect(fact.notes).toHaveLength(2)
  })
  it('of two conditions, which replace the first ones', async () => {
    const fact = await ask({
      measure: steps,
      aggregate: 'mean',
      where: [{ on: 'weekday', in: ['saturday', 'sunday'] }],
      compare: { where: [{ on: 'weekday', in: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] }] },
    })
    const weekend = [3, 4, 10, 11, 17, 18, 24, 25, 31, 32, 38, 39, 45, 46, 52, 53]
    const week = Array.from({ length: 54 }, (_, i) => i + 1).filter((value) => !weekend.includes(value))
    const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length
    expect(fact.value).toBeCloseTo(mean(weekend), 12)
    expect(fact.comparison!.value).toBeCloseTo(mean(week), 12)
  })
  it('of two measures', async () => {
    const days = [...series('sleep_deep', '2026-11-01', [10, 20]), ...series('sleep_rem', '2026-11-01', [20, 40])]
    const fact = await asker({ days }).ask({
      measure: { of: 'metric', metric: 'sleep_deep' },
      aggregate: 'mean',
      compare: { measure: { of: 'metric', metric: 'sleep_rem' } },
    })
    expect(fact).toMatchObject({ value: 15, comparison: { value: 30, difference: -15, ratio: 0.5 } })
  })
  it('has no difference where one side has too little', async () => {
    const fact = await ask({
      measure: steps,
      aggregate: 'mean',
      compare: { period: { kind: 'between', from: '2020-01-01', to: '2020-02-01' } },
    })
    expect(fact).toMatchObject({
      status: 'ok',
      comparison: { value: null, n: 0, coverage: 0, difference: null, ratio: null },
    })
  })
  it('has no ratio to nothing', async () => {
    const { ask: zero } = asker({ days: series('steps', '2026-11-01', [0, 5]) })
    const on = (date: string) => ({ kind: 'between', from: date, to: date }) as const
    const fact = await zero({
      measure: steps,
      aggregate: 'sum',
      period: on('2026-11-02'),
      compare: { period: on('2026-11-01') },
    })
    expect(fact.comparison).toMatchObject({ difference: 5, ratio: null })
  })
})

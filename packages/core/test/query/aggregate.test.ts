import { describe, expect, it } from 'vitest'
import type { Aggregate } from '../../src/query/schema.js'
import { plain } from '../../src/reasoning/plain.js'
import { asker, day, phone, plus, series, steps, watch } from './person.js'

const values = [4000, 9000, null, 12_000, 9000, 7000, null, 15_000, 3000, 8000]
const from = '2026-11-01'
const period = { kind: 'between', from, to: plus(from, 9) } as const
const present = values.filter((value) => value !== null)
const sorted = [...present].sort((a, b) => a - b)
const mean = present.reduce((a, b) => a + b, 0) / present.length

describe('aggregates over days', () => {
  const { ask } = asker({ days: series('steps', from, values) })

  // Worked out here, from the numbers above.
  const expected: Partial<Record<Aggregate, number>> = {
    sum: 67_000,
    mean: 8375,
    median: 8500,
    min: 3000,
    max: 15_000,
    argmin: 3000,
    argmax: 15_000,
    sd: Math.sqrt(present.reduce((total, value) => total + (value - mean) ** 2, 0) / 7),
    count: 8,
    days: 8,
    first: 4000,
    last: 8000,
    range: 12_000,
    distribution: 8500,
  }
  it.each(Object.entries(expected))('%s', async (aggregate, value) => {
    const fact = await ask({ measure: steps, aggregate: aggregate as Aggregate, period })
    expect(fact.value).toBeCloseTo(value, 9)
    expect(fact).toMatchObject({ status: 'ok', n: 8, coverage: 0.8, from, to: '2026-11-10' })
    expect(fact.unit).toBe(aggregate === 'count' || aggregate === 'days' ? '1' : '{steps}')
    expect(fact.algorithm).toBe('facts@1.0.0')
  })

  it('gives the date of an extreme, a first and a last, and all equal extremes', async () => {
    expect((await ask({ measure: steps, aggregate: 'argmax', period })).date).toBe('2026-11-08')
    expect((await ask({ measure: steps, aggregate: 'first', period })).date).toBe('2026-11-01')
    expect((await ask({ measure: steps, aggregate: 'last', period })).date).toBe('2026-11-10')
    const twice = asker({ days: series('steps', from, [5, 9, 9, 1]) })
    const fact = await twice.ask({ measure: steps, aggregate: 'argmax' })
    expect(fact.date).toBe('2026-11-02')
    expect(fact.rows!.map((row) => row.key)).toEqual(['2026-11-02', '2026-11-03'])
  })

  it('takes percentiles from the values, by linear interpolation', async () => {
    // h = 7 · 0.25 = 1.75 → between the 2nd and the 3rd of the sorted values.
    const quarter = await ask({ measure: steps, aggregate: 'percentile', p: 25, period })
    expect(quarter.value).toBe(sorted[1]! + 0.75 * (sorted[2]! - sorted[1]!))
    expect(quarter.notes.join()).toContain('type 7')
  })

  it('needs a value beyond a percentile', async () => {
    const fact = await ask({ measure: steps, aggregate: 'percentile', p: 95, period })
    expect(fact).toMatchObject({ status: 'not_enough_data', value: null, n: 8, minimum: 20 })
    const twenty = asker({
      days: series(
        'steps',
        from,
        Array.from({ length: 20 }, (_, i) => i),
      ),
    })
    expect((await twenty.ask({ measure: steps, aggregate: 'percentile', p: 95 })).value).toBeCloseTo(18.05, 9)
  })

  it('says that the sum of days with gaps is of the others', async () => {
    const fact = await ask({ measure: steps, aggregate: 'sum', period })
    expect(fact.notes).toContain('2 of 10 days have no data; the sum is of the others.')
    // `data:` begins an address, and would be cut out of what is said.
    expect(fact.notes.map((note) => plain(note, 400))).toEqual(fact.notes)
    const whole = await ask({ measure: steps, aggregate: 'sum', period: { ...period, to: '2026-11-02' } })
    expect(whole.notes).toEqual([])
  })

  it('puts values into buckets whose shares add up to one', async () => {
    const fact = await ask({ measure: steps, aggregate: 'distribution', period })
    expect(fact.rows!.reduce((total, row) => total + row.n, 0)).toBe(8)
    expect(fact.rows!.reduce((total, row) => total + row.value!, 0)).toBeCloseTo(1, 12)
    for (const row of fact.rows!) {
      const [low, high] = row.key.split('..').map(Number)
      expect(row.n).toBe(present.filter((value) => value >= low! && value < high!).length)
    }
  })

  it('never says a number where there is none', async () => {
    const nowhere = { kind: 'between', from: '2020-01-01', to: '2020-01-31' } as const
    for (const aggregate of [...Object.keys(expected), 'percentile'] as Aggregate[]) {
      const fact = await ask({ measure: steps, aggregate, p: 50, period: nowhere })
      expect(fact).toMatchObject({ status: 'no_data', value: null, n: 0, coverage: 0 })
    }
    const one = asker({ days: series('steps', from, [5]) })
    expect(await one.ask({ measure: steps, aggregate: 'sd' })).toMatchObject({
      status: 'not_enough_data',
      value: null,
      n: 1,
      minimum: 2,
    })
  })

  it('is empty in a period that has not begun', async () => {
    const fact = await ask({
      measure: steps,
      aggregate: 'mean',
      period: { kind: 'between', from: '2027-01-01', to: '2027-01-31' },
    })
    expect(fact).toMatchObject({ status: 'no_data', value: null, from: null, to: null })
  })
})

describe('what a fact stands on', () => {
  it('averages coverage over the days of the period, absent days 0', async () => {
    const { ask } = asker({
      days: [day('steps', '2026-11-01', 10, { coverage: 0.5 }), day('steps', '2026-11-02', 10, { coverage: 1 })],
    })
    const fact = await ask({
      measure: steps,
      aggregate: 'mean',
      period: { kind: 'between', from: '2026-11-01', to: '2026-11-04' },
    })
    expect(fact.coverage).toBe(0.375)
  })

  it('lists the sources that the days came from', async () => {
    const parts = { [watch.key]: 4157, [phone.key]: 9922 }
    const { ask } = asker({ days: [day('steps', '2026-11-01', 14_079, { parts })] })
    expect((await ask({ measure: steps, aggregate: 'sum' })).sources).toEqual([phone.key, watch.key])
  })

  it('answers from one source, or from each', async () => {
    const days = [
      day('steps', '2026-11-01', 120),
      day('steps', '2026-11-01', 100, { source: watch.key }),
      day('steps', '2026-11-01', 90, { source: phone.key, coverage: 0.25 }),
      day('steps', '2026-11-02', 50),
      day('steps', '2026-11-02', 50, { source: phone.key, coverage: 0.75 }),
    ]
    const { ask } = asker({ days })
    expect(await ask({ measure: steps, aggregate: 'sum', source: phone.key })).toMatchObject({
      value: 140,
      coverage: 0.5,
      sources: [phone.key],
    })
    const each = await ask({ measure: steps, aggregate: 'sum', source: 'each' })
    expect(each.value).toBe(170)
    expect(each.rows).toEqual([
      { key: phone.key, value: 140, n: 2, coverage: 0.5 },
      { key: watch.key, value: 100, n: 1, coverage: 0.5 },
    ])
  })

  it('has the same id for the same question, data and day, and another for any other', async () => {
    const days = series('steps', from, values)
    const weekend = { on: 'weekday', in: ['saturday', 'sunday'] } as const
    const walked = { on: 'value', op: '>', value: 5000 } as const
    const query = { measure: steps, aggregate: 'mean' } as const
    const { ask } = asker({ days })
    const { id } = await ask({ ...query, where: [weekend, walked] })
    expect((await ask({ where: [walked, { ...weekend, in: ['sunday', 'saturday'] }], ...query })).id).toBe(id)
    expect((await ask({ ...query, where: [weekend] })).id).not.toBe(id)
    expect((await ask({ ...query, where: [weekend, walked] }, { today: '2026-11-24' })).id).not.toBe(id)
    const later = asker({ days, version: 2 })
    expect((await later.ask({ ...query, where: [weekend, walked] })).id).not.toBe(id)
  })

  it('reads days once for all metrics of a question', async () => {
    const { ask, longTerm } = asker({ days: series('steps', from, values) })
    await ask({
      measure: steps,
      aggregate: 'mean',
      period: { kind: 'last', n: 30, unit: 'day' },
      where: [{ on: 'metric', metric: 'sleep_duration', op: '<', value: 21_600, shift: 1 }],
      compare: { period: { kind: 'calendar', unit: 'month', offset: -1 } },
    })
    expect(longTerm.reads.days).toBe(1)
  })
})

describe('refusals', () => {
  const { ask } = asker({})
  it.each([
    ['AUREN_METRIC_UNKNOWN', { measure: { of: 'metric', metric: 'stepz' }, aggregate: 'sum' }],
    ['AUREN_METRIC_UNKNOWN', { pattern: 'baseline', metric: 'stepz' }],
    [
      'AUREN_METRIC_UNKNOWN',
      { measure: steps, aggregate: 'sum', where: [{ on: 'metric', metric: 'x', op: '<', value: 1 }] },
    ],
    ['AUREN_QUERY_INVALID', { measure: steps, aggregate: 'percentile' }],
    ['AUREN_QUERY_INVALID', { measure: steps, aggregate: 'nonsense' }],
    ['AUREN_QUERY_INVALID', { measure: steps, aggregate: 'sum', over: 'day', within: { kind: 'sleep' } }],
    ['AUREN_QUERY_INVALID', { measure: steps, aggregate: 'sum', group: 'activity' }],
    [
      'AUREN_QUERY_INVALID',
      { measure: steps, aggregate: 'sum', where: [{ on: 'field', field: 'distance', op: '>', value: 1 }] },
    ],
    ['AUREN_QUERY_INVALID', { measure: { of: 'tag', tag: 'alcohol' }, aggregate: 'count', over: 'sample' }],
    [
      'AUREN_QUERY_INVALID',
      { measure: steps, aggregate: 'sum', where: [{ on: 'session', kind: 'sleep', field: 'duration' }] },
    ],
  ])('%s', async (code, query) => {
    await expect(ask(query as never)).rejects.toMatchObject({ code })
  })

  it('refuses a today that is no date', async () => {
    await expect(ask({ measure: steps, aggregate: 'sum' }, { today: 'yesterday' })).rejects.toMatchObject({
      code: 'AUREN_QUERY_INVALID',
    })
  })
})

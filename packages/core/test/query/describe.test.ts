import { describe, expect, it } from 'vitest'
import { describeQuery, renderFact } from '../../src/query/describe.js'
import {
  formatClock,
  formatDuration,
  formatQuantity,
  joinQuantity,
  type RenderOptions,
} from '../../src/query/format.js'
import { Query, type QueryInput } from '../../src/query/schema.js'
import { asker, night, plus, run, scope, series, steps, tag } from './person.js'

const american: RenderOptions = { locale: 'en-US', units: 'imperial' }

describe('numbers for people', () => {
  const table: [number, string, string, string, string?, boolean?][] = [
    [55.44, '/min', '55.4 bpm', '55.4 bpm', 'resting_heart_rate'],
    [14.26, '/min', '14.3 breaths/min', '14.3 breaths/min', 'respiratory_rate'],
    [171.5, '/min', '171.5 per min', '171.5 per min', 'cadence'],
    [41.04, 'ms', '41 ms', '41 ms', 'hrv_rmssd'],
    [14_079, '{steps}', '14,079 steps', '14,079 steps', 'steps'],
    [27_120, 's', '7 h 32 min', '7 h 32 min', 'sleep_duration'],
    [27.7, 'min', '28 min', '28 min', 'active_minutes'],
    [36.61, 'Cel', '36.6 °C', '97.9 °F', 'body_temperature'],
    [-0.256, 'Cel', '-0.26 °C', '-0.46 °F', 'skin_temperature_deviation'],
    [0.5, 'Cel', '0.5 °C', '0.9 °F', 'body_temperature', true],
    [97.45, '%', '97.5 %', '97.5 %', 'oxygen_saturation'],
    [5021, 'm', '5.02 km', '3.12 mi', 'distance'],
    [120, 'm', '120 m', '394 ft', 'distance'],
    [1234, 'm', '1,234 m', '4,049 ft', 'elevation_gained'],
    [3, 'm/s', '10.8 km/h', '6.7 mph', 'speed'],
    [70.46, 'kg', '70.5 kg', '155.3 lb', 'weight'],
    [80, 'cm', '80 cm', '31.5 in', 'waist_circumference'],
    [500, 'mL', '500 ml', '16.9 fl oz', 'hydration'],
    [2150.4, 'kcal', '2,150 kcal', '2,150 kcal', 'energy_total'],
    [120.4, 'mm[Hg]', '120 mmHg', '120 mmHg', 'blood_pressure_systolic'],
    [82, '{score}', '82', '82', 'oura.readiness_score'],
    [-0.04, '/min', '0 bpm', '0 bpm', 'heart_rate', true],
    [0.123, 'kg/wk', '0.1 kg per week', '0.3 lb per week', 'weight'],
    [7, 'mmol', '7 mmol', '7 mmol', 'x.lactate'],
  ]
  it.each(table)('%d %s', (value, unit, metric, imperial, of, delta = false) => {
    const manner = { delta, ...(of ? { metric: of } : {}) }
    expect(joinQuantity(formatQuantity(value, unit, {}, manner))).toBe(metric)
    expect(joinQuantity(formatQuantity(value, unit, american, manner))).toBe(imperial)
  })

  it('writes durations without an hour of sixty minutes', () => {
    expect([30, 59.6, 500, 600, 3570, 3599, 7200, -5400, 0].map((s) => formatDuration(s))).toEqual([
      '30 s',
      '1 min',
      '8 min 20 s',
      '10 min',
      '1 h',
      '1 h',
      '2 h',
      '−1 h 30 min',
      '0 s',
    ])
  })

  it('writes clock times as the locale does', () => {
    expect([0, 721, 1421, 1440, 1439.6].map((minute) => formatClock(minute))).toEqual([
      '00:00',
      '12:01',
      '23:41',
      '00:00',
      '00:00',
    ])
    expect(formatClock(1421, 'en-US')).toBe('11:41 PM')
  })

  it('writes numbers and dates as the locale does', async () => {
    expect(formatQuantity(14_079.5, '{steps}', { locale: 'de-DE' }).value).toBe('14.080')
    const { ask } = asker({ days: series('steps', '2026-11-20', [1, 2, 3]) })
    const fact = await ask({ measure: steps, aggregate: 'sum' })
    expect(renderFact(fact, { locale: 'en-US' }).period).toBe('Nov 20 – 22, 2026')
  })
})

describe('labels', () => {
  const label = (query: QueryInput) => describeQuery(Query.parse(query))
  const rhr = { of: 'metric', metric: 'resting_heart_rate' } as const
  it.each<[string, QueryInput]>([
    ['mean resting heart rate', { measure: rhr, aggregate: 'mean' }],
    ['total steps', { measure: steps, aggregate: 'sum' }],
    ['mean daily steps', { measure: steps, aggregate: 'mean' }],
    [
      'days with steps over 10,000 steps',
      { measure: steps, aggregate: 'days', where: [{ on: 'value', op: '>', value: 10_000 }] },
    ],
    [
      '95th percentile of heart rate',
      { measure: { of: 'metric', metric: 'heart_rate' }, aggregate: 'percentile', p: 95, over: 'sample' },
    ],
    [
      'number of running or trail running workouts',
      {
        measure: { of: 'session', kind: 'workout', activity: ['running', 'trail_running'], field: 'count' },
        aggregate: 'count',
      },
    ],
    [
      'mean cycling distance of running workouts',
      {
        measure: { of: 'session', kind: 'workout', activity: ['running'], field: 'distance_cycling' },
        aggregate: 'mean',
      },
    ],
    ['mean bedtime', { measure: { of: 'session', kind: 'sleep', field: 'start' }, aggregate: 'mean' }],
    ['latest bedtime', { measure: { of: 'session', kind: 'sleep', field: 'start' }, aggregate: 'max' }],
    [
      'mean heart rate during running workouts',
      {
        measure: { of: 'metric', metric: 'heart_rate' },
        aggregate: 'mean',
        within: { kind: 'workout', activity: ['running'] },
      },
    ],
    [
      'mean heart rate variability (RMSSD) on days with alcohol the day before',
      {
        measure: { of: 'metric', metric: 'hrv_rmssd' },
        aggregate: 'mean',
        where: [{ on: 'tag', tag: 'alcohol', shift: 1 }],
      },
    ],
    [
      'mean heart rate between 22:00 and 06:00',
      {
        measure: { of: 'metric', metric: 'heart_rate' },
        aggregate: 'mean',
        where: [{ on: 'time', from: '22:00', to: '06:00' }],
      },
    ],
    [
      'mean resting heart rate on days with time asleep under 6 h',
      { measure: rhr, aggregate: 'mean', where: [{ on: 'metric', metric: 'sleep_duration', op: '<', value: 21_600 }] },
    ],
    [
      'mean resting heart rate on Mondays or Fridays',
      { measure: rhr, aggregate: 'mean', where: [{ on: 'weekday', in: ['monday', 'friday'] }] },
    ],
    [
      'mean time asleep on days with nights whose bedtime is after 00:30',
      {
        measure: { of: 'metric', metric: 'sleep_duration' },
        aggregate: 'mean',
        where: [{ on: 'session', kind: 'sleep', field: 'start', op: '>', value: 750 }],
      },
    ],
    [
      'total duration of workouts of the last 2 workouts',
      {
        measure: { of: 'session', kind: 'workout', field: 'duration' },
        aggregate: 'sum',
        take: { from: 'last', n: 2 },
      },
    ],
    ['mean Oura readiness score', { measure: { of: 'metric', metric: 'oura.readiness_score' }, aggregate: 'mean' }],
    ['usual resting heart rate', { pattern: 'baseline', metric: 'resting_heart_rate' }],
    ['trend of VO₂ max', { pattern: 'trend', metric: 'vo2_max' }],
  ])('%s', (text, query) => {
    expect(label(query)).toBe(text)
  })
})

describe('facts in words', () => {
  it('says what, when, how much and on what it stands', async () => {
    const values = Array.from({ length: 30 }, (_, i) => (i === 3 || i === 9 ? null : 55.25 + (i % 2)))
    const { ask } = asker({ days: series('resting_heart_rate', '2026-11-01', values) }, '2026-12-24')
    const fact = await ask({
      measure: { of: 'metric', metric: 'resting_heart_rate' },
      aggregate: 'mean',
      period: { kind: 'calendar', unit: 'month', offset: -1 },
    })
    expect(renderFact(fact)).toEqual({
      label: 'mean resting heart rate',
      value: '55.7',
      unit: 'bpm',
      quantity: '55.7 bpm',
      period: '1–30 Nov 2026',
      basis: '28 of 30 days',
      text: 'mean resting heart rate, 1–30 Nov 2026: 55.7 bpm (28 of 30 days)',
    })
  })

  it('says the day of an extreme, and bedtimes on the clock', async () => {
    const sessions = [night('2026-11-02', '23:10', '07:00'), night('2026-11-03', '00:50', '07:00')]
    const { ask } = asker({ sessions })
    const measure = { of: 'session', kind: 'sleep', field: 'start' } as const
    expect(renderFact(await ask({ measure, aggregate: 'argmax' })).text).toBe(
      'latest bedtime, 2–3 Nov 2026: 00:50 on 3 Nov 2026 (2 nights)',
    )
    expect(renderFact(await ask({ measure, aggregate: 'mean' })).quantity).toBe('00:00')
    expect(renderFact(await ask({ measure, aggregate: 'range' })).quantity).toBe('1 h 40 min')
    expect(renderFact(await ask({ measure, aggregate: 'sd' })).quantity).toMatch(/^\d+ min$|^1 h \d+ min$/)
  })

  it('counts with the right noun', async () => {
    const { ask } = asker({
      sessions: [run('2026-11-02', '07:00', 30)],
      tags: [tag('alcohol', '2026-11-02'), tag('alcohol', '2026-11-03')],
    })
    const workouts = { of: 'session', kind: 'workout', field: 'count' } as const
    expect(renderFact(await ask({ measure: workouts, aggregate: 'count' })).quantity).toBe('1 workout')
    expect(renderFact(await ask({ measure: workouts, aggregate: 'days' })).quantity).toBe('1 day')
    expect(renderFact(await ask({ measure: { of: 'tag', tag: 'alcohol' }, aggregate: 'count' })).quantity).toBe(
      '2 times',
    )
  })

  it('gives direction only to a difference that shows', async () => {
    const halves = (a: number, b: number) => series('weight', '2026-11-01', [a, a, b, b])
    const compared = async (a: number, b: number) => {
      const fact = await asker({ days: halves(a, b) }).ask({
        measure: { of: 'metric', metric: 'weight' },
        aggregate: 'mean',
        period: { kind: 'between', from: '2026-11-03', to: '2026-11-04' },
        compare: { period: { kind: 'between', from: '2026-11-01', to: '2026-11-02' } },
      })
      return renderFact(fact).comparison!
    }
    expect(await compared(70, 72)).toEqual({
      quantity: '70 kg',
      period: '1–2 Nov 2026',
      difference: '2 kg',
      direction: 'higher',
      percent: '3 %',
    })
    expect((await compared(72, 70)).direction).toBe('lower')
    expect((await compared(70, 70.01)).direction).toBe('equal')
  })

  it('never writes a number for what is not known', async () => {
    const { ask } = asker({ days: series('steps', '2026-11-01', [1]) })
    expect(renderFact(await ask({ measure: steps, aggregate: 'sd' })).quantity).toBe('not enough data')
    const nowhere = await ask({ measure: { of: 'metric', metric: 'weight' }, aggregate: 'mean' })
    expect(renderFact(nowhere)).toMatchObject({ value: 'no data', unit: '', quantity: 'no data', period: '' })
  })

  it('shows the usual range of a deviation', async () => {
    const days = series('resting_heart_rate', plus('2026-11-23', -20), [
      ...Array.from({ length: 20 }, (_, i) => 50 + (i % 5)),
      70,
    ])
    const fact = await asker({ days }).ask({ pattern: 'deviation', metric: 'resting_heart_rate' })
    const shown = renderFact(fact)
    expect(shown).toMatchObject({ quantity: '70 bpm', period: '23 Nov 2026', basis: '20 of 28 days before' })
    expect(shown.baseline).toMatchObject({ median: '52 bpm', low: '49 bpm', high: '55 bpm', z: '12.1' })
    expect(shown.comparison).toMatchObject({ difference: '18 bpm', direction: 'higher' })
  })
})

describe('numbers that are said to differ', () => {
  /** A deviation whose range is `low` to `high`, as the engine gives it. */
  const deviation = async (metric: string, value: number, low: number, high: number) => {
    const query = { pattern: 'deviation', metric } as const
    const fact = await asker({ days: series(metric, '2026-11-01', Array(23).fill(value)) }).ask(query)
    const median = (low + high) / 2
    return { ...fact, value, baseline: { ...fact.baseline!, median, low, high }, comparison: null }
  }

  it.each([
    ['hrv_rmssd', 47.96, 48.03, 64.6, '47.96 ms', '48.03 ms', '64.6 ms'],
    ['hrv_rmssd', 48.004, 48.0041, 64.6, '48.004 ms', '48.0041 ms', '64.6 ms'],
    ['hrv_rmssd', 64.64, 48, 64.62, '64.64 ms', '48 ms', '64.62 ms'],
    ['hrv_rmssd', 47, 48.03, 64.6, '47 ms', '48 ms', '64.6 ms'],
    ['hrv_rmssd', 48.04, 48.03, 64.6, '48 ms', '48 ms', '64.6 ms'],
    ['sleep_duration', 26_980, 27_000, 29_000, '7 h 29 min 40 s', '7 h 30 min 0 s', '8 h 3 min 20 s'],
    ['sleep_duration', 26_999.5, 27_000, 29_000, '7 h 29 min 59.5 s', '7 h 30 min 0 s', '8 h 3 min 20 s'],
  ])('are written so: %s %d against %d to %d', async (metric, value, low, high, shown, from, to) => {
    expect(renderFact((await deviation(metric, value, low, high)) as never)).toMatchObject({
      quantity: shown,
      baseline: { low: from, high: to },
    })
  })

  it('are written so in a comparison whose difference shows', async () => {
    const days = series('hrv_rmssd', '2026-11-01', [48.04, 48.04, 47.96, 47.96])
    const fact = await asker({ days }).ask({
      measure: { of: 'metric', metric: 'hrv_rmssd' },
      aggregate: 'mean',
      period: { kind: 'between', from: '2026-11-03', to: '2026-11-04' },
      compare: { period: { kind: 'between', from: '2026-11-01', to: '2026-11-02' } },
    })
    expect(renderFact(fact)).toMatchObject({
      quantity: '47.96 ms',
      comparison: { quantity: '48.04 ms', difference: '0.08 ms', direction: 'lower' },
    })
  })
})

describe('metrics that a plugin brings', () => {
  it('are counted in its units and called by its names', async () => {
    const { createFactEngine } = await import('../../src/query/run.js')
    const lactate = { unit: 'mmol/L', kind: 'instant', aggregates: ['mean'], sparse: true, title: 'blood lactate' }
    const metrics = (id: string) => (id === 'strip.lactate' ? lactate : null)
    const { longTerm } = asker({ days: series('strip.lactate', '2026-11-01', [1, 2]) })
    const query = { measure: { of: 'metric', metric: 'strip.lactate' }, aggregate: 'mean' } as const
    const fact = await createFactEngine({ longTerm, metrics }).ask(scope, query, { today: '2026-11-23' })
    expect(renderFact(fact, {}, metrics).text).toBe('mean blood lactate, 1–2 Nov 2026: 1.5 mmol/L (2 of 2 days)')
    const unknown = { measure: { of: 'metric', metric: 'steps' }, aggregate: 'mean' } as const
    await expect(createFactEngine({ longTerm, metrics }).ask(scope, unknown)).rejects.toMatchObject({
      code: 'AUREN_METRIC_UNKNOWN',
    })
  })
})

import { readFileSync } from 'node:fs'
import type { NormalizeContext, ObservationInput } from '@auren/core'
import { Observation } from '@auren/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { withings } from '../src/wearables/withings/index.js'
import { scaled } from '../src/wearables/withings/measures.js'
import type { Payload } from '../src/wearables/withings/payload.js'

const plugin = withings({ clientId: 'client', clientSecret: 's3cret', callbackSecret: 'kéy' })

function normalize(
  resource: Payload['resource'],
  items: unknown[],
  more: Partial<Payload> = {},
): { observations: ObservationInput[]; rejected: string[] } {
  const rejected: string[] = []
  const ctx: NormalizeContext = {
    receivedAt: 0,
    account: 'a',
    zoneAt: () => null,
    reject: (_item, reason) => rejected.push(reason),
  }
  const payload = plugin.payload.parse({ resource, items, ...more })
  return { observations: [...plugin.normalize(payload, ctx)], rejected }
}

const weighing = {
  grpid: 901,
  attrib: 0,
  date: 1_711_846_800, // 2024-03-31T01:00:00Z, when Berlin's clocks go forward
  created: 1_711_846_860,
  modified: 1_711_846_860,
  category: 1,
  modelid: 5,
  model: 'Body+',
  measures: [
    { value: 71_350, type: 1, unit: -3 },
    { value: 187, type: 6, unit: -1 },
  ],
}

describe('measures', () => {
  it('reads value × 10^unit, with the device, the record and its version', () => {
    const { observations, rejected } = normalize('measures', [weighing], { timezone: 'Europe/Berlin' })
    expect(rejected).toEqual([])
    expect(observations).toEqual([
      {
        shape: 'sample',
        metric: 'weight',
        value: 71.35,
        unit: 'kg',
        start: 1_711_846_800_000,
        source: { name: 'Withings Body+', type: 'scale' },
        offset: 120,
        zoneBasis: 'profile',
        recordId: 'measures/901',
        version: 1_711_846_860,
        createdAt: 1_711_846_860_000,
      },
      expect.objectContaining({ metric: 'body_fat', value: 18.7, unit: '%' }),
    ])
  })

  it('knows the offset of the second before and after the clocks change', () => {
    const at = (date: number) => normalize('measures', [{ ...weighing, date }], { timezone: 'Europe/Berlin' })
    expect(at(weighing.date - 1).observations[0]).toMatchObject({ offset: 60 })
    expect(at(weighing.date).observations[0]).toMatchObject({ offset: 120 })
    expect(normalize('measures', [weighing], { timezone: 'Mars/Olympus' }).observations[0]).toMatchObject({
      offset: null,
      zoneBasis: 'absent',
    })
  })

  it('holds out what may be somebody else’s, and withdraws what was taken before it was in doubt', () => {
    const { observations, rejected } = normalize('measures', [{ ...weighing, attrib: 1, modified: 1_711_850_000 }])
    expect(observations).toEqual([{ shape: 'deletion', recordId: 'measures/901', version: 1_711_850_000 }])
    expect(rejected).toEqual(['ambiguous_person'])
  })

  it('takes it when the person has confirmed it, and marks what was typed in', () => {
    expect(normalize('measures', [{ ...weighing, attrib: 7 }]).observations).toHaveLength(2)
    expect(normalize('measures', [{ ...weighing, attrib: 2 }]).observations[0]).toMatchObject({
      flags: 1,
      source: { type: 'manual' },
    })
  })

  it('takes no goal for a measurement, and sets unknown codes aside one by one', () => {
    expect(normalize('measures', [{ ...weighing, category: 2 }])).toEqual({ observations: [], rejected: [] })
    const odd = { ...weighing, measures: [{ value: 1, type: 9999, unit: 0 }, { value: 'x' }, ...weighing.measures] }
    const { observations, rejected } = normalize('measures', [odd, { grpid: 1 }])
    expect(rejected).toEqual(['unknown_code', 'schema', 'schema'])
    expect(observations).toHaveLength(2)
  })

  it('keeps the whole body’s mass and leaves its parts out', () => {
    const parts = [7, 2, null].map((position) => ({ value: 5200, type: 76, unit: -2, position }))
    expect(normalize('measures', [{ ...weighing, measures: parts }]).observations).toHaveLength(2)
  })

  it('scales without the noise of binary fractions', () => {
    fc.assert(
      fc.property(fc.integer({ min: -10_000_000, max: 10_000_000 }), fc.integer({ min: -6, max: 3 }), (value, unit) => {
        const digits = String(Math.abs(scaled(value, unit)))
        expect(digits.replace(/^0\.|\.|e.*$/g, '').replace(/^0+/, '').length).toBeLessThanOrEqual(11)
        expect(Math.abs(scaled(value, unit) - value * 10 ** unit)).toBeLessThanOrEqual(
          Math.abs(value) * 1e-12 * 10 ** unit + 1e-12,
        )
      }),
    )
  })
})

const night = {
  id: 77,
  timezone: 'Europe/Berlin',
  model: 32,
  model_id: 63,
  hash_deviceid: 'mat',
  startdate: 1_711_836_000, // 2024-03-30T22:00:00Z, 23:00 in Berlin
  enddate: 1_711_861_200, // 2024-03-31T05:00:00Z, 07:00 in Berlin
  date: '2024-03-31',
  modified: 1_711_862_000,
  data: {
    total_sleep_time: 22_800,
    deepsleepduration: 6_000,
    lightsleepduration: 12_000,
    remsleepduration: 4_800,
    wakeupduration: 2_400,
    sleep_latency: 600,
    sleep_efficiency: 0.9,
    sleep_score: 82,
    hr_average: 54,
    hr_min: 47,
    hr_max: 71,
    rr_average: 14,
    snoring: 600,
    apnea_hypopnea_index: 3,
  },
  states: [
    { startdate: 1_711_836_000, enddate: 1_711_836_600, state: 0, hash_deviceid: 'mat' },
    {
      startdate: 1_711_836_600,
      enddate: 1_711_840_200,
      state: 1,
      hash_deviceid: 'mat',
      hr: { '1711836660': 55, '1711836720': 0, '1711836780': null },
      rmssd: { '1711836660': 48 },
    },
    { startdate: 1_711_840_200, enddate: 1_711_843_800, state: 2 },
    { startdate: 1_711_843_800, enddate: 1_711_847_400, state: 17 },
    { startdate: 1_711_836_600, enddate: 1_711_840_200, state: 3, hash_deviceid: 'watch' },
  ],
}

describe('sleep', () => {
  it('makes a session of seven hours of the night of the clock change, offset of its end', () => {
    const { observations, rejected } = normalize('sleep', [night])
    expect(rejected).toEqual([])
    const session = observations.find((o) => o.shape === 'session')
    if (session?.shape !== 'session') throw new Error('no session')
    expect(session.end - session.start).toBe(7 * 3_600_000)
    expect(session).toMatchObject({
      kind: 'sleep',
      offset: 120,
      zoneBasis: 'carried',
      recordId: 'sleep/77',
      version: 1_711_862_000,
      measures: { sleep_duration: 22_800, sleep_efficiency: 90, sleep_deep: 6_000, heart_rate: 54, heart_rate_max: 71 },
    })
    expect(session.stages?.map(({ stage, start, end }) => [stage, (end - start) / 60_000])).toEqual([
      ['awake', 10],
      ['light', 60],
      ['deep', 60],
      ['no_data', 60],
    ])
  })

  it('reads what was measured along it, without zeros and nulls, and what stands for all of it at its end', () => {
    const { observations } = normalize('sleep', [night])
    const of = (metric: string) => observations.flatMap((o) => (o.shape === 'sample' && o.metric === metric ? [o] : []))
    expect(of('heart_rate')).toMatchObject([{ value: 55, start: 1_711_836_660_000, offset: 60 }])
    expect(of('hrv_rmssd')).toMatchObject([{ value: 48, unit: 'ms' }])
    expect(of('withings.sleep_score')).toMatchObject([{ value: 82, start: 1_711_861_200_000 }])
    expect(of('withings.snoring')).toMatchObject([{ value: 600, unit: 's' }])
    expect(of('apnea_hypopnea_index')).toMatchObject([{ value: 3 }])
  })

  it('says nothing of what is null or absent, and sets a night aside that ends before it begins', () => {
    const bare = normalize('sleep', [{ ...night, states: null, data: { hr_average: null, sleep_score: 0 } }])
    expect(bare.observations).toMatchObject([{ shape: 'session', measures: {} }])
    expect(bare.observations).toHaveLength(1)
    expect(normalize('sleep', [{ ...night, enddate: night.startdate }]).rejected).toEqual(['order'])
  })
})

describe('activity and workouts', () => {
  it('keeps the sums of a day under Withings’ own date', () => {
    const { observations } = normalize('activity', [
      {
        date: '2024-03-31',
        timezone: 'Europe/Berlin',
        steps: 8123,
        distance: 6011.5,
        elevation: 7,
        moderate: 1500,
        intense: 300,
        active: 1800,
        calories: 310.2,
        totalcalories: 2310.7,
        modelid: 93,
        model: 'ScanWatch',
        modified: 1_711_920_000,
      },
    ])
    expect(observations).toMatchObject([
      { metric: 'steps', date: '2024-03-31', value: 8123, source: { name: 'Withings ScanWatch', type: 'watch' } },
      { metric: 'distance', value: 6011.5, unit: 'm' },
      { metric: 'floors_climbed', value: 7 },
      { metric: 'moderate_minutes', value: 1500, unit: 's' },
      { metric: 'vigorous_minutes', value: 300, unit: 's' },
      { metric: 'active_minutes', value: 1800, unit: 's' },
      { metric: 'energy_active', value: 310.2, unit: 'kcal' },
      { metric: 'energy_total', value: 2310.7, unit: 'kcal', recordId: 'activity/2024-03-31/93' },
    ])
  })

  it('names the activity, and keeps a workout of a category that it does not know', () => {
    const workout = {
      id: 5,
      category: 307,
      startdate: 1_711_880_000,
      enddate: 1_711_881_800,
      data: { hr_average: 0, calories: 200 },
    }
    expect(normalize('workouts', [workout]).observations).toMatchObject([
      { activity: 'treadmill_running', vendorActivity: 'Indoor running', measures: { energy_active: 200 } },
    ])
    const odd = normalize('workouts', [{ ...workout, category: 4444 }])
    expect(odd).toMatchObject({
      rejected: ['unknown_code'],
      observations: [{ activity: 'other', recordId: 'workouts/5' }],
    })
  })

  it('makes intervals of the minutes of a day', () => {
    const { observations } = normalize('intraday', [{ start: 1_711_880_000, duration: 60, steps: 80, heart_rate: 96 }])
    expect(observations).toMatchObject([
      { metric: 'steps', start: 1_711_880_000_000, end: 1_711_880_060_000, value: 80 },
      { metric: 'heart_rate', value: 96 },
    ])
  })

  it('withdraws what is gone', () => {
    expect(normalize('sleep', [], { missing: ['sleep/77'] }).observations).toEqual([
      { shape: 'deletion', recordId: 'sleep/77' },
    ])
  })
})

const folder = shared('payloads', 'withings')
describe.skipIf(folder === null)('recorded and published answers', () => {
  const read = (name: string) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as never
  const fits = (observations: ObservationInput[]) => {
    for (const one of observations) expect(Observation.safeParse(one).error?.issues ?? []).toEqual([])
  }

  it('reads one weighing that comes twice', () => {
    const { body } = read('measurement.json') as { body: { measuregrps: unknown[]; timezone: string } }
    const { observations, rejected } = normalize('measures', body.measuregrps, { timezone: body.timezone })
    expect(rejected).toEqual([])
    // 2023-09-02T10:39:11Z in Amsterdam's summer
    expect(observations).toMatchObject([
      { metric: 'weight', value: 118.003, start: 1_693_651_151_000, offset: 120 },
      { metric: 'weight', value: 118.003 },
    ])
    fits(observations)
  })

  it('reads a body scan: the whole, not the parts', () => {
    const { observations, rejected } = normalize('measures', read('measurement_positions.json'))
    expect(rejected).toEqual([])
    const first = observations.filter((o) => o.shape === 'sample' && o.recordId === 'measures/5149666502')
    const values = new Map(first.flatMap((o) => (o.shape === 'sample' ? [[o.metric, o.value]] : [])))
    expect(Object.fromEntries(values)).toMatchObject({
      weight: 95.854,
      lean_mass: 77.18,
      body_fat: 19.467,
      'withings.fat_mass': 18.66,
      muscle_mass: 73.38,
      'withings.body_water_mass': 52.05,
      bone_mass: 3.8,
      'withings.visceral_fat': 3.2,
      'withings.basal_metabolic_rate': 2263,
    })
    fits(observations)
  })

  it('reads the older body measures: a goal is none, −1 of an unknown type is set aside', () => {
    const { body } = read('shimmer-withings-body-measures.json') as { body: { measuregrps: unknown[] } }
    const { observations, rejected } = normalize('measures', body.measuregrps)
    expect(observations.slice(0, 4)).toMatchObject([
      { metric: 'blood_pressure_diastolic', value: 68 },
      { metric: 'blood_pressure_systolic', value: 104 },
      { metric: 'heart_rate', value: 41 },
      { metric: 'weight', value: 74.126 },
    ])
    expect(new Set(rejected)).toEqual(new Set(['unknown_code']))
    fits(observations)
    const goals = read('shimmer-withings-body-measures-only-goal.json') as { body: { measuregrps: unknown[] } }
    expect(normalize('measures', goals.body.measuregrps)).toEqual({ observations: [], rejected: [] })
  })

  it('reads days, workouts, nights and minutes', () => {
    const days = read('activity.json') as { body: { activities: unknown[] } }
    const activity = normalize('activity', days.body.activities)
    expect(activity.observations).toHaveLength(16)
    expect(activity.observations[0]).toMatchObject({
      metric: 'steps',
      value: 1209,
      date: '2023-10-20',
      source: { type: 'app' },
    })
    const series = read('workouts.json') as { body: { series: unknown[] } }
    const workouts = normalize('workouts', series.body.series)
    expect(workouts.observations).toHaveLength(series.body.series.length)
    expect(workouts.observations[0]).toMatchObject({
      activity: 'walking',
      recordId: 'workouts/3661300277',
      start: 1_693_336_011_000,
      offset: 120,
      measures: { steps: 779, energy_active: 70, distance: 60, heart_rate: 80 },
    })
    const nights = read('shimmer-withings-sleep-summary.json') as { body: { series: unknown[] } }
    const sleep = normalize('sleep', nights.body.series)
    expect(sleep.observations).toMatchObject([
      {
        recordId: 'sleep/123',
        offset: 60,
        source: { type: 'watch' },
        measures: { sleep_duration: 11_160, sleep_latency: 240 },
      },
      { recordId: 'sleep/124', measures: { sleep_duration: 29_700 } },
    ])
    fits([...activity.observations, ...workouts.observations, ...sleep.observations])
  })
})

it('knows what an answer of the API is by what is in it', () => {
  const documents = (document: unknown) => plugin.documents!(document, '')
  const group = { grpid: 1 }
  expect(documents({ status: 0, body: { measuregrps: [group], timezone: 'Europe/Berlin' } })).toEqual([
    { resource: 'measures', items: [group], timezone: 'Europe/Berlin' },
  ])
  const resourceOf = (body: unknown) => documents({ status: 0, body })?.map(({ resource }) => resource)
  expect(resourceOf({ activities: [] })).toEqual(['activity'])
  expect(resourceOf({ series: [{ startdate: 1, category: 1 }] })).toEqual(['workouts'])
  expect(resourceOf({ series: [{ startdate: 1, data: {} }] })).toEqual(['sleep'])
  expect(documents({ body: { series: { 600: { steps: 3 } } } })).toEqual([
    { resource: 'intraday', items: [{ steps: 3, start: 600 }], timezone: null },
  ])
  const states = [
    { startdate: 60, enddate: 90, state: 1 },
    { startdate: 30, enddate: 60, state: 0 },
  ]
  expect(documents({ body: { series: states } })).toEqual([
    { resource: 'sleep', items: [{ startdate: 30, enddate: 90, states }], timezone: null },
  ])
  for (const other of [null, 7, [], {}, { body: { devices: [] } }, { body: { series: [] } }, { body: { series: {} } }])
    expect(documents(other)).toBeNull()
})

import { readFileSync } from 'node:fs'
import type { ImportStep } from '@auren/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { healthConnect } from '../src/wearables/health-connect/index.js'
import { fileOf } from './apple-health-files.js'
import { openRig } from './ingest-rig.js'
import { acceptorOf } from './reading.js'

const plugin = healthConnect()
const receivedAt = Date.UTC(2026, 10, 2)
const fixture = readFileSync(new URL('../fixtures/health-connect/batch.json', import.meta.url))

const normalize = acceptorOf(plugin, receivedAt)
const at = { time: '2026-01-04T10:00:00Z', zoneOffset: '+05:30' }
const over = {
  startTime: '2026-01-04T10:00:00Z',
  endTime: '2026-01-04T10:30:00Z',
  startZoneOffset: '+05:30',
  endZoneOffset: '+05:30',
}
const record = (type: string, fields: object, metadata: object = { id: 'r1', dataOrigin: 'com.example.app' }) => ({
  records: [{ type, metadata, ...fields }],
})
const values = (type: string, fields: object) =>
  normalize(record(type, fields)).accepted.map((one) =>
    'metric' in one && 'value' in one ? [one.metric, one.value, one.unit] : [one.shape],
  )

describe('a batch', () => {
  it('of the API’s own form, on the night on which the clocks go forward', () => {
    const { accepted, rejected } = normalize(JSON.parse(fixture.toString()))
    expect(rejected).toEqual([])
    const id = (n: number) => `0f4d2a5e-7f0e-4f3b-9a53-1d1a6a4f00${String(n).padStart(2, '0')}`
    expect(accepted).toEqual([
      {
        shape: 'sample',
        metric: 'steps',
        start: Date.UTC(2026, 2, 29, 0, 50),
        end: Date.UTC(2026, 2, 29, 1, 10),
        value: 312,
        unit: '{steps}',
        offset: 60,
        zoneBasis: 'carried',
        source: { name: 'com.example.walks', type: 'phone' },
        recordId: id(1),
        version: Date.UTC(2026, 2, 29, 1, 11),
      },
      expect.objectContaining({ metric: 'heart_rate', value: 61, offset: null, zoneBasis: 'absent', recordId: id(2) }),
      expect.objectContaining({
        metric: 'heart_rate',
        value: 63,
        start: Date.UTC(2026, 2, 29, 1, 11),
        source: { name: 'com.example.watch', type: 'watch' },
      }),
      expect.objectContaining({
        kind: 'sleep',
        offset: 120,
        measures: { sleep_duration: 24_300, sleep_light: 14_400, sleep_deep: 4500, sleep_rem: 5400, sleep_awake: 900 },
        recordId: id(3),
      }),
      expect.objectContaining({
        metric: 'weight',
        value: 68.2,
        unit: 'kg',
        recordId: 'com.example.scale/scale-77',
        version: 3,
        flags: 1,
      }),
      { shape: 'deletion', recordId: id(99) },
    ])
  })

  it('of react-native-health-connect: changes, and quantities with all their units', () => {
    const { accepted, rejected } = normalize({
      upsertionChanges: [
        {
          record: {
            recordType: 'ActiveCaloriesBurned',
            startTime: '2026-01-04T10:00:00Z',
            endTime: '2026-01-04T10:30:00Z',
            energy: { inJoules: 418_400, inCalories: 100_000, inKilojoules: 418.4, inKilocalories: 100 },
            metadata: { id: 'a', dataOrigin: 'com.example.app', lastModifiedTime: '2026-01-04T10:31:00.123Z' },
          },
        },
      ],
      deletionChanges: [{ recordId: 'b' }, {}],
      nextChangesToken: 'x',
      changesTokenExpired: false,
      hasMore: false,
    })
    expect(accepted).toMatchObject([
      { metric: 'energy_active', value: 100, unit: 'kcal', version: Date.UTC(2026, 0, 4, 10, 31, 0, 123) },
      { shape: 'deletion', recordId: 'b' },
    ])
    expect(rejected).toEqual(['schema'])
    const changes = [
      { type: 'UpsertionChange', record: { type: 'StepsRecord', ...over, count: 5, metadata: { id: 'c' } } },
      { type: 'DeletionChange', recordId: 'd' },
    ]
    expect(normalize({ version: 1, changes }).accepted).toMatchObject([{ value: 5, recordId: 'c' }, { recordId: 'd' }])
  })

  it('of HC Webhook, which has neither ids nor origins', () => {
    const { accepted, rejected } = normalize({
      timestamp: '2026-05-09T14:00:00.123Z',
      app_version: '1.2.3',
      steps: [{ count: 8421, start_time: '2026-05-08T00:00:00Z', end_time: '2026-05-09T00:00:00Z' }],
      heart_rate: [{ bpm: 72, time: '2026-05-09T08:15:00Z' }],
      sleep: [
        {
          session_end_time: '2026-05-09T06:00:00Z',
          duration_seconds: 28_800,
          stages: [
            {
              stage: '5',
              start_time: '2026-05-08T22:00:00Z',
              end_time: '2026-05-09T00:00:00Z',
              duration_seconds: 7200,
            },
          ],
        },
      ],
      exercise: [
        { type: '56', start_time: '2026-05-09T07:00:00Z', end_time: '2026-05-09T07:30:00Z', duration_seconds: 1800 },
      ],
      blood_glucose: [{ mmol_per_liter: 5, time: '2026-05-09T08:15:00Z' }],
      moon_phase: [{ phase: 1 }],
    })
    expect(accepted).toMatchObject([
      { metric: 'steps', value: 8421, source: { name: 'Health Connect', type: 'app' } },
      { metric: 'heart_rate', value: 72 },
      { kind: 'sleep', start: Date.UTC(2026, 4, 8, 22), end: Date.UTC(2026, 4, 9, 6), measures: { sleep_deep: 7200 } },
      { kind: 'workout', activity: 'running' },
      { metric: 'glucose', value: 90.08 },
    ])
    expect(rejected).toEqual(['unknown_type'])
  })
})

describe('records', () => {
  it.each([
    ['Distance', { ...over, distance: { value: 1, unit: 'miles' } }, ['distance', 1609.344, 'm']],
    ['TotalCaloriesBurned', { ...over, energy: { kilocalories: 80 } }, ['energy_total', 80, 'kcal']],
    ['ElevationGained', { ...over, elevation: { inMeters: 12 } }, ['elevation_gained', 12, 'm']],
    ['FloorsClimbed', { ...over, floors: 2.5 }, ['floors_climbed', 2.5, '{floors}']],
    ['Hydration', { ...over, volume: { inLiters: 0.25 } }, ['hydration', 250, 'mL']],
    ['RestingHeartRate', { ...at, beatsPerMinute: 52 }, ['resting_heart_rate', 52, '/min']],
    ['HeartRateVariabilityRmssd', { ...at, heartRateVariabilityMillis: 41.5 }, ['hrv_rmssd', 41.5, 'ms']],
    ['OxygenSaturation', { ...at, percentage: { value: 97 } }, ['oxygen_saturation', 97, '%']],
    ['RespiratoryRate', { ...at, rate: 14.5 }, ['respiratory_rate', 14.5, '/min']],
    ['BodyTemperature', { ...at, temperature: { value: 98.6, unit: 'fahrenheit' } }, ['body_temperature', 37, 'Cel']],
    [
      'BloodGlucose',
      { ...at, level: { inMilligramsPerDeciliter: 99, inMillimolesPerLiter: 5.4951 } },
      ['glucose', 99.0002, 'mg/dL'],
    ],
    ['Height', { ...at, height: { inMeters: 1.8 } }, ['height', 180, 'cm']],
    ['BodyFat', { ...at, percentage: 21 }, ['body_fat', 21, '%']],
    ['Vo2Max', { ...at, vo2MillilitersPerMinuteKilogram: 44 }, ['vo2_max', 44, 'mL/kg/min']],
    [
      'BasalMetabolicRate',
      { ...at, basalMetabolicRate: { kilocaloriesPerDay: 1728 } },
      ['health-connect.basal_metabolic_rate', 83.68, 'W'],
    ],
    ['MenstruationFlow', { ...at, flow: 2 }, ['menstrual_flow', 3, 'code']],
    ['MindfulnessSession', { ...over }, ['mindful_minutes', 30, 'min']],
    ['ActivityIntensity', { ...over, activityIntensityType: 1 }, ['vigorous_minutes', 30, 'min']],
  ])('%s', (type, fields, expected) => {
    const [made, ...more] = values(`${type}Record`, fields)
    expect(more).toEqual([])
    const [metric, value, unit] = expected as [string, number, string]
    expect(made?.[0]).toBe(metric)
    expect(made?.[1]).toBeCloseTo(value, 3)
    expect(made?.[2]).toBe(unit)
    expect(values(`androidx.health.connect.client.records.${type}Record`, fields)).toEqual([made])
    expect(values(type, fields)).toEqual([made])
  })

  it('of several values', () => {
    expect(values('BloodPressureRecord', { ...at, systolic: { inMillimetersOfMercury: 120 }, diastolic: 80 })).toEqual([
      ['blood_pressure_systolic', 120, 'mm[Hg]'],
      ['blood_pressure_diastolic', 80, 'mm[Hg]'],
    ])
    expect(
      values('NutritionRecord', {
        ...over,
        energy: { inKilocalories: 420 },
        totalCarbohydrate: { inGrams: 60 },
        caffeine: { inGrams: 0.08 },
        protein: { value: 12, unit: 'grams' },
        name: 'Porridge',
        mealType: 1,
      }),
    ).toEqual([
      ['energy_intake', 420, 'kcal'],
      ['caffeine', 80, 'mg'],
      ['carbohydrate_intake', 60, 'g'],
      ['health-connect.protein', 12, 'g'],
      ['tag'],
    ])
    const deltas = [{ time: '2026-01-04T10:05:00Z', delta: { value: 0.9, unit: 'fahrenheit' } }]
    expect(values('SkinTemperatureRecord', { ...over, baseline: { inCelsius: 34 }, deltas })).toEqual([
      ['skin_temperature_deviation', 0.5, 'Cel'],
      ['skin_temperature', 34.5, 'Cel'],
    ])
    expect(
      values('SpeedRecord', {
        ...over,
        samples: [{ time: '2026-01-04T10:05:00Z', speed: { inMetersPerSecond: 3, inKilometersPerHour: 10.8 } }],
      }),
    ).toEqual([['speed', 3, 'm/s']])
  })

  it('workouts by number and by name, with laps and words', () => {
    const workout = (fields: object) => normalize(record('ExerciseSessionRecord', { ...over, ...fields })).accepted[0]
    const laps = [{ startTime: '2026-01-04T10:00:00Z', endTime: '2026-01-04T10:10:00Z', length: { inMeters: 1000 } }]
    expect(workout({ exerciseType: 79, title: 'To work', notes: 'Rain', laps })).toMatchObject({
      activity: 'walking',
      offset: 330,
      text: 'To work\nRain',
      laps: [{ measures: { distance: 1000 } }],
    })
    expect(workout({ exerciseType: 'EXERCISE_TYPE_RUNNING_TREADMILL' })).toMatchObject({
      activity: 'treadmill_running',
    })
    expect(workout({ exerciseType: 'EXERCISE_TYPE_SWIMMING_POOL' })).toMatchObject({ activity: 'pool_swimming' })
    expect(workout({ exerciseType: 'EXERCISE_TYPE_FOOTBALL_AMERICAN' })).toMatchObject({
      activity: 'american_football',
    })
    expect(workout({ exerciseType: 999 })).toMatchObject({ activity: 'other', vendorActivity: 'EXERCISE_TYPE 999' })
    expect(workout({})).toMatchObject({ activity: 'other' })
  })

  it('a night without stages says how long somebody lay, not how long they slept', () => {
    const [night] = normalize(
      record('SleepSessionRecord', { startTime: '2026-01-03T22:00:00Z', endTime: '2026-01-04T06:00:00Z' }),
    ).accepted
    expect(night).toMatchObject({ measures: {}, offset: null, zoneBasis: 'absent' })
    expect(night).not.toHaveProperty('stages')
    const stages = [
      { startTime: '2026-01-03T22:00:00Z', endTime: '2026-01-04T05:00:00Z', stage: 'STAGE_TYPE_SLEEPING' },
      { startTime: '2026-01-04T05:00:00Z', endTime: '2026-01-04T06:00:00Z', stage: 'STAGE_TYPE_OUT_OF_BED' },
      { startTime: '2026-01-04T05:00:00Z', endTime: '2026-01-04T06:00:00Z', stage: 42 },
    ]
    const staged = normalize(
      record('SleepSessionRecord', { startTime: '2026-01-03T22:00:00Z', endTime: '2026-01-04T06:00:00Z', stages }),
    )
    expect(staged.accepted[0]).toMatchObject({
      measures: { sleep_duration: 25_200, sleep_awake: 0 },
      stages: [{ stage: 'asleep_unspecified' }, { stage: 'out_of_bed' }],
    })
    expect(staged.rejected).toEqual(['schema'])
  })

  it.each([
    ['+02:00', 120],
    ['-09:30', -570],
    [-12_600, -210],
    [{ id: '+05:45', totalSeconds: 20_700 }, 345],
    [{ id: 'Z', totalSeconds: 0 }, 0],
    [null, null],
    ['Mars', null],
  ])('offset %j', (zoneOffset, offset) => {
    const { observations } = normalize(record('WeightRecord', { time: '2026-01-04T10:00:00Z', zoneOffset, weight: 70 }))
    expect(observations[0]).toMatchObject({ offset, zoneBasis: offset === null ? 'absent' : 'carried' })
  })

  it('sets aside what it cannot read, and goes on', () => {
    const records = [
      null,
      'x',
      {},
      { type: 'StepsRecord', count: 1 },
      { type: 'StepsRecord', ...over, endTime: '2026-01-04T09:00:00Z', count: 1 },
      { type: 'StepsRecord', ...over },
      { type: 'StepsRecord', ...over, count: null },
      { type: 'WeightRecord', ...at, weight: { value: 70, unit: 'stones' } },
      { type: 'PlannedExerciseSessionRecord', ...over },
      { type: 'constructor', ...over },
      {
        type: 'HeartRateRecord',
        ...over,
        samples: [null, { time: 'x', beatsPerMinute: 1 }, { time: '2026-01-04T10:00:00Z', beatsPerMinute: 60 }],
      },
    ]
    const { accepted, rejected } = normalize({ records })
    expect(accepted).toMatchObject([{ metric: 'heart_rate', value: 60 }])
    expect(rejected).toHaveLength(12)
    expect(plugin.payload.safeParse({ version: 2, records: [] }).success).toBe(false)
    expect(plugin.payload.safeParse({}).success).toBe(false)
  })
})

it('posted with a person’s own token: kept once, corrected, withdrawn, origins apart', async () => {
  const rig = await openRig({ plugins: [plugin] })
  try {
    const { ingest } = rig.auren
    const steps = (id: string, dataOrigin: string, count: number, lastModifiedTime: string) => ({
      type: 'StepsRecord',
      ...over,
      count,
      metadata: { id, dataOrigin, lastModifiedTime },
    })
    const post = async (batch: object) => {
      rig.advance(1000)
      return ingest.posted(plugin.id, { userId: 'ann', body: Buffer.from(JSON.stringify(batch)) })
    }
    const held = async () => {
      await ingest.settled()
      const { samples } = await rig.auren.explain('ann', { metric: 'steps', date: '2026-01-04', limit: 10 })
      return samples.map(({ value }) => value).sort()
    }
    const batch = {
      version: 1,
      records: [steps('a', 'com.one', 100, '2026-01-04T10:31:00Z'), steps('b', 'com.two', 90, '2026-01-04T10:31:00Z')],
    }
    expect(await post(batch)).toMatchObject({ accepted: 2 })
    expect(await post(batch)).toMatchObject({ duplicate: true })
    expect(await held()).toEqual([100, 90])
    const { rows } = await rig.auren.explain('ann', { metric: 'steps', date: '2026-01-04', limit: 10 })
    expect(rows.length).toBeGreaterThan(1)
    await post({ records: [steps('a', 'com.one', 120, '2026-01-04T11:00:00Z')] })
    // An older version that comes late changes nothing.
    await post({ records: [steps('a', 'com.one', 110, '2026-01-04T10:45:00Z')] })
    expect(await held()).toEqual([120, 90])
    await post({ deletedRecordIds: ['b'] })
    expect(await held()).toEqual([120])
    await expect(post({ steps: 1 })).rejects.toMatchObject({ code: 'AUREN_PAYLOAD_INVALID' })
    const named = (count: number) =>
      ingest.posted(plugin.id, {
        userId: 'ann',
        key: 'k',
        body: Buffer.from(JSON.stringify({ records: [steps('z', 'com.one', count, '2026-01-04T11:00:00Z')] })),
      })
    await named(1)
    await expect(named(2)).rejects.toMatchObject({ code: 'AUREN_KEY_REUSED' })
  } finally {
    await rig.close()
  }
})

it('a file is known by what is in it', async () => {
  const file = fileOf(fixture, 'anything.json')
  expect(await plugin.file?.recognises('anything.json', fixture, file)).toBe(true)
  const other = Buffer.from('{"type":"FeatureCollection"}')
  expect(await plugin.file?.recognises('x.json', other, fileOf(other, 'x.json'))).toBe(false)
  const steps: ImportStep[] = []
  const ctx = { account: 'a', cursor: null, signal: new AbortController().signal, receivedAt, zoneAt: () => null }
  for await (const step of plugin.file?.read(file, ctx) ?? []) steps.push(step)
  expect(steps.flatMap(({ observations }) => observations)).toEqual(
    normalize(JSON.parse(fixture.toString())).observations,
  )
})

it('whatever a batch holds is read or set aside, the same each time', () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.double(),
    fc.constant(null),
    fc.constant('2026-02-06T10:00:00Z'),
    fc.constant({ inKilograms: 3 }),
  )
  const item = fc.record(
    {
      type: fc.constantFrom(
        'StepsRecord',
        'SleepSessionRecord',
        'ExerciseSessionRecord',
        'HeartRateRecord',
        'SkinTemperatureRecord',
        'NutritionRecord',
        'x',
      ),
      time: leaf,
      startTime: leaf,
      endTime: leaf,
      zoneOffset: leaf,
      count: leaf,
      stages: fc.oneof(leaf, fc.array(leaf)),
      laps: fc.oneof(leaf, fc.array(leaf)),
      samples: fc.oneof(leaf, fc.array(leaf)),
      deltas: fc.oneof(leaf, fc.array(leaf)),
      exerciseType: leaf,
      title: leaf,
      metadata: fc.oneof(leaf, fc.record({ id: leaf, dataOrigin: leaf, lastModifiedTime: leaf }, { requiredKeys: [] })),
    },
    { requiredKeys: [] },
  )
  const batch = fc.record(
    {
      records: fc.array(fc.oneof(item, leaf)),
      changes: fc.array(fc.oneof(leaf, fc.record({ record: item }))),
      deletionChanges: fc.array(leaf),
      steps: fc.array(leaf),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(batch, (one) => {
      expect(normalize(one)).toEqual(normalize(structuredClone(one)))
      expect(normalize({ ...one, timestamp: 'x', app_version: '1' }).observations).toBeDefined()
    }),
    { numRuns: 200 },
  )
})

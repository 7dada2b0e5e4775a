import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { accept, type NormalizeContext, Observation, type ObservationInput } from '@auren/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { overlay, secondsIn, timelineOf } from '../src/vendor/timeline.js'
import { googleHealth } from '../src/wearables/google-health/index.js'
import { dataTypes } from '../src/wearables/google-health/types.js'

const plugin = googleHealth({ clientId: 'c', clientSecret: 's', webhookSecret: 'Bearer long enough' })

/** What a payload becomes, checked against the schema and the catalogue. */
function normalize(payload: unknown) {
  const rejected: string[] = []
  const ctx: NormalizeContext = {
    receivedAt: Date.UTC(2026, 3, 1),
    account: 'h-0001',
    zoneAt: () => null,
    reject: (_item, reason) => rejected.push(reason),
  }
  const observations = [...plugin.normalize(plugin.payload.parse(payload), ctx)]
  for (const one of observations) Observation.parse(one)
  const { accepted, aside } = accept(observations as ObservationInput[], {
    provider: plugin.id,
    account: 'h-0001',
    receivedAt: ctx.receivedAt,
    registry: plugin.metrics ?? {},
  })
  return { observations, accepted, rejected: [...rejected, ...aside.map(({ reason }) => reason)] }
}
const at = (dataType: string, ...points: unknown[]) => normalize({ dataType, points })
const only = (dataType: string, point: unknown) => {
  const { accepted, rejected } = at(dataType, point)
  expect(rejected).toEqual([])
  return accepted
}

const band = {
  recordingMethod: 'PASSIVELY_MEASURED',
  device: { displayName: 'Invented Band 6', formFactor: 'FITNESS_BAND' },
  platform: 'FITBIT',
}
const hour = {
  startTime: '2026-03-08T01:29:00Z',
  startUtcOffset: '-28800s',
  endTime: '2026-03-08T01:30:00Z',
  endUtcOffset: '-28800s',
}
const moment = { physicalTime: '2026-03-08T01:29:05.123456789Z', utcOffset: '19800s' }

describe('values of a time', () => {
  it('reads steps of a minute by source, whole numbers that come as text, and the offset they carry', () => {
    const { observations, rejected } = at('steps', { dataSource: band, steps: { interval: hour, count: '57' } })
    expect(rejected).toEqual([])
    expect(observations).toEqual([
      {
        shape: 'sample',
        metric: 'steps',
        start: Date.UTC(2026, 2, 8, 1, 29),
        end: Date.UTC(2026, 2, 8, 1, 30),
        value: 57,
        unit: '{steps}',
        source: { name: 'Invented Band 6', type: 'band' },
        offset: -480,
        zoneBasis: 'carried',
        recordId: 'steps/2026-03-08T01',
      },
    ])
  })

  it('converts the units that Google writes', () => {
    const value = (dataType: string, field: string, data: object, time: object = { interval: hour }) =>
      only(dataType, { dataSource: band, [field]: { ...time, ...data } }).map((one) => [
        (one as { metric: string }).metric,
        (one as { value: number }).value,
      ])
    expect(value('distance', 'distance', { millimeters: '804672' })).toEqual([['distance', 804.672]])
    expect(value('altitude', 'altitude', { gainMillimeters: '3048' })).toEqual([['elevation_gained', 3.048]])
    expect(value('floors', 'floors', { count: '1' })).toEqual([['floors_climbed', 1]])
    expect(value('active-energy-burned', 'activeEnergyBurned', { kcal: 4.25 })).toEqual([['energy_active', 4.25]])
    expect(value('sedentary-period', 'sedentaryPeriod', {})).toEqual([['sedentary_minutes', 1]])
    const sample = { sampleTime: moment }
    expect(value('weight', 'weight', { weightGrams: 71_350 }, sample)).toEqual([['weight', 71.35]])
    expect(value('height', 'height', { heightMillimeters: '1795' }, sample)).toEqual([['height', 179.5]])
    expect(value('heart-rate', 'heartRate', { beatsPerMinute: '61' }, sample)).toEqual([['heart_rate', 61]])
    expect(value('oxygen-saturation', 'oxygenSaturation', { percentage: 96.5 }, sample)).toEqual([
      ['oxygen_saturation', 96.5],
    ])
    const glucose = { bloodGlucoseMilligramsPerDeciliter: 99 }
    expect(value('blood-glucose', 'bloodGlucose', glucose, sample)).toEqual([['glucose', 99]])
  })

  it('keeps RMSSD and SDNN apart', () => {
    const data = {
      rootMeanSquareOfSuccessiveDifferencesMilliseconds: 41.5,
      standardDeviationMilliseconds: 66,
      sampleTime: moment,
    }
    expect(only('heart-rate-variability', { heartRateVariability: data })).toMatchObject([
      { metric: 'hrv_rmssd', value: 41.5, offset: 330, start: Date.UTC(2026, 2, 8, 1, 29, 5, 123) },
      { metric: 'hrv_sdnn', value: 66 },
    ])
  })

  it('reads minutes by level, meals and drinks', () => {
    const levels = [
      { activityLevel: 'LIGHT', activeMinutes: '1' },
      { activityLevel: 'VIGOROUS', activeMinutes: '2' },
      { activityLevel: 'EXTREME', activeMinutes: '9' },
    ]
    expect(
      only('active-minutes', { activeMinutes: { interval: hour, activeMinutesByActivityLevel: levels } }),
    ).toMatchObject([
      { metric: 'google-health.light_minutes', value: 1 },
      { metric: 'vigorous_minutes', value: 2 },
    ])
    expect(
      only('nutrition-log', {
        nutritionLog: {
          interval: hour,
          energy: { kcal: 512.5 },
          totalCarbohydrate: { grams: 60 },
          nutrients: [{ nutrient: 'CAFFEINE', quantity: { grams: 0.095 } }],
        },
      }),
    ).toMatchObject([
      { metric: 'energy_intake', value: 512.5 },
      { metric: 'carbohydrate_intake', value: 60 },
      { metric: 'caffeine', value: 95, unit: 'mg' },
    ])
    expect(
      only('hydration-log', { hydrationLog: { interval: hour, amountConsumed: { milliliters: 250 } } }),
    ).toMatchObject([{ metric: 'hydration', value: 250, recordId: 'hydration-log/2026-03-08T00' }])
  })

  it('takes the offset from the civil time where none is written, and says so where neither is', () => {
    const civilTime = { date: { year: 2026, month: 3, day: 8 }, time: { hours: 7, minutes: 14, seconds: 5 } }
    const point = (sampleTime: object) => ({ weight: { weightGrams: 1e5, sampleTime } })
    expect(at('weight', point({ physicalTime: '2026-03-08T01:29:05Z', civilTime })).observations[0]).toMatchObject({
      offset: 345,
      zoneBasis: 'carried',
    })
    expect(at('weight', point({ physicalTime: '2026-03-08T01:29:05Z' })).observations[0]).toMatchObject({
      offset: null,
      zoneBasis: 'absent',
    })
  })

  it('names who measured: a device, a tracker without a name, an app, a hand, or Google for what it has merged', () => {
    const source = (dataSource?: object) => {
      const [one] = at('weight', {
        ...(dataSource ? { dataSource } : {}),
        weight: { weightGrams: 1, sampleTime: moment },
      }).observations as { source: object; flags?: number }[]
      return { ...one?.source, ...(one?.flags ? { flags: one.flags } : {}) }
    }
    expect(source(band)).toEqual({ name: 'Invented Band 6', type: 'band' })
    expect(source({ device: { manufacturer: 'Acme', formFactor: 'SCALE' } })).toEqual({ name: 'Acme', type: 'scale' })
    expect(source({ platform: 'FITBIT' })).toEqual({ name: 'Fitbit', type: 'band' })
    expect(source({ platform: 'HEALTH_CONNECT', application: { packageName: 'com.example.walk' } })).toEqual({
      name: 'com.example.walk',
      type: 'app',
    })
    expect(source({ recordingMethod: 'MANUAL' })).toEqual({ name: 'Google Health', type: 'manual', flags: 1 })
    expect(source({ device: { displayName: 'x'.repeat(900) } })).toEqual({ name: 'x'.repeat(200), type: 'unknown' })
    expect(source()).toEqual({ name: 'Google Health', type: 'unknown' })
  })
})

describe('days', () => {
  const date = { year: 2026, month: 3, day: 29 }

  it('keeps Google’s own date, whichever way it is written', () => {
    const point = (date: unknown) => ({
      dataPointName: '',
      dailyRestingHeartRate: { date, beatsPerMinute: '58' },
    })
    for (const written of [date, '2026-03-29'])
      expect(only('daily-resting-heart-rate', point(written))).toMatchObject([
        {
          shape: 'daily_total',
          metric: 'resting_heart_rate',
          date: '2026-03-29',
          value: 58,
          recordId: 'daily-resting-heart-rate/2026-03-29',
        },
      ])
    expect(at('daily-resting-heart-rate', point({ year: 2026, month: 3, day: 0 })).rejected).toEqual(['schema'])
  })

  it('derives the deviation of the skin from its baseline, and none without', () => {
    const point = (more: object) => ({
      dailySleepTemperatureDerivations: { date, nightlyTemperatureCelsius: 33.2, ...more },
    })
    expect(only('daily-sleep-temperature-derivations', point({ baselineTemperatureCelsius: 33.5 }))).toMatchObject([
      { metric: 'skin_temperature', value: 33.2 },
      { metric: 'skin_temperature_deviation', value: -0.3 },
    ])
    expect(only('daily-sleep-temperature-derivations', point({}))).toHaveLength(1)
  })

  it('reads nights in one number: HRV, oxygen and its bounds, breathing, VO₂max', () => {
    expect(
      only('daily-heart-rate-variability', {
        dailyHeartRateVariability: {
          date,
          averageHeartRateVariabilityMilliseconds: 40,
          nonRemHeartRateBeatsPerMinute: '55',
          entropy: 2.9,
        },
      }),
    ).toMatchObject([
      { metric: 'hrv_rmssd', value: 40 },
      { metric: 'google-health.non_rem_heart_rate', value: 55 },
    ])
    const oxygen = { date, averagePercentage: 96.5, lowerBoundPercentage: 92, upperBoundPercentage: 99 }
    expect(only('daily-oxygen-saturation', { dailyOxygenSaturation: oxygen })).toHaveLength(3)
    expect(only('daily-respiratory-rate', { dailyRespiratoryRate: { date, breathsPerMinute: 14.2 } })).toMatchObject([
      { metric: 'respiratory_rate', value: 14.2 },
    ])
    expect(only('daily-vo2-max', { dailyVo2Max: { date, vo2Max: 44.4 } })).toMatchObject([{ value: 44.4 }])
  })

  it('reads the sums of days as the app shows them', () => {
    const day = { civilStartTime: { date, time: {} }, civilEndTime: { date: { ...date, day: 30 } } }
    const sums = (dataType: string, more: object) =>
      normalize({ dataType, rollups: [{ ...day, ...more }] }).accepted.map((one) => [
        (one as { metric: string }).metric,
        (one as { value: number }).value,
      ])
    expect(sums('steps', { steps: { countSum: '8630' } })).toEqual([['steps', 8630]])
    expect(sums('distance', { distance: { millimetersSum: '5123456' } })).toEqual([['distance', 5123.456]])
    expect(sums('total-calories', { totalCalories: { kcalSum: 2351.5 } })).toEqual([['energy_total', 2351.5]])
    expect(sums('sedentary-period', { sedentaryPeriod: { durationSum: '36000s' } })).toEqual([
      ['sedentary_minutes', 600],
    ])
    const zones = { sumInFatBurnHeartZone: '10', sumInCardioHeartZone: '4', sumInPeakHeartZone: '0' }
    expect(sums('active-zone-minutes', { activeZoneMinutes: zones })).toEqual([
      ['google-health.active_zone_minutes', 14],
    ])
    const week = { civilStartTime: { date }, civilEndTime: { date: { year: 2026, month: 4, day: 5 } } }
    expect(normalize({ dataType: 'steps', rollups: [{ ...week, steps: { countSum: '9' } }] }).rejected).toEqual([
      'not_read',
    ])
    expect(normalize({ dataType: 'steps', rollups: [{ ...day, step: {} }] }).rejected).toEqual(['schema'])
  })
})

const night = JSON.parse(readFileSync(new URL('../fixtures/google-health/sleep.json', import.meta.url), 'utf8'))
  .dataPoints[0] as { name: string; sleep: Record<string, unknown> }

describe('nights', () => {
  it('belong to where they end, with a minute out of bed counted once, in the night when the clocks go forward', () => {
    const [session] = only('sleep', night) as Extract<Observation, { shape: 'session' }>[]
    expect(session).toMatchObject({
      kind: 'sleep',
      start: Date.UTC(2026, 2, 28, 22, 10),
      end: Date.UTC(2026, 2, 29, 5, 40),
      offset: 120,
      zoneBasis: 'carried',
      nap: false,
      recordId: 'sleep/5f1c2a7e-0001',
      version: Date.UTC(2026, 2, 29, 5, 55, 30, 250),
      measures: {
        sleep_duration: 26_100,
        sleep_deep: 7200,
        sleep_light: 12_600,
        sleep_rem: 6300,
        sleep_awake: 900,
        sleep_latency: 720,
      },
    })
    const stages = session?.stages ?? []
    expect(stages.map(({ stage }) => stage)).toEqual(['awake', 'light', 'deep', 'rem', 'out_of_bed', 'rem', 'light'])
    expect(stages.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(450 * 60_000)
    expect(secondsIn(stages, 'out_of_bed')).toBe(300)
  })

  it('are corrected by a later update, and by that only', () => {
    const update = (updateTime: string, minutesAsleep: string) =>
      at('sleep', { ...night, sleep: { ...night.sleep, updateTime, summary: { minutesAsleep } } }).observations[0]
    const [older, newer] = [update('2026-03-29T05:55:30Z', '400'), update('2026-03-29T09:00:00Z', '410')]
    expect(older).toMatchObject({ recordId: 'sleep/5f1c2a7e-0001' })
    expect((newer as { version: number }).version).toBeGreaterThan((older as { version: number }).version)
  })

  it('of the older kind count restlessness as awake; a word that is new is no stage', () => {
    const stage = (type: string, from: number, to: number) => ({
      type,
      startTime: `2026-03-28T23:${from}:00Z`,
      endTime: `2026-03-28T23:${to}:00Z`,
    })
    const stages = [stage('ASLEEP', 10, 20), stage('RESTLESS', 20, 25), stage('DREAMLESS', 25, 30), { type: 'REM' }]
    const { observations, rejected } = at('sleep', { ...night, sleep: { interval: night.sleep.interval, stages } })
    expect(rejected).toEqual(['schema'])
    expect((observations[0] as { stages: { stage: string }[] }).stages.map((one) => one.stage)).toEqual([
      'asleep_unspecified',
      'awake',
      'no_data',
    ])
  })

  it('without a name, stages, summary or offset are read for what they are; one that ends before it starts is not', () => {
    const interval = { startTime: '2026-03-28T22:10:00Z', endTime: '2026-03-29T05:40:00Z' }
    expect(only('sleep', { sleep: { interval, summary: null, metadata: 7 } })).toMatchObject([
      { recordId: `sleep/at/${Date.UTC(2026, 2, 29, 5, 40)}`, offset: null, zoneBasis: 'absent', measures: {} },
    ])
    const back = { startTime: interval.endTime, endTime: interval.startTime }
    expect(at('sleep', { sleep: { interval: back } }).rejected).toEqual(['order'])
  })
})

describe('exercises', () => {
  const run = (more: object = {}) => ({
    name: 'users/h-0001/dataTypes/exercise/dataPoints/2026443605080188808',
    dataSource: band,
    exercise: {
      interval: { ...hour, endTime: '2026-03-08T02:14:00Z' },
      exerciseType: 'TRAIL_RUN',
      displayName: 'Trail Run',
      activeDuration: '2600s',
      metricsSummary: {
        caloriesKcal: 431,
        distanceMillimeters: 7_421_500,
        steps: '6012',
        averageSpeedMillimetersPerSecond: 2749,
        averageHeartRateBeatsPerMinute: '151',
        elevationGainMillimeters: 120_500,
      },
      splitSummaries: [
        {
          startTime: '2026-03-08T01:29:00Z',
          endTime: '2026-03-08T01:35:00Z',
          metricsSummary: { distanceMillimeters: 1e6 },
        },
        { splitType: 'MANUAL' },
      ],
      updateTime: '2026-03-08T03:00:00Z',
      ...more,
    },
  })

  it('are workouts with laps and measures in the catalogue’s units', () => {
    const { observations, rejected } = at('exercise', run())
    expect(rejected).toEqual(['schema'])
    expect(observations).toMatchObject([
      {
        kind: 'workout',
        activity: 'trail_running',
        vendorActivity: 'Trail Run',
        start: Date.UTC(2026, 2, 8, 1, 29),
        end: Date.UTC(2026, 2, 8, 2, 14),
        offset: -480,
        recordId: 'exercise/2026443605080188808',
        measures: {
          energy_active: 431,
          distance: 7421.5,
          steps: 6012,
          speed: 2.749,
          heart_rate: 151,
          elevation_gained: 120.5,
        },
        laps: [{ measures: { distance: 1000 } }],
      },
    ])
  })

  it('of every type that Google has are understood, and one that is new keeps its word', () => {
    const activity = (exerciseType: string) =>
      (at('exercise', run({ exerciseType })).observations[0] as { activity: string }).activity
    expect(activity('BIKING')).toBe('cycling')
    expect(activity('HIIT')).toBe('high_intensity_interval_training')
    expect(activity('SWIMMING_OPEN_WATER')).toBe('open_water_swimming')
    expect(activity('WEIGHTS')).toBe('strength_training')
    expect(activity('TREADMILL')).toBe('treadmill_running')
    expect(activity('LAWN_DARTS')).toBe('lawn_darts')
    expect(activity('EXERCISE_TYPE_UNSPECIFIED')).toBe('other')
  })
})

describe('what cannot be read', () => {
  it('is set aside by itself, and the rest goes on', () => {
    const good = { dataSource: band, steps: { interval: hour, count: 5 } }
    const bad = [null, 7, {}, { steps: {} }, { steps: { interval: hour, count: 'many' } }, { heartRate: {} }]
    const { observations, rejected } = at('steps', ...bad, good)
    expect(observations).toHaveLength(1)
    expect(rejected).toEqual(bad.map(() => 'schema'))
    expect(at('electrocardiogram', {}).rejected).toEqual(['not_read'])
  })

  it('withdraws what is missing', () => {
    expect(normalize({ dataType: 'steps', missing: ['steps/2026-03-08T01'] }).observations).toEqual([
      { shape: 'deletion', recordId: 'steps/2026-03-08T01' },
    ])
  })

  it('of any shape never ends the reading', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(dataTypes)),
        fc.array(fc.oneof(fc.jsonValue(), fc.record({ sleep: fc.jsonValue(), steps: fc.jsonValue() })), {
          maxLength: 4,
        }),
        (dataType, points) => {
          normalize({ dataType, points })
        },
      ),
    )
  })

  it('says nothing twice: however pieces overlap, a timeline is in order and no longer than the night', () => {
    const piece = fc
      .tuple(
        fc.integer({ min: -50, max: 150 }),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom('light', 'deep', 'awake'),
      )
      .map(([start, length, stage]) => ({ stage: stage as 'light', start, end: start + length }))
    fc.assert(
      fc.property(fc.array(piece), fc.array(piece), (below, upon) => {
        const line = overlay(timelineOf(below, 0, 100), timelineOf(upon, 0, 100))
        for (const [i, one] of line.entries()) {
          expect(one.end).toBeGreaterThan(one.start)
          expect(one.start).toBeGreaterThanOrEqual(line[i - 1]?.end ?? 0)
          expect(one.end).toBeLessThanOrEqual(100)
        }
      }),
    )
  })
})

describe('documents', () => {
  const read = (document: unknown) => plugin.documents?.(document, 'x.json') ?? null

  it('of the API are read whichever way they are wrapped', () => {
    const steps = { steps: { interval: hour, count: '5' } }
    const forms = [
      { dataPoints: [{ name: '', dataSource: band, ...steps }], nextPageToken: 'x' },
      { dataPoints: [{ dataPointName: '', ...steps }] },
      { reconciledDataPoints: [{ dataPoint: { name: 'n', ...steps } }] },
      { name: 'users/1/dataTypes/steps/dataPoints/p', ...steps },
      [steps],
      { dataPoints: [{ data: steps }] },
    ]
    for (const form of forms) {
      const payloads = read(form) ?? []
      expect(payloads.flatMap((payload) => normalize(payload).accepted)).toMatchObject([{ metric: 'steps', value: 5 }])
    }
    const day = { civilStartTime: { date: { year: 2026, month: 3, day: 7 } }, steps: { countSum: '99' } }
    expect(read({ rollupDataPoints: [day] })?.flatMap((payload) => normalize(payload).accepted)).toMatchObject([
      { shape: 'daily_total', value: 99 },
    ])
    expect(read({ dataPoints: [] })).toEqual([])
    expect(read({ dataPoints: [{ dataSource: band, electrocardiogram: {} }] })?.map(normalize)[0]?.rejected).toEqual([
      'not_read',
    ])
  })

  it('of others are not', () => {
    for (const other of [null, 'x', 1, {}, [], { activities: [] }, [{ dateTime: 'x' }]])
      expect(read(other)?.length ?? 0).toBe(0)
  })

  const folder = shared('payloads', 'google-health')
  it.skipIf(!folder)('of the evaluation set become something, or say why not', () => {
    const files = readdirSync(folder ?? '').filter((file) => file.endsWith('.json'))
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) {
      const payloads = read(JSON.parse(readFileSync(path.join(folder ?? '', file), 'utf8'))) ?? []
      expect(payloads.length, file).toBeGreaterThan(0)
      for (const payload of payloads) {
        const { accepted, rejected } = normalize(payload)
        expect(accepted.length + rejected.length, file).toBeGreaterThan(0)
      }
    }
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { accept, Observation, type ObservationInput } from '@auren/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { healthAutoExport } from '../src/wearables/health-auto-export/index.js'
import { civilOf } from '../src/wearables/health-auto-export/times.js'

const plugin = healthAutoExport()
const receivedAt = Date.UTC(2026, 10, 2)

function normalize(document: unknown, zone: string | null = null) {
  const rejected: string[] = []
  const payload = plugin.payload.safeParse(document)
  const payloads = payload.success ? [payload.data] : (plugin.documents?.(document, '') ?? [])
  const observations: ObservationInput[] = payloads.flatMap((one) => [
    ...plugin.normalize(one, {
      receivedAt,
      account: 'a',
      zoneAt: () => zone,
      reject: (_item, reason) => rejected.push(reason),
    }),
  ])
  for (const one of observations) expect(Observation.safeParse(one).error?.issues ?? []).toEqual([])
  const { accepted, aside } = accept(observations, {
    provider: plugin.id,
    account: 'a',
    receivedAt,
    registry: plugin.metrics ?? {},
  })
  return { observations, accepted, rejected: [...rejected, ...aside.map(({ reason }) => reason)] }
}
const metrics = (...list: unknown[]) => ({ data: { metrics: list } })
const points = (name: string, units: string, ...data: unknown[]) => metrics({ name, units, data })

describe('metrics', () => {
  it('of a minute: steps of joined sources over that minute, on both sides of the lost hour', () => {
    const text = readFileSync(new URL('../fixtures/health-auto-export/export.json', import.meta.url), 'utf8')
    const { accepted, rejected } = normalize(JSON.parse(text))
    expect(rejected).toEqual([])
    const source = { name: "Robin's Apple Watch|iPhone", type: 'watch' }
    expect(accepted.filter((one) => 'metric' in one && one.metric === 'steps')).toMatchObject([
      { start: Date.UTC(2026, 2, 29, 0, 58), end: Date.UTC(2026, 2, 29, 0, 59), value: 40, offset: 60, source },
      { start: Date.UTC(2026, 2, 29, 1, 1), end: Date.UTC(2026, 2, 29, 1, 2), value: 25, offset: 120, source },
    ])
    const value = (metric: string) =>
      accepted.flatMap((one) => ('metric' in one && one.metric === metric ? one.value : []))
    expect(value('weight')[0]).toBeCloseTo(68.0388555, 9)
    expect(value('oxygen_saturation')).toEqual([97])
    expect(value('blood_pressure_systolic')).toEqual([121])
    expect(value('blood_pressure_diastolic')).toEqual([79])
    expect(value('heart_rate')).toEqual([61.5, 110])
    expect(value('health-auto-export.heart_rate_min')).toEqual([58])
    expect(value('health-auto-export.heart_rate_max')).toEqual([66])
    expect(value('mood')).toEqual([0.4])
    expect(accepted.filter((one) => one.shape === 'session')).toMatchObject([
      {
        kind: 'sleep',
        start: Date.UTC(2026, 2, 28, 22, 30),
        end: Date.UTC(2026, 2, 29, 5, 15),
        offset: 120,
        measures: { sleep_duration: 23_400, sleep_light: 14_400, sleep_deep: 3600, sleep_rem: 5400, sleep_awake: 900 },
      },
      {
        kind: 'workout',
        activity: 'running',
        recordId: 'workout/6B1B0F2E-3C0D-4A83-9B0F-1F0D3E7A0001',
        measures: {
          distance: 5200,
          energy_active: 300,
          elevation_gained: 30.48,
          steps: 4750,
          heart_rate: 148,
          heart_rate_max: 171,
        },
      },
    ])
    expect(accepted.filter((one) => one.shape === 'tag')).toMatchObject([
      { tag: 'headache', text: 'Mild', flags: 1 },
      { tag: 'state_of_mind', text: 'Daily Mood; Calm; Family' },
    ])
  })

  it('of days are the phone’s days; of weeks are set aside', () => {
    const day = (date: string) => ({ date: `${date} 00:00:00 -0800`, qty: 9000 })
    expect(normalize(points('step_count', 'count', day('2026-02-06'), day('2026-02-07'))).accepted).toMatchObject([
      { shape: 'daily_total', metric: 'steps', date: '2026-02-06', value: 9000 },
      { shape: 'daily_total', date: '2026-02-07' },
    ])
    const weeks = normalize(points('step_count', 'count', day('2026-02-01'), day('2026-02-08')))
    expect(weeks.accepted).toEqual([])
    expect(weeks.rejected).toEqual(['summed_up'])
    // One automation has one setting: a weight at midnight among points of minutes is of a minute.
    const mixed = metrics(
      { name: 'weight_body_mass', units: 'kg', data: [{ date: '2026-02-06 00:00:00 -0800', qty: 70 }] },
      { name: 'active_energy', units: 'kJ', data: [{ date: '2026-02-06 00:07:00 -0800', qty: 4.184 }] },
    )
    expect(normalize(mixed).accepted).toMatchObject([{ shape: 'sample' }, { shape: 'sample', value: 1, unit: 'kcal' }])
    const hours = points('step_count', 'count', { date: '2026-02-06 13:00:00 -0800', qty: 512 })
    expect(normalize(hours).accepted).toMatchObject([
      { end: Date.UTC(2026, 1, 6, 22), start: Date.UTC(2026, 1, 6, 21) },
    ])
  })

  it('single measurements stay instants', () => {
    const { accepted } = normalize(
      points('heart_rate', 'bpm', { date: '2026-02-06 13:00:07 -0800', Min: 71, Avg: 71, Max: 71, source: 'Watch' }),
    )
    expect(accepted).toHaveLength(1)
    expect(accepted[0]).not.toHaveProperty('end')
  })

  it('takes the units that the phone is set to', () => {
    const at = '2026-02-06 13:00:07 -0800'
    const one = (name: string, units: string, qty: number): unknown =>
      normalize(points(name, units, { date: at, qty })).accepted.map((made) => ('value' in made ? made.value : null))[0]
    expect(one('walking_running_distance', 'mi', 1)).toBe(1609.344)
    expect(one('walking_running_distance', 'km', 1)).toBe(1000)
    expect(one('body_temperature', 'degF', 98.6)).toBeCloseTo(37, 9)
    expect(one('blood_glucose', 'mmol/L', 5)).toBeCloseTo(90.08, 9)
    expect(one('dietary_water', 'fl_oz_us', 10)).toBeCloseTo(295.735295625, 9)
    expect(one('height', 'ft', 6)).toBeCloseTo(182.88, 9)
    expect(one('vo2_max', 'ml/(kg·min)', 44.5)).toBe(44.5)
    expect(one('physical_effort', 'kcal/hr·kg', 3)).toBe(3)
    expect(one('running_speed', 'kmph', 36)).toBeCloseTo(10, 9)
    expect(one('body_fat_percentage', '%', 0.2)).toBe(20)
    expect(one('body_fat_percentage', '%', 20)).toBe(20)
  })

  it('sets broken points aside and goes on', () => {
    const { accepted, rejected } = normalize(
      points(
        'resting_heart_rate',
        'bpm',
        { date: 'yesterday', qty: 50 },
        { date: '2026-02-30 10:00:01 +0000', qty: 50 },
        { date: '2026-02-06 10:00:01 +0000' },
        { date: '2026-02-06 10:00:01 +0000', qty: 'many' },
        null,
        { date: '2026-02-06 10:00:02 +0000', qty: 52 },
      ),
    )
    expect(accepted).toHaveLength(1)
    expect(rejected).toEqual(['schema', 'schema', 'no_value', 'schema', 'schema'])
    expect(normalize(points('uv_exposure', 'count', { date: '2026-02-06 10:00:02 +0000', qty: 1 })).rejected).toEqual([
      'unknown_metric',
    ])
    expect(normalize(points('step_count', 'parsecs', { date: '2026-02-06 10:00:02 +0000', qty: 1 })).rejected).toEqual([
      'unknown_unit',
    ])
  })
})

describe('times', () => {
  it.each([
    ['2024-02-06 14:30:00 -0800', -480],
    ['2024-02-06 2:30:00 PM -0800', -480],
    ['2024-02-06 2:30:00 pm -0800', -480],
    ['2024-02-06 2:30:00\u202fPM -0800', -480],
    ['2024-02-06 2:30:00\u00a0p.m. -0800', -480],
    ['2024-02-06 2:30:00 nachm. -0800', -480],
    ['2024-02-06 下午2:30:00 -0800', -480],
    ['٢٠٢٤-٠٢-٠٦ ٢:٣٠:٠٠\u202fم -0800', -480],
    ['2024-02-06T14:30:00-08:00', -480],
    ['2024-02-06 14:30:00', null],
  ])('%s', (text, offset) => {
    expect(civilOf(text)).toEqual({ local: '2024-02-06T14:30:00.000', offset })
  })

  it('knows midnight and noon of twelve hours, and half-hour zones', () => {
    expect(civilOf('2024-02-06 12:00:00\u202fAM +0545')).toEqual({ local: '2024-02-06T00:00:00.000', offset: 345 })
    expect(civilOf('2024-02-06 12:00:00 PM +0530')).toEqual({ local: '2024-02-06T12:00:00.000', offset: 330 })
    expect(civilOf('2024-02-06 13:00:00 PM +0530')).toBeNull()
  })

  it('anchors what has no offset in the person’s zone', () => {
    const { observations } = normalize(
      points('step_count', 'count', { date: '2026-07-01 10:00:07', qty: 5 }),
      'Asia/Tokyo',
    )
    expect(observations[0]).toMatchObject({ start: Date.UTC(2026, 6, 1, 1, 0, 7), offset: 540, zoneBasis: 'floating' })
  })
})

describe('sleep', () => {
  const stretch = (from: string, to: string, value: string, source = 'Watch') => ({
    startDate: `2026-10-25 ${from}`,
    endDate: `2026-10-25 ${to}`,
    qty: 0.5,
    value,
    source,
  })

  it('of single stretches is a night for each source, over the repeated hour', () => {
    const { observations, rejected } = normalize(
      points(
        'sleep_analysis',
        'hr',
        stretch('01:00:00 +0200', '02:30:00 +0200', 'Core'),
        stretch('02:30:00 +0200', '02:30:00 +0100', 'Deep'),
        stretch('02:30:00 +0100', '03:00:00 +0100', 'REM'),
        stretch('00:45:00 +0200', '03:15:00 +0100', 'In Bed', 'iPhone'),
        stretch('03:00:00 +0100', '03:10:00 +0100', 'Dreaming'),
      ),
    )
    expect(rejected).toEqual(['unknown_code'])
    expect(observations).toHaveLength(2)
    expect(observations.find((one) => 'source' in one && one.source?.name === 'Watch')).toMatchObject({
      start: Date.UTC(2026, 9, 24, 23),
      end: Date.UTC(2026, 9, 25, 2),
      offset: 60,
      measures: { sleep_light: 5400, sleep_deep: 3600, sleep_rem: 1800, sleep_duration: 10_800 },
      stages: [{ stage: 'light' }, { stage: 'deep' }, { stage: 'rem' }],
    })
  })

  it('that grows keeps its name, and so does a night that is summed up', () => {
    const night = (...ends: string[]) =>
      normalize(points('sleep_analysis', 'hr', ...ends.map((end, i) => stretch(`0${i}:00:00 +0200`, end, 'Core'))))
        .observations[0]
    expect(night('00:50:00 +0200')).toMatchObject({
      recordId: (night('00:50:00 +0200', '01:50:00 +0200') as { recordId: string }).recordId,
    })
    const summed = (sleepEnd: string, totalSleep: number) =>
      normalize(
        points('sleep_analysis', 'hr', {
          date: '2026-02-06',
          totalSleep,
          sleepStart: '2026-02-05 23:00:00 -0800',
          sleepEnd,
          source: 'Watch',
        }),
      ).observations[0]
    expect(summed('2026-02-06 03:00:00 -0800', 4)).toMatchObject({ recordId: 'sleep/Watch/2026-02-06' })
    expect(summed('2026-02-06 06:30:00 -0800', 7)).toMatchObject({ recordId: 'sleep/Watch/2026-02-06' })
  })

  it('of older versions: asleep is the whole, from in bed to out of it', () => {
    const { observations } = normalize(
      points('sleep_analysis', 'hr', {
        date: '2021-12-24',
        asleep: 7,
        inBed: 8,
        sleepStart: '2021-12-23 23:10:00 +0800',
        sleepEnd: '2021-12-24 06:40:00 +0800',
        inBedStart: '2021-12-23 23:00:00 +0800',
        inBedEnd: '2021-12-24 07:00:00 +0800',
        sleepSource: 'Sleep Cycle',
      }),
    )
    expect(observations[0]).toMatchObject({
      start: Date.UTC(2021, 11, 23, 15),
      end: Date.UTC(2021, 11, 23, 23),
      measures: { sleep_duration: 25_200 },
      source: { name: 'Sleep Cycle', type: 'app' },
    })
  })

  it('without times is a value of its day; in minutes it is minutes', () => {
    const { observations } = normalize(points('sleep_analysis', 'min', { date: '2026-02-06', totalSleep: 450 }))
    expect(observations).toMatchObject([
      { shape: 'daily_total', metric: 'sleep_duration', date: '2026-02-06', value: 27_000 },
    ])
  })
})

describe('workouts and notes', () => {
  it('version 1, without an id and with beats called counts', () => {
    const { accepted, rejected } = normalize({
      data: {
        workouts: [
          {
            name: 'Indoor Cycling',
            start: '2021-12-24 07:00:00 +0800',
            end: '2021-12-24 07:45:00 +0800',
            activeEnergy: { qty: 836.8, units: 'kJ' },
            totalEnergy: { qty: 1046, units: 'kJ' },
            elevation: { ascent: 12, descent: 3, units: 'm' },
            avgHeartRate: { qty: 131, units: 'bpm' },
            heartRateData: [{ date: '2021-12-24 07:00:30 +0800', qty: 120, units: 'count' }],
            distance: { qty: 3, units: 'parsecs' },
          },
          { name: 'No end', start: '2021-12-24 07:00:00 +0800' },
        ],
      },
    })
    expect(accepted).toMatchObject([
      {
        activity: 'indoor_cycling',
        recordId: 'workout/Indoor Cycling/2021-12-23T23:00:00.000Z',
        measures: { energy_active: 200, energy_total: 250, elevation_gained: 12, heart_rate: 131 },
      },
      { metric: 'heart_rate', value: 120, unit: '/min' },
    ])
    expect(rejected).toEqual(['unknown_unit', 'schema'])
  })

  it.each([
    ['Traditional Strength Training', undefined, 'strength_training'],
    ['Pool Swim', undefined, 'pool_swimming'],
    ['Swimming', 'Open Water', 'open_water_swimming'],
    ['Walking', 'Indoor', 'treadmill_walking'],
    ['High Intensity Interval Training', undefined, 'high_intensity_interval_training'],
    ['Underwater Basket Weaving', undefined, 'other'],
  ])('%s (%s) is %s', (name, location, activity) => {
    const workout = { id: '1', name, location, start: '2026-01-01 10:00:00 +0000', end: '2026-01-01 11:00:00 +0000' }
    expect(normalize({ data: { workouts: [workout] } }).observations[0]).toMatchObject({ activity })
  })

  it('cycle, medication, electrocardiograms and notifications; what is not so is no tag', () => {
    const at = { start: '2026-01-01 10:00:00 +0000', end: '2026-01-01 10:00:30 +0000' }
    const { observations, rejected } = normalize({
      data: {
        symptoms: [{ ...at, name: 'Fatigue', severity: 'Not Present' }, { name: 'Timeless' }],
        cycleTracking: [
          { ...at, name: 'Menstrual Flow', value: 'Medium' },
          { ...at, name: 'Menstrual Flow', value: 'Torrential' },
          { ...at, name: 'Spotting', value: 'Yes' },
        ],
        medications: [
          { ...at, displayText: 'Ibuprofen 200 mg', status: 'Taken', dosage: 2 },
          { ...at, displayText: 'Ibuprofen 200 mg', status: 'Skipped' },
        ],
        ecg: [{ ...at, classification: 'Sinus Rhythm', averageHeartRate: 64, voltageMeasurements: [] }],
        heartRateNotifications: [{ ...at, threshold: 120 }],
      },
    })
    expect(observations).toMatchObject([
      { metric: 'menstrual_flow', value: 3 },
      { tag: 'spotting', text: 'Yes' },
      { tag: 'medication', text: 'Ibuprofen 200 mg', value: 2 },
      { tag: 'ecg', text: 'Sinus Rhythm' },
      { metric: 'heart_rate', value: 64 },
      { tag: 'heart_rate_notification', value: 120 },
    ])
    expect(rejected).toEqual(['schema', 'unknown_code'])
  })
})

describe('documented and recorded payloads', () => {
  const folder = shared('payloads', 'health-auto-export')
  it.skipIf(!folder)('each becomes something, or says why not', () => {
    for (const file of readdirSync(folder as string)) {
      const { observations, rejected } = normalize(JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')))
      expect(observations.length + rejected.length, file).toBeGreaterThan(0)
    }
    const first = (file: string) => normalize(JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))).accepted
    // 0.7685677437484512 kJ / 4.184
    expect(first('irvinlim-ingester_test-0.json')[0]).toMatchObject({
      metric: 'energy_active',
      value: 0.183692099366,
      start: Date.UTC(2021, 11, 23, 16, 4),
      offset: 480,
    })
    expect(first('freereps-md-hae-rest-api-4.json')[0]).toMatchObject({
      kind: 'sleep',
      measures: { sleep_duration: 27_000 },
    })
    expect(first('freereps-health_test-2.json')[0]).toMatchObject({
      measures: { distance: 5632.704, energy_active: 350 },
    })
  })
})

it('whatever a payload holds is read or set aside, the same each time', () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.double(),
    fc.constant(null),
    fc.boolean(),
    fc.constant('2026-02-06 10:00:00 +0100'),
  )
  const item = fc.dictionary(
    fc.constantFrom(
      'name',
      'units',
      'date',
      'qty',
      'Avg',
      'Min',
      'Max',
      'start',
      'end',
      'startDate',
      'endDate',
      'value',
      'source',
      'data',
      'totalSleep',
      'id',
    ),
    scalar,
  )
  const metric = fc.record({
    name: fc.constantFrom('step_count', 'sleep_analysis', 'heart_rate', 'x'),
    units: scalar,
    data: fc.array(item),
  })
  const list = fc.array(item, { maxLength: 5 })
  const payload = fc.record({
    data: fc.record(
      { metrics: fc.array(fc.oneof(metric, item)), workouts: list, symptoms: list, ecg: list, cycleTracking: list },
      { requiredKeys: [] },
    ),
  })
  fc.assert(
    fc.property(payload, (one) => {
      expect(normalize(one)).toEqual(normalize(structuredClone(one)))
    }),
    { numRuns: 200 },
  )
})

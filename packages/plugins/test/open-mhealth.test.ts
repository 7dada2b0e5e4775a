import { readdirSync, readFileSync } from 'node:fs'
import type { ImportStep } from '@auren/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { openMhealth } from '../src/wearables/open-mhealth/index.js'
import { fileOf } from './apple-health-files.js'
import { acceptorOf } from './reading.js'

const plugin = openMhealth()
const receivedAt = Date.UTC(2027, 0, 1)
const fixture = readFileSync(new URL('../fixtures/open-mhealth/data-points.json', import.meta.url))

const normalize = acceptorOf(plugin, receivedAt)
const at = { effective_time_frame: { date_time: '2026-03-29T08:00:00+02:00' } }
const over = {
  effective_time_frame: {
    time_interval: { start_date_time: '2026-03-29T08:00:00+02:00', end_date_time: '2026-03-29T09:00:00+02:00' },
  },
}
const point = (name: string, body: object, header: object = {}) => ({
  header: {
    uuid: 'u',
    schema_id: { namespace: 'omh', name, version: '1.0' },
    source_creation_date_time: '2026-03-29T12:00:00Z',
    ...header,
  },
  body,
})

it('data points of both namespaces, on the night on which the clocks go forward', () => {
  const { accepted, rejected } = normalize(JSON.parse(fixture.toString()))
  expect(rejected).toEqual([])
  expect(accepted).toMatchObject([
    {
      metric: 'resting_heart_rate',
      value: 58,
      start: Date.UTC(2026, 2, 29, 1),
      offset: 120,
      zoneBasis: 'carried',
      recordId: '9d2f8a10-6d4b-4a57-8a3c-5b1c0a7e0001',
      source: { name: 'urn:example:chest-strap', type: 'unknown' },
      version: Date.UTC(2026, 2, 29, 1, 5),
    },
    {
      metric: 'weight',
      value: 68.0388555,
      source: { name: 'Robin', type: 'manual' },
      flags: 1,
      version: Date.UTC(2026, 2, 29, 6, 30),
      createdAt: Date.UTC(2026, 2, 29, 6),
    },
    {
      kind: 'sleep',
      start: Date.UTC(2026, 2, 28, 22, 30),
      end: Date.UTC(2026, 2, 29, 5, 30),
      offset: 120,
      measures: { sleep_duration: 23_400, sleep_latency: 720, sleep_deep: 5400, sleep_efficiency: 92.9 },
      stages: [
        { stage: 'light', start: Date.UTC(2026, 2, 28, 22, 30), end: Date.UTC(2026, 2, 29, 3, 30) },
        { stage: 'deep', start: Date.UTC(2026, 2, 29, 3, 30), end: Date.UTC(2026, 2, 29, 5) },
      ],
    },
    {
      kind: 'workout',
      activity: 'walking',
      measures: { steps: 4200, distance: 3100, energy_active: 160, met: 3.5 },
    },
  ])
})

describe('a data point', () => {
  it('with a statistic is no measurement', () => {
    const rate = (more: object, metric = 'heart_rate', unit = 'beats/min') =>
      normalize(point(metric.replaceAll('_', '-'), { [metric]: { value: 50, unit }, ...over, ...more }))
    expect(rate({ descriptive_statistic: 'minimum' }).accepted).toMatchObject([
      { metric: 'open-mhealth.heart_rate_minimum', value: 50, end: Date.UTC(2026, 2, 29, 7) },
    ])
    expect(rate({ descriptive_statistic: 'standard deviation' }).rejected).toEqual(['descriptive_statistic'])
    expect(rate({ descriptive_statistic: 'average', descriptive_statistic_denominator: 'd' }).rejected).toEqual([
      'descriptive_statistic',
    ])
    expect(rate({ descriptive_statistic: 'minmum' }).rejected).toEqual(['unknown_code'])
    expect(rate({ descriptive_statistic: 'sum' }, 'step_count', 'steps').accepted).toMatchObject([
      { metric: 'steps', value: 50 },
    ])
    expect(rate({ descriptive_statistic: 'average' }, 'step_count', 'steps').rejected).toEqual([
      'descriptive_statistic',
    ])
    const night = point('total-sleep-time', {
      total_sleep_time: { value: 7, unit: 'h' },
      descriptive_statistic: 'average',
      descriptive_statistic_denominator: 'd',
      ...over,
    })
    expect(normalize(night).rejected).toEqual(['descriptive_statistic'])
  })

  it('has a time frame of one of the schema’s forms', () => {
    const frame = (effective_time_frame: unknown) =>
      normalize(point('speed', { speed: { value: 3.6, unit: 'km/h' }, effective_time_frame }))
    const eight = Date.UTC(2026, 2, 29, 6)
    const only = (given: unknown) => frame(given).accepted[0]
    expect(only({ date_time: '2026-03-29T08:00:00+02:00' })).toMatchObject({ start: eight, offset: 120, value: 1 })
    expect(only({ date_time: '2026-03-29T06:00:00Z' })).toMatchObject({
      start: eight,
      offset: null,
      zoneBasis: 'absent',
    })
    expect(only({ date_time: '2026-03-29T06:00:00' })).toMatchObject({ start: eight, offset: null })
    expect(only({ date_time: '2026-03-29T06:00:00+00:00' })).toMatchObject({
      start: eight,
      offset: 0,
      zoneBasis: 'carried',
    })
    const start_date_time = '2026-03-29T08:00:00+02:00'
    const end_date_time = '2026-03-29T09:00:00+02:00'
    const duration = { value: 1, unit: 'h' }
    for (const time_interval of [
      { start_date_time, end_date_time },
      { start_date_time, duration },
      { end_date_time, duration },
    ])
      expect(only({ time_interval })).toMatchObject({ start: eight, end: eight + 3_600_000 })
    expect(only({ time_interval: { date: '2026-03-29', part_of_day: 'morning' } })).toMatchObject({
      shape: 'daily_total',
      date: '2026-03-29',
    })
    for (const wrong of [
      undefined,
      {},
      { date_time: 'now' },
      { time_interval: { duration } },
      { time_interval: { start_date_time } },
      { time_interval: { start_date_time: end_date_time, end_date_time: start_date_time } },
      { time_interval: { start_date_time, duration: { value: 1, unit: 'Mo' } } },
      { time_interval: { date: '2026-03-29', part_of_day: 'tea time' } },
      { date_time: start_date_time, time_interval: { start_date_time, duration } },
    ])
      expect(frame(wrong)).toMatchObject({ accepted: [], rejected: ['no_time'] })
  })

  it('that is against its schema is set aside, and the rest goes on', () => {
    const bad: [object, string][] = [
      [point('heart-rate', { heart_rate: { value: 60, unit: 'beat/min' }, ...at }), 'unknown_unit'],
      [point('heart-rate', { heart_rate: '60', ...at }), 'schema'],
      [
        point('heart-rate', {
          heart_rate: { value: 60, unit: 'beats/min' },
          ...at,
          temporal_relationship_to_sleep: 'dreaming',
        }),
        'unknown_code',
      ],
      [point('step-count', { step_count: { value: 10, unit: 'steps' }, ...at }), 'no_interval'],
      [point('sleep-episode', { ...at }), 'no_interval'],
      [point('physical-activity', { ...over }), 'schema'],
      [
        point('physical-activity', {
          activity_name: 'walking',
          effective_time_frame: { time_interval: { date: '2026-03-29', part_of_day: 'morning' } },
        }),
        'part_of_day',
      ],
      [point('sleep-duration', { sleep_duration: { value: 16, unit: 'h' }, ...over }), 'inconsistent'],
      [point('blood-pressure', { systolic_blood_pressure: { value: 120, unit: 'mmHg' }, ...at }), 'schema'],
      [point('orientation', { ...at }), 'unknown_schema'],
      [point('constructor', { ...at }), 'unknown_schema'],
      [{ header: {}, body: 'x' }, 'schema'],
      [{ header: 1 }, 'schema'],
    ]
    const good = point('heart-rate', { heart_rate: { value: 60, unit: 'beats/min' }, ...at })
    const { accepted, rejected } = normalize([...bad.map(([one]) => one), good])
    expect(rejected).toEqual(bad.map(([, reason]) => reason))
    expect(accepted).toMatchObject([{ metric: 'heart_rate', value: 60 }])
  })

  it('of a day is values of the day; a series has its bodies named apart; a nap is a nap', () => {
    const day = {
      effective_time_frame: {
        time_interval: { start_date_time: '2026-03-28T00:00:00-08:00', duration: { value: 1, unit: 'd' } },
      },
    }
    const active = point('physical-activity', {
      activity_name: 'all',
      base_movement_quantity: { value: 8000, unit: 'steps' },
      kcal_burned: { value: 400, unit: 'kcal' },
      ...day,
    })
    expect(normalize(active).accepted).toMatchObject([
      { shape: 'daily_total', metric: 'energy_active', date: '2026-03-28', value: 400 },
      { shape: 'daily_total', metric: 'steps', date: '2026-03-28', value: 8000 },
    ])
    const rate = (value: number) => ({ heart_rate: { value, unit: 'beats/min' }, ...at })
    expect(normalize({ ...point('heart-rate', {}), body: [rate(60), rate(61)] }).accepted).toMatchObject([
      { recordId: 'u/0' },
      { recordId: 'u/1', value: 61 },
    ])
    expect(normalize(point('sleep-episode', { is_main_sleep: false, ...over })).accepted).toMatchObject([{ nap: true }])
  })
})

describe('the schemas’ own test data', () => {
  const folder = shared('payloads', 'open-mhealth')
  it.skipIf(!folder)('what should fail is set aside, what should pass is read or says why not', () => {
    for (const file of readdirSync(folder as string)) {
      const { accepted, rejected } = normalize(JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')), file)
      expect(accepted.length + rejected.length, file).toBeGreaterThan(0)
      if (file.startsWith('FAIL-')) expect(accepted, file).toEqual([])
    }
    const one = (file: string) => normalize(JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')), file).accepted
    expect(one('omh-body-temperature-3.0-valid-temperature.json')).toMatchObject([
      { metric: 'body_temperature', value: 36.1111111111 },
    ])
    expect(one('omh-blood-pressure-4.0-blood-pressure-only.json')).toMatchObject([
      { value: 115, offset: -480 },
      { value: 60 },
    ])
    expect(one('omh-sleep-episode-1.1-valid-sleep-episode.json')).toMatchObject([
      {
        end: Date.UTC(2016, 1, 6, 6, 35),
        measures: { sleep_duration: 30_600, sleep_latency: 1050, sleep_awake: 1800, sleep_efficiency: 94.4 },
      },
    ])
    expect(one('omh-physical-activity-1.2-with-calories-burned.json')).toMatchObject([
      { activity: 'walking', measures: { distance: 4988.9664, energy_active: 160, met: 3.5 } },
    ])
    expect(one('omh-total-sleep-time-1.0-valid-total-sleep-time.json')).toMatchObject([
      { kind: 'sleep', offset: -480, measures: { sleep_duration: 27_900 } },
    ])
    expect(one('granola-hk-workout-1.0-with-duration.json')).toMatchObject([
      { activity: 'cycling', measures: { distance: 2414.016 } },
    ])
    expect(one('ieee-ambient-sound-1.0-valid-ambient-sound.json')).toMatchObject([
      { metric: 'audio_environmental', value: 75 },
    ])
  })
})

it('a file: an array, one, or one in each line', async () => {
  const points = JSON.parse(fixture.toString()) as unknown[]
  const lines = `${points.map((one) => JSON.stringify(one)).join('\n')}\nnot JSON\n{"type":"auren","v":1,"dataPoints":4,"leftOut":{}}\n`
  const read = async (content: Buffer) => {
    const file = fileOf(content, 'x.json')
    expect(await plugin.file?.recognises('x.json', content.subarray(0, 65_536), file)).toBe(true)
    const steps: ImportStep[] = []
    const ctx = { account: 'a', cursor: null, signal: new AbortController().signal, receivedAt, zoneAt: () => null }
    for await (const step of plugin.file?.read(file, ctx) ?? []) steps.push(step)
    return {
      made: steps.flatMap(({ observations }) => observations),
      aside: steps.flatMap(({ rejected }) => rejected.map(({ reason }) => reason)),
    }
  }
  const expected = normalize(points).observations
  expect(await read(fixture)).toEqual({ made: expected, aside: [] })
  expect(await read(Buffer.from(lines))).toEqual({ made: expected, aside: ['row_malformed'] })
  expect((await read(Buffer.from(JSON.stringify(points[0])))).made).toEqual(expected.slice(0, 1))
})

it('whatever a data point holds is read or set aside, the same each time', () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.double(),
    fc.constant(null),
    fc.constant({ value: 3, unit: 'h' }),
    fc.constant('2026-02-06T10:00:00Z'),
  )
  const frame = fc.oneof(
    leaf,
    fc.record(
      {
        date_time: leaf,
        time_interval: fc.oneof(
          leaf,
          fc.record({ start_date_time: leaf, end_date_time: leaf, duration: leaf }, { requiredKeys: [] }),
        ),
      },
      { requiredKeys: [] },
    ),
  )
  const body = fc.record(
    {
      heart_rate: leaf,
      step_count: leaf,
      total_sleep_time: leaf,
      activity_name: leaf,
      distance: leaf,
      sleep_stage_episodes: fc.oneof(leaf, fc.array(leaf)),
      quantity_samples: fc.array(leaf),
      effective_time_frame: frame,
      descriptive_statistic: leaf,
    },
    { requiredKeys: [] },
  )
  const name = fc.constantFrom(
    'heart-rate',
    'step-count',
    'sleep-stage-summary',
    'physical-activity',
    'hk-correlation',
    'x',
  )
  const header = fc.record(
    {
      uuid: leaf,
      schema_id: fc.oneof(leaf, fc.record({ name })),
      source_creation_date_time: leaf,
      external_datasheets: fc.oneof(
        leaf,
        fc.array(fc.record({ datasheet_reference: fc.oneof(fc.string(), fc.constant('urn:auren:metric:%')) })),
      ),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.array(fc.record({ header, body: fc.oneof(body, fc.array(body)) })), (points) => {
      expect(normalize(points)).toEqual(normalize(structuredClone(points)))
    }),
    { numRuns: 200 },
  )
})

import { readdirSync, readFileSync } from 'node:fs'
import type { NormalizeContext, ObservationInput } from '@auren/core'
import { Observation } from '@auren/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { terra } from '../src/wearables/terra/index.js'
import type { DataType } from '../src/wearables/terra/payload.js'

const plugin = terra({ signingSecret: 's3cret' })
const user = { user_id: 'u1', provider: 'GARMIN', last_webhook_update: '2026-04-01T09:00:00.000000+00:00' }
const updated = Date.parse('2026-04-01T09:00:00Z')

function normalize(
  type: DataType,
  data: unknown[],
  more: object = {},
  zone: string | null = null,
): { observations: ObservationInput[]; rejected: string[] } {
  const rejected: string[] = []
  const ctx: NormalizeContext = {
    receivedAt: 5,
    account: 'u1',
    zoneAt: () => zone,
    reject: (_item, reason) => rejected.push(reason),
  }
  const observations = [...plugin.normalize(plugin.payload.parse({ type, user: { ...user, ...more }, data }), ctx)]
  for (const one of observations) expect(Observation.safeParse(one).error?.issues ?? []).toEqual([])
  return { observations, rejected }
}
const samplesOf = (observations: ObservationInput[], metric: string) =>
  observations.flatMap((o) => (o.shape === 'sample' && o.metric === metric ? [o] : []))

const night = {
  metadata: {
    start_time: '2026-03-28T23:30:00.000000+01:00',
    end_time: '2026-03-29T07:00:00.000000+02:00',
    summary_id: 'n1',
    is_nap: false,
    upload_type: 2,
  },
  device_data: { name: 'Forerunner 255' },
  sleep_durations_data: {
    asleep: {
      duration_asleep_state_seconds: 21_000,
      duration_deep_sleep_state_seconds: 5400,
      duration_REM_sleep_state_seconds: null,
    },
    awake: { duration_awake_state_seconds: 2400 },
    sleep_efficiency: 90,
    hypnogram_samples: [
      { timestamp: '2026-03-28T23:30:00.000000+01:00', level: 1 },
      { timestamp: '2026-03-28T23:45:00.000000+01:00', level: 4 },
      { timestamp: '2026-03-29T01:45:00.000000+01:00', level: 42 },
      { timestamp: '2026-03-29T03:00:00.000000+02:00', level: 5 },
      { level: 6 },
    ],
  },
  heart_rate_data: {
    summary: { avg_hr_bpm: 52, min_hr_bpm: 0 },
    detailed: {
      hr_samples: [
        { timestamp: '2026-03-28T23:31:00+01:00', bpm: 55 },
        { timestamp: '2026-03-28T23:32:00+01:00', bpm: null },
        { timestamp: '2026-03-28T23:33:00+01:00', bpm: 0 },
      ],
    },
  },
  scores: { sleep: 81 },
}

describe('sleep', () => {
  it('makes six and a half hours of the night of the clock change, with its stages', () => {
    const { observations, rejected } = normalize('sleep', [night])
    const session = observations[0]
    if (session?.shape !== 'session') throw new Error('no session')
    expect(session.end - session.start).toBe(6.5 * 3_600_000)
    expect(session).toMatchObject({
      kind: 'sleep',
      nap: false,
      offset: 120,
      zoneBasis: 'carried',
      recordId: 'sleep/n1',
      version: updated,
      source: { name: 'Forerunner 255', type: 'watch' },
      measures: { sleep_duration: 21_000, sleep_deep: 5400, sleep_awake: 2400, sleep_efficiency: 90, heart_rate: 52 },
    })
    expect(Object.keys(session.measures ?? {})).not.toContain('heart_rate_min')
    // 23:30 to 23:45, then two hours to 01:45, then a quarter to 02:00 = 03:00, then four hours to 07:00.
    expect(session.stages?.map(({ stage, start, end }) => [stage, (end - start) / 60_000])).toEqual([
      ['awake', 15],
      ['light', 120],
      ['no_data', 15],
      ['deep', 240],
    ])
    expect(rejected).toEqual(['schema'])
    expect(samplesOf(observations, 'heart_rate')).toMatchObject([{ value: 55 }])
    expect(samplesOf(observations, 'terra.sleep_score')).toMatchObject([{ value: 81, start: session.end }])
  })

  it('reads an efficiency in per cent and as a fraction, as the vendors behind Terra write it', () => {
    const of = (sleep_efficiency: number) => {
      const durations = { ...night.sleep_durations_data, sleep_efficiency }
      const [session] = normalize('sleep', [{ ...night, sleep_durations_data: durations }]).observations
      return session?.shape === 'session' ? session.measures?.sleep_efficiency : 'no session'
    }
    expect([91.5, 0.915, 1, 0].map(of)).toEqual([91.5, 91.5, 100, undefined])
  })

  it('names a night without an id by its start, so that it can grow', () => {
    const metadata = { ...night.metadata, summary_id: null }
    const early = normalize('sleep', [{ ...night, metadata: { ...metadata, end_time: '2026-03-29T01:00:00+01:00' } }])
    const late = normalize('sleep', [{ ...night, metadata }], { last_webhook_update: '2026-04-01T10:00:00+00:00' })
    const [a, b] = [early.observations[0], late.observations[0]]
    if (a?.shape !== 'session' || b?.shape !== 'session') throw new Error('no session')
    expect(a.recordId).toBe(b.recordId)
    expect(b.version as number).toBeGreaterThan(a.version as number)
  })
})

const dayOf = (start_time: string, more: object = {}) => ({
  metadata: { start_time, end_time: start_time, upload_type: 0, ...more },
  distance_data: { steps: 11_894, distance_meters: 9412.7 },
})

describe('days', () => {
  it('are kept under the date as it is written, whatever its offset', () => {
    for (const stamp of [
      '2026-04-01T00:00:00.000000+13:00',
      '2026-04-01T00:00:00.000000-11:00',
      '2026-04-01T00:00:00Z',
      '2026-04-01',
    ]) {
      expect(normalize('daily', [dayOf(stamp)]).observations[0]).toMatchObject({
        metric: 'steps',
        date: '2026-04-01',
        value: 11_894,
        recordId: 'daily/2026-04-01',
      })
    }
  })

  it('come again with more in them: the last update outranks, in whatever order they arrive', () => {
    const version = (last_webhook_update: string | null) =>
      (normalize('daily', [dayOf('2026-04-01')], { last_webhook_update }).observations[0] as { version: number })
        .version
    expect(version('2026-04-01T20:00:00+00:00')).toBeGreaterThan(version('2026-04-01T12:00:00.000000+00:00'))
    // Where Terra does not say it, the receipt orders them.
    expect(version(null)).toBe(5)
  })

  it('make intervals of what counts up, and begin anew where the count falls', () => {
    const at = (minute: number, steps: number | null) => ({ timestamp: `2026-04-01T10:0${minute}:00+02:00`, steps })
    const { observations } = normalize('daily', [
      {
        ...dayOf('2026-04-01'),
        distance_data: {
          detailed: { step_samples: [at(0, 100), at(1, 180), at(2, null), at(3, 180), at(4, 20), at(5, 30)] },
        },
      },
    ])
    const start = Date.parse('2026-04-01T08:00:00Z')
    expect(samplesOf(observations, 'steps').map((o) => [o.start - start, (o.end ?? 0) - start, o.value])).toEqual([
      [0, 60_000, 80],
      [240_000, 300_000, 10],
    ])
  })

  it('never adds more than the count itself', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500), { minLength: 1, maxLength: 50 }), (gains) => {
        let count = 0
        const step_samples = gains.map((gain, i) => {
          count += gain
          return { timestamp: new Date(Date.UTC(2026, 3, 1) + i * 60_000).toISOString(), steps: count }
        })
        const { observations } = normalize('daily', [
          { ...dayOf('2026-04-01'), distance_data: { detailed: { step_samples } } },
        ])
        const sum = samplesOf(observations, 'steps').reduce((all, { value }) => all + value, 0)
        expect(sum).toBe(count - (gains[0] as number))
      }),
    )
  })

  it('leaves codes below zero, nulls and zero hearts out, and keeps tags as words of the person', () => {
    const { observations, rejected } = normalize('daily', [
      {
        ...dayOf('2026-04-01'),
        distance_data: null,
        heart_rate_data: { summary: { resting_hr_bpm: 0 } },
        stress_data: {
          avg_stress_level: -1,
          samples: [
            { timestamp: '2026-04-01T10:00:00+02:00', level: -2 },
            { timestamp: '2026-04-01T10:03:00+02:00', level: 31 },
          ],
        },
        tag_data: {
          tags: [
            { timestamp: '2026-04-01T21:00:00+02:00', tag_name: 'tag_generic_alcohol', notes: 'two glasses' },
            { tag_name: 'late' },
          ],
        },
      },
    ])
    expect(observations).toMatchObject([
      { metric: 'terra.stress_level', value: 31 },
      { shape: 'tag', tag: 'alcohol', text: 'two glasses', start: Date.parse('2026-04-01T19:00:00Z') },
    ])
    expect(rejected).toEqual(['schema'])
  })
})

describe('times', () => {
  const at = (stamp: string, timestamp_localization: number | null, zone: string | null = 'Europe/Berlin') => {
    const metadata = {
      start_time: stamp,
      end_time: '2026-03-30T23:00:00Z',
      timestamp_localization,
      type: 8,
      upload_type: 1,
      summary_id: 'a',
    }
    const [session] = normalize('activity', [{ metadata }], {}, zone).observations
    if (session?.shape !== 'session') throw new Error('no session')
    return [new Date(session.start).toISOString(), session.offset, session.zoneBasis]
  }
  it('takes an offset for what it says, and a zero or none as the localization explains it', () => {
    expect(at('2026-03-29T10:00:00.000000+05:45', 1)).toEqual(['2026-03-29T04:15:00.000Z', 345, 'carried'])
    expect(at('2026-03-29T10:00:00.000000+00:00', 0)).toEqual(['2026-03-29T10:00:00.000Z', null, 'absent'])
    expect(at('2026-03-29T10:00:00Z', null)).toEqual(['2026-03-29T10:00:00.000Z', null, 'absent'])
    expect(at('2026-03-29T10:00:00.000000+00:00', 1)).toEqual(['2026-03-29T08:00:00.000Z', 120, 'floating'])
    expect(at('2026-03-29T10:00:00', null)).toEqual(['2026-03-29T08:00:00.000Z', 120, 'floating'])
    expect(at('2026-03-29T10:00:00', 0)).toEqual(['2026-03-29T10:00:00.000Z', null, 'absent'])
    expect(at('2026-03-29T10:00:00', 1, null)).toEqual(['2026-03-29T10:00:00.000Z', null, 'floating'])
    // 02:30 is left out in Berlin on that day: half past three.
    expect(at('2026-03-29T02:30:00', 1)[0]).toBe('2026-03-29T01:30:00.000Z')
  })
})

describe('workouts', () => {
  const metadata = {
    summary_id: 'w1',
    start_time: '2026-04-01T07:04:11.000000+01:00',
    end_time: '2026-04-01T07:52:48.000000+01:00',
    type: 8,
    upload_type: 1,
    name: 'Morning Run',
  }
  it('are withdrawn where the vendor took them back, and marked where they were typed in', () => {
    expect(normalize('activity', [{ metadata: { ...metadata, upload_type: 4 } }]).observations).toEqual([
      { shape: 'deletion', recordId: 'activity/w1', version: updated },
    ])
    expect(normalize('activity', [{ metadata: { ...metadata, upload_type: 2 } }]).observations[0]).toMatchObject({
      flags: 1,
    })
  })

  it('set a lap aside that ends before it starts', () => {
    const lap = (from: string, to: string) => ({
      start_time: `2026-04-01T07:${from}:00+01:00`,
      end_time: `2026-04-01T07:${to}:00+01:00`,
    })
    const laps = [lap('05', '15'), lap('30', '20')]
    const { observations, rejected } = normalize('activity', [{ metadata, lap_data: { laps } }])
    expect(observations[0]?.shape === 'session' ? observations[0].laps : []).toHaveLength(1)
    expect(rejected).toEqual(['order'])
  })

  it('of a type that is not known are kept as other, and a broken one is set aside by itself', () => {
    const { observations, rejected } = normalize('activity', [
      { metadata: { ...metadata, type: 9000 } },
      { metadata: null },
      { metadata: { ...metadata, end_time: metadata.start_time } },
      { metadata: { ...metadata, start_time: 'sometime soon' } },
    ])
    expect(observations).toMatchObject([{ activity: 'other', recordId: 'activity/w1' }])
    expect(observations[0]).not.toHaveProperty('vendorActivity')
    expect(rejected).toEqual(['unknown_code', 'schema', 'order', 'schema'])
  })

  it.each([
    [1, 'cycling'],
    [17, 'indoor_cycling'],
    [58, 'treadmill_running'],
    [80, 'strength_training'],
    [83, 'pool_swimming'],
    [114, 'high_intensity_interval_training'],
    [149, 'trail_running'],
  ])('of type %i are %s', (type, activity) => {
    expect(normalize('activity', [{ metadata: { ...metadata, type } }]).observations[0]).toMatchObject({ activity })
  })
})

describe('body, nutrition, menstruation', () => {
  it('reads each measurement at its own time and in its own unit', () => {
    const { observations, rejected } = normalize('body', [
      {
        metadata: { start_time: '2026-04-01T00:00:00+02:00', end_time: '2026-04-02T00:00:00+02:00' },
        measurements_data: {
          measurements: [
            { measurement_time: '2026-04-01T07:00:00+02:00', weight_kg: 72.4, muscle_mass_g: 35_000, BMI: null },
            { weight_kg: 1 },
          ],
        },
        blood_pressure_data: {
          blood_pressure_samples: [{ timestamp: '2026-04-01T07:05:00+02:00', systolic_bp: 118, diastolic_bp: 76 }],
        },
        oxygen_data: {
          saturation_samples: [
            { timestamp: '2026-04-01T07:06:00+02:00', percentage: 97, type: 0 },
            { timestamp: '2026-04-01T07:07:00+02:00', percentage: 60, type: 1 },
          ],
        },
      },
    ])
    expect(observations.map((o) => (o.shape === 'sample' ? [o.metric, o.value, o.unit] : []))).toEqual([
      ['weight', 72.4, 'kg'],
      ['muscle_mass', 35_000, 'g'],
      ['blood_pressure_systolic', 118, 'mmHg'],
      ['blood_pressure_diastolic', 76, 'mmHg'],
      ['oxygen_saturation', 97, '%'],
    ])
    expect(observations[0]).toMatchObject({ start: Date.parse('2026-04-01T05:00:00Z'), recordId: 'body/2026-04-01' })
    expect(rejected).toEqual(['schema'])
  })

  it('reads the flow that was entered, and no prediction', () => {
    const metadata = { start_time: '2026-04-01T00:00:00+02:00', end_time: '2026-04-02T00:00:00+02:00' }
    const flow = (...codes: (number | null)[]) =>
      codes.map((code) => ({ timestamp: '2026-04-01T08:00:00+02:00', flow: code }))
    const { observations, rejected } = normalize('menstruation', [
      { metadata, menstruation_data: { menstruation_flow: flow(4, 1, 5, 0, null, 77) } },
      { metadata, menstruation_data: { is_predicted_cycle: true, menstruation_flow: flow(4) } },
    ])
    expect(observations.map((o) => (o.shape === 'sample' ? o.value : null))).toEqual([4, 0, 1])
    expect(rejected).toEqual(['unknown_code', 'predicted'])
  })
})

const folder = shared('payloads', 'terra')
describe.skipIf(folder === null)('published examples', () => {
  const names = folder === null ? [] : readdirSync(folder).filter((name) => name.endsWith('.json'))
  const read = (name: string): unknown => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))
  const plan = (name: string) => plugin.webhook!.plan(read(name), { receivedAt: 0 })
  const account = '40f7b0e1-89e2-43ac-a5b8-1e29c8d47cad'
  const observe = (name: string) => {
    const payload = plan(name)[0]?.payload
    if (!payload) throw new Error('no payload')
    return normalize(payload.type, payload.data, payload.user)
  }

  it.each(names)('%s is planned without an error', (name) => {
    expect(Array.isArray(plan(name))).toBe(true)
  })

  it('become what they say', () => {
    expect(observe('webhook-activity.json')).toMatchObject({
      rejected: [],
      observations: [
        {
          activity: 'running',
          vendorActivity: 'Running',
          recordId: 'activity/123e4567-e89b-12d3-a456-426614174000',
          start: Date.parse('2026-07-01T06:04:11Z'),
          offset: 60,
          text: 'Morning Run',
          source: { name: 'GARMIN', type: 'watch' },
          version: Date.parse('2026-07-01T09:12:33.891Z'),
          measures: {
            distance: 8250.4,
            steps: 7902,
            energy_total: 512.5,
            energy_active: 431.2,
            heart_rate: 148.2,
            heart_rate_max: 181,
          },
        },
      ],
    })
    expect(observe('webhook-sleep.json').observations[0]).toMatchObject({
      start: Date.parse('2026-06-30T22:12:00Z'),
      end: Date.parse('2026-07-01T06:02:00Z'),
      flags: 1,
      measures: {
        sleep_duration: 25_200,
        sleep_deep: 5400,
        sleep_rem: 5100,
        sleep_awake: 1500,
        sleep_efficiency: 91.5,
      },
    })
    expect(observe('webhook-daily.json').observations).toMatchObject([
      { metric: 'steps', date: '2026-07-01', value: 11_894 },
      { metric: 'distance', value: 9412.7 },
      { metric: 'energy_total', value: 2450.8 },
      { metric: 'active_minutes', value: 5340, unit: 's' },
    ])
    expect(observe('webhook-body.json').observations).toMatchObject([
      { metric: 'weight', value: 72.4, start: Date.parse('2026-07-01T06:55:02Z'), offset: 60 },
      { metric: 'bmi', value: 22.6 },
      { metric: 'body_fat', value: 17.9 },
      { metric: 'resting_heart_rate', value: 52, date: '2026-07-01' },
    ])
    expect(observe('webhook-nutrition.json').observations).toMatchObject([
      { metric: 'energy_intake', value: 2105 },
      { metric: 'carbohydrate_intake', value: 231 },
      { metric: 'terra.protein_intake', value: 128.4 },
      { metric: 'terra.fat_intake', value: 71.3 },
      { metric: 'hydration', value: 2300, unit: 'mL' },
    ])
    expect(observe('webhook-menstruation.json')).toEqual({ observations: [], rejected: [] })
  })

  it('end, rename and change connections', () => {
    expect(plan('webhook-deauth.json')).toEqual([{ account, lifecycle: 'deauthorized' }])
    expect(plan('webhook-access_revoked.json')).toEqual([{ account, lifecycle: 'deauthorized' }])
    expect(plan('webhook-user_reauth.json')).toEqual([{ account, renamedTo: '9c8b7a65-4321-4fed-a0b9-87c6d5e4f321' }])
    expect(plan('webhook-permission_change.json')).toEqual([
      { account, permissions: ['ACTIVITY_EXPORT', 'HEALTH_EXPORT', 'BODY_EXPORT'] },
    ])
    for (const name of [
      'auth-authSuccess',
      'connection_error',
      'large_request_sending',
      'large_request_processing',
      'athlete',
    ])
      expect(plan(`webhook-${name}.json`)).toEqual([{ account }])
    expect(plan('webhook-auth-authCancelled.json')).toEqual([])
    expect(plan('webhook-s3_upload.json')).toMatchObject([
      { account: 's3_payload', fetch: [{ resource: 's3_payload' }] },
    ])
  })
})

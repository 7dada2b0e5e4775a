import { accept, type Observation, type ObservationInput } from '@auren/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createOpenMHealthExport, type DataPoint, openMhealth } from '../src/wearables/open-mhealth/index.js'
import { openRig } from './ingest-rig.js'

const plugin = openMhealth()
const receivedAt = Date.UTC(2027, 0, 1)
const watch = { name: 'Robin’s Watch', type: 'watch' } as const
const at = { start: Date.UTC(2026, 2, 29, 1), source: watch, offset: 120, zoneBasis: 'carried' } as const
const hour = { ...at, end: at.start + 3_600_000 }

/** What the schemas of IEEE 1752.1 and Open mHealth say of what is written, by hand and strict. */
const stamp = z.iso.datetime({ offset: true })
const interval = z.strictObject({ start_date_time: stamp, end_date_time: stamp })
const timed = z.strictObject({ time_interval: interval })
const frame = z.union([z.strictObject({ date_time: stamp }), timed])
const unit = (...units: string[]) => z.strictObject({ value: z.number(), unit: z.enum(units) })
const duration = unit('ps', 'ns', 'us', 'ms', 'sec', 'min', 'h', 'd', 'wk', 'Mo', 'yr')
const statistic = z.enum(['average', 'sum']).optional()
const simple = (field: string, value: z.ZodType, more: Record<string, z.ZodType> = {}) =>
  z.strictObject({ [field]: value, effective_time_frame: frame, descriptive_statistic: statistic, ...more })
const night = {
  total_sleep_time: duration,
  latency_to_sleep_onset: duration.optional(),
  light_sleep_duration: duration.optional(),
  deep_sleep_duration: duration.optional(),
  rem_sleep_duration: duration.optional(),
  sleep_efficiency_percentage: unit('%').optional(),
}
const bodies: Record<string, z.ZodType> = {
  'omh:heart-rate:2.0': simple('heart_rate', unit('beats/min'), {
    temporal_relationship_to_physical_activity: z.literal('at rest').optional(),
  }),
  'omh:body-weight:3.0': simple('body_weight', unit('kg', 'g', 'lb')),
  'omh:body-temperature:4.0': simple('body_temperature', unit('K', 'F', 'C'), {
    measurement_location: z.enum(['wrist', 'oral']).optional(),
    temporal_relationship_to_sleep: z.literal('on waking').optional(),
  }),
  'omh:oxygen-saturation:2.0': simple('oxygen_saturation', unit('%'), {
    system: z.literal('peripheral capillary'),
    measurement_method: z.literal('pulse oximetry'),
  }),
  'omh:blood-glucose:4.0': simple('blood_glucose', unit('mg/dL', 'mmol/L')),
  'omh:blood-pressure:4.0': z.strictObject({
    systolic_blood_pressure: unit('mmHg'),
    diastolic_blood_pressure: unit('mmHg'),
    effective_time_frame: frame,
  }),
  'omh:step-count:3.0': z.strictObject({
    step_count: unit('steps'),
    effective_time_frame: timed,
    descriptive_statistic: statistic,
  }),
  'omh:calories-burned:2.0': z.strictObject({
    kcal_burned: unit('kcal'),
    effective_time_frame: timed,
    descriptive_statistic: statistic,
  }),
  'omh:minutes-moderate-activity:1.0': z.strictObject({
    minutes_moderate_activity: unit('min'),
    effective_time_frame: frame,
  }),
  'ieee:ambient-sound:1.0': simple('ambient_sound', unit('dB', 'dBA')),
  'ieee:physical-activity:1.0': z.strictObject({
    activity_name: z.string(),
    effective_time_frame: timed,
    base_movement_quantity: z.strictObject({ value: z.number(), unit: z.string() }).optional(),
    distance: unit('m', 'km', 'mi').optional(),
    cumulative_elevation_gain: unit('m').optional(),
    duration_moderate_activity: duration.optional(),
    average_speed: unit('m/s', 'km/h').optional(),
    kcal_burned: unit('kcal').optional(),
    met_value: z.number().optional(),
    descriptive_statistic: statistic,
  }),
  'ieee:sleep-episode:1.0': z.strictObject({
    ...night,
    total_sleep_time: duration.optional(),
    wake_after_sleep_onset: duration.optional(),
    is_main_sleep: z.boolean().optional(),
    effective_time_frame: timed,
  }),
  'ieee:sleep-stage-summary:1.0': z.strictObject({
    sleep_stage_summary: z.strictObject({ ...night, awake_duration: duration.optional() }),
    sleep_stage_episodes: z.array(
      z.strictObject({
        sleep_stage_state: z.enum(['REM_sleep', 'Light_sleep', 'Deep_sleep', 'Unknown_sleep', 'Awake']),
        sleep_stage_time_frame: timed,
      }),
    ),
    effective_time_frame: timed,
    is_main_sleep: z.boolean().optional(),
  }),
}
const Header = z.strictObject({
  uuid: z.uuid(),
  schema_id: z.strictObject({ namespace: z.enum(['omh', 'ieee']), name: z.string(), version: z.string() }),
  source_creation_date_time: stamp,
  modality: z.enum(['sensed', 'self-reported']),
  external_datasheets: z.array(
    z.strictObject({
      datasheet_type: z.string(),
      datasheet_reference: z.string().regex(/^urn:auren:[a-z]+:[\x21-\x7e]+$/),
    }),
  ),
})

function stored(list: readonly ObservationInput[]): (Observation & { provider: string; account: string })[] {
  const { accepted, aside } = accept(list, { provider: 'toy', account: 'a', receivedAt })
  expect(aside).toEqual([])
  return accepted.map((one) => ({ ...one, provider: 'toy', account: 'a' }))
}

function exported(list: readonly ObservationInput[]) {
  const to = createOpenMHealthExport()
  const points = stored(list).flatMap((one) => to.add(one))
  for (const { header, body } of points) {
    expect(Header.safeParse(header).error?.issues ?? []).toEqual([])
    const { namespace, name, version } = header.schema_id
    const schema = bodies[`${namespace}:${name}:${version}`]
    expect(schema, name).toBeDefined()
    expect(schema?.safeParse(body).error?.issues ?? [], name).toEqual([])
  }
  return { points, report: to.report() }
}

function imported(points: readonly DataPoint[]) {
  const rejected: string[] = []
  const ctx = {
    receivedAt,
    account: 'a',
    zoneAt: () => null,
    reject: (_item: unknown, reason: string, detail: string) => rejected.push(`${reason} ${detail}`),
  }
  const made = points.flatMap((point) => [
    ...plugin.normalize(plugin.payload.parse(JSON.parse(JSON.stringify(point))), ctx),
  ])
  expect(rejected).toEqual([])
  return accept(made, { provider: plugin.id, account: 'a', receivedAt, registry: plugin.metrics ?? {} }).accepted
}

/** Without what names the record and its version, which are the data point's after the journey. */
const bare = (one: Observation): object => {
  const { recordId: _id, version: _version, createdAt: _made, ...rest } = one as Observation & { createdAt?: number }
  return rest
}

const sample = (metric: string, value: number, unit: string, when: object = at): ObservationInput =>
  ({ shape: 'sample', metric, value, unit, ...at, ...when }) as ObservationInput

describe('out and in again', () => {
  const all: ObservationInput[] = [
    sample('heart_rate', 61.5, '/min'),
    sample('heart_rate', 64, '/min', { ...hour, start: at.start - 7_200_000 }),
    sample('resting_heart_rate', 52, '/min', { offset: null, zoneBasis: 'absent' }),
    sample('weight', 68.2, 'kg', { offset: 0, flags: 1, source: { name: 'Scale / 50 % ü', type: 'scale' } }),
    sample('body_temperature', 36.6, 'Cel'),
    sample('basal_body_temperature', 36.4, 'Cel'),
    sample('skin_temperature', 34.1, 'Cel', { offset: -570 }),
    sample('oxygen_saturation', 97, '%'),
    sample('glucose', 99, 'mg/dL'),
    sample('blood_pressure_diastolic', 79, 'mm[Hg]'),
    sample('blood_pressure_systolic', 121, 'mm[Hg]'),
    sample('steps', 312, '{steps}', hour),
    sample('distance', 240.5, 'm', hour),
    sample('distance_cycling', 5000, 'm', hour),
    sample('energy_active', 20.5, 'kcal', hour),
    sample('energy_total', 95, 'kcal', hour),
    sample('active_minutes', 12, 'min', hour),
    sample('moderate_minutes', 10, 'min', hour),
    sample('audio_environmental', 62, 'dB[SPL]', hour),
    {
      shape: 'daily_total',
      metric: 'steps',
      date: '2026-03-29',
      value: 9000,
      unit: '{steps}',
      source: watch,
      offset: 120,
      zoneBasis: 'carried',
    },
    {
      shape: 'daily_total',
      metric: 'resting_heart_rate',
      date: '2026-03-30',
      value: 53,
      unit: '/min',
      source: watch,
      offset: null,
      zoneBasis: 'absent',
    },
    {
      shape: 'session',
      kind: 'sleep',
      ...at,
      end: at.start + 7 * 3_600_000,
      nap: true,
      stages: [
        { stage: 'light', start: at.start, end: at.start + 3_600_000 },
        { stage: 'asleep_unspecified', start: at.start + 3_600_000, end: at.start + 7_200_000 },
        { stage: 'awake', start: at.start + 7_200_000, end: at.start + 9_000_000 },
      ],
      measures: {
        sleep_duration: 7200,
        sleep_awake: 1800,
        sleep_light: 3600,
        sleep_latency: 300,
        sleep_efficiency: 80,
      },
    },
    {
      shape: 'session',
      kind: 'sleep',
      ...at,
      start: at.start + 90_000_000,
      end: at.start + 110_000_000,
      measures: { sleep_duration: 18_000, sleep_awake: 600 },
    },
    {
      shape: 'session',
      kind: 'workout',
      ...hour,
      activity: 'trail_running',
      vendorActivity: 'trail running',
      measures: { distance: 10_020.5, energy_active: 640, elevation_gained: 320, steps: 9100, met: 9.5, speed: 2.78 },
    },
  ]

  it('gives the same values, times, offsets and sources', () => {
    const { points, report } = exported(all)
    expect(report).toEqual({ type: 'auren', v: 1, format: 'open-mhealth', dataPoints: all.length - 1, leftOut: {} })
    const sorted = (list: readonly Observation[]) => list.map((one) => JSON.stringify(sortedKeys(bare(one)))).sort()
    const before = stored(all).map(({ provider: _provider, account: _account, ...one }) => one as Observation)
    expect(sorted(imported(points))).toEqual(sorted(before))
  })

  it('names a data point the same each time, and no two alike', () => {
    const ids = exported(all).points.map(({ header }) => header.uuid)
    expect(exported(all).points.map(({ header }) => header.uuid)).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
    const [moved] = exported([sample('heart_rate', 61.5, '/min', { start: at.start + 1 })]).points
    expect(ids).not.toContain(moved?.header.uuid)
    // A corrected value keeps its name.
    expect(exported([sample('heart_rate', 99, '/min')]).points[0]?.header.uuid).toBe(ids[0])
  })

  it('says of each thing that has no schema how often it was left out', () => {
    const { points, report } = exported([
      sample('hrv_rmssd', 40, 'ms'),
      sample('hrv_rmssd', 41, 'ms', { start: at.start + 1000 }),
      sample('blood_pressure_systolic', 121, 'mm[Hg]'),
      sample('steps', 3, '{steps}'),
      { shape: 'tag', tag: 'alcohol', ...at },
      {
        shape: 'daily_total',
        metric: 'vo2_max',
        date: '2026-03-29',
        value: 44,
        unit: 'mL/kg/min',
        source: watch,
        offset: null,
        zoneBasis: 'absent',
      },
      {
        shape: 'session',
        kind: 'workout',
        ...hour,
        activity: 'running',
        measures: { heart_rate: 140, distance: 5000 },
        laps: [{ start: at.start, end: at.start + 1000 }],
        text: 'Rain',
      },
      {
        shape: 'session',
        kind: 'sleep',
        ...hour,
        stages: [{ stage: 'in_bed', start: at.start, end: at.start + 1000 }],
        measures: {},
      },
    ])
    expect(points.map(({ header }) => header.schema_id.name)).toEqual(['physical-activity', 'sleep-episode'])
    expect(report.leftOut).toEqual({
      hrv_rmssd: 2,
      'blood_pressure_systolic without the other pressure': 1,
      'heart_rate of a workout': 1,
      'laps of a workout': 1,
      'sleep stage in_bed': 1,
      'steps at an instant': 1,
      'tag alcohol': 1,
      'vo2_max of a day': 1,
      'words of a workout': 1,
    })
  })
})

it('of one person into another installation', async () => {
  const rig = await openRig({ plugins: [plugin] })
  try {
    const { ingest, memory } = rig.auren
    const observations = [
      sample('weight', 68.2, 'kg', { start: Date.UTC(2026, 0, 4, 7) }),
      sample('steps', 312, '{steps}', { start: Date.UTC(2026, 0, 4, 8), end: Date.UTC(2026, 0, 4, 9) }),
    ]
    await ingest.observations({ userId: 'ann', provider: 'app.toy', key: 'k', observations })
    await ingest.settled()
    const to = createOpenMHealthExport()
    const lines: object[] = []
    for await (const line of memory.for('ann').export())
      if (line.type === 'observation') lines.push(...to.add(line.item as Observation & { provider: string }))
    lines.push(to.report())
    expect(lines).toHaveLength(3)
    const file = Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n'))
    const view = await ingest.file(
      'auto',
      (async function* () {
        yield file
      })(),
      { userId: 'ben', name: 'export.ndjson' },
    )
    expect(view).toMatchObject({ plugin: 'open-mhealth', state: 'done', progress: { observations: 2, rejected: 0 } })
    const samples = async (user: string) =>
      (await rig.auren.explain(user, { metric: 'steps', date: '2026-01-04', limit: 5 })).samples.map(
        ({ start, end, value, offset }) => ({ start, end, value, offset }),
      )
    expect(await samples('ben')).toEqual(await samples('ann'))
    expect(await samples('ben')).toMatchObject([{ value: 312, offset: 120 }])
  } finally {
    await rig.close()
  }
})

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sortedKeys(one)]),
  )
}

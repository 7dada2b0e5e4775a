import type { NormalizeContext, ObservationInput, SleepStage, StageInterval } from '@auren/core'
import type { z } from 'zod'
import { present } from '../../vendor/items.js'
import { lookup } from '../../vendor/lookup.js'
import { instantOf, recordId, ring, saidZoneOf, seriesSamples, zoneOf } from './parts.js'
import type { Moment, Sleep, Workout } from './payload.js'

const PHASE = 300_000
const phases = lookup<SleepStage>({ '1': 'deep', '2': 'light', '3': 'rem', '4': 'awake' })

/** A night or nap: the session with its stages, and what was measured during it. */
export function* sleep(doc: z.infer<typeof Sleep>, ctx: NormalizeContext): Iterable<ObservationInput> {
  const record = recordId('sleep', doc.id)
  if (doc.type === 'deleted') {
    yield { shape: 'deletion', recordId: record }
    return
  }
  const start = instantOf(doc.bedtime_start)
  const end = instantOf(doc.bedtime_end)
  if (end <= start) {
    ctx.reject(doc, 'order', 'sleep: bedtime_end is not after bedtime_start')
    return
  }
  const carried = { source: ring, ...zoneOf(doc.bedtime_end), recordId: record }
  const stages = stagesOf(doc.sleep_phase_5_min ?? '', start, end)
  yield {
    shape: 'session',
    kind: 'sleep',
    start,
    end,
    // `sleep` is a short sleep, `late_nap` one that counts for the day before, `rest` one that Oura asks about.
    nap: doc.type !== undefined && doc.type !== null && doc.type !== 'long_sleep',
    ...(stages.length > 0 ? { stages } : {}),
    // Zero is what stands where the heart and the breath were not measured.
    measures: present({
      sleep_duration: doc.total_sleep_duration,
      sleep_deep: doc.deep_sleep_duration,
      sleep_light: doc.light_sleep_duration,
      sleep_rem: doc.rem_sleep_duration,
      sleep_awake: doc.awake_time,
      sleep_latency: doc.latency,
      sleep_efficiency: doc.efficiency,
      heart_rate: doc.average_heart_rate || null,
      hrv_rmssd: doc.average_hrv || null,
      respiratory_rate: doc.average_breath || null,
      heart_rate_min: doc.lowest_heart_rate || null,
    }),
    ...carried,
  }
  yield* seriesSamples(doc.heart_rate, 'heart_rate', '/min', record, false, ctx)
  yield* seriesSamples(doc.hrv, 'hrv_rmssd', 'ms', record, true, ctx)
  // One value for the night stands at its end, so that it counts for the day on which the night ends.
  if (doc.average_breath)
    yield {
      shape: 'sample',
      metric: 'respiratory_rate',
      start: end,
      value: doc.average_breath,
      unit: '/min',
      ...carried,
    }
  if (doc.lowest_heart_rate) {
    yield {
      shape: 'sample',
      metric: 'oura.lowest_sleeping_heart_rate',
      start: end,
      value: doc.lowest_heart_rate,
      unit: '/min',
      ...carried,
    }
  }
}

/** Runs of equal five-minute phases from bedtime on; the last ends with the session. Unknown digits are `no_data`. */
export function stagesOf(digits: string, start: number, end: number): StageInterval[] {
  const stages: StageInterval[] = []
  for (let i = 0; i < digits.length; i++) {
    const from = start + i * PHASE
    if (from >= end) break
    const stage = phases[digits[i] as string] ?? 'no_data'
    const to = Math.min(from + PHASE, end)
    const last = stages.at(-1)
    if (last?.stage === stage) last.end = to
    else stages.push({ stage, start: from, end: to })
  }
  return stages
}

/** Oura's activity words that differ from the canonical ones. */
const activities = lookup<string>({
  strengthtraining: 'strength_training',
  crosscountryskiing: 'cross_country_skiing',
  downhillskiing: 'downhill_skiing',
  houseworkouts: 'housework',
  indoorcycling: 'indoor_cycling',
  highintensityintervaltraining: 'high_intensity_interval_training',
  hiit: 'high_intensity_interval_training',
  stairexercise: 'stair_climbing',
  crosstraining: 'cross_training',
  coreexercise: 'core_training',
})

/** A workout, found by the ring or entered. */
export function* workout(doc: z.infer<typeof Workout>, ctx: NormalizeContext): Iterable<ObservationInput> {
  const start = instantOf(doc.start_datetime)
  const end = instantOf(doc.end_datetime)
  if (end < start) {
    ctx.reject(doc, 'order', 'workout: end_datetime is before start_datetime')
    return
  }
  const word = doc.activity.trim()
  const plain = word.toLowerCase().replace(/[^a-z]/g, '')
  yield {
    shape: 'session',
    kind: 'workout',
    start,
    end,
    activity:
      activities[plain] ??
      (word
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '_')
        .replace(/^_+|_+$/g, '') ||
        'other'),
    vendorActivity: word,
    measures: present({ energy_active: doc.calories, distance: doc.distance }),
    ...(doc.label ? { text: doc.label } : {}),
    source: ring,
    ...saidZoneOf(doc.start_datetime),
    recordId: recordId('workout', doc.id),
    ...(doc.source === 'manual' ? { flags: 1 } : {}),
  }
}

const mindful = new Set(['breathing', 'meditation', 'relaxation'])

/** A "moment": breathing, meditation, rest; with what was measured during it. */
export function* moment(doc: z.infer<typeof Moment>, ctx: NormalizeContext): Iterable<ObservationInput> {
  const record = recordId('session', doc.id)
  const start = instantOf(doc.start_datetime)
  const end = instantOf(doc.end_datetime)
  const base = { source: ring, ...saidZoneOf(doc.start_datetime), recordId: record }
  if (mindful.has(doc.type) && end > start) {
    yield {
      shape: 'sample',
      metric: 'mindful_minutes',
      start,
      end,
      value: (end - start) / 60_000,
      unit: 'min',
      ...base,
    }
  } else
    yield {
      shape: 'tag',
      tag: doc.type.toLowerCase().replace(/[^a-z0-9]+/g, '_') || 'moment',
      start,
      end: Math.max(start, end),
      ...base,
    }
  yield* seriesSamples(doc.heart_rate, 'heart_rate', '/min', record, false, ctx)
  yield* seriesSamples(doc.heart_rate_variability, 'hrv_rmssd', 'ms', record, true, ctx)
}

import type { NormalizeContext, ObservationInput } from '@auren/core'
import type { z } from 'zod'
import { present, reading } from '../../vendor/items.js'
import { Cycle, type Kind, type Payload, Recovery, Sleep, Workout } from './payload.js'
import { activityOf } from './sports.js'
import { KILOJOULES, offsetOf, placeOf, placeOfEnd, source } from './times.js'

const DAY = 86_400_000

/** What WHOOP's objects say. An object that cannot be read is set aside, and the others go on. */
export function* normalize({ kind, items, missing = [] }: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  for (const id of missing) {
    yield { shape: 'deletion', recordId: `${kind}/${id}` }
    // A recovery goes with the night that it was read from.
    if (kind === 'sleep') yield { shape: 'deletion', recordId: `recovery/${id}` }
  }
  for (const item of items) yield* readers[kind](item, ctx)
}

type Reader = (item: unknown, ctx: NormalizeContext) => Iterable<ObservationInput>

const readers: Readonly<Record<Kind, Reader>> = {
  sleep: reading(Sleep, 'sleep', sleep),
  workout: reading(Workout, 'workout', workout),
  recovery: reading(Recovery, 'recovery', recovery),
  cycle: reading(Cycle, 'cycle', cycle),
  body(item, ctx) {
    ctx.reject(item, 'no_time', 'WHOOP does not say when height and weight were entered')
    return []
  },
}

function versionOf(updated: string | null | undefined): { version?: number } {
  return updated == null ? {} : { version: Date.parse(updated) }
}

function* sleep(given: z.infer<typeof Sleep>, ctx: NormalizeContext): Iterable<ObservationInput> {
  const start = Date.parse(given.start)
  const end = Date.parse(given.end ?? '')
  if (Number.isNaN(end))
    return ctx.reject({ id: given.id }, 'open', 'sleep: it has not ended yet; WHOOP tells of it again')
  if (end < start) return ctx.reject({ id: given.id }, 'order', 'sleep: its end is before its start')
  const place = placeOfEnd(offsetOf(given.timezone_offset), start, end, ctx.zoneAt)
  const record = { source, ...place, recordId: `sleep/${given.id}`, ...versionOf(given.updated_at) }
  const stages = given.score?.stage_summary
  const seconds = (of: number | null | undefined): number | null => (of == null ? null : of / 1000)
  const asleep = [
    stages?.total_light_sleep_time_milli,
    stages?.total_slow_wave_sleep_time_milli,
    stages?.total_rem_sleep_time_milli,
  ]
  yield {
    shape: 'session',
    kind: 'sleep',
    start,
    end,
    ...(given.nap == null ? {} : { nap: given.nap }),
    measures: present({
      sleep_duration: asleep.every((of) => of != null)
        ? asleep.reduce<number>((sum, of) => sum + (of ?? 0), 0) / 1000
        : null,
      sleep_light: seconds(stages?.total_light_sleep_time_milli),
      sleep_deep: seconds(stages?.total_slow_wave_sleep_time_milli),
      sleep_rem: seconds(stages?.total_rem_sleep_time_milli),
      sleep_awake: seconds(stages?.total_awake_time_milli),
      sleep_efficiency: given.score?.sleep_efficiency_percentage,
      // Zero where it was not measured, of a short nap.
      respiratory_rate: given.score?.respiratory_rate || null,
    }),
    ...record,
  }
  yield* samples(end, record, [
    ['whoop.sleep_performance', given.score?.sleep_performance_percentage, '%'],
    ['whoop.sleep_consistency', given.score?.sleep_consistency_percentage, '%'],
  ])
}

function* workout(given: z.infer<typeof Workout>, ctx: NormalizeContext): Iterable<ObservationInput> {
  const start = Date.parse(given.start)
  const end = Date.parse(given.end ?? '')
  if (Number.isNaN(end))
    return ctx.reject({ id: given.id }, 'open', 'workout: it has not ended yet; WHOOP tells of it again')
  if (end < start) return ctx.reject({ id: given.id }, 'order', 'workout: its end is before its start')
  const { activity, word } = activityOf(given.sport_name, given.sport_id)
  const { score } = given
  yield {
    shape: 'session',
    kind: 'workout',
    start,
    end,
    activity,
    vendorActivity: word,
    measures: present({
      heart_rate: score?.average_heart_rate || null,
      heart_rate_max: score?.max_heart_rate || null,
      energy_active: score?.kilojoule == null ? null : score.kilojoule / KILOJOULES,
      // Zero where the sport has none of it.
      distance: score?.distance_meter || null,
      elevation_gained: score?.altitude_gain_meter,
    }),
    source,
    ...placeOf(offsetOf(given.timezone_offset), start, ctx.zoneAt),
    recordId: `workout/${given.id}`,
    ...versionOf(given.updated_at),
  }
}

function* recovery(given: z.infer<typeof Recovery>, ctx: NormalizeContext): Iterable<ObservationInput> {
  const { sleep: night, score } = given
  const at = Date.parse(night?.end ?? given.created_at)
  const place = night
    ? placeOfEnd(offsetOf(night.timezone_offset), Date.parse(night.start), at, ctx.zoneAt)
    : placeOf(null, at, ctx.zoneAt)
  const record = { source, ...place, recordId: `recovery/${given.sleep_id}`, ...versionOf(given.updated_at) }
  yield* samples(at, record, [
    ['resting_heart_rate', score?.resting_heart_rate, '/min'],
    ['hrv_rmssd', score?.hrv_rmssd_milli, 'ms'],
    ['oxygen_saturation', score?.spo2_percentage, '%'],
    ['skin_temperature', score?.skin_temp_celsius, 'Cel'],
    ['whoop.recovery_score', score?.recovery_score, '%'],
  ])
}

function* cycle(given: z.infer<typeof Cycle>, ctx: NormalizeContext): Iterable<ObservationInput> {
  const start = Date.parse(given.start)
  const end = given.end == null ? null : Date.parse(given.end)
  // The day that goes on still grows: it is told of again when it is over.
  if (end === null) return
  if (end < start) return ctx.reject({ id: given.id }, 'order', 'cycle: its end is before its start')
  const place = placeOf(offsetOf(given.timezone_offset), start, ctx.zoneAt)
  const record = { source, ...place, recordId: `cycle/${given.id}`, ...versionOf(given.updated_at) }
  if (given.score?.kilojoule != null)
    yield {
      shape: 'sample',
      metric: 'energy_total',
      start,
      end,
      value: given.score.kilojoule / KILOJOULES,
      unit: 'kcal',
      ...record,
    }
  if (given.score?.strain != null)
    yield {
      shape: 'daily_total',
      metric: 'whoop.strain',
      date: dayOf(start, place.offset),
      value: given.score.strain,
      unit: '{score}',
      ...record,
    }
}

/** The day of a cycle, which begins when the person falls asleep: the one that lies twelve hours later. */
export function dayOf(start: number, offset: number | null): string {
  return new Date(start + (offset ?? 0) * 60_000 + DAY / 2).toISOString().slice(0, 10)
}

type Recorded = Pick<
  Extract<ObservationInput, { shape: 'sample' }>,
  'source' | 'offset' | 'zoneBasis' | 'recordId' | 'version'
>

/** Samples of what is there of some values. */
export function* samples(
  start: number,
  record: Recorded,
  values: readonly (readonly [metric: string, value: number | null | undefined, unit: string])[],
): Iterable<ObservationInput> {
  for (const [metric, value, unit] of values)
    if (value != null) yield { shape: 'sample', metric, start, value, unit, ...record }
}

import { Flag, type NormalizeContext, type ObservationInput } from '@auren/core'
import { present } from '../../vendor/items.js'
import { deviceOf } from './devices.js'
import { isAmbiguous, isManual } from './measures.js'
import type { ActivityDay, Intraday, Workout } from './payload.js'
import { categoryOf } from './workouts.js'
import { zoned } from './zones.js'

/** A day as Withings sums it up, under its own date. */
export function* activityDay(day: ActivityDay): Iterable<ObservationInput> {
  const base = {
    shape: 'daily_total',
    date: day.date,
    source: deviceOf(day.model, day.modelid),
    ...zoned(Date.parse(`${day.date}T12:00:00Z`), day.timezone),
    recordId: `activity/${day.date}/${day.modelid ?? 'all'}`,
    ...(day.modified == null ? {} : { version: day.modified }),
  } as const
  const of = function* (metric: string, value: number | null | undefined, unit: string): Iterable<ObservationInput> {
    if (value != null) yield { ...base, metric, value, unit }
  }
  yield* of('steps', day.steps, '{steps}')
  yield* of('distance', day.distance, 'm')
  yield* of('floors_climbed', day.elevation, '{floors}')
  yield* of('moderate_minutes', day.moderate, 's')
  yield* of('vigorous_minutes', day.intense, 's')
  yield* of('active_minutes', day.active, 's')
  yield* of('energy_active', day.calories, 'kcal')
  yield* of('energy_total', day.totalcalories, 'kcal')
}

/** A piece of the day, mostly a minute. */
export function* intraday(
  piece: Intraday,
  _ctx: NormalizeContext,
  timezone: string | null,
): Iterable<ObservationInput> {
  const start = piece.start * 1000
  const base = {
    shape: 'sample',
    start,
    source: deviceOf(piece.model, piece.model_id),
    ...zoned(start, null, timezone),
  } as const
  const end = start + Math.round((piece.duration ?? 60) * 1000)
  const sum = function* (metric: string, value: number | null | undefined, unit: string): Iterable<ObservationInput> {
    if (value != null && end > start) yield { ...base, end, metric, value, unit }
  }
  yield* sum('steps', piece.steps, '{steps}')
  yield* sum('distance', piece.distance, 'm')
  yield* sum('floors_climbed', piece.elevation, '{floors}')
  yield* sum('energy_active', piece.calories, 'kcal')
  if (measured(piece.heart_rate)) yield { ...base, metric: 'heart_rate', value: piece.heart_rate, unit: 'bpm' }
  if (measured(piece.spo2_auto)) yield { ...base, metric: 'oxygen_saturation', value: piece.spo2_auto, unit: '%' }
}

/** A workout, found by the device or entered. */
export function* workout(item: Workout, ctx: NormalizeContext): Iterable<ObservationInput> {
  const start = item.startdate * 1000
  const end = item.enddate * 1000
  const recordId = item.id == null ? undefined : `workouts/${item.id}`
  const revision = {
    ...(recordId === undefined ? {} : { recordId }),
    ...(item.modified == null ? {} : { version: item.modified }),
  }
  if (isAmbiguous(item.attrib)) {
    if (recordId !== undefined) yield { shape: 'deletion', ...revision }
    return ctx.reject(item, 'ambiguous_person', 'workouts: Withings cannot tell whose this is (attrib 1)')
  }
  if (end <= start) return ctx.reject(item, 'order', 'workouts: enddate is not after startdate')
  const [activity, word] = categoryOf(item.category)
  if (word === null) ctx.reject({ category: item.category }, 'unknown_code', 'workouts: the category is not known')
  yield {
    shape: 'session',
    kind: 'workout',
    start,
    end,
    activity,
    ...(word === null ? {} : { vendorActivity: word }),
    measures: workoutMeasures(item.data ?? {}, ctx),
    source: deviceOf(item.model, undefined, isManual(item.attrib)),
    ...zoned(start, item.timezone),
    ...revision,
    ...(isManual(item.attrib) ? { flags: Flag.manual } : {}),
  }
}

/** Measures of a workout by catalogue id. A zero of the heart or the blood means that it was not measured. */
export function workoutMeasures(
  data: Readonly<Record<string, unknown>>,
  ctx: Pick<NormalizeContext, 'reject'>,
): Record<string, number> {
  const number = (name: string): number | undefined => {
    const value = data[name]
    return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined
  }
  const oxygen = number('spo2_average')
  if (oxygen !== undefined && (oxygen < 50 || oxygen > 100))
    ctx.reject({ spo2_average: oxygen }, 'hard_range', 'workouts: spo2_average is outside what is possible')
  const measures: Record<string, number | undefined> = {
    energy_active: number('manual_calories') ?? number('calories'),
    distance: number('manual_distance') ?? number('distance'),
    steps: number('steps'),
    floors_climbed: number('elevation'),
    heart_rate: number('hr_average'),
    heart_rate_min: number('hr_min'),
    heart_rate_max: number('hr_max'),
    oxygen_saturation: oxygen !== undefined && oxygen >= 50 && oxygen <= 100 ? oxygen : undefined,
  }
  return present(measures)
}

function measured(value: number | null | undefined): value is number {
  return value != null && value > 0
}

import {
  activityNamed,
  activityOfHealthKit,
  convert,
  isAurenError,
  type NormalizeContext,
  type ObservationInput,
} from '@auren/core'
import { lookup } from '../../vendor/lookup.js'
import { Point, Quantity, Workout } from './payload.js'
import { unitOf } from './quantities.js'
import { sourceOf } from './sources.js'
import { type Time, timeOf } from './times.js'

const indoors = lookup<string>({
  walking: 'treadmill_walking',
  running: 'treadmill_running',
  cycling: 'indoor_cycling',
  rowing: 'indoor_rowing',
})

/** Canonical activity of the app's name for a workout (`Outdoor Run`, `Traditional Strength Training`) and its place. */
export function activityOf(name: string, location: string | null | undefined, isIndoor = false): string {
  const [, place = '', rest = name] = /^(indoor|outdoor|pool|open water) +(.+)$/i.exec(name.trim()) ?? []
  const where = `${place} ${location ?? ''}`.toLowerCase()
  const pascal = rest
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .replace(/(?:^| )(\p{L})/gu, (_, letter: string) => letter.toUpperCase())
  const activity = activityNamed(name) ?? activityNamed(rest) ?? activityOfHealthKit(pascal) ?? 'other'
  if (activity === 'swimming') {
    if (where.includes('pool')) return 'pool_swimming'
    return where.includes('open water') ? 'open_water_swimming' : activity
  }
  const inside = isIndoor || where.includes('indoor')
  return inside && Object.hasOwn(indoors, activity) ? (indoors[activity] as string) : activity
}

/** Measures by the names of the fields that may hold them, the best first. */
const measures: readonly (readonly [measure: string, metric: string, fields: readonly string[], count?: string])[] = [
  ['distance', 'distance', ['distance']],
  ['energy_active', 'energy_active', ['activeEnergyBurned', 'activeEnergy']],
  ['energy_total', 'energy_total', ['totalEnergy', 'totalEnergyBurned']],
  ['steps', 'steps', ['stepCount'], '{steps}'],
  ['floors_climbed', 'floors_climbed', ['flightsClimbed'], '{floors}'],
  ['elevation_gained', 'elevation_gained', ['elevationUp']],
  ['speed', 'speed', ['avgSpeed', 'speed']],
  ['cadence', 'cadence', ['stepCadence', 'swimCadence']],
  ['met', 'met', ['intensity', 'intesity']],
  ['heart_rate', 'heart_rate', ['avgHeartRate', 'averageHeartRate']],
  ['heart_rate_max', 'heart_rate', ['maxHeartRate']],
]

/** Series of a workout that nothing else of the payload repeats as a whole. */
const series: readonly (readonly [field: string, metric: string])[] = [
  ['heartRateData', 'heart_rate'],
  ['heartRateRecovery', 'heart_rate'],
  ['cyclingCadence', 'cadence'],
  ['cyclingPower', 'power'],
  ['cyclingSpeed', 'speed'],
]

/** Workouts of version 1 (no id) and 2. One is a record: when it is sent again it replaces itself, its series included. */
export function* workouts(
  items: readonly unknown[] | null | undefined,
  ctx: NormalizeContext,
): Iterable<ObservationInput> {
  for (const item of items ?? []) {
    const parsed = Workout.safeParse(item)
    const workout = parsed.success ? parsed.data : null
    const [start, end] = [timeOf(workout?.start, ctx), timeOf(workout?.end, ctx)]
    if (!workout || !start || !end) {
      ctx.reject(item, 'schema', 'workouts: a workout has no name, start or end that can be read')
      continue
    }
    yield* workoutOf(workout, start, end, ctx)
  }
}

function* workoutOf(workout: Workout, start: Time, end: Time, ctx: NormalizeContext): Iterable<ObservationInput> {
  const { id, name, location, isIndoor } = workout
  const recordId = `workout/${id ?? `${name.slice(0, 100)}/${new Date(start.at).toISOString()}`}`
  const all = series.flatMap(([field, metric]) => pointsOf(workout[field], field, metric, ctx))
  const source = sourceOf(all[0]?.source)
  yield {
    shape: 'session',
    kind: 'workout',
    start: start.at,
    end: end.at,
    activity: activityOf(name, location, isIndoor ?? false),
    vendorActivity: name.slice(0, 200),
    measures: measuresOf(workout, ctx),
    source,
    offset: start.offset,
    zoneBasis: start.zoneBasis,
    recordId,
  }
  for (const { metric, time, value, unit, source: named } of all) {
    const { at, offset, zoneBasis } = time
    yield { shape: 'sample', metric, start: at, value, unit, source: sourceOf(named), offset, zoneBasis, recordId }
  }
}

interface SeriesPoint {
  metric: string
  time: Time
  value: number
  unit: string
  source: string | undefined
}

function pointsOf(points: unknown, field: string, metric: string, ctx: NormalizeContext): SeriesPoint[] {
  if (!Array.isArray(points)) return []
  return points.flatMap((item: unknown) => {
    const parsed = Point.safeParse(item)
    const time = timeOf(parsed.data?.date, ctx)
    const value = parsed.data?.Avg ?? parsed.data?.qty
    if (!parsed.success || !time || value == null) {
      ctx.reject(item, 'schema', `workouts: a point of ${field} has no date or value`)
      return []
    }
    const given = (item as { units?: unknown }).units
    const unit = unitOf(typeof given === 'string' ? given : '')
    // Version 1 says `count` of beats per minute.
    const rate = metric === 'heart_rate' || metric === 'cadence'
    return {
      metric,
      time,
      value,
      unit: rate && (unit === 'count' || unit === '') ? '/min' : unit,
      source: parsed.data.source ?? undefined,
    }
  })
}

function measuresOf(workout: Workout, ctx: NormalizeContext): Record<string, number> {
  const held: Record<string, number> = {}
  const put = (measure: string, metric: string, given: unknown, count?: string): void => {
    for (const item of Array.isArray(given) ? (given as unknown[]) : [])
      if (!Quantity.safeParse(item).success) ctx.reject(item, 'schema', `workouts: a part of ${measure} is no quantity`)
    const value = amountOf(given, metric, count)
    if (value === null) return
    if (value === 'unknown_unit')
      ctx.reject({ [measure]: given }, 'unknown_unit', `workouts: ${measure} has a unit of another kind`)
    else held[measure] ??= value
  }
  for (const [measure, metric, fields, count] of measures)
    for (const field of fields) put(measure, metric, workout[field], count)
  const rates = workout.heartRate as { avg?: unknown; max?: unknown } | undefined
  put('heart_rate', 'heart_rate', rates?.avg)
  put('heart_rate_max', 'heart_rate', rates?.max)
  const elevation = workout.elevation as { ascent?: unknown; units?: unknown } | undefined
  if (elevation) put('elevation_gained', 'elevation_gained', { qty: elevation.ascent, units: elevation.units })
  return held
}

/** A quantity, or the sum of a series of them, in the unit of its metric. */
function amountOf(given: unknown, metric: string, count?: string): number | 'unknown_unit' | null {
  const parts = (Array.isArray(given) ? given : [given]).flatMap((one) => Quantity.safeParse(one).data ?? [])
  if (parts.length === 0) return null
  try {
    const values = parts.map(({ qty, units }) => {
      const unit = unitOf(units)
      const counted = count !== undefined && (unit === 'count' || unit === 'steps' || unit === '')
      return convert(qty, counted ? count : unit || (metric === 'heart_rate' ? '/min' : unit), metric)
    })
    return Number(values.reduce((sum, value) => sum + value, 0).toPrecision(12))
  } catch (error) {
    if (isAurenError(error)) return 'unknown_unit'
    throw error
  }
}

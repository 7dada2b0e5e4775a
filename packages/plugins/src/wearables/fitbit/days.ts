import type { NormalizeContext, ObservationInput } from '@auren/core'
import { z } from 'zod'
import { lookup } from '../../vendor/lookup.js'
import { readDate } from './clock.js'
import { maybe, number } from './payload.js'
import { tracker } from './sources.js'

type Context = Pick<NormalizeContext, 'reject'>
type Value = readonly [metric: string, value: number | null | undefined, unit: string]

/** Values of one of Fitbit's days. Without an offset: a date is all that there is. */
export function* daily(date: string, record: string | null, values: readonly Value[]): Iterable<ObservationInput> {
  for (const [metric, value, unit] of values) {
    if (value == null) continue
    const of = record === null ? {} : { recordId: `${record}/${date}` }
    yield { shape: 'daily_total', metric, date, value, unit, source: tracker, offset: null, zoneBasis: 'absent', ...of }
  }
}

/** Zero where the tracker was not worn, or could not tell. */
export const some = (value: number | null | undefined): number | null => (value == null || value <= 0 ? null : value)

export const Summary = z.object({
  steps: maybe,
  distances: z
    .array(z.object({ activity: z.string().max(100), distance: maybe }))
    .max(1000)
    .nullish()
    .catch(null),
  floors: maybe,
  elevation: maybe,
  caloriesOut: maybe,
  caloriesBMR: maybe,
  marginalCalories: maybe,
  activityCalories: maybe,
  sedentaryMinutes: maybe,
  lightlyActiveMinutes: maybe,
  fairlyActiveMinutes: maybe,
  veryActiveMinutes: maybe,
  restingHeartRate: maybe,
})

/** The sums of a day, in metric units. */
export function summary(date: string, day: z.infer<typeof Summary>): Iterable<ObservationInput> {
  const total = day.distances?.find(({ activity }) => activity === 'total')?.distance
  return daily(date, 'day', [
    ['steps', some(day.steps), '{steps}'],
    ['distance', some(total), 'km'],
    ['floors_climbed', day.floors, '{floors}'],
    ['elevation_gained', day.elevation, 'm'],
    ['energy_total', some(day.caloriesOut), 'kcal'],
    ['energy_basal', some(day.caloriesBMR), 'kcal'],
    // Of active times, without what the body would have burned at rest; `activityCalories` has it included.
    ['energy_active', day.marginalCalories, 'kcal'],
    ['fitbit.activity_energy', day.activityCalories, 'kcal'],
    ['sedentary_minutes', sedentary(day.sedentaryMinutes), 'min'],
    ['fitbit.light_minutes', some(day.lightlyActiveMinutes), 'min'],
    ['moderate_minutes', day.fairlyActiveMinutes, 'min'],
    ['vigorous_minutes', day.veryActiveMinutes, 'min'],
    ['resting_heart_rate', some(day.restingHeartRate), '/min'],
  ])
}

/** A whole day of sitting is a day on which it was not worn. */
export function sedentary(minutes: number | null | undefined): number | null {
  return minutes == null || minutes >= 1440 ? null : minutes
}

/** Time series of days: metric and unit, and what zero means. */
const series = lookup<readonly [metric: string, unit: string, zero: 'value' | 'nothing']>({
  'activities-steps': ['steps', '{steps}', 'nothing'],
  'activities-distance': ['distance', 'km', 'nothing'],
  'activities-floors': ['floors_climbed', '{floors}', 'value'],
  'activities-elevation': ['elevation_gained', 'm', 'value'],
  'activities-calories': ['energy_total', 'kcal', 'nothing'],
  'activities-caloriesBMR': ['energy_basal', 'kcal', 'nothing'],
  'activities-activityCalories': ['fitbit.activity_energy', 'kcal', 'value'],
  'activities-minutesSedentary': ['sedentary_minutes', 'min', 'value'],
  'activities-minutesLightlyActive': ['fitbit.light_minutes', 'min', 'nothing'],
  'activities-minutesFairlyActive': ['moderate_minutes', 'min', 'value'],
  'activities-minutesVeryActive': ['vigorous_minutes', 'min', 'value'],
  'foods-log-water': ['hydration', 'mL', 'nothing'],
  'foods-log-caloriesIn': ['energy_intake', 'kcal', 'nothing'],
})
export const seriesNames = Object.keys(series)

const Day = z.object({ dateTime: z.string().max(60), value: z.unknown() })
/** A cardio fitness score is a number or, without runs by GPS, a range: `44-48`. */
const Vo2 = z.object({ vo2Max: z.union([z.number(), z.string().regex(/^\d{1,3}(\.\d+)?(\s*-\s*\d{1,3}(\.\d+)?)?$/)]) })

/** What is read of the `value` of a day, by the name of its list. */
const shapes = lookup<{ schema: z.ZodType; values: (value: never) => Value[] }>({
  'activities-heart': shape({ restingHeartRate: maybe }, (v) => [
    ['resting_heart_rate', some(v.restingHeartRate), '/min'],
  ]),
  'activities-active-zone-minutes': shape({ activeZoneMinutes: maybe }, (v) => [
    ['fitbit.active_zone_minutes', v.activeZoneMinutes, 'min'],
  ]),
  hrv: shape({ dailyRmssd: maybe, deepRmssd: maybe }, (v) => [
    ['hrv_rmssd', some(v.dailyRmssd), 'ms'],
    ['fitbit.hrv_deep_sleep', some(v.deepRmssd), 'ms'],
  ]),
  br: shape(
    { breathingRate: maybe, fullSleepSummary: z.object({ breathingRate: maybe }).nullish().catch(null) },
    (v) => [['respiratory_rate', some(v.breathingRate ?? v.fullSleepSummary?.breathingRate), '/min']],
  ),
  tempSkin: shape({ nightlyRelative: maybe }, (v) => [['skin_temperature_deviation', v.nightlyRelative, 'Cel']]),
  spo2: shape({ avg: maybe, min: maybe, max: maybe }, (v) => [
    ['oxygen_saturation', some(v.avg), '%'],
    ['fitbit.oxygen_saturation_low', some(v.min), '%'],
    ['fitbit.oxygen_saturation_high', some(v.max), '%'],
  ]),
  cardioScore: { schema: Vo2, values: vo2 as (value: never) => Value[] },
})
export const shapeNames = Object.keys(shapes)

function shape<S extends z.ZodRawShape>(fields: S, values: (value: z.infer<z.ZodObject<S>>) => Value[]) {
  return { schema: z.object(fields) as z.ZodType, values: values as (value: never) => Value[] }
}

function vo2({ vo2Max }: z.infer<typeof Vo2>): Value[] {
  const ends = String(vo2Max).split('-').map(Number)
  // The middle of a range.
  const value = ends.reduce((sum, one) => sum + one, 0) / ends.length
  return [['vo2_max', some(value), 'mL/kg/min']]
}

/** A list of days, by its name. */
export function* dayList(name: string, items: readonly unknown[], ctx: Context): Iterable<ObservationInput> {
  for (const item of items) {
    const parsed = Day.safeParse(item)
    const date = parsed.success ? readDate(parsed.data.dateTime) : null
    if (!parsed.success || date === null) {
      ctx.reject(item, 'schema', `${name}: a day without a date`)
      continue
    }
    const known = shapes[name]
    const value = (known?.schema ?? number).safeParse(parsed.data.value)
    // Of the heart of a part of a day there is only an average, in the place of what a day has.
    if (name === 'activities-heart' && typeof parsed.data.value === 'string') continue
    if (!value.success) ctx.reject(item, 'schema', `${name}: a value that cannot be read`)
    else if (known) yield* daily(date, name, known.values(value.data as never))
    else yield* plain(name, date, value.data as number)
  }
}

function* plain(name: string, date: string, value: number): Iterable<ObservationInput> {
  const [metric, unit, zero] = series[name] as (typeof series)[string] & object
  const kept = metric === 'sedentary_minutes' ? sedentary(value) : zero === 'nothing' ? some(value) : value
  yield* daily(date, name, [[metric, kept, unit]])
}

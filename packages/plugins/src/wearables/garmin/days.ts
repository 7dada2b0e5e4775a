import type { NormalizeContext, ObservationInput } from '@auren/core'
import type { z } from 'zod'
import { dateAt } from '../../vendor/zones.js'
import { daily, type Item, itemOf, type Revision, sample, series } from './make.js'
import type { Daily, Epoch, UserMetrics } from './payload.js'

/** A code for "not measured" is no value. */
const measured = (value: number | null | undefined): number | null => (value == null || value < 0 ? null : value)

/** A day so far: it comes many times, and the longer one holds. */
export function day(summary: z.infer<typeof Daily>, id: string, ctx: NormalizeContext): Revision[] {
  const offset = summary.startTimeOffsetInSeconds
  const date =
    summary.calendarDate ?? (offset == null ? null : dateAt(summary.startTimeInSeconds * 1000, Math.round(offset / 60)))
  if (date === null) {
    ctx.reject(summary, 'schema', 'dailies: neither a date nor an offset says which day it is')
    return []
  }
  const frame = {
    recordId: `dailies/${id}`,
    version: summary.durationInSeconds ?? 0,
    startTimeInSeconds: summary.startTimeInSeconds,
    offsetInSeconds: offset,
    durationInSeconds: 86_400,
  }
  return [{ ...frame, observations: () => dayOf(summary, date, itemOf(frame, ctx)) }]
}

function* dayOf(summary: z.infer<typeof Daily>, date: string, item: Item): Iterable<ObservationInput> {
  const of = (metric: string, value: number | null | undefined, unit: string) => daily(item, date, metric, value, unit)
  yield* of('steps', summary.steps, '{steps}')
  yield* of('distance', summary.distanceInMeters, 'm')
  yield* of('energy_active', summary.activeKilocalories, 'kcal')
  yield* of('energy_basal', summary.bmrKilocalories, 'kcal')
  yield* of('energy_intake', summary.consumedCalories, 'kcal')
  yield* of('floors_climbed', summary.floorsClimbed, '{floors}')
  yield* of('moderate_minutes', summary.moderateIntensityDurationInSeconds, 's')
  yield* of('vigorous_minutes', summary.vigorousIntensityDurationInSeconds, 's')
  yield* of('resting_heart_rate', measured(summary.restingHeartRateInBeatsPerMinute), '/min')
  yield* of('garmin.active_time', summary.activeTimeInSeconds, 's')
  const average = summary.averageStressLevel ?? summary.averageStresslevel
  yield* of('garmin.stress_score_day', measured(average), '{score}')
  yield* of('garmin.stress_score_day_max', measured(summary.maxStressLevel), '{score}')
  yield* of('garmin.stress_time', measured(summary.stressDurationInSeconds), 's')
  yield* of('garmin.stress_time_rest', measured(summary.restStressDurationInSeconds), 's')
  yield* of('garmin.stress_time_activity', measured(summary.activityStressDurationInSeconds), 's')
  yield* of('garmin.stress_time_low', measured(summary.lowStressDurationInSeconds), 's')
  yield* of('garmin.stress_time_medium', measured(summary.mediumStressDurationInSeconds), 's')
  yield* of('garmin.stress_time_high', measured(summary.highStressDurationInSeconds), 's')
  yield* of('garmin.body_battery_charged', measured(summary.bodyBatteryChargedValue), '{score}')
  yield* of('garmin.body_battery_drained', measured(summary.bodyBatteryDrainedValue), '{score}')
  yield* series(item, summary.timeOffsetHeartRateSamples, 'heart_rate', '/min')
}

/**
 * A quarter of an hour: Garmin writes one row for each kind of movement in it, so they are summed. All rows of one start
 * are one record, for a newer quarter replaces the older whole.
 */
export function epoch(rows: readonly z.infer<typeof Epoch>[], ctx: NormalizeContext): Revision[] {
  const [first] = rows
  if (!first) return []
  const duration = Math.max(...rows.map((row) => row.durationInSeconds))
  const frame = {
    recordId: `epochs/${first.startTimeInSeconds}`,
    version: duration,
    startTimeInSeconds: first.startTimeInSeconds,
    offsetInSeconds: first.startTimeOffsetInSeconds,
    durationInSeconds: duration,
  }
  // Rows of a quarter that was longer already: the shorter are of before.
  const newest = rows.filter((row) => row.durationInSeconds === duration)
  return [{ ...frame, observations: () => epochOf(lastOfEach(newest), itemOf(frame, ctx)) }]
}

/** A row that comes twice in one delivery is not more movement. */
function lastOfEach(rows: readonly z.infer<typeof Epoch>[]): z.infer<typeof Epoch>[] {
  return [...new Map(rows.map((row) => [row.activityType ?? row.summaryId ?? '', row])).values()]
}

function* epochOf(rows: readonly z.infer<typeof Epoch>[], item: Item): Iterable<ObservationInput> {
  const sum = (field: 'steps' | 'distanceInMeters' | 'activeKilocalories'): number | null => {
    const values = rows.flatMap((row) => row[field] ?? [])
    return values.length === 0 ? null : Number(values.reduce((a, b) => a + b, 0).toPrecision(12))
  }
  const over = function* (metric: string, value: number | null, unit: string): Iterable<ObservationInput> {
    if (value !== null) yield sample(item, item.start, metric, value, unit, item.end)
  }
  yield* over('steps', sum('steps'), '{steps}')
  yield* over('distance', sum('distanceInMeters'), 'm')
  yield* over('energy_active', sum('activeKilocalories'), 'kcal')
  const weighed = rows.flatMap(({ met, activeTimeInSeconds: time }) =>
    met != null && time != null && time > 0 ? [{ met, time }] : [],
  )
  const time = weighed.reduce((all, row) => all + row.time, 0)
  if (time > 0) {
    const mean = weighed.reduce((all, row) => all + row.met * row.time, 0) / time
    yield* over('met', Number(mean.toPrecision(12)), '{MET}')
  }
  const sitting = rows.filter(({ activityType }) => activityType?.toUpperCase() === 'SEDENTARY')
  const seconds = sitting.flatMap((row) => row.activeTimeInSeconds ?? [])
  if (seconds.length > 0)
    yield* over(
      'sedentary_minutes',
      seconds.reduce((a, b) => a + b, 0),
      's',
    )
}

/** What Garmin computes of a person, by date. Only the newest of a date is shown to them. */
export function userMetrics(summary: z.infer<typeof UserMetrics>, ctx: NormalizeContext): Revision[] {
  const { calendarDate: date } = summary
  const frame = { recordId: `userMetrics/${date}`, version: 0, startTimeInSeconds: 0 }
  return [
    {
      ...frame,
      *observations() {
        const item = itemOf(frame, ctx)
        yield* daily(item, date, 'vo2_max', measured(summary.vo2Max), 'mL/kg/min')
        yield* daily(item, date, 'garmin.vo2_max_cycling', measured(summary.vo2MaxCycling), 'mL/kg/min')
        yield* daily(item, date, 'garmin.fitness_age', measured(summary.fitnessAge), 'a')
      },
    },
  ]
}

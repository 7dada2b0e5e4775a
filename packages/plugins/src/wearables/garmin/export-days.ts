import type { ObservationInput } from '@auren/core'
import { z } from 'zod'
import { readTime } from '../../files/index.js'
import { present, reading } from '../../vendor/items.js'
import { lookup } from '../../vendor/lookup.js'
import { activityOf } from './activities.js'
import { daily, watch } from './make.js'

const number = z.number().finite().nullish()
const date = z.iso.date()
const stamp = z.string().max(60)
/** Above the versions of nights that the API calls tentative: an export is made of what was final. */
const FINAL_NIGHT = 4_000_000
/** Garmin counts ten feet as a floor. */
const FLOOR = 3.048
const KJ = 4.184

/** Values of one of Garmin's days; codes below zero are none. */
function dayOf(recordId: string, day: string, version: number) {
  const item = { record: () => ({ source: watch, recordId, version }) }
  return (metric: string, value: number | null | undefined, unit: string) =>
    daily(item, day, metric, value == null || value < 0 ? null : value, unit)
}

/** A stamp of an export: UTC, without saying so. */
function utc(text: string | null | undefined): number | null {
  const time = text ? readTime(text) : null
  return time && (time.offset === null || time.offset === 0) ? Date.parse(`${time.local}Z`) : null
}

const StressPart = z.object({
  type: z.string().max(40),
  averageStressLevel: number,
  maxStressLevel: number,
  stressDuration: number,
  restDuration: number,
  activityDuration: number,
  lowDuration: number,
  mediumDuration: number,
  highDuration: number,
})
const Day = z.object({
  calendarDate: date,
  totalSteps: number,
  totalDistanceMeters: number,
  activeKilocalories: number,
  bmrKilocalories: number,
  totalKilocalories: number,
  moderateIntensityMinutes: number,
  vigorousIntensityMinutes: number,
  floorsAscended: number,
  floorsAscendedInMeters: number,
  restingHeartRate: number,
  highlyActiveSeconds: number,
  activeSeconds: number,
  allDayStress: z.object({ aggregatorList: z.array(z.unknown()).max(100).nullish() }).nullish(),
  bodyBattery: z.object({ chargedValue: number, drainedValue: number }).nullish(),
})

/** A day (`UDSFile_*.json`). Two files share a date: the one that says more of it holds. */
export const days = reading(Day, 'UDSFile', function* (day) {
  // Of a day without the watch there are goals, and a guess of what was burnt.
  if (day.totalSteps == null && day.restingHeartRate == null) return
  const stress = (day.allDayStress?.aggregatorList ?? []).flatMap((part) => {
    const read = StressPart.safeParse(part)
    return read.success && read.data.type === 'TOTAL' ? [read.data] : []
  })[0]
  const version = Object.values(day).filter((value) => value != null).length + (stress ? 1 : 0)
  const of = dayOf(`export/day/${day.calendarDate}`, day.calendarDate, version)
  yield* of('steps', day.totalSteps, '{steps}')
  yield* of('distance', day.totalDistanceMeters, 'm')
  yield* of('energy_active', day.activeKilocalories, 'kcal')
  yield* of('energy_basal', day.bmrKilocalories, 'kcal')
  yield* of('energy_total', day.totalKilocalories, 'kcal')
  yield* of('moderate_minutes', day.moderateIntensityMinutes, 'min')
  yield* of('vigorous_minutes', day.vigorousIntensityMinutes, 'min')
  const metres = day.floorsAscendedInMeters
  const floors = day.floorsAscended ?? (metres == null ? null : Number((metres / FLOOR).toPrecision(6)))
  yield* of('floors_climbed', floors, '{floors}')
  yield* of('resting_heart_rate', day.restingHeartRate || null, '/min')
  const active = [day.highlyActiveSeconds, day.activeSeconds].flatMap((value) => value ?? [])
  yield* of('garmin.active_time', active.length > 0 ? active.reduce((a, b) => a + b, 0) : null, 's')
  yield* of('garmin.body_battery_charged', day.bodyBattery?.chargedValue, '{score}')
  yield* of('garmin.body_battery_drained', day.bodyBattery?.drainedValue, '{score}')
  // With no measurement of it, the sums are zero and the average is a code.
  if (!stress || stress.averageStressLevel == null || stress.averageStressLevel < 0) return
  yield* of('garmin.stress_score_day', stress.averageStressLevel, '{score}')
  yield* of('garmin.stress_score_day_max', stress.maxStressLevel, '{score}')
  yield* of('garmin.stress_time', stress.stressDuration, 's')
  yield* of('garmin.stress_time_rest', stress.restDuration, 's')
  yield* of('garmin.stress_time_activity', stress.activityDuration, 's')
  yield* of('garmin.stress_time_low', stress.lowDuration, 's')
  yield* of('garmin.stress_time_medium', stress.mediumDuration, 's')
  yield* of('garmin.stress_time_high', stress.highDuration, 's')
})

const Night = z.object({
  calendarDate: date.nullish(),
  sleepStartTimestampGMT: stamp.nullish(),
  sleepEndTimestampGMT: stamp.nullish(),
  deepSleepSeconds: number,
  lightSleepSeconds: number,
  remSleepSeconds: number,
  awakeSleepSeconds: number,
  averageRespiration: number,
  sleepScores: z.object({ overallScore: number }).nullish(),
  spo2SleepSummary: z.object({ averageSPO2: number, averageSpO2: number }).nullish(),
  napList: z.array(z.unknown()).max(100).nullish(),
})

/** A night (`*_sleepData.json`): sums of levels, not their course. */
export const nights = reading(Night, 'sleepData', function* (night, ctx) {
  const start = utc(night.sleepStartTimestampGMT)
  const end = utc(night.sleepEndTimestampGMT)
  // A date without a night is a day on which the watch was off.
  if (night.sleepStartTimestampGMT == null && night.sleepEndTimestampGMT == null) return
  if (start === null || end === null || end <= start)
    return ctx.reject(night, 'order', 'sleepData: a night without a start before its end')
  for (const nap of night.napList ?? []) ctx.reject(nap, 'not_read', 'sleepData: naps, whose form is not known')
  const base = { source: watch, recordId: `export/sleep/${start / 1000}`, version: FINAL_NIGHT, offset: null } as const
  const where = { ...base, zoneBasis: 'absent' } as const
  const { deepSleepSeconds: deep, lightSleepSeconds: light, remSleepSeconds: rem } = night
  const asleep = (deep ?? 0) + (light ?? 0) + (rem ?? 0)
  const level = (value: number | null | undefined): number | null => (asleep > 0 && value != null ? value : null)
  yield {
    shape: 'session',
    kind: 'sleep',
    start,
    end,
    nap: false,
    measures: present({
      sleep_duration: asleep > 0 ? asleep : null,
      sleep_deep: level(deep),
      sleep_light: level(light),
      sleep_rem: level(rem),
      sleep_awake: level(night.awakeSleepSeconds),
    }),
    ...where,
  }
  // The mean of the night stands at its end, so that it counts for the day on which the night ends.
  const tell = function* (metric: string, value: number | null | undefined, unit: string): Iterable<ObservationInput> {
    if (value != null && value > 0) yield { shape: 'sample', metric, start: end, value, unit, ...where }
  }
  yield* tell('respiratory_rate', night.averageRespiration, '/min')
  yield* tell('oxygen_saturation', night.spo2SleepSummary?.averageSPO2 ?? night.spo2SleepSummary?.averageSpO2, '%')
  yield* tell('garmin.sleep_score', night.sleepScores?.overallScore, '{score}')
})

const Activity = z.object({
  activityId: z.union([z.int().min(0), z.string().min(1).max(100)]),
  name: z.string().max(10_000).nullish(),
  activityType: z.string().max(200).nullish(),
  beginTimestamp: number,
  startTimeGmt: number,
  startTimeLocal: number,
  duration: number,
  elapsedDuration: number,
  distance: number,
  avgSpeed: number,
  maxSpeed: number,
  avgHr: number,
  maxHr: number,
  avgPower: number,
  maxPower: number,
  avgDoubleCadence: number,
  avgBikeCadence: number,
  elevationGain: number,
  calories: number,
  steps: number,
})
const Activities = z.object({ summarizedActivitiesExport: z.array(z.unknown()).max(200_000) })

/** Activities (`*_summarizedActivities.json`): milliseconds, centimetres, ten metres a second, kilojoules. */
export const activities = reading(Activities, 'summarizedActivities', function* (page, ctx) {
  for (const given of page.summarizedActivitiesExport) yield* activity(given, ctx)
})

const activity = reading(Activity, 'summarizedActivities', function* (given, ctx) {
  const start = given.startTimeGmt ?? given.beginTimestamp
  const length = given.elapsedDuration ?? given.duration
  if (start == null || length == null || length < 0)
    return ctx.reject({ activityId: given.activityId }, 'schema', 'summarizedActivities: no start or no length')
  const offset = given.startTimeLocal == null ? null : Math.round((given.startTimeLocal - start) / 60_000)
  const known = offset !== null && Math.abs(offset) <= 1080
  const scaled = (value: number | null | undefined, factor: number): number | null =>
    value == null ? null : Number((value * factor).toPrecision(12))
  yield {
    shape: 'session',
    kind: 'workout',
    start: Math.round(start),
    end: Math.round(start + length),
    activity: activityOf(given.activityType),
    ...(given.activityType ? { vendorActivity: given.activityType } : {}),
    measures: present({
      distance: scaled(given.distance, 0.01),
      energy_active: scaled(given.calories, 1 / KJ),
      steps: given.steps,
      heart_rate: given.avgHr || null,
      heart_rate_max: given.maxHr || null,
      speed: scaled(given.avgSpeed, 10),
      speed_max: scaled(given.maxSpeed, 10),
      power: given.avgPower,
      power_max: given.maxPower,
      cadence: given.avgDoubleCadence ?? given.avgBikeCadence,
      elevation_gained: scaled(given.elevationGain, 0.01),
    }),
    ...(given.name ? { text: given.name } : {}),
    source: watch,
    offset: known ? offset : null,
    zoneBasis: known ? 'carried' : 'absent',
    // The record that the API tells of, which knows more of it than this summary and less than a correction.
    recordId: `activity/${given.activityId}`,
    version: (given.duration ?? length) / 1000 + 0.25,
  }
})

const Health = z.object({ calendarDate: date, metrics: z.array(z.unknown()).max(100) })
const HealthMetric = z.object({ type: z.string().max(60), value: number })
/** What of a day's health status is no repetition; the skin's temperature is a difference to what is usual. */
const statuses = lookup<readonly [metric: string, unit: string, signed: boolean]>({
  HRV: ['garmin.hrv_last_night_average', 'ms', false],
  SKIN_TEMP_C: ['skin_temperature_deviation', 'Cel', true],
})

/** Health status of a day (`*_healthStatusData.json`). */
export const health = reading(Health, 'healthStatusData', function* ({ calendarDate, metrics }) {
  const item = { record: () => ({ source: watch, recordId: `export/health/${calendarDate}`, version: metrics.length }) }
  for (const given of metrics) {
    const read = HealthMetric.safeParse(given)
    const status = read.success && statuses[read.data.type]
    const value = read.success ? read.data.value : null
    if (status && value != null && (status[2] || value > 0))
      yield* daily(item, calendarDate, status[0], value, status[1])
  }
})

const MaxMet = z.object({
  calendarDate: date,
  vo2MaxValue: number,
  sport: z.string().max(60).nullish(),
  updateTimestamp: stamp.nullish(),
})

/** VO₂max (`MetricsMaxMetData_*.json`): of a date and sport, the newest. */
export const maxMet = reading(MaxMet, 'MetricsMaxMetData', ({ calendarDate, vo2MaxValue, sport, updateTimestamp }) => {
  const cycling = sport?.toUpperCase() === 'CYCLING'
  const record = `export/vo2max/${cycling ? 'cycling' : 'general'}/${calendarDate}`
  const of = dayOf(record, calendarDate, utc(updateTimestamp) ?? 0)
  return of(cycling ? 'garmin.vo2_max_cycling' : 'vo2_max', vo2MaxValue || null, 'mL/kg/min')
})

const Readiness = z.object({ calendarDate: date, timestamp: stamp.nullish(), score: number })

/** Training readiness (`TrainingReadinessDTO_*.json`): several a day, the last holds. */
export const readiness = reading(Readiness, 'TrainingReadinessDTO', ({ calendarDate, timestamp, score }) =>
  dayOf(`export/readiness/${calendarDate}`, calendarDate, utc(timestamp) ?? 0)(
    'garmin.training_readiness',
    score,
    '{score}',
  ),
)

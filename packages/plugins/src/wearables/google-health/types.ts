import { lookup } from '../../vendor/lookup.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How a data type is asked for, and what its points are kept as. */
export interface DataType {
  /** Of a point: `heartRate`. */
  field: string
  /** Its time in filters: of the start of intervals, of the end of sleep. */
  filter: string
  /** Which times filters take. */
  clock: 'physical' | 'civil' | 'date'
  /**
   * Points without an identity of their own are kept as records of such a span (ms), by their start: what is fetched
   * again replaces what was there. Null where each point is a record.
   */
  window: number | null
  /** Longest span of one question (ms). */
  span: number
  /** What the first pull reaches back to (ms); null: to the beginning. */
  first: number | null
  /** What each pull reads again (ms): late data, corrections, deletions. */
  again: number
}

/** A stream: thousands of points a day. */
const stream = (field: string, of: 'interval' | 'sample', first: number, span: number): DataType => ({
  field,
  filter: of === 'interval' ? 'interval.start_time' : 'sample_time.physical_time',
  clock: 'physical',
  window: HOUR,
  span,
  first,
  again: 2 * DAY,
})
/** A few points a day at most. */
const seldom = (field: string): DataType => ({
  ...stream(field, 'sample', 0, 1000 * DAY),
  window: DAY,
  first: null,
  again: 30 * DAY,
})
const log = (field: string): DataType => ({ ...seldom(field), filter: 'interval.civil_start_time', clock: 'civil' })
const daily = (field: string): DataType => ({
  ...seldom(field),
  filter: 'date',
  clock: 'date',
  window: null,
})
const session = (field: string, filter: string, clock: 'physical' | 'civil'): DataType => ({
  ...seldom(field),
  filter,
  clock,
  window: null,
  span: 365 * DAY,
})

/** What is read, as the API's address has it, in the order in which it is fetched. */
export const dataTypes = {
  sleep: session('sleep', 'interval.end_time', 'physical'),
  exercise: session('exercise', 'interval.civil_start_time', 'civil'),
  'daily-resting-heart-rate': daily('dailyRestingHeartRate'),
  'daily-heart-rate-variability': daily('dailyHeartRateVariability'),
  'daily-oxygen-saturation': daily('dailyOxygenSaturation'),
  'daily-respiratory-rate': daily('dailyRespiratoryRate'),
  'daily-sleep-temperature-derivations': daily('dailySleepTemperatureDerivations'),
  'daily-vo2-max': daily('dailyVo2Max'),
  weight: seldom('weight'),
  'body-fat': seldom('bodyFat'),
  height: seldom('height'),
  'blood-glucose': { ...seldom('bloodGlucose'), span: 30 * DAY },
  'core-body-temperature': seldom('coreBodyTemperature'),
  'vo2-max': seldom('vo2Max'),
  'run-vo2-max': seldom('runVo2Max'),
  'hydration-log': log('hydrationLog'),
  'nutrition-log': log('nutritionLog'),
  steps: stream('steps', 'interval', 90 * DAY, 7 * DAY),
  distance: stream('distance', 'interval', 90 * DAY, 7 * DAY),
  floors: stream('floors', 'interval', 90 * DAY, 7 * DAY),
  altitude: stream('altitude', 'interval', 90 * DAY, 7 * DAY),
  'active-energy-burned': stream('activeEnergyBurned', 'interval', 90 * DAY, 7 * DAY),
  'basal-energy-burned': stream('basalEnergyBurned', 'interval', 30 * DAY, 7 * DAY),
  'active-minutes': stream('activeMinutes', 'interval', 90 * DAY, 7 * DAY),
  'active-zone-minutes': stream('activeZoneMinutes', 'interval', 90 * DAY, 7 * DAY),
  'sedentary-period': stream('sedentaryPeriod', 'interval', 90 * DAY, 7 * DAY),
  'heart-rate-variability': stream('heartRateVariability', 'sample', 90 * DAY, 7 * DAY),
  'oxygen-saturation': stream('oxygenSaturation', 'sample', 90 * DAY, 7 * DAY),
  'heart-rate': stream('heartRate', 'sample', 30 * DAY, DAY),
} as const satisfies Readonly<Record<string, DataType>>
export type DataTypeId = keyof typeof dataTypes

/** Sums of days as the app shows them: the longest span of one question, by data type. */
export const rollups = lookup<number>({
  steps: 90 * DAY,
  distance: 90 * DAY,
  floors: 90 * DAY,
  'active-energy-burned': 90 * DAY,
  'active-zone-minutes': 90 * DAY,
  'sedentary-period': 90 * DAY,
  'total-calories': 14 * DAY,
  'active-minutes': 14 * DAY,
})

/** `steps`, `bodyFat`, `daily_vo2_max`: as addresses have it. */
export function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
}

/** The data type of a name, however it is written; null where it is not read. */
export function dataTypeOf(name: string): DataTypeId | null {
  const id = kebab(name)
  return Object.hasOwn(dataTypes, id) ? (id as DataTypeId) : null
}

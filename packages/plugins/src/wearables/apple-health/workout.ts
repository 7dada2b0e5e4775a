import { Flag, type ObservationInput } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'
import { activityOf } from './activities.js'
import { instantOf } from './dates.js'
import { lengthOf, measureOf, percentOf } from './units.js'
import { textOf } from './xml/text.js'

/** Attributes of an element as the parser gives them: one character per byte. */
export type Attributes = Readonly<Record<string, string | undefined>>

const maxParts = 5000

/** A workout while its children are read. */
export interface OpenWorkout {
  attributes: Attributes
  measures: Record<string, number>
  /** Laps with a duration, and the instants of those without one. */
  laps: { start: number; end: number }[]
  indoor: boolean
  /** HKWorkoutSwimmingLocationType: 1 pool, 2 open water. */
  water: number
  marks: number[]
  activities: { start: number; end: number }[]
}

/** Begins a workout with what its own attributes say; exports before iOS 16 hold the totals there. */
export function openWorkout(attributes: Attributes): OpenWorkout {
  const workout: OpenWorkout = {
    attributes,
    measures: {},
    laps: [],
    indoor: false,
    water: 0,
    marks: [],
    activities: [],
  }
  // A total of 0 is how those exports say that nothing was measured.
  set(workout, 'distance', quantity(attributes.totalDistance, attributes.totalDistanceUnit, 'distance') || null)
  set(
    workout,
    'energy_active',
    quantity(attributes.totalEnergyBurned, attributes.totalEnergyBurnedUnit, 'energy_active') || null,
  )
  set(workout, 'floors_climbed', number(attributes.totalFlightsClimbed) || null)
  return workout
}

/** A direct child of a workout. Children of its WorkoutActivity repeat the sums of one leg and are not read. */
export function addToWorkout(workout: OpenWorkout, name: string, attributes: Attributes): void {
  if (name === 'WorkoutStatistics') addStatistics(workout, attributes)
  else if (name === 'MetadataEntry') addMetadata(workout, attributes.key ?? '', attributes.value ?? '')
  else if (name === 'WorkoutEvent' && attributes.type === 'HKWorkoutEventTypeLap') addLap(workout, attributes)
  else if (name === 'WorkoutActivity' && workout.activities.length < maxParts) {
    const start = instantOf(attributes.startDate ?? '')
    const end = instantOf(attributes.endDate ?? '')
    if (end > start) workout.activities.push({ start, end })
  }
}

/** Measures by the type of a statistic; distances of all kinds are the workout's distance. */
const sums = lookup<string>({
  ActiveEnergyBurned: 'energy_active',
  BasalEnergyBurned: 'energy_basal',
  StepCount: 'steps',
  FlightsClimbed: 'floors_climbed',
  DistanceWalkingRunning: 'distance',
  DistanceCycling: 'distance',
  DistanceSwimming: 'distance',
  DistanceWheelchair: 'distance',
  DistanceDownhillSnowSports: 'distance',
  DistanceCrossCountrySkiing: 'distance',
  DistancePaddleSports: 'distance',
  DistanceRowing: 'distance',
  DistanceSkatingSports: 'distance',
})
const means = lookup<string>({
  HeartRate: 'heart_rate',
  RunningPower: 'power',
  CyclingPower: 'power',
  CyclingCadence: 'cadence',
  RunningSpeed: 'speed',
  CyclingSpeed: 'speed',
  RespiratoryRate: 'respiratory_rate',
})

function addStatistics(workout: OpenWorkout, attributes: Attributes): void {
  const type = (attributes.type ?? '').replace('HKQuantityTypeIdentifier', '')
  const { unit } = attributes
  const sum = sums[type]
  if (sum !== undefined) set(workout, sum, quantity(attributes.sum, unit, sum))
  const mean = means[type]
  if (mean !== undefined) set(workout, mean, quantity(attributes.average, unit, mean))
  if (type === 'HeartRate') set(workout, 'heart_rate_max', quantity(attributes.maximum, unit, 'heart_rate'))
}

function addMetadata(workout: OpenWorkout, key: string, raw: string): void {
  const value = textOf(raw)
  if (key === 'HKElevationAscended') set(workout, 'elevation_gained', lengthOf(value))
  else if (key === 'HKIndoorWorkout') workout.indoor = value === '1'
  else if (key === 'HKSwimmingLocationType') workout.water = Number(value) || 0
  else if (key === 'HKAverageMETs') set(workout, 'met', number(/^[\d.]+/.exec(value)?.[0]))
  else if (key === 'HKAverageSpeed' && workout.measures.speed === undefined) {
    const [amount, unit] = value.split(' ')
    set(workout, 'speed', quantity(amount, unit, 'speed'))
  } else if (key === 'HKAverageOxygenSaturation') {
    const share = number(/^[\d.]+/.exec(value)?.[0])
    set(workout, 'oxygen_saturation', share === null ? null : percentOf(share, 1))
  }
}

/** Since iOS 11 a lap has a duration (`durationUnit` min); before, it is the moment at which the button was pressed. */
function addLap(workout: OpenWorkout, attributes: Attributes): void {
  const start = instantOf(attributes.date ?? '')
  if (Number.isNaN(start) || workout.laps.length + workout.marks.length >= maxParts) return
  const minutes = quantity(attributes.duration, attributes.durationUnit ?? 'min', 'active_minutes') ?? 0
  if (minutes > 0) workout.laps.push({ start, end: start + Math.round(minutes * 60_000) })
  else workout.marks.push(start)
}

/** The workout as an observation. Identity is source, start and end; `offset` is that of the start. */
export function workoutOf(
  workout: OpenWorkout,
  base: Pick<Extract<ObservationInput, { shape: 'session' }>, 'source' | 'offset' | 'zoneBasis'>,
  times: { start: number; end: number; createdAt: number },
  manual: boolean,
): ObservationInput {
  const { start, end, createdAt } = times
  const vendorActivity = textOf(workout.attributes.workoutActivityType ?? '').slice(0, 200)
  const laps = lapsOf(workout, start, end)
  return {
    shape: 'session',
    kind: 'workout',
    start,
    end,
    activity: activityOf(vendorActivity, workout.indoor, workout.water),
    ...(vendorActivity === '' ? {} : { vendorActivity }),
    ...(laps.length > 0 ? { laps } : {}),
    measures: workout.measures,
    ...base,
    ...(createdAt > 0 ? { createdAt } : {}),
    ...(manual ? { flags: Flag.manual } : {}),
  }
}

/** Laps as the watch measured them, else the stretches between presses of the button, else the legs of a multisport. */
function lapsOf(workout: OpenWorkout, start: number, end: number): { start: number; end: number }[] {
  if (workout.laps.length > 0) return workout.laps
  if (workout.marks.length > 0) {
    const marks = workout.marks.filter((at) => at > start && at < end).sort((a, b) => a - b)
    const bounds = [start, ...new Set(marks), end]
    return bounds.slice(1).map((to, i) => ({ start: bounds[i] as number, end: to }))
  }
  return workout.activities.length > 1 ? workout.activities : []
}

function set(workout: OpenWorkout, measure: string, value: number | null): void {
  if (value !== null) workout.measures[measure] = value
}

function number(text: string | undefined): number | null {
  if (text === undefined || text.trim() === '') return null
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}

function quantity(text: string | undefined, unit: string | undefined, metric: string): number | null {
  const value = number(text)
  return value === null || unit === undefined ? null : measureOf(value, unit, metric)
}

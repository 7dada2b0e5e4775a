import {
  activityNamed,
  activityOfHealthKit,
  convertUnit,
  isAurenError,
  type ObservationInput,
  type SleepStage,
} from '@auren/core'
import { lookup } from '../../vendor/lookup.js'
import { timelineOf } from '../../vendor/timeline.js'
import { type Held, wordOf, zoned } from './base.js'
import { UnitValue } from './payload.js'
import { type Frame, frameOf, secondsOf } from './times.js'

/** Longer than this nobody sleeps or trains in one: it is a day. */
const LONG_MS = 18 * 3_600_000

type Fields = readonly (readonly [field: string, measure: string, unit: string])[]

/** Measures of a night, and the catalogue's unit of each. */
export const sleepFields: Fields = [
  ['total_sleep_time', 'sleep_duration', 's'],
  ['sleep_duration', 'sleep_duration', 's'],
  ['latency_to_sleep_onset', 'sleep_latency', 's'],
  ['wake_after_sleep_onset', 'sleep_awake', 's'],
  ['awake_duration', 'sleep_awake', 's'],
  ['light_sleep_duration', 'sleep_light', 's'],
  ['deep_sleep_duration', 'sleep_deep', 's'],
  ['rem_sleep_duration', 'sleep_rem', 's'],
  ['sleep_efficiency_percentage', 'sleep_efficiency', '%'],
  ['sleep_maintenance_efficiency_percentage', 'sleep_efficiency', '%'],
]

/** Measures of a workout, and the catalogue's unit of each. */
export const activityFields: Fields = [
  ['distance', 'distance', 'm'],
  ['kcal_burned', 'energy_active', 'kcal'],
  ['cumulative_elevation_gain', 'elevation_gained', 'm'],
  ['duration_moderate_activity', 'moderate_minutes', 'min'],
  ['duration_vigorous_activity', 'vigorous_minutes', 'min'],
  ['average_cadence', 'cadence', '/min'],
  ['average_speed', 'speed', 'm/s'],
]

/** Names of stages in the schema; `asleep_unspecified` is sleep whose stage is not known. */
export const stageNames = lookup<SleepStage>({
  REM_sleep: 'rem',
  Light_sleep: 'light',
  Deep_sleep: 'deep',
  Unknown_sleep: 'asleep_unspecified',
  Awake: 'awake',
})

/** sleep-episode, sleep-stage-summary, sleep-duration, total-sleep-time, time-in-bed. */
export function* sleep(held: Held): Iterable<ObservationInput> {
  const frame = intervalOf(held)
  if (!frame) return
  const { body, own, shared, name } = held
  const summary = body.sleep_stage_summary
  const measures = measuresOf(held, { ...body, ...(typeof summary === 'object' ? summary : {}) }, sleepFields)
  if (!measures) return
  const { start, end, offset, endOffset } = frame
  const duration = measures.sleep_duration
  if ((name === 'sleep-duration' || name === 'total-sleep-time') && duration === undefined)
    return held.reject('schema', 'it has no duration of sleep')
  if (duration !== undefined && duration * 1000 > end - start + 60_000)
    return held.reject('inconsistent', 'more sleep than its time frame has')
  if (end - start > LONG_MS) {
    // A sum over a day, which ends where the date of its nights is.
    const date = own.date ?? dateAt(end - 1, endOffset)
    for (const [metric, value] of Object.entries(measures))
      yield {
        shape: 'daily_total',
        metric,
        date,
        value,
        unit: metric === 'sleep_efficiency' ? '%' : 's',
        ...zoned(endOffset),
        ...shared,
      }
    return
  }
  if (typeof body.number_of_awakenings === 'number') measures['open-mhealth.awakenings'] = body.number_of_awakenings
  const stages = timelineOf(stagesOf(held), start, end)
  yield {
    shape: 'session',
    kind: 'sleep',
    start,
    end,
    ...(body.is_main_sleep === false ? { nap: true } : {}),
    ...(stages.length > 0 ? { stages } : {}),
    measures,
    ...zoned(endOffset ?? offset),
    ...shared,
  }
}

function stagesOf(held: Held): { stage: SleepStage; start: number; end: number }[] {
  const episodes = held.body.sleep_stage_episodes
  if (!Array.isArray(episodes)) return []
  return (episodes as unknown[]).slice(0, 5000).flatMap((item) => {
    const { sleep_stage_state: state, sleep_stage_time_frame: given } = (item ?? {}) as Record<string, unknown>
    const frame = frameOf(given)
    const word = wordOf(state)
    const stage = stageNames[word]
    if (stage && typeof frame !== 'string' && 'end' in frame && frame.end !== null)
      return [{ stage, start: frame.start, end: frame.end }]
    held.reject('schema', 'a stage has no interval, or a name that the schema does not have')
    return []
  })
}

/** physical-activity, and workouts of HealthKit. A day of it is values of the day. */
export function* activity(held: Held): Iterable<ObservationInput> {
  const frame = intervalOf(held)
  if (!frame) return
  const { body, own, shared } = held
  const named = body.activity_name
  if (typeof named !== 'string' || named === '') return held.reject('schema', 'it has no activity_name')
  const measures = measuresOf(held, body, activityFields)
  if (!measures) return
  const moved = UnitValue.safeParse(body.base_movement_quantity)
  if (moved.success && moved.data.unit === 'steps') measures.steps = moved.data.value
  if (typeof body.met_value === 'number') measures.met = body.met_value
  const { start, end, offset } = frame
  if (end - start > LONG_MS) {
    const date = own.date ?? dateAt(start, offset)
    const units = lookup<string>({ steps: '{steps}', met: '{MET}' })
    for (const [metric, value] of Object.entries(measures)) {
      const unit = units[metric] ?? activityFields.find(([, measure]) => measure === metric)?.[2] ?? ''
      yield { shape: 'daily_total', metric, date, value, unit, ...zoned(offset), ...shared }
    }
    return
  }
  yield {
    shape: 'session',
    kind: 'workout',
    start,
    end,
    activity: activityNamed(named) ?? activityOfHealthKit(named) ?? 'other',
    vendorActivity: named.slice(0, 200),
    measures,
    ...zoned(offset),
    ...shared,
  }
}

/** What happens over a time needs one; statistics over many nights or workouts are none of them. */
function intervalOf(held: Held): (Frame & { end: number }) | null {
  const { body } = held
  const frame = frameOf(body.effective_time_frame)
  if (body.descriptive_statistic !== undefined || body.descriptive_statistic_denominator !== undefined)
    held.reject('descriptive_statistic', 'a statistic over a time is no measurement')
  else if (typeof frame === 'string') held.reject('no_time', frame)
  else if ('date' in frame) held.reject('part_of_day', 'a part of a day has no beginning and no end')
  else if (frame.end === null || frame.end === frame.start)
    held.reject('no_interval', 'what happens over a time has an interval')
  else return { ...frame, end: frame.end }
  return null
}

function measuresOf(
  held: Held,
  body: Readonly<Record<string, unknown>>,
  fields: Fields,
): Record<string, number> | null {
  const measures: Record<string, number> = {}
  for (const [field, measure, unit] of fields) {
    if (body[field] === undefined || measures[measure] !== undefined) continue
    const given = UnitValue.safeParse(body[field])
    const value = given.success ? converted(given.data.value, given.data.unit, unit) : null
    if (value === null) {
      held.reject(given.success ? 'unknown_unit' : 'schema', `${field} is not a value in one of its units`)
      return null
    }
    measures[measure] = value
  }
  return measures
}

function converted(value: number, from: string, to: string): number | null {
  try {
    if (to === 's' || to === 'min') {
      const seconds = secondsOf(value, from)
      return seconds === null ? null : to === 's' ? seconds : seconds / 60
    }
    return convertUnit(value, from, to)
  } catch (error) {
    if (isAurenError(error)) return null
    throw error
  }
}

function dateAt(at: number, offset: number | null): string {
  return new Date(at + (offset ?? 0) * 60_000).toISOString().slice(0, 10)
}

import { activityNamed, type ObservationInput, type SleepStage, type StageInterval } from '@auren/core'
import { z } from 'zod'
import { efficiencyOf, present } from '../../vendor/items.js'
import { timelineOf } from '../../vendor/timeline.js'
import { daily, type Item, once } from './make.js'
import { Sample, type Sleep, SleepCycle, type Workout } from './payload.js'
import type { Placed } from './times.js'

/** Junction's codes; 5 is a stage that was typed in, of which only the sleep is known. */
const stages: Readonly<Record<number, SleepStage>> = {
  [-1]: 'no_data',
  1: 'deep',
  2: 'light',
  3: 'rem',
  4: 'awake',
  5: 'asleep_unspecified',
}

/** A night or nap, with its stages where they came with it. It belongs to where it ends. */
export function* night(given: z.infer<typeof Sleep>, item: Item): Iterable<ObservationInput> {
  const begun = item.at(given.bedtime_start)
  const ended = item.at(given.bedtime_stop ?? given.bedtime_end)
  if (!begun || !ended) return item.ctx.reject(given, 'schema', 'sleep: bedtime_start or bedtime_stop is no time')
  if (ended.at <= begun.at) return item.ctx.reject(given, 'order', 'sleep: bedtime_stop is not after bedtime_start')
  const cycle = SleepCycle.safeParse(given.sleep_cycle)
  const stream = Stream.safeParse(given.sleep_stream)
  const said = cycle.success
    ? stagesOf(cycle.data, item)
    : stream.success
      ? hypnogram(stream.data.hypnogram ?? [], ended.at, item)
      : []
  const timeline = timelineOf(said, begun.at, ended.at)
  // Zero is what Junction writes where a store has no stages: not a night without sleep.
  const slept = (given.total ?? 0) > 0
  yield {
    shape: 'session',
    kind: 'sleep',
    start: begun.at,
    end: ended.at,
    ...(given.type === 'acknowledged_nap' ? { nap: true } : given.type === 'long_sleep' ? { nap: false } : {}),
    ...(timeline.length > 0 ? { stages: timeline } : {}),
    measures: present({
      sleep_duration: given.total || null,
      ...(slept
        ? { sleep_deep: given.deep, sleep_light: given.light, sleep_rem: given.rem, sleep_awake: given.awake }
        : {}),
      sleep_latency: given.latency,
      sleep_efficiency: efficiencyOf(given.efficiency),
      heart_rate: given.hr_average || null,
      heart_rate_min: given.hr_lowest || null,
      hrv_rmssd: given.average_hrv || null,
      respiratory_rate: given.respiratory_rate || null,
    }),
    offset: ended.offset,
    zoneBasis: ended.zoneBasis,
    ...item.record,
  }
  // One value for the night stands at its end, so that it counts for the day on which the night ends.
  yield* once(item, ended, 'skin_temperature', given.skin_temperature, 'Cel')
  yield* once(item, ended, 'skin_temperature_deviation', given.temperature_delta, 'Cel')
  yield* once(item, ended, 'junction.heart_rate_dip', given.hr_dip, '%')
  yield* once(item, ended, 'junction.sleep_score', given.score, '{score}')
  yield* once(item, ended, 'junction.readiness_score', given.recovery_readiness_score, '{score}')
  yield* daily(item, given.calendar_date, 'resting_heart_rate', given.hr_resting || null, 'bpm')
  if (stream.success) yield* along(stream.data, item)
}

/** The stages of a night whose summary came by itself: a session of its own. */
export function* stagedNight(given: z.infer<typeof SleepCycle>, item: Item): Iterable<ObservationInput> {
  const begun = item.at(given.session_start)
  const ended = item.at(given.session_end)
  if (!begun || !ended) return item.ctx.reject(given, 'schema', 'sleep_cycle: session_start or session_end is no time')
  if (ended.at <= begun.at)
    return item.ctx.reject(given, 'order', 'sleep_cycle: session_end is not after session_start')
  const timeline = timelineOf(stagesOf(given, item), begun.at, ended.at)
  yield {
    shape: 'session',
    kind: 'sleep',
    start: begun.at,
    end: ended.at,
    ...(timeline.length > 0 ? { stages: timeline } : {}),
    measures: {},
    offset: ended.offset,
    zoneBasis: ended.zoneBasis,
    ...item.record,
  }
}

function stagesOf(given: z.infer<typeof SleepCycle>, item: Item): StageInterval[] {
  const base = item.at(given.session_start)?.at
  const { stage_type, stage_start_offset_second: from, stage_end_offset_second: to } = given
  if (base === undefined || from.length !== stage_type.length || to.length !== stage_type.length) {
    item.ctx.reject(given, 'schema', 'sleep_cycle: its lists are not equally long')
    return []
  }
  return stage_type.flatMap((code, at) => {
    const [start, end] = [base + (from[at] as number) * 1000, base + (to[at] as number) * 1000]
    return end > start ? [{ stage: stages[code] ?? 'no_data', start, end }] : []
  })
}

const samples = z.array(z.unknown()).max(200_000).nullish()
const Stream = z.object({ heartrate: samples, hrv: samples, hypnogram: samples, respiratory_rate: samples })

/** Samples of a night. */
function* along(stream: z.infer<typeof Stream>, item: Item): Iterable<ObservationInput> {
  const lists = [
    [stream.heartrate, 'heart_rate', 'bpm'],
    [stream.hrv, 'hrv_rmssd', 'ms'],
    [stream.respiratory_rate, 'respiratory_rate', '/min'],
  ] as const
  for (const [list, metric, unit] of lists)
    for (const one of list ?? []) {
      const read = stamped(one, item)
      if (!read) item.ctx.reject(one, 'schema', `sleep_stream: a sample of ${metric} has no time or value`)
      else if (read.value > 0) yield* once(item, read.when, metric, read.value, unit)
    }
}

function stamped(one: unknown, item: Item): { when: Placed; value: number; end: string | null } | null {
  const sample = Sample.safeParse(one)
  const when = sample.success ? item.at(sample.data.start ?? sample.data.timestamp) : null
  if (!sample.success || !when || typeof sample.data.value !== 'number') return null
  return { when, value: sample.data.value, end: sample.data.end ?? null }
}

/** A stage lasts until its end where that is said, else until the next one, the last until the end of the night. */
function hypnogram(points: readonly unknown[], end: number, item: Item): StageInterval[] {
  const read = points.flatMap((one) => {
    const point = stamped(one, item)
    if (!point) item.ctx.reject(one, 'schema', 'sleep_stream: a stage has no time or value')
    return point ?? []
  })
  read.sort((a, b) => a.when.at - b.when.at)
  return read.flatMap(({ when, value, end: said }, index) => {
    const until = item.at(said)?.at ?? read[index + 1]?.when.at ?? end
    return until > when.at ? [{ stage: stages[value] ?? 'no_data', start: when.at, end: until }] : []
  })
}

/** A workout, in sum: what was measured along it comes as time series. */
export function* workout(given: z.infer<typeof Workout>, item: Item): Iterable<ObservationInput> {
  const begun = item.at(given.time_start)
  const ended = item.at(given.time_end)
  if (!begun || !ended) return item.ctx.reject(given, 'schema', 'workouts: time_start or time_end is no time')
  if (ended.at <= begun.at) return item.ctx.reject(given, 'order', 'workouts: time_end is not after time_start')
  const word = given.sport?.name || given.sport?.slug || ''
  const known = activityNamed((given.sport?.slug ?? '').replaceAll('_', ' ')) ?? activityNamed(word)
  yield {
    shape: 'session',
    kind: 'workout',
    start: begun.at,
    end: ended.at,
    activity: known ?? 'other',
    ...(word ? { vendorActivity: word.slice(0, 200) } : {}),
    measures: present({
      distance: given.distance,
      steps: given.steps,
      energy_active: given.calories,
      heart_rate: given.average_hr || null,
      heart_rate_max: given.max_hr || null,
      elevation_gained: given.total_elevation_gain,
      speed: given.average_speed,
      speed_max: given.max_speed,
      power: given.average_watts,
      power_max: given.max_watts,
    }),
    ...(given.title ? { text: given.title } : {}),
    offset: begun.offset,
    zoneBasis: begun.zoneBasis,
    ...item.record,
  }
}

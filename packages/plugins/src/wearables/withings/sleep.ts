import type { NormalizeContext, ObservationInput, SleepStage, StageInterval } from '@auren/core'
import { present } from '../../vendor/items.js'
import { sleeperOf } from './devices.js'
import { type Night, SleepState } from './payload.js'
import { zoned } from './zones.js'

const stages: Readonly<Record<number, SleepStage>> = {
  0: 'awake',
  1: 'light',
  2: 'deep',
  3: 'rem',
  // Entered by hand, and asleep without saying how deep.
  4: 'asleep_unspecified',
  5: 'asleep_unspecified',
}

/** What was measured along the night: field of a state → metric and unit. */
const series = [
  ['hr', 'heart_rate', 'bpm'],
  ['rr', 'respiratory_rate', '/min'],
  ['sdnn_1', 'hrv_sdnn', 'ms'],
  ['rmssd', 'hrv_rmssd', 'ms'],
] as const

/** A night: the session with its measures, and, where the states were fetched, its stages and what was measured. */
export function* night(item: Night, ctx: NormalizeContext): Iterable<ObservationInput> {
  const start = item.startdate * 1000
  const end = item.enddate * 1000
  if (end <= start) return ctx.reject(item, 'order', 'sleep: enddate is not after startdate')
  const source = sleeperOf(item.model, item.model_id)
  const base = {
    source,
    // A night belongs to where it ends.
    ...zoned(end, item.timezone),
    ...(item.id == null ? {} : { recordId: `sleep/${item.id}` }),
    ...(item.modified == null ? {} : { version: item.modified }),
  }
  const states = statesOf(item, ctx)
  const timeline = stagesOf(states, start, end)
  const number = reader(item.data ?? {})
  yield {
    shape: 'session',
    kind: 'sleep',
    start,
    end,
    ...(timeline.length > 0 ? { stages: timeline } : {}),
    measures: sleepMeasures(number, ctx),
    ...base,
  }
  for (const state of states) {
    for (const [field, metric, unit] of series) {
      for (const [second, value] of Object.entries(state[field] ?? {})) {
        const at = Number(second) * 1000
        if (typeof value !== 'number' || value <= 0 || !Number.isSafeInteger(at) || at < start || at > end) continue
        yield { shape: 'sample', metric, start: at, value, unit, ...base, ...zoned(at, item.timezone) }
      }
    }
  }
  // One value for the night stands at its end, so that it counts for the day on which the night ends.
  const once = (metric: string, value: number | undefined, unit: string): ObservationInput[] =>
    value === undefined ? [] : [{ shape: 'sample', metric, start: end, value, unit, ...base }]
  yield* once('withings.sleep_score', number('sleep_score'), '{score}')
  yield* once('withings.breathing_disturbances', number('breathing_disturbances_intensity', 0), '{score}')
  yield* once('withings.snoring', number('snoring', 0), 's')
  yield* once('apnea_hypopnea_index', number('apnea_hypopnea_index', 0), '/h')
}

function statesOf(item: Night, ctx: NormalizeContext): SleepState[] {
  const read: SleepState[] = []
  for (const state of item.states ?? []) {
    const parsed = SleepState.safeParse(state)
    if (!parsed.success) ctx.reject(state, 'schema', 'sleep: a state has no startdate and enddate')
    else if (parsed.data.enddate <= parsed.data.startdate)
      ctx.reject(state, 'order', 'sleep: a state does not end after it starts')
    // Two devices may have watched the same night: each has a summary of its own.
    else if (!item.hash_deviceid || !parsed.data.hash_deviceid || parsed.data.hash_deviceid === item.hash_deviceid)
      read.push(parsed.data)
  }
  return read.sort((a, b) => a.startdate - b.startdate)
}

function stagesOf(states: readonly SleepState[], start: number, end: number): StageInterval[] {
  const timeline: StageInterval[] = []
  for (const { startdate, enddate, state } of states) {
    const before = timeline.at(-1)
    const from = Math.max(startdate * 1000, start, before?.end ?? start)
    const to = Math.min(enddate * 1000, end)
    if (to <= from) continue
    const stage = stages[state ?? -1] ?? 'no_data'
    if (before?.stage === stage && before.end === from) before.end = to
    else timeline.push({ stage, start: from, end: to })
  }
  return timeline
}

type Read = (name: string, least?: number) => number | undefined

/** Reads what is there; below `least` means that it was not measured. */
function reader(data: Readonly<Record<string, unknown>>): Read {
  return (name, least = Number.MIN_VALUE) => {
    const value = data[name]
    return typeof value === 'number' && Number.isFinite(value) && value >= least ? value : undefined
  }
}

function sleepMeasures(number: Read, ctx: NormalizeContext): Record<string, number> {
  const [deep, light, rem] = [
    number('deepsleepduration', 0),
    number('lightsleepduration', 0),
    number('remsleepduration', 0),
  ]
  const staged = deep === undefined && light === undefined ? undefined : (deep ?? 0) + (light ?? 0) + (rem ?? 0)
  const efficiency = number('sleep_efficiency')
  const isRatio = efficiency !== undefined && efficiency <= 1
  if (efficiency !== undefined && !isRatio)
    ctx.reject({ sleep_efficiency: efficiency }, 'hard_range', 'sleep: sleep_efficiency is no ratio of 0 to 1')
  const measures: Record<string, number | undefined> = {
    sleep_duration: number('total_sleep_time') ?? number('asleepduration') ?? staged,
    sleep_deep: deep,
    sleep_light: light,
    sleep_rem: rem,
    sleep_awake: number('wakeupduration', 0),
    sleep_latency: number('sleep_latency', 0) ?? number('durationtosleep', 0),
    sleep_efficiency: isRatio ? Number((efficiency * 100).toPrecision(12)) : undefined,
    heart_rate: number('hr_average'),
    heart_rate_min: number('hr_min'),
    heart_rate_max: number('hr_max'),
    respiratory_rate: number('rr_average'),
  }
  return present(measures)
}

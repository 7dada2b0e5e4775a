import {
  activityNamed,
  activityOfHealthConnect,
  convertUnit,
  type ObservationInput,
  type SleepStage,
} from '@auren/core'
import { type Held, timeOf, wordOf, zoned } from './base.js'
import { Part } from './payload.js'
import { quantityOf } from './quantities.js'

/** SleepSessionRecord.STAGE_TYPE_*, in their order. */
const stages: readonly SleepStage[] = [
  'no_data',
  'awake',
  'asleep_unspecified',
  'out_of_bed',
  'light',
  'deep',
  'rem',
  'awake',
]
const stageNames: readonly string[] = [
  'unknown',
  'awake',
  'sleeping',
  'out_of_bed',
  'light',
  'deep',
  'rem',
  'awake_in_bed',
]
const mostParts = 5000

/** A night: belongs to the date on which it ends, and so has the offset of its end. */
export function* sleep({ fields, start, end, endOffset, shared, ctx }: Held): Iterable<ObservationInput> {
  if (end === null) {
    ctx.reject(fields, 'schema', 'SleepSession: it has no end')
    return
  }
  const held: { stage: SleepStage; start: number; end: number }[] = []
  for (const item of lists(fields.stages)) {
    const part = partOf(item)
    const stage = part ? stageOf(part.stage) : undefined
    if (!part || !stage)
      ctx.reject(item, 'schema', 'SleepSession: a stage has no times, or is of a kind that is not known')
    else held.push({ stage, start: part.start, end: part.end })
  }
  held.sort((a, b) => a.start - b.start)
  yield {
    shape: 'session',
    kind: 'sleep',
    start,
    end,
    ...(held.length > 0 ? { stages: held.slice(0, mostParts) } : {}),
    measures: sleepMeasures(held),
    ...wordsOf(fields),
    ...zoned(endOffset),
    ...shared,
  }
}

/** Seconds of each stage; how long somebody slept only where that was told apart from lying in bed. */
function sleepMeasures(held: readonly { stage: SleepStage; start: number; end: number }[]): { [name: string]: number } {
  const seconds = (...names: SleepStage[]): number =>
    held.reduce((sum, { stage, start, end }) => (names.includes(stage) ? sum + (end - start) / 1000 : sum), 0)
  const asleep = seconds('light', 'deep', 'rem', 'asleep_unspecified')
  if (asleep === 0) return {}
  const staged = seconds('light', 'deep', 'rem') > 0
  return {
    sleep_duration: asleep,
    ...(staged ? { sleep_light: seconds('light'), sleep_deep: seconds('deep'), sleep_rem: seconds('rem') } : {}),
    sleep_awake: seconds('awake'),
  }
}

function stageOf(given: string | number | null | undefined): SleepStage | undefined {
  if (typeof given === 'number') return stages[given]
  const word = (given ?? '').toLowerCase().replace(/^stage_type_/, '')
  return /^\d$/.test(word) ? stages[Number(word)] : stages[stageNames.indexOf(word)]
}

/** A workout, with its laps (else its segments). */
export function* exercise({ fields, start, end, offset, shared, ctx }: Held): Iterable<ObservationInput> {
  if (end === null) {
    ctx.reject(fields, 'schema', 'ExerciseSession: it has no end')
    return
  }
  const given = fields.exerciseType
  const parts = lists(fields.laps).length > 0 ? lists(fields.laps) : lists(fields.segments)
  const laps = parts.slice(0, mostParts).flatMap((item) => {
    const part = partOf(item)
    if (!part) {
      ctx.reject(item, 'schema', 'ExerciseSession: a lap has no times that can be read')
      return []
    }
    const length = quantityOf((item as { length?: unknown }).length, 'm')
    return [
      { start: part.start, end: part.end, ...(length ? { measures: { distance: convertUnit(...length, 'm') } } : {}) },
    ]
  })
  yield {
    shape: 'session',
    kind: 'workout',
    start,
    end,
    activity: activityOf(given),
    vendorActivity: typeof given === 'number' ? `EXERCISE_TYPE ${given}` : wordOf(given) || 'unknown',
    ...(laps.length > 0 ? { laps } : {}),
    measures: {},
    ...wordsOf(fields),
    ...zoned(offset),
    ...shared,
  }
}

/** Canonical activity of an EXERCISE_TYPE, by its number or its name (`EXERCISE_TYPE_RUNNING_TREADMILL`). */
export function activityOf(given: unknown): string {
  if (typeof given === 'number') return activityOfHealthConnect(given) ?? 'other'
  if (typeof given !== 'string') return 'other'
  if (/^\d{1,3}$/.test(given)) return activityOfHealthConnect(Number(given)) ?? 'other'
  const words = given
    .replace(/^EXERCISE_TYPE_/i, '')
    .toLowerCase()
    .split(/[^a-z]+/)
  const found = activityNamed(words.join(' ')) ?? activityNamed([...words].reverse().join(' '))
  return found ?? 'other'
}

function lists(given: unknown): unknown[] {
  return Array.isArray(given) ? (given as unknown[]) : []
}

function partOf(item: unknown): { start: number; end: number; stage: string | number | null | undefined } | null {
  const parsed = Part.safeParse(item)
  const [from, to] = [timeOf(parsed.data?.startTime), timeOf(parsed.data?.endTime)]
  return parsed.success && from && to && to.at >= from.at
    ? { start: from.at, end: to.at, stage: parsed.data.stage }
    : null
}

function wordsOf({ title, notes }: Held['fields']): { text?: string } {
  const text = [title, notes].flatMap((one) => (typeof one === 'string' && one.trim() ? one.trim() : [])).join('\n')
  return text === '' ? {} : { text: text.slice(0, 10_000) }
}

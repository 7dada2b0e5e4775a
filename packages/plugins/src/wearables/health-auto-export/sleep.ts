import { convertUnit, isAurenError, type NormalizeContext, type ObservationInput } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'
import { type Segment, sleepMeasures, timeline } from '../apple-health/timeline.js'
import { type Metric, Night, Stretch } from './payload.js'
import { unitOf } from './quantities.js'
import { sourceOf } from './sources.js'
import { type Time, timeOf } from './times.js'

/** A pause of this length ends a night, as for what Apple exports itself. */
const GAP_MS = 90 * 60_000

/** Names of stages, without blanks and case, in the order of HealthKit's codes. */
const codes = lookup<number>({
  inbed: 0,
  asleep: 1,
  asleepunspecified: 1,
  unspecified: 1,
  awake: 2,
  core: 3,
  asleepcore: 3,
  deep: 4,
  asleepdeep: 4,
  rem: 5,
  asleeprem: 5,
})

/** Sleep, summed up by night or as single stretches, of any version of the app. */
export function* sleep(metric: Metric, ctx: NormalizeContext): Iterable<ObservationInput> {
  const stretches: { source: string; start: Time; end: Time; code: number }[] = []
  for (const item of metric.data ?? []) {
    const stretch = Stretch.safeParse(item)
    if (!stretch.success) {
      yield* night(item, metric.units, ctx)
      continue
    }
    const [start, end] = [timeOf(stretch.data.startDate, ctx), timeOf(stretch.data.endDate, ctx)]
    const word = stretch.data.value.replace(/^HKCategoryValueSleepAnalysis/, '').replace(/[^a-z]/gi, '')
    const code = codes[word.toLowerCase()]
    if (!start || !end || end.at < start.at) ctx.reject(item, 'schema', 'sleep_analysis: a stretch has no sound times')
    else if (code === undefined)
      ctx.reject(item, 'unknown_code', 'sleep_analysis: a stage is called by a word that is not known')
    else stretches.push({ source: sourceOf(stretch.data.source).name, start, end, code })
  }
  yield* nights(stretches)
}

function* nights(stretches: { source: string; start: Time; end: Time; code: number }[]): Iterable<ObservationInput> {
  const sorted = [...stretches].sort(
    (a, b) => a.source.localeCompare(b.source) || a.start.at - b.start.at || a.end.at - b.end.at,
  )
  for (let from = 0; from < sorted.length; ) {
    const first = sorted[from] as (typeof sorted)[number]
    let last = first
    let next = from
    const segments: Segment[] = []
    for (; next < sorted.length; next++) {
      const one = sorted[next] as (typeof sorted)[number]
      if (one.source !== first.source || one.start.at >= last.end.at + GAP_MS) break
      if (one.end.at > last.end.at) last = one
      segments.push([one.start.at, one.end.at, one.code, 0, one.end.offset, 1, 0])
    }
    from = next
    const slices = timeline(segments)
    if (slices.length === 0) continue
    yield {
      shape: 'session',
      kind: 'sleep',
      start: first.start.at,
      end: last.end.at,
      stages: slices,
      measures: sleepMeasures(slices),
      source: sourceOf(first.source),
      offset: last.end.offset,
      zoneBasis: last.end.zoneBasis,
      // A night grows from one delivery to the next, and begins when it began.
      recordId: `sleep/${first.source.slice(0, 200)}/${new Date(first.start.at).toISOString()}`,
    }
  }
}

function* night(item: unknown, units: string | null | undefined, ctx: NormalizeContext): Iterable<ObservationInput> {
  const parsed = Night.safeParse(item)
  if (!parsed.success) {
    ctx.reject(item, 'schema', 'sleep_analysis: neither a night nor a stretch of one')
    return
  }
  const given = parsed.data
  const seconds = secondsOf(units || 'hr')
  if (!seconds) {
    ctx.reject(item, 'unknown_unit', 'sleep_analysis: its unit is not one of time')
    return
  }
  const staged = (given.core ?? 0) + (given.deep ?? 0) + (given.rem ?? 0)
  // Until 6.6 `asleep` was the whole; since then it is what of the sleep has no stage.
  const total = given.totalSleep ?? Math.max(given.asleep ?? 0, staged)
  const [sleepStart, sleepEnd] = [timeOf(given.sleepStart, ctx), timeOf(given.sleepEnd, ctx)]
  const [bedStart, bedEnd] = [timeOf(given.inBedStart, ctx), timeOf(given.inBedEnd, ctx)]
  const begin = earlier(sleepStart, bedStart)
  const end = later(sleepEnd, bedEnd)
  const source = sourceOf(given.source ?? given.sleepSource)
  const measures: Record<string, number> = {}
  const put = (name: string, amount: number | null | undefined): void => {
    if (amount != null) measures[name] = seconds(amount)
  }
  if (total > 0) put('sleep_duration', total)
  put('sleep_light', given.core)
  put('sleep_deep', given.deep)
  put('sleep_rem', given.rem)
  put('sleep_awake', given.awake)
  const date = given.date ? timeOf(given.date, ctx)?.local.slice(0, 10) : end?.local.slice(0, 10)
  if (begin && end && end.at > begin.at) {
    yield {
      shape: 'session',
      kind: 'sleep',
      start: begin.at,
      end: end.at,
      measures,
      source,
      offset: end.offset,
      zoneBasis: end.zoneBasis,
      recordId: `sleep/${source.name}/${date ?? end.local.slice(0, 10)}`,
    }
  } else if (date && total > 0) {
    // Amounts without a time: values of the day on which the night ended.
    for (const [metric, value] of Object.entries(measures))
      yield { shape: 'daily_total', metric, date, value, unit: 's', source, offset: null, zoneBasis: 'absent' }
  } else ctx.reject(item, 'schema', 'sleep_analysis: a night has neither times nor a date with sleep')
}

function earlier(a: Time | null, b: Time | null): Time | null {
  return a && b ? (b.at < a.at ? b : a) : (a ?? b)
}

function later(a: Time | null, b: Time | null): Time | null {
  return a && b ? (b.at > a.at ? b : a) : (a ?? b)
}

function secondsOf(units: string): ((amount: number) => number) | null {
  const unit = unitOf(units)
  try {
    convertUnit(1, unit, 's')
  } catch (error) {
    if (isAurenError(error)) return null
    throw error
  }
  return (amount) => convertUnit(amount, unit, 's')
}

import type { Fact, LocalDate, MetricInfo } from '../../api/wire'
import { daysIn, shiftDate } from '../dates'
import { isPattern } from '../words'

/** Dates of a chart, both included. */
export interface Span {
  from: LocalDate
  to: LocalDate
}

/** What a chart can show of a fact: a metric, and in how far it is the same thing. */
export interface Drawn {
  metric: string
  /** What the chart shows besides or instead of what the number is about; null where it is the same. */
  difference: string | null
}

/** The metric behind a fact; null for what has no series (tags, times of going to bed). */
export function drawnOf({ query }: Fact): Drawn | null {
  if (isPattern(query)) return { metric: query.metric, difference: null }
  const { measure } = query
  const limited = query.where.some((condition) => condition.on !== 'value')
  if (measure.of === 'metric') {
    if (query.within)
      return { metric: measure.metric, difference: 'The chart shows whole days; the number is of a part of them.' }
    const difference = limited ? 'The chart shows all days; the number is of those that meet its conditions.' : null
    return { metric: measure.metric, difference }
  }
  if (measure.of === 'tag') return null
  if (measure.kind === 'sleep' && measure.field.startsWith('sleep_')) {
    return {
      metric: measure.field,
      difference: limited ? 'The chart shows all nights; the number is of those that meet its conditions.' : null,
    }
  }
  if (measure.kind === 'sleep' && measure.field === 'duration')
    return { metric: 'sleep_duration', difference: 'The number is time in bed; the chart shows time asleep.' }
  if (measure.kind === 'workout' && measure.field === 'count' && !measure.activity)
    return { metric: 'workout', difference: limited ? 'The chart shows all workouts.' : null }
  return null
}

/** Shortest chart, in days: a single number needs company to be read. */
const SHORTEST = 14
const USUAL = 28

/** The dates that a fact is about, made long enough to draw; null where it is about none. */
export function spanOf(fact: Fact, info: MetricInfo | undefined): Span | null {
  const { query, from, to } = fact
  if (isPattern(query)) {
    const day = fact.date ?? to ?? query.date ?? info?.to
    if (!day) return null
    const first = query.pattern === 'trend' ? from : null
    return { from: first ?? shiftDate(day, -(query.window ?? USUAL)), to: day }
  }
  const dates = [from, fact.comparison?.from, to, fact.comparison?.to].filter((date) => typeof date === 'string').sort()
  const first = dates[0]
  const last = dates.at(-1)
  if (first === undefined || last === undefined) return info ? { from: info.from, to: info.to } : null
  return daysIn(first, last) < SHORTEST ? { from: shiftDate(last, 1 - USUAL), to: last } : { from: first, to: last }
}

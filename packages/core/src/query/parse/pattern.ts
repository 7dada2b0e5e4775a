import { Temporal } from 'temporal-polyfill'
import { readPeriod } from '../period.js'
import type { Period, QueryInput } from '../schema.js'
import type { Concept } from './concepts.js'
import type { Draft } from './draft.js'
import type { ResolveContext } from './holdings.js'

const windows = [28, 90, 365] as const

/** The shortest window of consolidation that covers a period; undefined where the period is not one up to now. */
function windowOf(period: Period | undefined, { today, lastPlus }: ResolveContext): 28 | 90 | 365 | null | undefined {
  if (period === undefined || period.kind === 'all') return undefined
  const { span } = readPeriod(period, today, lastPlus)
  if (!span || span.to !== today) return null
  const days = Temporal.PlainDate.from(span.from).until(span.to).days + 1
  return windows.find((window) => days <= window + 3) ?? 365
}

/** A single day that a deviation is asked of. */
function dayOf(period: Period | undefined, { today, lastPlus }: ResolveContext): string | null | undefined {
  if (period === undefined) return undefined
  const { span } = readPeriod(period, today, lastPlus)
  return span && span.from === span.to ? span.from : null
}

/** Trends, baselines and deviations from what is usual; null where the draft asks for none, or not in that form. */
export function patternOf(
  draft: Draft,
  concept: Concept | undefined,
  context: ResolveContext,
  readings: string[],
): QueryInput | null {
  const { ask } = draft
  if (ask !== 'trend' && ask !== 'baseline' && ask !== 'deviation') return null
  const [side, other] = draft.sides
  if (ask === 'baseline' && concept?.sleep && !side.period) {
    readings.push('the mean of the last 28 nights')
    const measure = { of: 'session', kind: 'sleep', field: concept.sleep } as const
    return { measure, aggregate: 'mean', period: { kind: 'last', n: 28, unit: 'day' } }
  }
  const metric = concept && context.holdings.metricOf(concept)
  if (metric === undefined || other || side.conditions.length > 0 || side.activity || draft.group) return null
  if (ask === 'deviation') {
    const date = dayOf(side.period, context)
    if (date === null) return null
    return { pattern: 'deviation', metric, ...(date === undefined ? {} : { date }) }
  }
  const window = windowOf(side.period, context)
  if (window === null) return null
  const chosen = window ?? (ask === 'trend' ? 365 : 28)
  const measured = concept!.names[0]
  readings.push(
    ask === 'trend'
      ? `the trend of ${measured} over the last ${chosen} days`
      : `the usual ${measured}, by the ${chosen} days before`,
  )
  return { pattern: ask, metric, window: chosen }
}

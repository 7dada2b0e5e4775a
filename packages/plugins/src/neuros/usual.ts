import type { Fact, NodeContext } from '@auren/core'

/** A metric that a specialist looks at, and which way of leaving the usual range is a strain. */
export interface Watched {
  metric: string
  /** +1: above is a strain; −1: below is; 0: neither by itself. */
  strain: 1 | -1 | 0
}

/** A day (the night that ended on it; today where absent) against the person's own range of 28 days, and of 90 where that is too short. */
export async function againstUsual(ctx: NodeContext, metric: string, date?: string): Promise<Fact> {
  const day = date === undefined ? {} : { date }
  const acute = await ctx.ask({ pattern: 'deviation', metric, window: 28, ...day })
  if (acute.status !== 'not_enough_data') return acute
  return ctx.ask({ pattern: 'deviation', metric, window: 90, ...day })
}

/** Days that count as now: whoever asks in the morning may not have synced the night yet. */
const NOW_DAYS = 3

/** The newest of the last days on which one of the metrics was measured; null where none was. */
export async function latestDay(ctx: NodeContext, metrics: readonly string[]): Promise<string | null> {
  const facts = await Promise.all(
    metrics.map((metric) =>
      ctx.ask({
        measure: { of: 'metric', metric },
        aggregate: 'last',
        period: { kind: 'last', n: NOW_DAYS, unit: 'day' },
      }),
    ),
  )
  return facts.reduce<string | null>(
    (newest, { date }) => (date && (newest === null || date > newest) ? date : newest),
    null,
  )
}

/** −1 below, 0 inside, +1 above the usual range; null where there is nothing to judge. */
export function placeOf(fact: Fact): -1 | 0 | 1 | null {
  if (fact.status !== 'ok' || fact.value === null || !fact.baseline) return null
  if (fact.value > fact.baseline.high) return 1
  return fact.value < fact.baseline.low ? -1 : 0
}

/** How far out a value is, for ordering: its robust z without a sign. */
export function weightOf(fact: Fact): number {
  return Math.abs(fact.baseline?.z ?? 0)
}

/** The sentence for a deviation, bound to its fact. */
export function usualSentence(fact: Fact): string {
  const place = placeOf(fact)
  const words = place === 1 ? 'above' : place === -1 ? 'below' : 'inside'
  return `{{fact:${fact.id}}}: ${words} your usual range of {{fact:${fact.id}.baseline}}.`
}

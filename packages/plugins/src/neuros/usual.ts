import type { Fact, NodeContext } from '@auren/core'

/** A metric that a specialist looks at, and which way of leaving the usual range is a strain. */
export interface Watched {
  metric: string
  /** +1: above is a strain; −1: below is; 0: neither by itself. */
  strain: 1 | -1 | 0
}

/** Today (the night that ended today) against the person's own range of 28 days, and of 90 where that is too short. */
export async function againstUsual(ctx: NodeContext, metric: string, date?: string): Promise<Fact> {
  const day = date === undefined ? {} : { date }
  const acute = await ctx.ask({ pattern: 'deviation', metric, window: 28, ...day })
  if (acute.status !== 'not_enough_data') return acute
  return ctx.ask({ pattern: 'deviation', metric, window: 90, ...day })
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

import { defineNode, type Fact } from '@auren/core'
import { againstUsual, latestDay, placeOf, usualSentence, weightOf } from '../usual.js'

const metrics = [
  'sleep_duration',
  'sleep_deep',
  'sleep_rem',
  'sleep_efficiency',
  'sleep_latency',
  'sleep_awake',
] as const

/**
 * The specialist for sleep: the latest night against the person's own usual range, metric by metric.
 * Speaks when sleep or everything is asked about; duration is always told, the rest where it is outside the range.
 */
export function sleep() {
  return defineNode({
    kind: 'node',
    id: 'sleep',
    version: '1.0.0',
    phase: 'investigate',
    reads: ['understanding'],
    writes: ['facts', 'findings'],
    timeoutMs: 15_000,
    async run({ understanding }, ctx) {
      if (understanding?.intent !== 'sleep' && understanding?.intent !== 'overview') return {}
      const known = new Set(await ctx.metrics())
      const wanted = metrics.filter((metric) => known.has(metric))
      const day = await latestDay(ctx, wanted)
      if (day === null) return {}
      const found = await Promise.all(wanted.map((metric) => againstUsual(ctx, metric, day)))
      const facts = found.filter((fact) => fact.status === 'ok' && placeOf(fact) !== null)
      const told = facts.filter((fact) => placeOf(fact) !== 0 || isDuration(fact))
      return {
        facts: Object.fromEntries(facts.map((fact) => [fact.id, fact])),
        findings: told.map((fact) => ({
          by: 'sleep',
          weight: isDuration(fact) ? 100 : weightOf(fact),
          sentences: [usualSentence(fact)],
        })),
      }
    },
  })
}

function isDuration({ query }: Fact): boolean {
  return 'pattern' in query && query.metric === 'sleep_duration'
}

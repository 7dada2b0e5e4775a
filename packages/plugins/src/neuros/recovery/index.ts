import { daysBefore, defineNode, type Fact, fixed } from '@auren/core'
import { againstUsual, latestDay, placeOf, usualSentence, type Watched, weightOf } from '../usual.js'

/** RMSSD and SDNN are different metrics: each is judged against itself. */
const watched: readonly Watched[] = [
  { metric: 'resting_heart_rate', strain: 1 },
  { metric: 'hrv_rmssd', strain: -1 },
  { metric: 'hrv_sdnn', strain: -1 },
  { metric: 'respiratory_rate', strain: 1 },
  { metric: 'skin_temperature_deviation', strain: 1 },
  { metric: 'skin_temperature', strain: 1 },
]

/** Two measures of one thing are one sign. */
const kindOf: Readonly<Record<string, string>> = {
  hrv_rmssd: 'hrv',
  hrv_sdnn: 'hrv',
  skin_temperature: 'temperature',
  skin_temperature_deviation: 'temperature',
}

/**
 * The specialist for recovery: heart rate variability, resting heart rate, breathing and skin temperature against the
 * person's own usual range. One reading outside is never called a strain: that takes two different signs on one day,
 * or one sign on two days in a row; and it is never given the name of a disease.
 */
export function recovery() {
  return defineNode({
    kind: 'node',
    id: 'recovery',
    version: '1.0.0',
    phase: 'investigate',
    reads: ['understanding'],
    writes: ['facts', 'findings'],
    timeoutMs: 15_000,
    async run({ understanding }, ctx) {
      if (understanding?.intent !== 'recovery' && understanding?.intent !== 'overview') return {}
      const known = new Set(await ctx.metrics())
      const wanted = watched.filter(({ metric }) => known.has(metric))
      const day = await latestDay(
        ctx,
        wanted.map(({ metric }) => metric),
      )
      if (day === null) return {}
      const judged = await Promise.all(
        wanted.map(async (each) => ({ ...each, fact: await againstUsual(ctx, each.metric, day) })),
      )
      const facts = judged.filter(({ fact }) => fact.status === 'ok' && placeOf(fact) !== null)
      const strained = facts.filter(({ fact, strain }) => strain !== 0 && placeOf(fact) === strain)
      const before = await Promise.all(strained.map(({ metric }) => againstUsual(ctx, metric, daysBefore(day, 1))))
      const lasting = before.filter((fact, index) => placeOf(fact) === strained[index]?.strain)
      const signs = new Set(strained.map(({ metric }) => kindOf[metric] ?? metric))
      const outside = facts.filter(({ fact }) => placeOf(fact) !== 0)

      const findings = facts.map(({ fact }) => ({
        by: 'recovery',
        weight: weightOf(fact),
        sentences: [usualSentence(fact)],
      }))
      const verdict = signs.size >= 2 || lasting.length > 0 ? fixed.strained : outside.length > 0 ? fixed.outside : null
      if (verdict) findings.push({ by: 'recovery', weight: -1, sentences: [verdict] })
      else if (facts.length > 0) findings.push({ by: 'recovery', weight: -1, sentences: [fixed.usual] })
      return { facts: byId([...facts.map(({ fact }) => fact), ...lasting]), findings }
    },
  })
}

function byId(facts: readonly Fact[]): Record<string, Fact> {
  return Object.fromEntries(facts.map((fact) => [fact.id, fact]))
}

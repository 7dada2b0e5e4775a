import { defineNode } from '@auren/core'

/** Most memories besides the pinned ones. */
const HITS = 8

/**
 * Recalls what matters to the question: pinned memories first, then by metric and by words, within a budget. What
 * could not be known is in `gaps`; a tier that fails is reported as degraded. Neither reads as "nothing known".
 */
export function recall() {
  return defineNode({
    kind: 'node',
    id: 'recall',
    version: '1.0.0',
    phase: 'recall',
    reads: ['text', 'understanding'],
    writes: ['recalled'],
    async run({ text, understanding }, ctx) {
      const about = (understanding?.queries ?? []).flatMap((query) => {
        if ('pattern' in query) return [query.metric]
        if (query.measure.of === 'metric') return [query.measure.metric]
        return query.measure.of === 'tag' ? [query.measure.tag] : [query.measure.field]
      })
      const words = understanding?.intent === 'forget' ? text.replace(/^.*?\bforget\b(?: that| about)?/i, '') : text
      return { recalled: await ctx.recall({ text: words, about: [...new Set(about)], limit: HITS }) }
    },
  })
}

import { defineNode, type Understanding, understand, type Vocabulary } from '@auren/core'

/** Turns a sentence into queries. */
export type Understand = (
  text: string,
  context: { today: string; metrics: readonly string[]; vocabulary?: Vocabulary },
) => Understanding

/**
 * Reads the question by grammar: no model, the same sentence is always understood the same way. An answer to a
 * question asked back is read together with the words that led to it.
 */
export function sentenceParser(read: Understand = understand) {
  return defineNode({
    kind: 'node',
    id: 'sentence-parser',
    version: '1.0.0',
    phase: 'understand',
    reads: ['text', 'today', 'pending'],
    writes: ['understanding'],
    async run({ text, today, pending }, ctx) {
      const metrics = await ctx.metrics().catch(() => {
        ctx.degrade('metrics')
        return []
      })
      const context = { today, metrics, ...(ctx.vocabulary ? { vocabulary: ctx.vocabulary } : {}) }
      const alone = read(text, context)
      if (!pending?.original || alone.complete) return { understanding: alone }
      const together = read(`${pending.original} ${text}`, context)
      return { understanding: together.complete ? together : alone }
    },
  })
}

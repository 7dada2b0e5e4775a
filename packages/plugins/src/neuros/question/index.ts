import { defineNode, type Fact } from '@auren/core'

/** Most queries of one question that are run. */
const QUERIES = 12

/**
 * Runs the queries that the question was understood as. Their facts are the answer: they bind whoever puts them into
 * words, and a model may only add to them.
 */
export function question() {
  return defineNode({
    kind: 'node',
    id: 'question',
    version: '1.0.0',
    phase: 'investigate',
    reads: ['understanding'],
    writes: ['facts', 'answers'],
    timeoutMs: 15_000,
    async run({ understanding }, ctx) {
      const facts: Fact[] = []
      for (const query of (understanding?.queries ?? []).slice(0, QUERIES)) facts.push(await ctx.ask(query))
      return {
        facts: Object.fromEntries(facts.map((fact) => [fact.id, fact])),
        answers: [...new Set(facts.map((fact) => fact.id))],
      }
    },
  })
}

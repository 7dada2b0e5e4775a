import { defineNode, type MemoryRecord } from '@auren/core'
import { statementsOf } from './statements.js'

/**
 * Keeps what the person said in this turn, by rule and in their own words: what they ask to be kept, what matters for
 * their safety, goals and preferences. Each is a draft, shown at once and undone with one tap. Forgets what they ask
 * to be forgotten, where it is clear which memory that is. Words of devices, notes and models are never kept here.
 */
export function memoryKeeper() {
  return defineNode({
    kind: 'node',
    id: 'memory-keeper',
    version: '1.0.0',
    phase: 'remember',
    reads: ['text', 'understanding', 'guard', 'recalled'],
    writes: ['drafted'],
    async run({ text, understanding, guard, recalled }, ctx) {
      if (guard?.rules.includes('injection')) return { drafted: [] }
      if (understanding?.intent === 'forget') {
        const said = recalled.hits.filter((record) => record.origin === 'self')
        const [only] = said
        if (only && said.length === 1) await ctx.forget(only.id)
        return { drafted: [] }
      }
      const known = new Set([...recalled.pinned, ...recalled.hits].map((record) => record.text.toLowerCase()))
      const drafted: MemoryRecord[] = []
      for (const statement of statementsOf(text)) {
        if (!known.has(statement.text.toLowerCase())) drafted.push(await ctx.remember(statement))
      }
      return { drafted }
    },
  })
}

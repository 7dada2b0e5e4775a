import {
  asAurenError,
  defineNode,
  type GraphState,
  type MemoryRecord,
  type NodeContext,
  spanOf,
  statementsOf,
  type Told,
  timeLimit,
} from '@auren/core'
import { proposeDrafts } from './propose.js'

/** Settings of the memory keeper. */
export interface MemoryKeeperOptions {
  /** Whether a model, where there is one, is asked what the rules did not see. Default true. */
  proposals?: boolean
  /** Time that a model has, in ms; then it is done without. Default 6,000. */
  modelTimeoutMs?: number
}

/**
 * Keeps what the person said in this turn, by rule and in their own words: what they ask to be kept, what matters for
 * their safety, goals, preferences, what they try, believe, went through and did. Where the rules see nothing in what was
 * no question, a model may point at words to keep; it can add none. Each is a draft, shown at once and undone with one
 * tap. Forgets what they ask to be forgotten, where it is clear which memory that is. Words of devices, notes and models
 * are never kept here.
 */
export function memoryKeeper({ proposals = true, modelTimeoutMs = 6000 }: MemoryKeeperOptions = {}) {
  return defineNode({
    kind: 'node',
    id: 'memory-keeper',
    version: '1.1.0',
    phase: 'remember',
    reads: ['text', 'understanding', 'guard', 'recalled', 'today'],
    writes: ['drafted'],
    async run({ text, understanding, guard, recalled, today }, ctx) {
      if (guard?.rules.includes('injection')) return { drafted: [] }
      if (understanding?.intent === 'forget') {
        const said = recalled.hits.filter((record) => record.origin === 'self')
        const [only] = said
        if (only && said.length === 1) await ctx.forget(only.id)
        return { drafted: [] }
      }
      const options = { today, vocabulary: ctx.vocabulary }
      const ruled = statementsOf(text, options)
      const wanted = proposals && ruled.length === 0 && asksNothing(understanding)
      const told = wanted ? await proposed(ctx, text, modelTimeoutMs, options) : ruled
      const known = new Set([...recalled.pinned, ...recalled.hits].map((record) => record.text.toLowerCase()))
      const drafted: MemoryRecord[] = []
      for (const statement of told) {
        if (!known.has(statement.text.toLowerCase())) drafted.push(await ctx.remember(recordOf(statement)))
      }
      return { drafted }
    },
  })
}

/** What was understood as a question is none that anything is kept of. */
function asksNothing(understanding: GraphState['understanding']): boolean {
  if (!understanding) return true
  const { queries, clarify, intent } = understanding
  return queries.length === 0 && clarify === undefined && (intent === 'unknown' || intent === 'remember')
}

async function proposed(
  ctx: NodeContext,
  text: string,
  ms: number,
  options: Parameters<typeof statementsOf>[1],
): Promise<Told[]> {
  const hasStatement = /\b(?:i|i'm|i've|my|me)\b/i.test(text) && !text.trimEnd().endsWith('?')
  if (!ctx.model || !hasStatement) return []
  const limit = timeLimit(ms)
  try {
    return await proposeDrafts(ctx.model, text, AbortSignal.any([ctx.signal, limit]), options)
  } catch (error) {
    if (ctx.signal.aborted) throw error
    ctx.degrade(limit.aborted ? 'AUREN_TIMEOUT' : asAurenError(error, 'AUREN_MODEL_FAILED').code)
    return []
  }
}

function recordOf(told: Told): Parameters<NodeContext['remember']>[0] {
  const { kind, text, about, body, pinned } = told
  return { kind, text, about, body, pinned, ...spanOf(told) }
}

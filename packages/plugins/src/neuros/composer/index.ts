import { asAurenError, defineNode, type Fact, type NodeContext, sentencesOf, timeLimit } from '@auren/core'
import { narrationOf, type SpeechState, speechReads } from '../speech.js'
import { converse } from './converse.js'
import { messagesFor } from './prompt.js'

/** Settings of the composer. */
export interface ComposerOptions {
  /** Whether a model sees the values of facts, or only their directions and what they stand on. Default true. */
  shareValues?: boolean
  /** Time that a model has for one answer, in ms; then the narrator speaks. Default 45,000. */
  modelTimeoutMs?: number
}

/**
 * Puts the answer into words: with the model that is configured, else, or when the model fails, with the narrator.
 * Both write drafts in which facts stand for numbers; the verifier renders and checks them.
 */
export function composer({ shareValues = true, modelTimeoutMs = 45_000 }: ComposerOptions = {}) {
  return defineNode({
    kind: 'node',
    id: 'composer',
    version: '1.0.0',
    phase: 'compose',
    reads: speechReads,
    writes: ['draft', 'facts'],
    timeoutMs: modelTimeoutMs + 5_000,
    async run(state, ctx) {
      if (ctx.model && wantsModel(state) && state.answers.every((id) => isTold(state.facts[id], ctx))) {
        const signal = AbortSignal.any([ctx.signal, timeLimit(modelTimeoutMs)])
        try {
          const metrics = await ctx.metrics()
          const messages = messagesFor(state, metrics, shareValues, (fact) => ctx.mayTell(fact))
          const { prose, facts } = await converse(ctx.model, messages, ctx, { signal, values: shareValues })
          return {
            draft: { sentences: sentencesOf(prose), by: 'model' as const },
            facts: Object.fromEntries(facts.map((fact) => [fact.id, fact])),
          }
        } catch (error) {
          if (ctx.signal.aborted) throw error
          ctx.degrade(signal.aborted ? 'AUREN_TIMEOUT' : asAurenError(error, 'AUREN_MODEL_FAILED').code)
        }
      }
      const narration = await narrationOf(state, ctx)
      return { draft: { sentences: narration.map(({ text }) => text), by: 'narrator' as const } }
    },
  })
}

/** An answer that no model may be told of is the narrator's. */
function isTold(fact: Fact | undefined, ctx: NodeContext): boolean {
  return fact === undefined || ctx.mayTell(fact)
}

/** Questions back, greetings and what is to be kept or forgotten need no model: their words are fixed. */
function wantsModel({ understanding }: SpeechState): boolean {
  if (understanding?.clarify) return false
  return !['remember', 'forget', 'smalltalk'].includes(understanding?.intent ?? 'unknown')
}

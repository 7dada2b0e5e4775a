import type { Contradiction } from '../memory/contradiction.js'
import type { MemoryRecord, Profile } from '../memory/ports.js'
import type { Instant, LocalDate, UserId } from '../observation/schema.js'
import type { Vocabulary } from '../query/parse/vocabulary.js'
import type { Fact, Query, QueryInput } from '../query/schema.js'
import type { ModelProvider } from './model.js'

/** Phases of NEUROS, in order; nodes of one phase run in parallel. */
export const phases = ['guard', 'understand', 'recall', 'investigate', 'compose', 'verify', 'remember'] as const
export type Phase = (typeof phases)[number]

/** A question understood: what to compute, and how the sentence was read. */
export interface Understanding {
  queries: Query[]
  /** Whether the whole sentence was understood; then the queries are binding. */
  complete: boolean
  /** What the person wants when it is not a numeric question. */
  intent: 'numbers' | 'overview' | 'sleep' | 'recovery' | 'remember' | 'forget' | 'smalltalk' | 'unknown'
  /** How periods and words were read, to be said in the answer. */
  readings: string[]
  /** A question back to the person, where it cannot be understood without one. */
  clarify?: string
}

/** What a guard decided. */
export interface GuardVerdict {
  stop: boolean
  /** Which rule spoke: `emergency`, `self_harm`, `medication`, `eating_disorder`, `pregnancy`, `minor`, `injection` … */
  rules: string[]
  /** Fixed text to send; with `stop` it is the whole answer. */
  text: string | null
}

/** One piece of an answer, before it is rendered: text with `{{fact:id}}` where a number belongs. */
export interface Draft {
  sentences: string[]
  by: 'narrator' | 'model'
}

/** What the verifier lets out. */
export interface Verified {
  sentences: { text: string; facts: string[] }[]
  /** Sentences refused, with the reason, for the record. */
  refused: { reason: string }[]
}

/**
 * Channels of one turn. `facts` merges by id; every other per-turn channel is reset at `guard`. State carries
 * references, never rows.
 */
export interface GraphState {
  user: UserId
  thread: string
  run: string
  text: string
  now: Instant
  today: LocalDate
  locale: string
  guard: GuardVerdict | null
  understanding: Understanding | null
  /** Ids and texts of memories that matter now; pinned ones first. */
  recalled: {
    pinned: MemoryRecord[]
    hits: MemoryRecord[]
    gaps: string[]
    /** What contradicts what among them, and nobody has decided. */
    contradictions?: Contradiction[]
  }
  /** Ids of the facts that answer the understood queries, in their order. Binding for the model. */
  answers: string[]
  facts: Record<string, Fact>
  /** Findings of specialists: text templates bound to facts, best first. */
  findings: { by: string; weight: number; sentences: string[] }[]
  draft: Draft | null
  answer: Verified | null
  /** Memories drafted from what the person said. */
  drafted: MemoryRecord[]
  /** Nodes that failed or timed out. */
  degraded: { node: string; reason: string }[]
  /** Earlier turns of this thread, newest last. Persists. */
  conversation: {
    role: 'person' | 'neuros'
    text: string
    facts: string[]
    /** Whether a model may read it: false where it tells a fact that models may not be told of, or nobody knows. */
    forModels?: boolean
  }[]
  /** A question asked back that the next turn answers, with the words (`original`) that led to it. Persists. */
  pending: { question: string; understanding: Understanding; original?: string } | null
}

/** What a node may use. */
export interface NodeContext {
  signal: AbortSignal
  /** Runs a query for this run's person. */
  ask(query: QueryInput): Promise<Fact>
  /** The person's memories, budgeted. */
  recall(q: { text?: string; about?: string[]; limit?: number }): Promise<GraphState['recalled']>
  /** Drafts a memory (shown, undoable). */
  remember(
    record: Pick<MemoryRecord, 'kind' | 'text' | 'about' | 'body' | 'pinned'> &
      Partial<Pick<MemoryRecord, 'validFrom' | 'validTo'>>,
  ): Promise<MemoryRecord>
  forget(id: string): Promise<boolean>
  /** What plugins call their metrics; the parser's words besides the catalogue's. */
  readonly vocabulary?: Vocabulary
  /** Metrics that this person has data for. */
  metrics(): Promise<readonly string[]>
  /** Says that something this node uses was not available; it goes on without it. A code or a few words. */
  degrade(reason: string): void
  /** What the person said about themselves. */
  profile(): Promise<Profile>
  /** Refuses to be sent the id of a fact that it may not be told of; {@link mayTell} says which. */
  model: ModelProvider | null
  /** Whether a model may be told of this fact: false where it stands on what a closed provider measured. */
  mayTell(fact: Fact): boolean
  /** Sends a verified sentence to the person; used by the verify phase only. */
  emit(part: AnswerPart): void
}

/** A part of the streamed answer. */
export type AnswerPart =
  | { type: 'status'; phase: Phase; text: string }
  | { type: 'sentence'; text: string; facts: string[] }
  | { type: 'fact'; fact: Fact }
  | { type: 'memory'; record: Pick<MemoryRecord, 'id' | 'kind' | 'text' | 'status'> }
  | { type: 'degraded'; node: string; reason: string }
  | { type: 'error'; code: string; message: string }
  | { type: 'finish'; run: string; state: 'done' | 'failed' | 'cancelled' | 'interrupted' }

/** What a node plugin is made of. */
export interface NodeSpec {
  readonly phase: Phase
  readonly reads: readonly (keyof GraphState)[]
  readonly writes: readonly (keyof GraphState)[]
  /** ms; default 10,000. */
  readonly timeoutMs?: number
  run(state: Readonly<GraphState>, ctx: NodeContext): Promise<Partial<GraphState>>
}

import type { GraphState, Phase } from './types.js'

/**
 * The channels of the graph in one table: who may write each, how two writes of one phase become one, and what a
 * fresh turn starts with. Nothing but this table decides what survives a turn.
 */

/** Given by the framework with each turn; no node writes them. */
export const given = ['user', 'thread', 'run', 'text', 'now', 'today', 'locale'] as const

/** What persists from turn to turn; written by the framework alone. */
export const persistent = ['conversation', 'pending'] as const

/** Channels that nodes write, with the phases that may: nothing gets around `verify`, because only it writes `answer`. */
export const writable = {
  guard: ['guard'],
  understanding: ['understand'],
  recalled: ['recall'],
  answers: ['investigate'],
  facts: ['investigate', 'compose', 'verify'],
  findings: ['investigate'],
  draft: ['compose'],
  answer: ['verify'],
  drafted: ['remember'],
} as const satisfies Partial<Record<keyof GraphState, readonly Phase[]>>

/** Name of a channel that a node may declare in `writes`. */
export type WritableChannel = keyof typeof writable

/** Most turns of a conversation that are kept in the state; all of them are in the threads. */
export const CONVERSATION_TURNS = 40

type Reducer<K extends keyof GraphState> = (left: GraphState[K], right: GraphState[K]) => GraphState[K]

/** Merges of parallel writes; each is commutative and idempotent, so that the order in which nodes end does not matter. */
export const reducers: { [K in 'facts' | 'findings' | 'degraded']: Reducer<K> } = {
  facts: (left, right) => sortedRecord({ ...left, ...right }),
  findings: (left, right) =>
    unique([...left, ...right], (finding) => JSON.stringify([finding.by, finding.sentences])).toSorted(
      (a, b) => b.weight - a.weight || compare(a.by, b.by) || compare(a.sentences.join(), b.sentences.join()),
    ),
  degraded: (left, right) =>
    unique([...left, ...right], (entry) => JSON.stringify([entry.node, entry.reason])).toSorted(
      (a, b) => compare(a.node, b.node) || compare(a.reason, b.reason),
    ),
}

/** What every per-turn channel holds before the first node of a turn runs. */
export function emptyTurn(): Omit<GraphState, (typeof given)[number] | (typeof persistent)[number]> {
  return {
    guard: null,
    understanding: null,
    recalled: { pinned: [], hits: [], gaps: [] },
    answers: [],
    facts: {},
    findings: [],
    draft: null,
    answer: null,
    drafted: [],
    degraded: [],
  }
}

function sortedRecord<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => compare(a, b)))
}

function unique<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()]
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

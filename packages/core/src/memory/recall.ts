import { asAurenError } from '../errors.js'
import type { MemoryKind, MemoryRecord, Patterns, Scope } from './ports.js'

/** What is remembered about a question: pinned first, each kind within its quota. */
export interface Recall {
  /** Safety facts, preferences and active goals: always all of them. */
  pinned: MemoryRecord[]
  /** Other memories, best first. */
  hits: MemoryRecord[]
  /** What could not be known, in words; missing is never "nothing". */
  gaps: string[]
  /** Tiers that failed. */
  degraded: string[]
}

/** What to recall. */
export interface RecallQuery {
  text?: string
  /** Metrics or tags that the question is about. */
  about?: readonly string[]
  /** Most hits besides the pinned ones; default 12. */
  limit?: number
  /** Instant as of which it was known. */
  asOf?: number
}

const pinnedOrder: readonly MemoryKind[] = ['safety', 'preference', 'goal']
/** Most hits of a kind, so that many notes cannot push out a baseline. */
const quotas: Partial<Record<MemoryKind, number>> = {
  note: 4,
  baseline: 4,
  pattern: 4,
  episode: 3,
  hypothesis: 2,
  experiment: 2,
}

/**
 * Recall = pinned + by metric + lexical (DESIGN §6). A channel that fails is named in `degraded` and the others
 * still answer.
 */
export async function recall(patterns: Patterns, scope: Scope, query: RecallQuery): Promise<Recall> {
  const degraded = new Set<string>()
  const channel = async (read: () => Promise<MemoryRecord[]>): Promise<MemoryRecord[]> => {
    try {
      return await read()
    } catch (error) {
      degraded.add(`patterns: ${asAurenError(error).code}`)
      return []
    }
  }
  const asOf = query.asOf === undefined ? {} : { asOf: query.asOf }
  const live = { status: ['drafted', 'active', 'weakening'] as const, ...asOf }

  const [pinned, byMetric, lexical] = await Promise.all([
    channel(() => patterns.list(scope, { pinned: true, ...live })),
    channel(async () =>
      (await Promise.all((query.about ?? []).map((about) => patterns.list(scope, { about, ...live })))).flat(),
    ),
    channel(async () => {
      if (!query.text || query.asOf !== undefined) return []
      return (await patterns.search(scope, { text: query.text, limit: 30 })).map((hit) => hit.record)
    }),
  ])

  const held = new Set(pinned.map((record) => record.id))
  const counts = new Map<MemoryKind, number>()
  const hits: MemoryRecord[] = []
  const limit = query.limit ?? 12
  for (const record of interleave(byMetric, lexical)) {
    if (held.has(record.id) || hits.length >= limit) continue
    const count = counts.get(record.kind) ?? 0
    if (count >= (quotas[record.kind] ?? 3)) continue
    counts.set(record.kind, count + 1)
    held.add(record.id)
    hits.push(record)
  }
  const rank = (record: MemoryRecord): number => {
    const at = pinnedOrder.indexOf(record.kind)
    return at < 0 ? pinnedOrder.length : at
  }
  return { pinned: pinned.toSorted((a, b) => rank(a) - rank(b)), hits, gaps: [], degraded: [...degraded] }
}

function* interleave<T>(...lists: readonly T[][]): Iterable<T> {
  const longest = Math.max(0, ...lists.map((list) => list.length))
  for (let i = 0; i < longest; i++) for (const list of lists) if (i < list.length) yield list[i] as T
}

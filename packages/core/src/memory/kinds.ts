import type { MemoryKind, MemoryRecord } from './ports.js'

/** How records of a kind are kept, and how they age. */
export interface KindRule {
  /** In every recall at every budget, for as long as it holds. */
  pinned: boolean
  /** Days after which confidence has halved where nothing new supports the record; null: it never ages. */
  halfLifeDays: number | null
  /** Pieces of evidence against that every record of the kind starts with, so that little evidence convinces little. */
  doubt: number
}

const lasting: KindRule = { pinned: false, halfLifeDays: null, doubt: 1 }
const pinned: KindRule = { ...lasting, pinned: true }

/**
 * What a kind means for keeping and ageing. What was said, what happened and what was tried does not age: it closes, or
 * it is corrected. What was concluded ages where nothing new supports it.
 */
export const kindRules: Readonly<Record<MemoryKind, KindRule>> = {
  safety: pinned,
  preference: pinned,
  goal: pinned,
  episode: lasting,
  experiment: lasting,
  tag: lasting,
  note: lasting,
  contradiction: lasting,
  // Fourteen days are the fewest that a baseline is told from: so many leave it at one half.
  baseline: { pinned: false, halfLifeDays: 90, doubt: 14 },
  pattern: { pinned: false, halfLifeDays: 90, doubt: 2 },
  hypothesis: { pinned: false, halfLifeDays: 180, doubt: 2 },
}

/** Days in which what recurs once a year can be seen again twice. */
const SEASONAL_DAYS = 730

/** Days after which confidence in a record has halved without new support; null where it never ages. */
export function halfLifeOf({ kind, body }: Pick<MemoryRecord, 'kind' | 'body'>): number | null {
  return kind === 'pattern' && typeof body.season === 'string' ? SEASONAL_DAYS : kindRules[kind].halfLifeDays
}

import type { Instant } from '../observation/schema.js'

/** How two claims contradict each other. `source`: what was said, measured and recorded are not the same. */
export type ContradictionKind = 'value' | 'negation' | 'unit' | 'source'
/** Who or what closed it: `open` nobody; `newer` and `stricter` a rule; the others somebody. */
export type Resolution = 'open' | 'newer' | 'stricter' | 'person' | 'clinician'

/** Two records that cannot both be so. Both are kept. */
export interface Contradiction {
  id: string
  kind: ContradictionKind
  /** Ids of the two records, ascending. */
  between: readonly [string, string]
  resolution: Resolution
  /** The record that counts while it is open: the stricter of two safety facts; null where neither does before the other. */
  acts: string | null
  /** The record that holds, once closed. */
  holds: string | null
  recordedAt: Instant
  resolvedAt: Instant | null
}

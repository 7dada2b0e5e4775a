import type { ConsentView } from '../../api/wire'

/** Version of the texts below: it is recorded with what the person says of them. Change it with them. */
export const CONSENT_VERSION = '2026-11'

/** What can be withdrawn, and what that means. Purposes that withdrawing changes nothing of are not asked for. */
export const purposes: readonly { purpose: ConsentView['purpose']; name: string; means: string }[] = [
  {
    purpose: 'model',
    name: 'A language model may help with answers',
    means:
      'Where this installation has one, it is sent your question and the facts that answer it. Without it, the same facts are put into words by fixed rules.',
  },
  {
    purpose: 'consolidate',
    name: 'AUREN may look for patterns by itself',
    means:
      'From time to time your measurements are searched for what is usual for you. Without it, no new patterns are found.',
  },
]

/** How a purpose stands. */
export interface Standing {
  granted: boolean
  /** Metrics for which alone it was withdrawn; that withdraws the purpose as a whole. */
  kinds: readonly string[]
  /** When it was last spoken of, ms; null: never. */
  at: number | null
}

/** How a purpose stands by all that was said, oldest first: the newest of each kind holds, nothing said is allowed. */
export function standingOf(said: readonly ConsentView[], purpose: ConsentView['purpose']): Standing {
  const newest = new Map(said.filter((one) => one.purpose === purpose).map((one) => [one.kind, one]))
  const withdrawn = [...newest.values()].filter(({ granted }) => !granted)
  return {
    granted: withdrawn.length === 0,
    kinds: withdrawn.map(({ kind }) => kind).filter((kind) => kind !== '*'),
    at: newest.size === 0 ? null : Math.max(...[...newest.values()].map(({ at }) => at)),
  }
}

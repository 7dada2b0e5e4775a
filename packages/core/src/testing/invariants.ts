/**
 * The 22 invariants of a memory for years, and how far `testStorage` holds a storage to them today. `long-term`: for
 * what is measured; `concluded`: for what consolidation makes of it and what was said as well, and `recalled`: for what a
 * recall finds, where the storage keeps patterns.
 */
export const storageInvariants = {
  1: { title: 'Isolation: no person sees another, whatever their names look like', covered: 'long-term' },
  2: { title: 'Read your writes', covered: 'long-term' },
  3: { title: 'Idempotence: the same batch n times is once', covered: 'long-term' },
  4: { title: 'Order independence: any permutation or late arrival gives the same', covered: 'concluded' },
  5: { title: 'Cache truth: wiping the hot tier changes no answer', covered: 'no' },
  6: { title: 'As-of: what was known at t reads as it read at t', covered: 'long-term' },
  7: { title: 'Supersession closes exactly one interval: one value holds at a time', covered: 'concluded' },
  8: { title: 'No silent loss through consolidation or crashes', covered: 'concluded' },
  9: { title: 'A hostile proposal writes nothing', covered: 'concluded' },
  10: { title: 'Provenance is closed: a trace ends in raw rows', covered: 'concluded' },
  11: { title: 'Confidence is monotone in evidence', covered: 'concluded' },
  12: { title: 'What is pinned is in every recall', covered: 'recalled' },
  13: { title: 'Contradictory safety facts both appear', covered: 'recalled' },
  14: { title: 'Erasure reaches everything', covered: 'long-term' },
  15: { title: 'An export, imported into an empty store, gives the same', covered: 'long-term' },
  16: { title: 'Gap honesty: missing is coverage below 1, never zero', covered: 'long-term' },
  17: { title: 'Time zones, clock changes and leap days neither move nor scale values', covered: 'long-term' },
  18: { title: 'Consent is enforced per purpose and kind', covered: 'no' },
  19: { title: 'Budgets hold at ten years of thirty metrics', covered: 'no' },
  20: { title: 'A tier that fails is reported, never read as empty', covered: 'recalled' },
  21: { title: 'Quality floor of lexical search', covered: 'no' },
  22: { title: 'Saturation: year ten is recalled as month one is', covered: 'recalled' },
} as const satisfies Record<number, { title: string; covered: 'long-term' | 'concluded' | 'recalled' | 'no' }>

/** Numbers of the invariants that `testStorage` does not look at yet. */
export const uncoveredInvariants: readonly number[] = Object.entries(storageInvariants)
  .filter(([, { covered }]) => covered === 'no')
  .map(([number]) => Number(number))

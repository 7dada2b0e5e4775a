/**
 * Sleep Regularity Index: −100 + 200 · P(same state 24 h apart) (Phillips et al., Sci. Rep. 7, 2017).
 * `epochs`: asleep or not, null where unknown, at a constant step; `perDay` of them make 24 h. Pairs with an unknown
 * side are dropped. Null where no pair is left.
 */
export function sleepRegularityIndex(epochs: readonly (boolean | null)[], perDay: number): number | null {
  let same = 0
  let pairs = 0
  for (let i = perDay; i < epochs.length; i++) {
    const before = epochs[i - perDay]!
    const now = epochs[i]!
    if (before === null || now === null) continue
    pairs += 1
    if (before === now) same += 1
  }
  return pairs === 0 ? null : -100 + (200 * same) / pairs
}

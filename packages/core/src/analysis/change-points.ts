import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { mean } from './moments.js'

/** Sums of values and of their squares up to each place, so that the cost of any segment is three look-ups. */
function prefixes(values: ArrayLike<number>): { sums: Float64Array; squares: Float64Array } {
  const sums = new Float64Array(values.length + 1)
  const squares = new Float64Array(values.length + 1)
  // Around the middle, so that squares of large numbers do not cancel.
  const centre = values.length === 0 ? 0 : mean(values)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]! - centre
    sums[i + 1] = sums[i]! + value
    squares[i + 1] = squares[i]! + value * value
  }
  return { sums, squares }
}

/**
 * Where the mean of a series changes: exact minimum of the segments' squared errors plus `penalty` for each change
 * (optimal partitioning, Jackson et al., IEEE SPL 12, 2005; what PELT of Killick et al., JASA 107, 2012 prunes). Held to
 * `ruptures` (model l2). O(n²): meant for some thousand values at most.
 * @param values in the order of time; scale them first, for the penalty is in squares of their unit
 * @param options.penalty cost of a change
 * @param options.minimum values that a segment has at least
 * @returns index of the first value of each segment but the first, ascending
 */
export function changePoints(
  values: ArrayLike<number>,
  { penalty, minimum = 2 }: { penalty: number; minimum?: number },
): number[] {
  const n = values.length
  if (n < 2 * minimum) return []
  const { sums, squares } = prefixes(values)
  const cost = (from: number, to: number): number =>
    squares[to]! - squares[from]! - (sums[to]! - sums[from]!) ** 2 / (to - from)
  const best = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY)
  const last = new Int32Array(n + 1)
  best[0] = -penalty
  for (let to = minimum; to <= n; to++) {
    for (let from = 0; from <= to - minimum; from = from === 0 ? minimum : from + 1) {
      const total = best[from]! + cost(from, to) + penalty
      if (total < best[to]!) {
        best[to] = total
        last[to] = from
      }
    }
  }
  const changes: number[] = []
  for (let at = last[n]!; at > 0; at = last[at]!) changes.push(at)
  return changes.reverse()
}

/** Correlation of a series with itself one step later, about its own mean; 0 where it is constant or shorter than 3. */
export function autocorrelation(values: ArrayLike<number>): number {
  const n = values.length
  if (n < 3) return 0
  const centre = mean(values)
  let shifted = 0
  let square = 0
  for (let i = 0; i < n; i++) {
    const deviation = values[i]! - centre
    square += deviation * deviation
    if (i > 0) shifted += deviation * (values[i - 1]! - centre)
  }
  return square === 0 ? 0 : shifted / square
}

/** Greatest squared CUSUM of any split that leaves `minimum` values on both sides: how much one change would explain. */
function strongestSplit(values: ArrayLike<number>, minimum: number): number {
  const n = values.length
  const centre = mean(values)
  let sum = 0
  let best = 0
  for (let at = 1; at <= n - minimum; at++) {
    sum += values[at - 1]! - centre
    if (at >= minimum) best = Math.max(best, (sum * sum * n) / (at * (n - at)))
  }
  return best
}

/**
 * Whether a series has any change of its mean at all, by permuting blocks of it: p = (1 + permutations whose strongest
 * split is at least as strong) / (1 + permutations). Blocks keep what neighbouring values have in common, and taking the
 * strongest split of each permutation pays for having looked for the best place (Antoch & Hušková, Stat. Prob. Letters
 * 53, 2001; Kirch 2007 for blocks). Seeded: the same input gives the same p.
 * @param options.block values of a block; @param options.minimum values on either side of a split
 */
export function changeTest(
  values: readonly number[],
  {
    seed,
    block = 4,
    minimum = 2,
    permutations = 999,
  }: { seed: number; block?: number; minimum?: number; permutations?: number },
): number {
  if (values.length < 2 * minimum) return 1
  const observed = strongestSplit(values, minimum)
  const blocks: (readonly number[])[] = []
  for (let at = 0; at < values.length; at += block) blocks.push(values.slice(at, at + block))
  const generator = xoroshiro128plus(seed)
  const shuffled = new Float64Array(values.length)
  let asStrong = 0
  for (let turn = 0; turn < permutations; turn++) {
    for (let i = blocks.length - 1; i > 0; i--) {
      const j = uniformInt(generator, 0, i)
      ;[blocks[i], blocks[j]] = [blocks[j]!, blocks[i]!]
    }
    let at = 0
    for (const held of blocks) for (const value of held) shuffled[at++] = value
    if (strongestSplit(shuffled, minimum) >= observed * (1 - 1e-12)) asStrong++
  }
  return (1 + asStrong) / (1 + permutations)
}

import { normalQuantile, twoSidedP } from './normal.js'
import { ascending, median, quantileOfSorted } from './quantile.js'

/** One point of a series; `x` in any unit of time. */
export interface Point {
  x: number
  y: number
}

/** A straight line through the middle of a series, and whether it leads anywhere. */
export interface SenSlope {
  /** Median of the slopes of all pairs, per unit of x. */
  slope: number
  /** median(y) − slope · median(x). */
  intercept: number
  low: number
  high: number
}

function tieSizes(values: ArrayLike<number>): number[] {
  const counts = new Map<number, number>()
  for (let i = 0; i < values.length; i++) counts.set(values[i]!, (counts.get(values[i]!) ?? 0) + 1)
  return [...counts.values()].filter((size) => size > 1)
}

/** Halves to the even neighbour, as NumPy rounds: the ranks of the interval are then scipy's. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value)
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}

/**
 * Theil-Sen slope with its confidence interval (Sen, JASA 63, 1968; tie correction and ranks as scipy's theilslopes).
 * Null where fewer than two different x are there. Compares all pairs: meant for some thousand points at most.
 */
export function theilSen(points: readonly Point[], confidence = 0.95): SenSlope | null {
  const slopes: number[] = []
  for (let i = 0; i < points.length; i++) {
    for (let j = i + 1; j < points.length; j++) {
      const dx = points[j]!.x - points[i]!.x
      if (dx !== 0) slopes.push((points[j]!.y - points[i]!.y) / dx)
    }
  }
  if (slopes.length === 0) return null
  const sorted = ascending(slopes)
  const ys = points.map((point) => point.y)
  const slope = quantileOfSorted(sorted, 0.5)
  const n = points.length
  const ties = (sizes: number[]) => sizes.reduce((total, k) => total + k * (k - 1) * (2 * k + 5), 0)
  const variance =
    (n * (n - 1) * (2 * n + 5) - ties(tieSizes(points.map((point) => point.x))) - ties(tieSizes(ys))) / 18
  const reach = normalQuantile(0.5 + confidence / 2) * Math.sqrt(Math.max(0, variance))
  const last = sorted.length - 1
  const upper = Math.min(roundHalfEven((sorted.length + reach) / 2), last)
  const lower = Math.max(roundHalfEven((sorted.length - reach) / 2) - 1, 0)
  return {
    slope,
    intercept: median(ys) - slope * median(points.map((point) => point.x)),
    low: sorted[lower]!,
    high: sorted[upper]!,
  }
}

/** Result of {@link mannKendall}. */
export interface MannKendall {
  s: number
  variance: number
  z: number
  /** Two-sided. */
  p: number
  tau: number
}

/**
 * Mann-Kendall test for a monotone trend with tie correction and continuity correction (Mann 1945, Kendall 1975; as
 * pyMannKendall's original_test). Values in the order of time; it assumes independent ones, so feed weekly medians
 * rather than days. Null for fewer than two values.
 */
export function mannKendall(values: readonly number[]): MannKendall | null {
  const n = values.length
  if (n < 2) return null
  let s = 0
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) s += Math.sign(values[j]! - values[i]!)
  const ties = tieSizes(values).reduce((total, k) => total + k * (k - 1) * (2 * k + 5), 0)
  const variance = (n * (n - 1) * (2 * n + 5) - ties) / 18
  const z = s === 0 || variance === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance)
  return { s, variance, z, p: twoSidedP(z), tau: s / ((n * (n - 1)) / 2) }
}

import { standardDeviation } from './moments.js'
import { ascending, median, quantileOfSorted } from './quantile.js'

/** Makes the MAD of normal data equal its standard deviation: 1 / Φ⁻¹(3/4). */
export const MAD_TO_SD = 1.4826
/** Φ⁻¹(3/4), as Iglewicz & Hoaglin (1993) write their modified z-score. */
const MODIFIED_Z = 0.6745

/** Median absolute deviation from the median, unscaled. NaN for no items. */
export function mad(values: ArrayLike<number>): number {
  const centre = median(values)
  return median(Float64Array.from(values, (value) => Math.abs(value - centre)))
}

/** Middle and spread of values, not moved by a few wild ones. */
export interface RobustSummary {
  n: number
  median: number
  /** Unscaled median absolute deviation. */
  mad: number
  /** Spread on the scale of a standard deviation; 0 where all values are equal and no floor was given. */
  spread: number
  /** What `spread` was made from. */
  from: 'mad' | 'iqr' | 'sd' | 'floor' | 'none'
}

/**
 * Median with a spread: 1.4826·MAD; where that is 0 (more than half of the values are equal, as integers often are)
 * IQR / 1.349, then the sample standard deviation; at least `floor` (in the unit of the values).
 * Null for no items.
 */
export function robustSummary(values: ArrayLike<number>, floor = 0): RobustSummary | null {
  if (values.length === 0) return null
  const sorted = ascending(values)
  const middle = quantileOfSorted(sorted, 0.5)
  const deviation = mad(sorted)
  const candidates = [
    ['mad', MAD_TO_SD * deviation],
    ['iqr', (quantileOfSorted(sorted, 0.75) - quantileOfSorted(sorted, 0.25)) / 1.349],
    ['sd', sorted.length < 2 ? 0 : standardDeviation(sorted)],
  ] as const
  const [from, spread] = candidates.find(([, size]) => size > 0) ?? (['none', 0] as const)
  const floored = floor > spread
  return {
    n: sorted.length,
    median: middle,
    mad: deviation,
    spread: floored ? floor : spread,
    from: floored ? 'floor' : from,
  }
}

/**
 * Modified z-score 0.6745·(x − median)/MAD (Iglewicz & Hoaglin, How to Detect and Handle Outliers, 1993; |z| > 3.5 is
 * their outlier). With another spread than the MAD: (x − median)/spread. Null where the spread is 0.
 */
export function robustZ(x: number, summary: RobustSummary): number | null {
  if (summary.spread === 0) return null
  if (summary.from === 'mad') return (MODIFIED_Z * (x - summary.median)) / summary.mad
  return (x - summary.median) / summary.spread
}

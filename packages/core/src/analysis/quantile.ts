/** Ascending copy. */
export function ascending(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).sort()
}

/**
 * Quantile of already ascending values, q in 0 … 1, by linear interpolation between order statistics
 * (type 7 of Hyndman & Fan, Am. Stat. 50, 1996: h = (n − 1)q; the default of NumPy, pandas and R). NaN for no items.
 */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number {
  const n = sorted.length
  if (n === 0) return Number.NaN
  const h = (n - 1) * Math.min(1, Math.max(0, q))
  const low = Math.floor(h)
  const below = sorted[low]!
  const above = sorted[Math.min(low + 1, n - 1)]!
  return below === above ? below : below + (h - low) * (above - below)
}

/** {@link quantileOfSorted} of values in any order. */
export function quantile(values: ArrayLike<number>, q: number): number {
  return quantileOfSorted(ascending(values), q)
}

/** Median: the mean of the middle two for an even number. NaN for no items. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5)
}

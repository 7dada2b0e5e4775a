/**
 * Sum with Neumaier's compensation (ZAMM 54, 1974), so that the order of the items does not show in the result.
 * 0 for no items.
 */
export function sum(values: ArrayLike<number>): number {
  let total = 0
  let lost = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    const next = total + value
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total
    total = next
  }
  return total + lost
}

/** Arithmetic mean; NaN for no items. */
export function mean(values: ArrayLike<number>): number {
  return values.length === 0 ? Number.NaN : sum(values) / values.length
}

/** Sample standard deviation (divides by n − 1), two passes; NaN for fewer than two items. */
export function standardDeviation(values: ArrayLike<number>): number {
  const n = values.length
  if (n < 2) return Number.NaN
  const centre = mean(values)
  const squares = new Float64Array(n)
  for (let i = 0; i < n; i++) squares[i] = (values[i]! - centre) ** 2
  return Math.sqrt(sum(squares) / (n - 1))
}

/**
 * Energy mean of sound levels in dB: 10·log10(mean(10^(L/10))), as in ISO 1996-1 (L_eq of equal durations).
 * NaN for no items.
 */
export function energyMean(levels: ArrayLike<number>): number {
  const powers = new Float64Array(levels.length)
  for (let i = 0; i < levels.length; i++) powers[i] = 10 ** (levels[i]! / 10)
  return 10 * Math.log10(mean(powers))
}

import { ewma } from './smoothing.js'

/**
 * Upper one-sided tabular CUSUM (Page 1954; Montgomery, Introduction to Statistical Quality Control, §9.1):
 * C⁺ = max(0, x − (target + k·sigma) + C⁺). After each value, in the unit of the values.
 */
export function cusumUpper(values: readonly number[], target: number, sigma: number, k = 0.5): number[] {
  let total = 0
  return values.map((value) => {
    total = Math.max(0, value - (target + k * sigma) + total)
    return total
  })
}

/** One point of an EWMA control chart. */
export interface EwmaPoint {
  z: number
  low: number
  high: number
  signal: boolean
}

/** EWMA control chart with exact limits (Roberts 1959; Montgomery §9.2; lambda 0.1 and L 2.7 are his defaults). */
export function ewmaChart(
  values: readonly number[],
  target: number,
  sigma: number,
  { lambda = 0.1, limit = 2.7 }: { lambda?: number; limit?: number } = {},
): EwmaPoint[] {
  return ewma(values, lambda, target).map((z, i) => {
    const reach = limit * sigma * Math.sqrt((lambda / (2 - lambda)) * (1 - (1 - lambda) ** (2 * (i + 1))))
    return { z, low: target - reach, high: target + reach, signal: z < target - reach || z > target + reach }
  })
}

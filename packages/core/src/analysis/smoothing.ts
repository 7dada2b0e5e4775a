/**
 * Exponentially weighted moving average: level ← level + alpha·(value − level), starting at `start`
 * (the first value where absent). The level after each value.
 */
export function ewma(values: readonly number[], alpha: number, start?: number): number[] {
  const first = start ?? values[0]
  if (first === undefined) return []
  let level = first
  return values.map((value) => {
    level += alpha * (value - level)
    return level
  })
}

/** Forecast of simple exponential smoothing with l₀ = y₀ (Brown 1959): the same for every horizon. Null for no items. */
export function sesForecast(values: readonly number[], alpha: number): number | null {
  return ewma(values, alpha).at(-1) ?? null
}

/**
 * Holt's linear forecasts for 1 … horizon with l₀ = y₀, b₀ = y₁ − y₀ and the first update at t = 0 (Hyndman &
 * Athanasopoulos, Forecasting, §8.2, in the convention of the fpp2 example). Null for fewer than two values.
 */
export function holtForecast(values: readonly number[], alpha: number, beta: number, horizon: number): number[] | null {
  if (values.length < 2) return null
  let level = values[0]!
  let slope = values[1]! - values[0]!
  for (const value of values) {
    const before = level
    level = alpha * value + (1 - alpha) * (level + slope)
    slope = beta * (level - before) + (1 - beta) * slope
  }
  return Array.from({ length: horizon }, (_, i) => level + (i + 1) * slope)
}

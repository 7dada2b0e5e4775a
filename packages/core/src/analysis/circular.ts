/** Direction and length of the mean of angles. */
function resultant(values: ArrayLike<number>, period: number): { x: number; y: number; length: number } {
  let x = 0
  let y = 0
  for (let i = 0; i < values.length; i++) {
    const angle = (2 * Math.PI * values[i]!) / period
    x += Math.cos(angle)
    y += Math.sin(angle)
  }
  const n = Math.max(1, values.length)
  return { x: x / n, y: y / n, length: Math.min(1, Math.hypot(x, y) / n) }
}

/** Below this mean resultant length the values point everywhere and have no mean. */
const NO_DIRECTION = 1e-9

/**
 * Mean on a circle of circumference `period` (1440 for minutes of a day), in [0, period): 23:00 and 01:00 give 00:00
 * (Fisher, Statistical Analysis of Circular Data, 1993, §2.3). Null for no items and where they cancel out.
 */
export function circularMean(values: ArrayLike<number>, period: number): number | null {
  if (values.length === 0) return null
  const { x, y, length } = resultant(values, period)
  if (length < NO_DIRECTION) return null
  const turn = Math.atan2(y, x) / (2 * Math.PI)
  const result = (turn < 0 ? turn + 1 : turn) * period
  return result >= period ? 0 : result
}

/**
 * Circular standard deviation √(−2 ln R) in the unit of `period` (Fisher 1993, §2.3). Null for fewer than two items
 * and where they cancel out.
 */
export function circularSd(values: ArrayLike<number>, period: number): number | null {
  if (values.length < 2) return null
  const { length } = resultant(values, period)
  if (length < NO_DIRECTION) return null
  return (Math.sqrt(Math.max(0, -2 * Math.log(length))) * period) / (2 * Math.PI)
}

/** a − b on the circle: the short way round, in [−period/2, period/2). */
export function circularDifference(a: number, b: number, period: number): number {
  const turned = (((a - b + period / 2) % period) + period) % period
  return turned - period / 2
}

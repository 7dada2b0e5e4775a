// Columns of whole numbers in a fixed number of bytes, little-endian, so that SQL can read any element (auren.uint).

/** Writes `values` (0 … 256^width − 1) at `at` and gives the place after them. */
export function putUints(bytes: Uint8Array, at: number, width: number, values: readonly number[]): number {
  let place = at
  for (let value of values)
    for (let i = 0; i < width; i++) {
      bytes[place++] = value % 256
      value = Math.floor(value / 256)
    }
  return place
}

/** Element `i` of a column that begins at `at`; 0 where its width is 0. */
export function uintAt(bytes: Uint8Array, at: number, width: number, i: number): number {
  const place = at + i * width
  let value = 0
  for (let byte = width - 1; byte >= 0; byte--) value = value * 256 + (bytes[place + byte] as number)
  return value
}

/** The largest number that a column of this width holds. */
export function largest(width: number): number {
  return 256 ** width - 1
}

/** What an element costs that does not fit its column and is written out beside it, in bytes. */
const EXCEPTION = 14

/**
 * The width (1 … 4) in which a column takes the least space, elements that do not fit written out beside it.
 * @param reserved how many of the largest numbers mean something else
 */
export function bestWidth(values: readonly number[], reserved: number): number {
  const beyond = [0, 0, 0, 0, 0]
  for (const value of values)
    for (let width = 1; width <= 4 && value > largest(width) - reserved; width++) (beyond[width] as number)++
  const cost = (width: number): number => width * values.length + EXCEPTION * (beyond[width] as number)
  let best = 4
  for (let width = 3; width >= 1; width--) if (cost(width) <= cost(best)) best = width
  return best
}

/** The longest of a minute, a second and a millisecond, in ms, that divides all values. */
export function unitOf(values: readonly number[]): number {
  let unit = 60_000
  for (const value of values) {
    if (value % unit === 0) continue
    if (value % 1000 !== 0) return 1
    unit = 1000
  }
  return unit
}

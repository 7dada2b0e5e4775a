/** A run-length coded column: value, count, value, count … */
export type Runs = (number | string | null)[]

/** Run-length codes a column; undefined where every value is `usual`. */
export function toRuns<T extends number | string | null>(values: readonly T[], usual?: T): Runs | undefined {
  const runs: Runs = []
  let length = 0
  for (let i = 0; i < values.length; i++) {
    length++
    if (i + 1 < values.length && values[i + 1] === values[i]) continue
    runs.push(values[i] as T, length)
    length = 0
  }
  return runs.length === 2 && runs[0] === usual ? undefined : runs
}

/** Decodes a column of `n` values. */
export function fromRuns<T extends number | string | null>(runs: Runs | undefined, n: number, usual: T): T[] {
  const values = new Array<T>(n)
  if (!runs) return values.fill(usual)
  let at = 0
  for (let i = 0; i < runs.length; i += 2) {
    const end = at + (runs[i + 1] as number)
    values.fill(runs[i] as T, at, end)
    at = end
  }
  return values
}

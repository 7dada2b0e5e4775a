/** A run-length coded column: value, count, value, count … */
export type Runs = (number | string | null)[]

/** Run-length codes what is picked of each item; undefined where every value is `usual`. */
export function toRuns<I, T extends number | string | null>(
  items: readonly I[],
  pick: (item: I) => T,
  usual?: T,
): Runs | undefined {
  const runs: Runs = []
  let value = pick(items[0] as I)
  let from = 0
  for (let i = 1; i < items.length; i++) {
    const next = pick(items[i] as I)
    if (next === value) continue
    runs.push(value, i - from)
    value = next
    from = i
  }
  if (items.length > 0) runs.push(value, items.length - from)
  return runs.length === 2 && runs[0] === usual ? undefined : runs
}

/** Reads a column of `n` values: the value of an index, where `usual` is the value of all that was not written. */
export function columnOf<T extends number | string | null>(
  runs: Runs | undefined,
  n: number,
  usual: T,
): (i: number) => T {
  if (!runs) return () => usual
  if (runs.length === 2) {
    const only = runs[0] as T
    return () => only
  }
  const values = new Array<T>(n)
  let at = 0
  for (let i = 0; i < runs.length; i += 2) {
    const end = at + (runs[i + 1] as number)
    values.fill(runs[i] as T, at, end)
    at = end
  }
  return (i) => values[i] as T
}

/** A half-open stretch of time, ms. */
export interface Stretch {
  start: number
  end: number
}

/** A set of points in time as ascending, disjoint stretches. */
export interface Cover {
  /** The parts of [start, end) that are not yet covered. */
  gaps(start: number, end: number): Stretch[]
  /** Covers [start, end). */
  add(start: number, end: number): void
  readonly stretches: readonly Stretch[]
}

/** An empty cover. */
export function createCover(): Cover {
  const stretches: Stretch[] = []
  /** Index of the first stretch that ends after `at`. */
  const firstEndingAfter = (at: number): number => {
    let low = 0
    let high = stretches.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (stretches[middle]!.end > at) high = middle
      else low = middle + 1
    }
    return low
  }
  return {
    stretches,
    gaps(start, end) {
      const gaps: Stretch[] = []
      let at = start
      for (let i = firstEndingAfter(start); i < stretches.length && at < end; i++) {
        const held = stretches[i]!
        if (held.start >= end) break
        if (held.start > at) gaps.push({ start: at, end: held.start })
        at = Math.max(at, held.end)
      }
      if (at < end) gaps.push({ start: at, end })
      return gaps
    },
    add(start, end) {
      if (end <= start) return
      const from = firstEndingAfter(start - 1)
      let to = from
      let joined = { start, end }
      while (to < stretches.length && stretches[to]!.start <= end) {
        const held = stretches[to]!
        joined = { start: Math.min(joined.start, held.start), end: Math.max(joined.end, held.end) }
        to += 1
      }
      stretches.splice(from, to - from, joined)
    },
  }
}

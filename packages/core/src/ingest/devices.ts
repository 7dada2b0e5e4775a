import type { Profile } from '../memory/ports.js'
import type { Instant, SourceType } from '../observation/schema.js'

/**
 * Device merge (DESIGN §4): on reading and in roll-ups, never on writing. Nothing here changes what is stored.
 */

/** Best first. Instruments made for one measure come before what is worn. */
const typeOrder: readonly SourceType[] = [
  'cgm',
  'cuff',
  'scale',
  'watch',
  'ring',
  'band',
  'phone',
  'manual',
  'app',
  'unknown',
]

/** Place of a kind of device in the default order; smaller is better. */
export function typeRank(type: SourceType): number {
  return typeOrder.indexOf(type)
}

/**
 * Sources of a metric, best first: those that the person ranked (for the metric, else for `*`), then by kind of
 * device, then by key.
 */
export function rankSources<S extends { key: string; type: SourceType }>(
  metric: string,
  sources: readonly S[],
  ranks: Profile['ranks'] = {},
): S[] {
  const own = ranks[metric] ?? ranks['*'] ?? []
  const place = (source: S): number => {
    const index = own.indexOf(source.key)
    return index < 0 ? own.length : index
  }
  return [...sources].sort(
    (a, b) =>
      place(a) - place(b) || typeRank(a.type) - typeRank(b.type) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  )
}

/** An amount over [start, end), or at an instant where both are equal. */
export interface Amount {
  start: Instant
  end: Instant
  value: number
  /** Which of two overlapping amounts of one source is newer: by version, then by when it was first received. */
  version: number | null
  first: Instant
}

/** What one source says of one day. */
export interface DaySource {
  key: string
  amounts: readonly Amount[]
  /** The vendor's own sum of the day. */
  total: number | null
}

/** A part of an amount that counted. */
export interface Counted {
  source: string
  start: Instant
  end: Instant
  value: number
}

/** How the sum of a day came about. */
export interface Sweep {
  sum: number
  /** Source key → its share of the sum; sources that gave nothing are absent. */
  parts: Record<string, number>
  counted: Counted[]
  /** True where a vendor's total filled something. */
  filled: boolean
}

/**
 * Sums a cumulative metric over one day: in each slice of time the best-ranked source that covers it counts, within a
 * source the newest revision; a daily total (the best-ranked one) fills what the rest leaves open and never adds.
 * @param sources best first
 * @param dayMs length of the day, beyond which nothing is open
 */
export function sweep(sources: readonly DaySource[], dayMs: number): Sweep {
  const covered: Span[] = []
  const counted: Counted[] = []
  const parts: Record<string, number> = {}
  let sum = 0
  const count = (source: string, start: Instant, end: Instant, value: number): void => {
    counted.push({ source, start, end, value })
    parts[source] = (parts[source] ?? 0) + value
    sum += value
  }

  for (const source of sources) {
    const points: Amount[] = []
    for (const amount of newestFirst(source.amounts)) {
      const length = amount.end - amount.start
      if (length <= 0) points.push(amount)
      // What is whole stays exact: v * l / l is not always v.
      else
        for (const { start, end } of claim(covered, amount.start, amount.end))
          count(source.key, start, end, end - start === length ? amount.value : amount.value * ((end - start) / length))
    }
    for (const point of points)
      if (!isCovered(covered, point.start) && !hasTwin(counted, source.key, point))
        count(source.key, point.start, point.start, point.value)
  }

  const total = sources.find((source) => source.total !== null)
  const open = covered.reduce((length, span) => length + span.end - span.start, 0) < dayMs
  const rest = (total?.total ?? 0) - sum
  const filled = total !== undefined && open && (rest > 0 || counted.length === 0)
  if (filled && total) {
    parts[total.key] = (parts[total.key] ?? 0) + rest
    sum += rest
  }
  return { sum, parts, counted, filled }
}

interface Span {
  start: Instant
  end: Instant
}

/** Newest first; of equally new ones the finer, then the earlier. The common case, no overlap, is left in its order. */
function newestFirst(amounts: readonly Amount[]): readonly Amount[] {
  const byStart = [...amounts].sort((a, b) => a.start - b.start || a.end - b.end || a.value - b.value)
  if (byStart.every((amount, i) => i === 0 || amount.start >= (byStart[i - 1] as Amount).end)) return byStart
  return byStart.sort(
    (a, b) =>
      (b.version ?? Number.MIN_SAFE_INTEGER) - (a.version ?? Number.MIN_SAFE_INTEGER) ||
      b.first - a.first ||
      a.end - a.start - (b.end - b.start) ||
      a.start - b.start ||
      a.value - b.value,
  )
}

/** Takes [start, end) and returns those parts of it that nobody had. `covered` stays sorted and disjoint. */
function claim(covered: Span[], start: Instant, end: Instant): Span[] {
  const from = firstEndingAfter(covered, start - 1)
  const free: Span[] = []
  let at = start
  let to = from
  let low = start
  let high = end
  for (; to < covered.length; to++) {
    const span = covered[to] as Span
    if (span.start > end) break
    if (span.start > at) free.push({ start: at, end: span.start })
    at = Math.max(at, span.end)
    low = Math.min(low, span.start)
    high = Math.max(high, span.end)
  }
  if (at < end) free.push({ start: at, end })
  covered.splice(from, to - from, { start: low, end: high })
  return free
}

/** Index of the first span that ends after `at`. */
function firstEndingAfter(spans: readonly Span[], at: Instant): number {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((spans[middle] as Span).end > at) high = middle
    else low = middle + 1
  }
  return low
}

function isCovered(spans: readonly Span[], at: Instant): boolean {
  const span = spans[firstEndingAfter(spans, at)]
  return span !== undefined && span.start <= at
}

/** Twins: two sources tell of one and the same event. */
export const twinMs = 2000

function hasTwin(counted: readonly Counted[], source: string, point: Amount): boolean {
  return counted.some(
    (other) =>
      other.source !== source &&
      other.start === other.end &&
      other.value === point.value &&
      Math.abs(other.start - point.start) <= twinMs,
  )
}

/**
 * Instants of several sources without twins (±2 s and equal value in another source): the better-ranked one stays.
 * @param sources best first, each ascending by start
 * @returns what stays, ascending by start
 */
export function dropTwins<S extends { start: Instant; value: number }>(sources: readonly (readonly S[])[]): S[] {
  if (sources.length === 1) return [...(sources[0] as readonly S[])]
  const all = sources
    .flatMap((samples, rank) => samples.map((sample) => ({ sample, rank })))
    .sort((a, b) => a.sample.start - b.sample.start || a.rank - b.rank)
  const dropped = new Set<number>()
  for (const [i, a] of all.entries())
    for (let j = i + 1; j < all.length && (all[j] as typeof a).sample.start - a.sample.start <= twinMs; j++) {
      const b = all[j] as typeof a
      if (a.rank !== b.rank && a.sample.value === b.sample.value) dropped.add(a.rank < b.rank ? j : i)
    }
  return all.filter((_, i) => !dropped.has(i)).map(({ sample }) => sample)
}

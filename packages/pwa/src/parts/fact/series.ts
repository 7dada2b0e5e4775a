import type { Bucket } from '../../api/wire'
import { formatDate, formatSpan, shiftDate } from '../dates'
import { formatQuantity, joinQuantity, type Reader } from '../format'

/** Columns that a chart draws; `at[i]` is the bucket behind point i, null for a gap. */
export interface Columns {
  /** Seconds since 1970. */
  x: number[]
  value: (number | null)[]
  low: (number | null)[]
  high: (number | null)[]
  at: (number | null)[]
}

const noon = (date: string) => Date.parse(`${date}T12:00:00Z`) / 1000

/** The middle of a bucket of days. */
function middle({ from, to }: Bucket): number {
  return (noon(from) + noon(to)) / 2
}

/** Buckets as columns, with a gap wherever days are missing: "not worn" is not zero and not a straight line. */
export function columnsOf(buckets: readonly Bucket[]): Columns {
  const columns: Columns = { x: [], value: [], low: [], high: [], at: [] }
  const add = (x: number, bucket: Bucket | null, at: number | null) => {
    columns.x.push(x)
    columns.value.push(bucket ? bucket.value : null)
    columns.low.push(bucket ? bucket.min : null)
    columns.high.push(bucket ? bucket.max : null)
    columns.at.push(at)
  }
  for (const [index, bucket] of buckets.entries()) {
    const before = buckets[index - 1]
    if (before && shiftDate(before.to, 1) < bucket.from) add(noon(shiftDate(before.to, 1)), null, null)
    add(middle(bucket), bucket, index)
  }
  return columns
}

/**
 * Whether values are totals (steps of a day) and not levels: then the least and greatest measurement of a day are no
 * range around its value, and columns say more than a line.
 */
export function isTotal(buckets: readonly Bucket[]): boolean {
  return buckets.some(({ value, max, min }) => value - max > slack(max) || min - value > slack(min))
}

/** Sums of floating-point numbers differ in their last digits. */
const slack = (value: number): number => Math.abs(value) * 1e-6 + 1e-9

/** Whether there is a range to draw around the line. */
export function hasRange(buckets: readonly Bucket[]): boolean {
  return !isTotal(buckets) && buckets.some(({ min, max }) => max > min)
}

/** The days of a bucket. */
export function bucketDates({ from, to }: Bucket, reader: Reader): string {
  return formatSpan(from, to, reader.locale)
}

/** A value of a metric for people. */
export function written(value: number, unit: string, metric: string, reader: Reader): string {
  return joinQuantity(formatQuantity(value, unit, reader, { metric }))
}

/** A chart in words, for whoever does not see it and whoever wants it short. */
export function summaryOf(
  buckets: readonly Bucket[],
  days: number,
  unit: string,
  metric: string,
  reader: Reader,
): string {
  const [first] = buckets
  const last = buckets.at(-1)
  if (!first || !last) return 'There are no measurements in these dates.'
  const least = buckets.reduce((a, b) => (b.value < a.value ? b : a))
  const most = buckets.reduce((a, b) => (b.value > a.value ? b : a))
  const write = (bucket: Bucket) =>
    `${written(bucket.value, unit, metric, reader)} (${bucket.from === bucket.to ? formatDate(bucket.from, reader.locale) : bucketDates(bucket, reader)})`
  const single = buckets.every(({ from, to }) => from === to)
  const basis = single ? `${buckets.length} of ${days} days have data.` : `Each point stands for several days.`
  return `${basis} Lowest ${write(least)}, highest ${write(most)}, latest ${write(last)}.`
}

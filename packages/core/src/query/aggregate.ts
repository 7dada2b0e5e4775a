import {
  ascending,
  circularMean,
  circularSd,
  energyMean,
  mean,
  quantileOfSorted,
  standardDeviation,
  sum,
} from '../analysis/index.js'
import type { LocalDate } from '../observation/schema.js'
import { DAY_MINUTES } from './clock.js'
import type { Item } from './item.js'
import type { Scale } from './measure.js'
import type { Aggregate, FactRow } from './schema.js'

/** What many became. */
export interface Outcome {
  /** Null where it is not defined: clock times all around the clock have no mean. */
  value: number | null
  /** Date of an extreme, the first or the last. */
  date: LocalDate | null
  /** Days of an extreme, or buckets of a distribution. */
  rows?: FactRow[]
}

/**
 * Items that an aggregate needs at least. A percentile needs one value expected beyond it (20 for the 95th), and five
 * in any case; sums and counts of events need none, because none recorded means none happened.
 */
export function minimumOf(aggregate: Aggregate, p: number | undefined, event: boolean): number {
  switch (aggregate) {
    case 'count':
    case 'days':
    case 'sum':
      return event ? 0 : 1
    case 'sd':
    case 'range':
      return 2
    case 'distribution':
      return 5
    case 'percentile': {
      const beyond = Math.min(p ?? 50, 100 - (p ?? 50)) / 100
      return beyond === 0 ? 1 : Math.max(5, Math.ceil(1 / beyond - 1e-9))
    }
    default:
      return 1
  }
}

/** Most rows of equal extremes that a fact lists. */
const MOST_TIES = 100

function extreme(items: readonly Item[], best: (a: number, b: number) => number): Outcome {
  const value = items.reduce((found, item) => best(found, item.value), items[0]!.value)
  const dates = new Set(items.filter((item) => item.value === value).map((item) => item.date))
  const rows = [...dates].slice(0, MOST_TIES).map((key) => ({ key, value, n: 1 }))
  return { value, date: rows[0]!.key, rows }
}

const steps = [1, 2, 2.5, 5, 10]

/** Width of a bucket: Freedman & Diaconis (1981), at most 40 buckets, rounded up to 1, 2, 2.5 or 5 times a power of ten. */
function bucketWidth(sorted: Float64Array): number {
  const spread = sorted.at(-1)! - sorted[0]!
  if (spread === 0) return 1
  const iqr = quantileOfSorted(sorted, 0.75) - quantileOfSorted(sorted, 0.25)
  const wanted = Math.max((2 * iqr) / Math.cbrt(sorted.length), spread / 40)
  const power = 10 ** Math.floor(Math.log10(wanted))
  return power * steps.find((step) => step * power >= wanted * (1 - 1e-9))!
}

function distribution(values: Float64Array): Outcome {
  const width = bucketWidth(values)
  const decimals = Math.max(0, -Math.floor(Math.log10(width)) + 1)
  const edge = (index: number) => Number((index * width).toFixed(decimals))
  const counts = new Map<number, number>()
  for (const value of values) {
    const index = Math.floor(value / width + 1e-9)
    counts.set(index, (counts.get(index) ?? 0) + 1)
  }
  const rows: FactRow[] = []
  for (let index = Math.min(...counts.keys()); index <= Math.max(...counts.keys()); index++) {
    const n = counts.get(index) ?? 0
    rows.push({ key: `${edge(index)}..${edge(index + 1)}`, value: n / values.length, n })
  }
  return { value: quantileOfSorted(values, 0.5), date: null, rows }
}

/**
 * One number out of items that are in the order of time. Percentiles and the median interpolate linearly between
 * order statistics (type 7); sd divides by n − 1; clock times are averaged on the circle and sound levels by energy;
 * a distribution gives the median and the share of each bucket `[low, high)`.
 */
export function aggregateItems(items: readonly Item[], aggregate: Aggregate, scale: Scale, p?: number): Outcome {
  if (aggregate === 'count') return { value: items.length, date: null }
  if (aggregate === 'days') return { value: new Set(items.map((item) => item.date)).size, date: null }
  const values = items.map((item) => item.value)
  if (aggregate === 'sum') return { value: sum(values), date: null }
  if (items.length === 0) return { value: null, date: null }
  switch (aggregate) {
    case 'mean':
      if (scale === 'clock') return { value: circularMean(values, DAY_MINUTES), date: null }
      return { value: scale === 'level' ? energyMean(values) : mean(values), date: null }
    case 'sd': {
      const sd = scale === 'clock' ? circularSd(values, DAY_MINUTES) : standardDeviation(values)
      return { value: sd === null || Number.isNaN(sd) ? null : sd, date: null }
    }
    case 'first':
      return { value: items[0]!.value, date: items[0]!.date }
    case 'last':
      return { value: items.at(-1)!.value, date: items.at(-1)!.date }
    case 'max':
    case 'argmax':
      return extreme(items, Math.max)
    case 'min':
    case 'argmin':
      return extreme(items, Math.min)
    case 'range':
      return { value: extreme(items, Math.max).value! - extreme(items, Math.min).value!, date: null }
    case 'median':
      return { value: quantileOfSorted(ascending(values), 0.5), date: null }
    case 'percentile':
      return { value: quantileOfSorted(ascending(values), (p ?? 50) / 100), date: null }
    case 'distribution':
      return distribution(ascending(values))
  }
}

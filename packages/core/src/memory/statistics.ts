import type { MetricInfo } from '../catalogue/index.js'
import type { Instant } from '../observation/schema.js'
import type { DayRow } from './ports.js'

/** A value at an instant, or over [start, end) where `end` is later. */
export interface Measured {
  start: Instant
  end: Instant
  value: number
}

/** The numbers of a day. */
export type DayNumbers = Pick<
  DayRow,
  'value' | 'n' | 'sum' | 'min' | 'max' | 'mean' | 'sd' | 'first' | 'last' | 'leq' | 'bands'
>

/**
 * Describes the values of a day.
 * @param values at least one, in time
 * @param sum the day's sum where it is more than that of the values (a vendor's total filled a gap)
 */
export function describeDay(metric: MetricInfo, values: readonly Measured[], sum: number | null): DayNumbers {
  const n = values.length
  let total = 0
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const { value } of values) {
    total += value
    if (value < min) min = value
    if (value > max) max = value
  }
  const mean = total / n
  const numbers = {
    n,
    sum: sum ?? total,
    min,
    max,
    mean,
    sd: n < 2 ? null : deviation(values, mean),
    first: (values[0] as Measured).value,
    last: (values[n - 1] as Measured).value,
    leq: metric.unit.startsWith('dB') ? energyMean(values) : null,
    bands: metric.id === 'glucose' ? glucoseBands(values) : null,
  }
  return { value: dayValue(metric, numbers), ...numbers }
}

/** Sample standard deviation, in two passes (Chan, Golub & LeVeque 1983, eq. 1.7), which does not cancel. */
function deviation(values: readonly Measured[], mean: number): number {
  let squares = 0
  let rest = 0
  for (const { value } of values) {
    squares += (value - mean) ** 2
    rest += value - mean
  }
  return Math.sqrt(Math.max(0, squares - rest ** 2 / values.length) / (values.length - 1))
}

/** The day's value by the metric's first daily aggregate; the mean where it names none. */
function dayValue(metric: MetricInfo, numbers: Omit<DayNumbers, 'value'>): number {
  switch (metric.aggregates[0]) {
    case 'sum':
      return numbers.sum
    case 'last':
      return numbers.last
    case 'first':
      return numbers.first
    case 'min':
      return numbers.min
    case 'max':
      return numbers.max
    case 'count':
      return numbers.n
    case 'leq':
      return numbers.leq ?? numbers.mean
    default:
      return numbers.mean
  }
}

/**
 * Equivalent continuous level in dB (ISO 1996-1): 10 log10 of the mean of 10^(L/10), weighted by duration where every
 * value has one.
 */
function energyMean(values: readonly Measured[]): number {
  const timed = values.every(({ start, end }) => end > start)
  let energy = 0
  let weight = 0
  for (const { start, end, value } of values) {
    const duration = timed ? end - start : 1
    energy += duration * 10 ** (value / 10)
    weight += duration
  }
  return 10 * Math.log10(energy / weight)
}

const holdMs = 15 * 60_000
/** Bounds of the time-in-range bands in mg/dL (Battelino et al. 2019, Diabetes Care 42:1593). */
const low = 70
const high = 180

/**
 * Minutes below 70, from 70 to 180 and above 180 mg/dL. A reading holds until the next, at most 15 minutes; the last
 * one as long as the one before it; a single one has no duration.
 */
function glucoseBands(values: readonly Measured[]): number[] {
  const bands = [0, 0, 0]
  let held = 0
  for (const [i, { start, end, value }] of values.entries()) {
    const next = values[i + 1]
    if (end > start) held = end - start
    else if (next) held = Math.min(holdMs, next.start - start)
    const band = value < low ? 0 : value <= high ? 1 : 2
    bands[band] = (bands[band] as number) + held / 60_000
  }
  return bands
}

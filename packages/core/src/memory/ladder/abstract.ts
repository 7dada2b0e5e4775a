import {
  circularDifference,
  circularMean,
  mannKendall,
  median,
  type Point,
  robustSummary,
  theilSen,
} from '../../analysis/index.js'
import { DAY_MINUTES } from '../../query/clock.js'
import { BASELINE_MINIMUM, spreadFloor, USUAL_SPREADS } from '../baseline.js'
import { type DaySpan, dateOfDay, type Period } from './periods.js'
import type { Gradient, LadderRow, LadderState } from './ports.js'

/** Name and version of what makes rows; another version builds every ladder anew. */
export const LADDER = 'ladder@1.0.0'

/** Days before a week or month that its state is told against. */
export const BASELINE_DAYS = 90
/** Days, the period's last included, that the rate of a week and of a month is taken over. */
const RATE_DAYS = { week: 28, month: 91 } as const
/** How far back a row looks from its first day. */
export const LOOK_BACK = BASELINE_DAYS + 7

/** One series of daily values, ascending; `days` are days since 1970-01-01. */
export interface DaySeries {
  series: string
  unit: string
  /** True for minutes on a clock. */
  circular: boolean
  days: readonly number[]
  values: readonly number[]
  coverage: readonly number[]
  /** Keys of the sources of each day. */
  sources: readonly (readonly string[])[]
}

/** Index of the first day that is not before `day`. */
function lowerBound(days: readonly number[], day: number): number {
  let low = 0
  let high = days.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (days[middle]! < day) low = middle + 1
    else high = middle
  }
  return low
}

/** Days of a span that count, with their values. */
interface Counted {
  days: number[]
  values: number[]
}

function counted(of: DaySeries, span: DaySpan, excluded: ReadonlyMap<number, unknown>, centre: number | null): Counted {
  const days: number[] = []
  const values: number[] = []
  for (let i = lowerBound(of.days, span.first); i < of.days.length && of.days[i]! <= span.last; i++) {
    const day = of.days[i]!
    if (excluded.has(day)) continue
    days.push(day)
    values.push(centre === null ? of.values[i]! : circularDifference(of.values[i]!, centre, DAY_MINUTES))
  }
  return { days, values }
}

/** How many days a period needs, where the person has a value on this share of days. */
function needed(rung: Period['rung'], density: number): number {
  const share = (days: number, most: number, least: number) =>
    Math.min(most, Math.max(least, Math.round((days * density) / 2)))
  if (rung === 'week') return share(7, 3, 1)
  if (rung === 'month') return share(30, 10, 2)
  return rung === 'quarter' ? share(91, BASELINE_MINIMUM, 4) : share(365, 60, 12)
}

function stateOf(z: number): LadderState {
  if (Math.abs(z) < 1) return 'usual'
  if (Math.abs(z) < 2) return z < 0 ? 'below' : 'above'
  return z < 0 ? 'far below' : 'far above'
}

/** Medians of whole weeks that end with the span, at least two values each where there are days for it. */
function weeklyPoints({ days, values }: Counted, last: number): Point[] {
  const weeks = new Map<number, number[]>()
  days.forEach((day, i) => {
    const week = Math.floor((last - day) / 7)
    const held = weeks.get(week)
    if (held) held.push(values[i]!)
    else weeks.set(week, [values[i]!])
  })
  return [...weeks].sort(([a], [b]) => b - a).map(([week, of]) => ({ x: -week, y: median(of) }))
}

/**
 * Slope of a period's end: over 28 days for a week, over the medians of 13 weeks for a month. A gradient needs a
 * Mann-Kendall p below 0.01 (days are not independent of each other; 0.05 for weekly medians), an interval without 0,
 * and a change over the window of at least half a spread.
 */
function rateOf(of: DaySeries, points: readonly Point[], rung: 'week' | 'month', spread: number) {
  const least = rung === 'week' ? 14 : 8
  const line = points.length < least ? null : theilSen(points)
  const test = line && mannKendall(points.map(({ y }) => y))
  if (!line || !test) return { rate: null, gradient: null }
  const { slope, low, high } = line
  const window = RATE_DAYS[rung] / 7
  const sure = test.p < (rung === 'week' ? 0.01 : 0.05) && low * high > 0 && Math.abs(slope * window) >= spread / 2
  const gradient: Gradient = !sure ? 'steady' : slope > 0 ? 'rising' : 'falling'
  return { rate: { slope, low, high, p: test.p, n: points.length, unit: `${of.unit}/wk` }, gradient }
}

/** Median of recorded days whether they count or not; of a week or more than a third of it, where days are that dense. */
function medianOfAll(of: DaySeries, from: number, to: number, rung: Period['rung']): number | null {
  const values = of.values.slice(from, to)
  const days = of.days[from]! - (of.days[Math.max(0, from - 30)] ?? of.days[from]!)
  // Thirty values of the past in fewer than 70 days: measured on most days, so one or two say little of a week.
  if (rung === 'week' && values.length < 3 && from >= 30 && days < 70) return null
  if (!of.circular) return median(values)
  const centre = circularMean(values, DAY_MINUTES)
  if (centre === null) return null
  const turned = median(values.map((value) => circularDifference(value, centre, DAY_MINUTES)))
  return (((turned + centre) % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES
}

/**
 * What a whole period of a series came to; null where it has no value at all. Pure: it looks at the days of the period
 * and of the {@link LOOK_BACK} days before it, in whatever order they came. State, gradient and rate are the
 * abstractions of Shahar (AIJ 90, 1997), told against the person's own days; spread by Iglewicz & Hoaglin (1993), slope
 * by Sen (1968). Clock times are turned to the middle of the window first (Fisher 1993).
 */
export function abstractPeriod(
  of: DaySeries,
  excluded: ReadonlyMap<number, readonly string[]>,
  period: Period,
): LadderRow | null {
  const { rung, name, first, last } = period
  const at = lowerBound(of.days, first)
  const end = lowerBound(of.days, last + 1)
  if (at === end) return null
  const looksBack = rung === 'week' || rung === 'month'
  const window = { first: looksBack ? first - LOOK_BACK : first, last }
  const centre = of.circular ? circularMean(counted(of, window, excluded, null).values, DAY_MINUTES) : null
  const clock = (value: number): number =>
    centre === null ? value : (((value + centre) % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES

  let covered = 0
  const contexts = new Map<string, number>()
  const sources = new Set<string>()
  for (let i = at; i < end; i++) {
    covered += of.coverage[i]!
    for (const key of of.sources[i] ?? []) sources.add(key)
    for (const context of excluded.get(of.days[i]!) ?? []) contexts.set(context, (contexts.get(context) ?? 0) + 1)
  }
  const own = counted(of, period, excluded, centre)
  const reach = looksBack ? BASELINE_DAYS : last - first + 1
  const density = (end - lowerBound(of.days, last - reach + 1)) / reach
  const known = of.circular && centre === null ? 0 : own.values.length
  const enough = known >= needed(rung, density)
  const summary = enough ? robustSummary(own.values, spreadFloor(own.values)) : null
  const row: LadderRow = {
    rung,
    series: of.series,
    period: name,
    from: dateOfDay(first),
    to: dateOfDay(last),
    unit: of.unit,
    recorded: end - at,
    n: own.values.length,
    coverage: covered / (last - first + 1),
    median: summary && clock(summary.median),
    all: medianOfAll(of, at, end, rung),
    spread: summary?.spread ?? null,
    low: null,
    high: null,
    baseline: null,
    z: null,
    state: null,
    rate: null,
    gradient: null,
    excluded: [...contexts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([context, days]) => ({ context, days })),
    sources: [...sources].sort(),
    algorithm: LADDER,
  }
  if (!summary) return row
  if (!looksBack) {
    const usual = USUAL_SPREADS * summary.spread
    const low = summary.median - usual
    const never = !of.circular && own.values.every((value) => value >= 0)
    return { ...row, low: clock(never ? Math.max(0, low) : low), high: clock(summary.median + usual) }
  }
  const before = counted(of, { first: first - BASELINE_DAYS, last: first - 1 }, excluded, centre)
  const usual = robustSummary(before.values, spreadFloor(before.values))
  if (usual && usual.n >= Math.max(6, needed('quarter', density))) {
    const difference = summary.median - usual.median
    row.baseline = { median: clock(usual.median), spread: usual.spread, n: usual.n }
    row.z = usual.spread === 0 ? null : difference / usual.spread
    row.state = row.z === null ? (difference === 0 ? 'usual' : null) : stateOf(row.z)
  }
  const recent = counted(of, { first: last - RATE_DAYS[rung] + 1, last }, excluded, centre)
  const points =
    rung === 'week'
      ? recent.days.map((day, i) => ({ x: (day - last) / 7, y: recent.values[i]! }))
      : weeklyPoints(recent, last)
  return { ...row, ...rateOf(of, points, rung, usual?.spread ?? summary.spread) }
}

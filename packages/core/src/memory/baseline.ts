import { type RobustSummary, robustSummary, robustZ } from '../analysis/index.js'
import type { LocalDate } from '../observation/schema.js'
import { dayOf, shiftDate } from '../query/calendar.js'

/** Days of the windows: acute, habitual, seasonal (knowledge of the field: 28, 90, 365). */
export const baselineWindows = [28, 90, 365] as const
export type BaselineWindow = (typeof baselineWindows)[number]

/** Days with a value that a baseline needs at least. */
export const BASELINE_MINIMUM = 14

/** How many spreads from the median the usual range reaches: about 95 of 100 days where days are normal. */
export const USUAL_SPREADS = 2

/** A day's value. */
export interface DailyValue {
  date: LocalDate
  value: number
}

/** What was usual in the days before a day. */
export interface Baseline {
  window: BaselineWindow
  /** Days with a value in the window. */
  n: number
  median: number
  /** 1.4826·MAD with its fallbacks ({@link robustSummary}), in the metric's unit. */
  spread: number
  /** median ± {@link USUAL_SPREADS} spreads; not below 0 where no day was. */
  low: number
  high: number
  /** The window, both ends included: the last day is the one before the day judged. */
  validFrom: LocalDate
  validTo: LocalDate
}

/** A day against what was usual before it. */
export interface Deviation {
  date: LocalDate
  value: number
  baseline: Baseline
  /** Robust z; null where every day of the window was equal and so nothing says what is unusual. */
  z: number | null
}

/** Least spread: half a unit for what is counted in whole units, where equal days would make every other one infinitely unusual. */
export function spreadFloor(values: readonly number[]): number {
  return values.every(Number.isInteger) ? 0.5 : 0
}

function summarise(
  days: readonly DailyValue[],
  date: LocalDate,
  window: number,
): { summary: RobustSummary | null; values: number[] } {
  const from = shiftDate(date, -window)
  const values = days.filter((day) => day.date >= from && day.date < date).map((day) => day.value)
  return { summary: robustSummary(values, spreadFloor(values)), values }
}

function baselineOf(
  { summary, values }: { summary: RobustSummary; values: readonly number[] },
  date: LocalDate,
  window: BaselineWindow,
): Baseline {
  const reach = USUAL_SPREADS * summary.spread
  const low = summary.median - reach
  // What was never negative (steps, durations) is not usually so either.
  const never = values.every((value) => value >= 0)
  return {
    window,
    n: summary.n,
    median: summary.median,
    spread: summary.spread,
    low: never ? Math.max(0, low) : low,
    high: summary.median + reach,
    validFrom: shiftDate(date, -window),
    validTo: shiftDate(date, -1),
  }
}

/** Days with a value in the window before `date`. */
export function baselineDays(days: readonly DailyValue[], date: LocalDate, window: BaselineWindow): number {
  return summarise(days, date, window).values.length
}

/**
 * What was usual for a day: median and spread of the `window` days BEFORE it, the day itself excluded. Pure; days in
 * any order. Null with fewer than {@link BASELINE_MINIMUM} days. Source: Iglewicz & Hoaglin 1993 for the spread.
 */
export function baseline(days: readonly DailyValue[], date: LocalDate, window: BaselineWindow): Baseline | null {
  const { summary, values } = summarise(days, date, window)
  return summary && summary.n >= BASELINE_MINIMUM ? baselineOf({ summary, values }, date, window) : null
}

/** The baselines of all windows that have enough days. */
export function baselines(days: readonly DailyValue[], date: LocalDate): Baseline[] {
  return baselineWindows.flatMap((window) => baseline(days, date, window) ?? [])
}

/** A day judged by its baseline. Null without a value on that day or without a baseline. */
export function deviation(days: readonly DailyValue[], date: LocalDate, window: BaselineWindow): Deviation | null {
  const day = days.find((held) => held.date === date)
  const { summary, values } = summarise(days, date, window)
  if (!day || !summary || summary.n < BASELINE_MINIMUM) return null
  return {
    date,
    value: day.value,
    baseline: baselineOf({ summary, values }, date, window),
    z: robustZ(day.value, summary),
  }
}

/** A week's middle day-value. */
export interface WeeklyMedian {
  /** ISO week, `2026-W09`. */
  week: string
  /** Weeks since the first one of the series. */
  index: number
  median: number
  n: number
}

/**
 * Medians of ISO weeks with at least three days (one, for what is measured less often than that), in the order of time;
 * gaps keep their place in `index`.
 */
export function weeklyMedians(days: readonly DailyValue[]): WeeklyMedian[] {
  const weeks = new Map<string, { monday: number; values: number[] }>()
  for (const { date, value } of days) {
    const { week, index } = dayOf(date)
    // 1970-01-01 was a Thursday, so day −3 a Monday.
    const monday = Math.floor((index + 3) / 7)
    const held = weeks.get(week)
    if (held) held.values.push(value)
    else weeks.set(week, { monday, values: [value] })
  }
  const usual = days.length / Math.max(1, weeks.size)
  const full = [...weeks]
    .filter(([, { values }]) => values.length >= (usual < 3 ? 1 : 3))
    .sort(([, a], [, b]) => a.monday - b.monday)
  const first = full[0]?.[1].monday ?? 0
  return full.map(([week, { monday, values }]) => ({
    week,
    index: monday - first,
    median: robustSummary(values)!.median,
    n: values.length,
  }))
}

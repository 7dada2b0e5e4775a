import type { LocalDate } from '../../observation/schema.js'
import { dayAt, dayOf } from '../../query/calendar.js'
import type { Rung } from './ports.js'

/** A span of whole days, as days since 1970-01-01, both ends included. */
export interface DaySpan {
  first: number
  last: number
}

/** A calendar period. */
export interface Period extends DaySpan {
  rung: Rung
  name: string
}

/** The period of a rung that holds a day (days since 1970-01-01). */
export function periodOf(rung: Rung, day: number): Period {
  const at = dayAt(day)
  if (rung === 'week') {
    // 1970-01-01 was a Thursday, so day −3 a Monday.
    const first = day - ((((day + 3) % 7) + 7) % 7)
    return { rung, name: at.week, first, last: first + 6 }
  }
  const [year, month] = [Number(at.date.slice(0, -6)), Number(at.date.slice(-5, -3))]
  const length = rung === 'month' ? 1 : rung === 'quarter' ? 3 : 12
  const start = Math.floor((month - 1) / length) * length
  const name = rung === 'month' ? at.month : rung === 'quarter' ? at.quarter : at.year
  return { rung, name, first: firstOf(year, start), last: firstOf(year, start + length) - 1 }
}

/** First day of a month; months beyond December are of the next year. */
function firstOf(year: number, month: number): number {
  const [y, m] = month < 12 ? [year, month] : [year + 1, month - 12]
  return dayOf(`${String(y).padStart(4, '0')}-${String(m + 1).padStart(2, '0')}-01`).index
}

/** The days of a month `2021-03`. */
export function monthSpan(month: string): DaySpan {
  const { first, last } = periodOf('month', dayOf(`${month}-01`).index)
  return { first, last }
}

/** Every period of a rung that has a day in the span, ascending. */
export function periodsIn(rung: Rung, { first, last }: DaySpan): Period[] {
  const periods: Period[] = []
  for (let day = first; day <= last; ) {
    const period = periodOf(rung, day)
    periods.push(period)
    day = period.last + 1
  }
  return periods
}

/** Disjoint spans that hold all of the given ones; those at most `near` days apart become one. */
export function mergeSpans(spans: readonly DaySpan[], near = 0): DaySpan[] {
  const merged: DaySpan[] = []
  for (const { first, last } of [...spans].sort((a, b) => a.first - b.first)) {
    const open = merged.at(-1)
    if (open && first <= open.last + 1 + near) open.last = Math.max(open.last, last)
    else merged.push({ first, last })
  }
  return merged
}

/** The date of a day since 1970-01-01. */
export function dateOfDay(day: number): LocalDate {
  return dayAt(day).date
}

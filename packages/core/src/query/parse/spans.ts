import { Temporal } from 'temporal-polyfill'
import { type Season, weekdays } from '../calendar.js'
import type { Span } from '../period.js'

/** A day of the week, by name. */
export type Weekday = (typeof weekdays)[number]

/** A calendar month, 1 … 12. */
export function monthSpan(year: number, month: number): Span {
  const first = Temporal.PlainDate.from({ year, month, day: 1 })
  return { from: first.toString(), to: first.add({ months: 1 }).subtract({ days: 1 }).toString() }
}

/** A calendar year. */
export function yearSpan(year: number): Span {
  return { from: `${year}-01-01`, to: `${year}-12-31` }
}

const firstMonth: Readonly<Record<Season, number>> = { winter: 12, spring: 3, summer: 6, autumn: 9 }

/** A meteorological season of the northern hemisphere; a winter has the year of its January. */
export function seasonSpan(year: number, season: Season): Span {
  const from = Temporal.PlainDate.from({
    year: season === 'winter' ? year - 1 : year,
    month: firstMonth[season],
    day: 1,
  })
  return { from: from.toString(), to: from.add({ months: 3 }).subtract({ days: 1 }).toString() }
}

/** The latest such weekday that is at least `daysBefore` days before `today` (negative: may lie ahead). */
export function weekdayBefore(today: string, weekday: Weekday, daysBefore: number): string {
  const latest = Temporal.PlainDate.from(today).subtract({ days: daysBefore })
  const wanted = weekdays.indexOf(weekday) + 1
  return latest.subtract({ days: (latest.dayOfWeek - wanted + 7) % 7 }).toString()
}

import { Temporal } from 'temporal-polyfill'
import type { z } from 'zod'
import type { LocalDate } from '../observation/schema.js'
import type { Weekday } from './schema.js'

/** A civil day with the names of the calendar units that hold it. */
export interface CalendarDay {
  /** Days since 1970-01-01. */
  index: number
  date: LocalDate
  weekday: z.infer<typeof Weekday>
  /** ISO week, `2026-W09`; its year is not always the date's. */
  week: string
  month: string
  quarter: string
  year: string
  /** Meteorological, of the northern hemisphere. */
  season: Season
}

/** Seasons in the order of the year. */
export const seasons = ['winter', 'spring', 'summer', 'autumn'] as const
export type Season = (typeof seasons)[number]

/** Weekdays in the order of the ISO week. */
export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

const epoch = Temporal.PlainDate.from('1970-01-01')
// Temporal is exact and slow (10 µs a day): ten years are asked for again and again, so its answers are kept.
const KEPT = 200_000
const byIndex = new Map<number, CalendarDay>()
const byDate = new Map<LocalDate, CalendarDay>()

function describeDay(index: number, day: Temporal.PlainDate): CalendarDay {
  const date = day.toString()
  const year = date.slice(0, -6)
  let week: string | undefined
  const described: CalendarDay = {
    index,
    date,
    weekday: weekdays[day.dayOfWeek - 1]!,
    get week() {
      week ??= `${day.yearOfWeek}-W${String(day.weekOfYear).padStart(2, '0')}`
      return week
    },
    month: date.slice(0, -3),
    quarter: `${year}-Q${Math.ceil(day.month / 3)}`,
    year,
    season: seasons[Math.floor((day.month % 12) / 3)]!,
  }
  if (byIndex.size >= KEPT) {
    byIndex.clear()
    byDate.clear()
  }
  byIndex.set(index, described)
  byDate.set(date, described)
  return described
}

/** The day that is `index` days after 1970-01-01. */
export function dayAt(index: number): CalendarDay {
  return byIndex.get(index) ?? describeDay(index, epoch.add({ days: index }))
}

/** The day of a civil date. Throws RangeError where there is no such date. */
export function dayOf(date: LocalDate): CalendarDay {
  const known = byDate.get(date)
  if (known) return known
  const day = Temporal.PlainDate.from(date)
  return describeDay(epoch.until(day, { largestUnit: 'days' }).days, day)
}

/** The date `days` later (earlier where negative). */
export function shiftDate(date: LocalDate, days: number): LocalDate {
  return days === 0 ? date : dayAt(dayOf(date).index + days).date
}

/** Every day from `from` to `to`, both included; none where `from` is later. */
export function daysBetween(from: LocalDate, to: LocalDate): CalendarDay[] {
  const days: CalendarDay[] = []
  const last = dayOf(to).index
  for (let index = dayOf(from).index; index <= last; index++) days.push(dayAt(index))
  return days
}

import type { Instant, LocalDate } from '../api/wire'

const DAY = 86_400_000

/** Days since 1970-01-01 of a civil date. */
export function dayNumber(date: LocalDate): number {
  return Math.round(Date.parse(`${date}T00:00:00Z`) / DAY)
}

/** A civil date so many days later. */
export function shiftDate(date: LocalDate, days: number): LocalDate {
  return new Date((dayNumber(date) + days) * DAY).toISOString().slice(0, 10)
}

/** Days from one date to another, both included. */
export function daysIn(from: LocalDate, to: LocalDate): number {
  return dayNumber(to) - dayNumber(from) + 1
}

const tidy = (text: string) => text.replace(/[\u2009\u202f\u00a0]/g, ' ').replace(/^(\d+) – (\d+ )/, '$1–$2')
const whole: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }

/** `23 Nov 2026` */
export function formatDate(date: LocalDate, locale: string, options: Intl.DateTimeFormatOptions = whole): string {
  return tidy(new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(dayNumber(date) * DAY))
}

/** `1–30 Nov 2026` */
export function formatSpan(from: LocalDate, to: LocalDate, locale: string): string {
  if (from === to) return formatDate(from, locale)
  return tidy(new Intl.DateTimeFormat(locale, whole).formatRange(dayNumber(from) * DAY, dayNumber(to) * DAY))
}

/** A moment in the time of this device: `23 Nov 2026, 08:12`. */
export function formatMoment(at: Instant, locale: string): string {
  return tidy(new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(at))
}

/** The clock where it was measured, `08:12:05`; in UTC, and said so, where no offset is known. */
export function formatClockAt(at: Instant, offset: number | null, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { timeStyle: 'medium', timeZone: 'UTC' })
  return `${tidy(format.format(at + (offset ?? 0) * 60_000))}${offset === null ? ' UTC' : ''}`
}

/** How long ago a date is: `today`, `yesterday`, `5 days ago`. */
export function ago(date: LocalDate, today: LocalDate): string {
  const days = dayNumber(today) - dayNumber(date)
  if (days <= 0) return 'today'
  return days === 1 ? 'yesterday' : `${days} days ago`
}

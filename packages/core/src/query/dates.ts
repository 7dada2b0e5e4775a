import type { LocalDate } from '../observation/schema.js'
import { dayOf } from './calendar.js'

/** Locale where the person has not said one: English words, day before month. */
export const DEFAULT_LOCALE = 'en-GB'

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(locale: string): Intl.DateTimeFormat {
  let format = formats.get(locale)
  if (!format) {
    format = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
    formats.set(locale, format)
  }
  return format
}

const DAY = 86_400_000

/** A civil date for people, `23 Nov 2026`. */
export function formatDate(date: LocalDate, locale: string = DEFAULT_LOCALE): string {
  return formatOf(locale).format(dayOf(date).index * DAY)
}

/** A span of civil dates for people, both ends included: `1–30 Nov 2026`. */
export function formatSpan(from: LocalDate, to: LocalDate, locale: string = DEFAULT_LOCALE): string {
  if (from === to) return formatDate(from, locale)
  // Intl writes thin and narrow spaces around dashes, which nobody can type or search for.
  return formatOf(locale)
    .formatRange(dayOf(from).index * DAY, dayOf(to).index * DAY)
    .replace(/[\u2009\u202f\u00a0]/g, ' ')
    .replace(/^(\d+) – (\d+ )/, '$1–$2')
}

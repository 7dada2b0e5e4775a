import type { Instant, ZoneBasis } from '@auren/core'
import { Temporal } from 'temporal-polyfill'
import { offsetIn } from '../vendor/zones.js'
import type { CivilTime } from './types.js'

/** In which order a document writes day, month and year where it uses numbers only. */
export type DateOrder = 'ymd' | 'dmy' | 'mdy'

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const numeric = /^(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})(?![\d/.-])/
const worded =
  /^(?:[a-z]{3,9},?\s+)?(?:(\d{1,2})\.?[ -]([a-z]{3})[a-z]*\.?[ -,]+(\d{4})|([a-z]{3})[a-z]*\.?[ -](\d{1,2}),?[ -](\d{4}))/i
const clock = /^(?:[T ,]|\s+at\s+)*(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?\s*(?:([ap])\.?\s?m\.?)?/i
const zone = /^\s*(?:(Z|UTC|GMT)|(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?)?\s*$/i

/**
 * Reads a date with or without a time and an offset, as exports write them: `2024-03-31T02:30:00+01:00`,
 * `31.03.2024 02:30`, `03/31/24 2:30 PM`, `31 Mar 2024`.
 * @param order of a date in numbers that does not begin with its year
 * @returns null where it is none, or names a day that the calendar does not have
 */
export function readTime(text: string, order: DateOrder = 'ymd'): CivilTime | null {
  const trimmed = text.trim()
  const date = readDate(trimmed, order)
  if (!date) return null
  const rest = trimmed.slice(date.length)
  const time = clock.exec(rest)
  const tail = zone.exec(rest.slice(time?.[0].length ?? 0))
  if (!tail) return null
  let hour = Number(time?.[1] ?? 0)
  const half = time?.[5]?.toLowerCase()
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return null
    hour = (hour % 12) + (half === 'p' ? 12 : 0)
  }
  const [minute, second] = [Number(time?.[2] ?? 0), Number(time?.[3] ?? 0)]
  if (hour > 23 || minute > 59 || second > 60) return null
  const two = (value: number): string => String(value).padStart(2, '0')
  const fraction = (time?.[4] ?? '').slice(0, 3).padEnd(3, '0')
  return {
    local: `${date.iso}T${two(hour)}:${two(minute)}:${two(Math.min(second, 59))}.${fraction}`,
    offset: tail[1] ? 0 : tail[2] ? (tail[2] === '-' ? -1 : 1) * (Number(tail[3]) * 60 + Number(tail[4] ?? 0)) : null,
  }
}

function readDate(text: string, order: DateOrder): { iso: string; length: number } | null {
  const words = worded.exec(text)
  if (words) {
    const month = months.indexOf((words[2] ?? words[4] ?? '').toLowerCase()) + 1
    return dated(Number(words[3] ?? words[6]), month, Number(words[1] ?? words[5]), words[0].length)
  }
  const found = numeric.exec(text)
  if (!found) return null
  const [all, a = '', b = '', c = ''] = found
  if (a.length >= 3) return dated(Number(a), Number(b), Number(c), all.length)
  if (order === 'ymd' && c.length <= 2) return dated(yearOf(a), Number(b), Number(c), all.length)
  const year = yearOf(c)
  return order === 'mdy' ? dated(year, Number(a), Number(b), all.length) : dated(year, Number(b), Number(a), all.length)
}

function yearOf(text: string): number {
  return text.length <= 2 ? 2000 + Number(text) : Number(text)
}

function dated(year: number, month: number, day: number, length: number): { iso: string; length: number } | null {
  try {
    return { iso: Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' }).toString(), length }
  } catch {
    return null
  }
}

const DAY = 86_400_000

/**
 * The order of a document's dates: the one in which all of them are days of the calendar; where both are, the one in which
 * none is yet to come; where that does not tell either, the one in which neighbours are closer to each other, for exports
 * are sorted. Day first where nothing tells.
 * @param receivedAt when the document was received: it tells of nothing later, but for a day by which clocks differ
 */
export function dateOrderOf(texts: Iterable<string>, receivedAt: Instant): DateOrder {
  const orders = ['dmy', 'mdy'] as const
  const wrong = { dmy: 0, mdy: 0 }
  const later = { dmy: 0, mdy: 0 }
  const way = { dmy: 0, mdy: 0 }
  const before: { dmy: number | null; mdy: number | null } = { dmy: null, mdy: null }
  for (const text of texts) {
    for (const order of orders) {
      const time = readTime(text, order)
      const at = time ? Date.parse(`${time.local}Z`) : null
      if (at === null) wrong[order]++
      else {
        if (at > receivedAt + DAY) later[order]++
        way[order] += Math.abs(at - (before[order] ?? at))
        before[order] = at
      }
    }
  }
  for (const count of [wrong, later, way]) if (count.dmy !== count.mdy) return count.dmy < count.mdy ? 'dmy' : 'mdy'
  return 'dmy'
}

/** Instant of a civil time in a zone; in the hour that a clock change leaves out or repeats, as RFC 5545 has it ('compatible'). */
export function civilToInstant(local: string, timeZone: string): Instant {
  return Temporal.PlainDateTime.from(local).toZonedDateTime(timeZone).epochMilliseconds
}

/** Where a civil time is on the line of time, and how that is known. */
export interface Placed {
  at: Instant
  /** Minutes from UTC; null where only UTC could be assumed. */
  offset: number | null
  basis: ZoneBasis
}

/** Places a civil time: by its own offset, else in the person's zone, else as if in UTC with no offset known. */
export function instantOf({ local, offset: written }: CivilTime, zoneAt: (at: Instant) => string | null): Placed {
  const asUtc = Date.parse(`${local}Z`)
  if (written !== null) return { at: asUtc - written * 60_000, offset: written, basis: 'carried' }
  const timeZone = zoneAt(asUtc)
  if (timeZone === null) return { at: asUtc, offset: null, basis: 'floating' }
  const at = civilToInstant(local, timeZone)
  // Of the instant, not of the wall clock: in the hour that is left out they are not the same.
  return { at, offset: offsetIn(timeZone, at), basis: 'floating' }
}

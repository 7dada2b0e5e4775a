import { Temporal } from 'temporal-polyfill'
import type { Span } from '../period.js'
import type { Read, Reader } from './reader.js'
import { monthSpan, seasonSpan, type Weekday, weekdayBefore, yearSpan } from './spans.js'

const MIN_YEAR = 1950
const MAX_YEAR = 2199

/** A year written in figures. */
function yearAt(reader: Reader, at: number): number | null {
  const term = reader.terms[at]
  const year = reader.number(at)
  if (year === undefined || !/^\d{4}$/.test(term?.text ?? '')) return null
  return year >= MIN_YEAR && year <= MAX_YEAR ? year : null
}

function dayOfMonth(reader: Reader, at: number): number | null {
  const day = reader.number(at)
  return day !== undefined && Number.isInteger(day) && day >= 1 && day <= 31 ? day : null
}

/** A month's name: `may` only where it can be no verb. */
function monthAt(reader: Reader, at: number): number | null {
  const month = reader.meaning(at, 'month')?.month
  if (month === undefined) return null
  const before =
    'in|last|this|since|during|of|for|and|between|to|from|until|till|before|after|vs|versus|or|with|than|previous|,'
  const clear =
    reader.word(at - 1, before) || reader.number(at + 1) !== undefined || reader.number(at - 1) !== undefined
  if (!reader.word(at, 'may') || clear) return month
  return null
}

function daySpan(date: string): Span {
  return { from: date, to: date }
}

function civil(year: number, month: number, day: number): string | null {
  try {
    return Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' }).toString()
  } catch {
    return null
  }
}

/** A day of a month: of the year said, else the latest one not after `until`. */
function dayIn(month: number, day: number, year: number | null, until: string): string | null {
  if (year !== null) return civil(year, month, day)
  const now = Number(until.slice(0, 4))
  for (const candidate of [now, now - 1, now - 2, now - 3, now - 4]) {
    const date = civil(candidate, month, day)
    if (date !== null && date <= until) return date
  }
  return null
}

/**
 * A stretch of days that is named: `5 March 2025`, `March`, `2024`, `Q3`, `last winter`, `Monday`, `yesterday`. What
 * lacks a year is the latest that began by `until`.
 */
export function readDates(reader: Reader, start: number, today: string, until = today): Read<Span> | null {
  const at = reader.word(start, 'the') ? start + 1 : start
  const token = reader.terms[at]?.token
  if (token?.is === 'date') return { value: daySpan(token.date), next: at + 1 }
  if (token?.is === 'month') return { value: monthSpan(token.year, token.month), next: at + 1 }
  if (reader.word(at, 'today')) return { value: daySpan(today), next: at + 1 }
  if (reader.word(at, 'yesterday')) return { value: daySpan(shift(today, -1)), next: at + 1 }
  return (
    readFeast(reader, at, until) ??
    readMonthDay(reader, at, until) ??
    readMonth(reader, at, until) ??
    readQuarter(reader, at, until) ??
    readSeason(reader, at, until) ??
    readWeekday(reader, at, today) ??
    readYear(reader, at)
  )
}

function shift(date: string, days: number): string {
  return Temporal.PlainDate.from(date).add({ days }).toString()
}

/** Days that have a name and a date of their own in every year. */
function readFeast(reader: Reader, start: number, until: string): Read<Span> | null {
  const newYear = reader.word(start, 'new') && reader.meaning(start + 1, 'calendar')?.unit === 'year'
  const at = newYear ? start + 1 : start
  if (!newYear && !reader.word(at, 'christmas|halloween|valentine')) return null
  const eve = reader.word(at + 1, 'eve')
  const [month, day] = reader.word(at, 'christmas')
    ? [12, eve ? 24 : 25]
    : reader.word(at, 'halloween')
      ? [10, 31]
      : reader.word(at, 'valentine')
        ? [2, 14]
        : eve
          ? [12, 31]
          : [1, 1]
  const named = eve || reader.meaning(at + 1, 'calendar')?.unit === 'day' ? at + 2 : at + 1
  const year = yearAt(reader, named)
  const date = dayIn(month, day, year, until)
  return date === null ? null : { value: daySpan(date), next: year === null ? named : named + 1 }
}

function readMonthDay(reader: Reader, at: number, until: string): Read<Span> | null {
  let month = monthAt(reader, at)
  let day: number | null
  let next: number
  if (month !== null) {
    day = yearAt(reader, at + 1) === null ? dayOfMonth(reader, at + 1) : null
    next = at + 2
  } else {
    day = dayOfMonth(reader, at)
    const of = reader.word(at + 1, 'of') ? at + 2 : at + 1
    month = reader.meaning(of, 'month')?.month ?? null
    next = of + 1
  }
  if (day === null || month === null) return null
  const comma = reader.word(next, ',') || reader.word(next, 'of|in') ? next + 1 : next
  const year = yearAt(reader, comma)
  const date = dayIn(month, day, year, until)
  return date === null ? null : { value: daySpan(date), next: year === null ? next : comma + 1 }
}

function readMonth(reader: Reader, start: number, until: string): Read<Span> | null {
  const previous = reader.word(start, 'last|previous|past')
  const at = previous || reader.word(start, 'this') ? start + 1 : start
  const month = monthAt(reader, at)
  if (month === null) return null
  const after = reader.word(at + 1, 'of|in|,') ? at + 2 : at + 1
  const said = yearAt(reader, after)
  if (said !== null) return { value: monthSpan(said, month), next: after + 1 }
  const relative = relativeYear(reader, after, until)
  if (relative) return { value: monthSpan(relative.value, month), next: relative.next }
  const year = Number(until.slice(0, 4))
  const span = monthSpan(year, month)
  const running = span.from <= until
  // "Last March" in March is the one a year ago.
  const value = running && !(previous && span.to >= until) ? span : monthSpan(year - 1, month)
  return { value, next: at + 1 }
}

/** `last year`, `this year` after a month or season. */
function relativeYear(reader: Reader, at: number, until: string): Read<number> | null {
  const year = Number(until.slice(0, 4))
  if (reader.meaning(at + 1, 'calendar')?.unit !== 'year') return null
  if (reader.word(at, 'last|previous')) return { value: year - 1, next: at + 2 }
  return reader.word(at, 'this') ? { value: year, next: at + 2 } : null
}

function readQuarter(reader: Reader, at: number, until: string): Read<Span> | null {
  let quarter: number | undefined
  let next = at + 2
  if (reader.word(at, 'q')) quarter = reader.number(at + 1)
  else if (reader.meaning(at + 1, 'calendar')?.unit === 'quarter') {
    const ordinals = ['first', 'second', 'third', 'fourth']
    const named = ordinals.findIndex((word) => reader.word(at, word))
    quarter = named >= 0 ? named + 1 : reader.number(at)
  }
  if (quarter === undefined || ![1, 2, 3, 4].includes(quarter)) return null
  const after = reader.word(next, 'of|in') ? next + 1 : next
  const said = yearAt(reader, after)
  const relative = said === null ? relativeYear(reader, after, until) : null
  if (said !== null) next = after + 1
  if (relative) next = relative.next
  const now = Number(until.slice(0, 4))
  const spanOf = (year: number) => ({
    from: monthSpan(year, quarter * 3 - 2).from,
    to: monthSpan(year, quarter * 3).to,
  })
  const year = said ?? relative?.value ?? (spanOf(now).from <= until ? now : now - 1)
  return { value: spanOf(year), next }
}

function readSeason(reader: Reader, start: number, until: string): Read<Span> | null {
  const last = reader.word(start, 'last|previous|past')
  const current = reader.word(start, 'this|current')
  const at = last || current ? start + 1 : start
  const season = reader.meaning(at, 'season')?.season
  if (!season) return null
  const after = reader.word(at + 1, 'of|in') ? at + 2 : at + 1
  const said = yearAt(reader, after)
  const relative = said === null ? relativeYear(reader, after, until) : null
  const year = Number(until.slice(0, 4))
  if (said !== null) return { value: seasonSpan(said, season), next: after + 1 }
  if (relative) return { value: seasonSpan(relative.value, season), next: relative.next }
  // Without a year or "last" a season is a condition on days of all years.
  if (!last && !current) return null
  const candidates = [year + 1, year, year - 1, year - 2].map((one) => seasonSpan(one, season))
  const value = candidates.find(({ from, to }) => (last ? to < until : from <= until))
  return value ? { value, next: at + 1 } : null
}

function readWeekday(reader: Reader, start: number, today: string): Read<Span> | null {
  const last = reader.word(start, 'last|previous|past|this')
  const at = last ? start + 1 : start
  const found = reader.meaning(at, 'weekday')
  if (!found) return null
  const weekend = found.in.length === 2
  if (weekend) {
    if (!last) return null
    const to = weekdayBefore(today, 'sunday', reader.word(start, 'last|previous|past') ? 1 : -6)
    return { value: { from: shift(to, -1), to }, next: at + 1 }
  }
  const plural = /s$/.test(reader.terms[at]!.text) && reader.terms[at]!.text.length > 5
  if (found.in.length > 1 || plural) return null
  const date = weekdayBefore(today, found.in[0] as Weekday, last ? 1 : 0)
  return { value: daySpan(date), next: at + 1 }
}

function readYear(reader: Reader, at: number): Read<Span> | null {
  const start = reader.meaning(at, 'calendar')?.unit === 'year' ? at + 1 : at
  const year = yearAt(reader, start)
  // "2000 steps" is no year.
  if (reader.meaning(start + 1, 'concept') || reader.meaning(start + 1, 'unit')) return null
  return year === null ? null : { value: yearSpan(year), next: start + 1 }
}

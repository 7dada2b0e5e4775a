import { Temporal } from 'temporal-polyfill'
import { readPeriod as resolvePeriod, type Span } from '../period.js'
import type { Period } from '../schema.js'
import { readDates } from './dates.js'
import type { CalendarWord } from './lexicon.js'
import type { Read, Reader } from './reader.js'

type Unit = Extract<Period, { kind: 'calendar' }>['unit']

/** A period as said; `night` where it speaks of nights. */
export interface SaidPeriod {
  period: Period
  night: boolean
  /** Words were read by a convention that the answer has to tell. */
  convention: boolean
}

/** Earliest date of an open beginning. */
const EARLIEST = '1900-01-01'

function said(period: Period, next: number, more: Partial<SaidPeriod> = {}): Read<SaidPeriod> {
  return { value: { period, night: false, convention: false, ...more }, next }
}

function unitOf(word: CalendarWord): Unit {
  return word === 'night' ? 'day' : word
}

function between({ from, to }: Span): Period {
  return { kind: 'between', from, to }
}

function shift(date: string, days: number): string {
  return Temporal.PlainDate.from(date).add({ days }).toString()
}

/** What the readers of periods need to know. */
export interface PeriodContext {
  today: string
  /** The first period of a comparison, which `the week before` goes back from. */
  base?: Period | undefined
}

/** A period at this position, with the preposition that belongs to it. */
export function readSaidPeriod(reader: Reader, start: number, context: PeriodContext): Read<SaidPeriod> | null {
  return (
    readRange(reader, start, context.today) ??
    readOpen(reader, start, context.today) ??
    readDaysOf(reader, start, context.today) ??
    readRolling(reader, start) ??
    readRelative(reader, start, context) ??
    readNamed(reader, start, context.today)
  )
}

/** `from March to May`, `between 3 and 9 June`, `2024 to 2025`. */
function readRange(reader: Reader, start: number, today: string): Read<SaidPeriod> | null {
  const opened = reader.word(start, 'from|between')
  const at = opened ? start + 1 : start
  const first = readDates(reader, at, today) ?? dayBeforeMonth(reader, at, today)
  if (!first) return null
  const joined = opened ? 'to|until|till|through|and' : 'to|until|till|through'
  if (!reader.word(first.next, joined)) return null
  const second = readDates(reader, first.next + 1, today)
  if (!second) return null
  // "November to February" begins in the year before.
  const earlier = first.value.from > second.value.to ? readDates(reader, at, today, second.value.to) : first
  const from = (earlier ?? first).value.from
  return from > second.value.to ? null : said({ kind: 'between', from, to: second.value.to }, second.next)
}

/** `3` of `3 to 9 June`. */
function dayBeforeMonth(reader: Reader, at: number, today: string): Read<Span> | null {
  const on = skip(reader, at, 'the')
  const day = reader.number(on)
  if (day === undefined || !reader.word(on + 1, 'to|until|till|through|and')) return null
  const end = readDates(reader, on + 2, today)
  if (!end || end.value.from !== end.value.to || day < 1 || day >= Number(end.value.from.slice(8))) return null
  const date = `${end.value.from.slice(0, 8)}${String(day).padStart(2, '0')}`
  return { value: { from: date, to: date }, next: on + 1 }
}

/** `since June 2024`, `before March`, `until yesterday`, `after 2023`. */
function readOpen(reader: Reader, at: number, today: string): Read<SaidPeriod> | null {
  const since = reader.word(at, 'since') || (reader.word(at, 'from') && opensEnd(reader, at, today))
  const until = reader.word(at, 'until|till')
  const before = reader.word(at, 'before')
  const after = reader.word(at, 'after')
  if (!since && !until && !before && !after) return null
  const dates = readDates(reader, at + 1, today) ?? startOfUnit(reader, at + 1, today)
  if (!dates) return null
  const { from, to } = dates.value
  // "Since last month" starts where that month does.
  if (since)
    return said({ kind: 'since', from }, skip(reader, dates.next, 'on|onward|onwards|now|today'), { convention: true })
  if (until) return said({ kind: 'between', from: EARLIEST, to }, dates.next, { convention: true })
  if (before) return said({ kind: 'between', from: EARLIEST, to: shift(from, -1) }, dates.next, { convention: true })
  return said({ kind: 'since', from: shift(to, 1) }, dates.next, { convention: true })
}

function opensEnd(reader: Reader, at: number, today: string): boolean {
  const dates = readDates(reader, at + 1, today)
  return dates !== null && reader.word(dates.next, 'on|onward|onwards')
}

function skip(reader: Reader, at: number, words: string): number {
  return reader.word(at, words) ? at + 1 : at
}

/** `the start of the year`, `last week` as a point to start from. */
function startOfUnit(reader: Reader, start: number, today: string): Read<Span> | null {
  let at = skip(reader, start, 'the')
  if (reader.word(at, 'start|beginning')) at = skip(reader, skip(reader, at + 1, 'of'), 'the|this')
  const relative = readRelative(reader, at, { today })
  if (relative) {
    const { span } = resolvePeriod(relative.value.period, today)
    return span && { value: span, next: relative.next }
  }
  const unit = reader.meaning(at, 'calendar')?.unit
  if (unit === undefined || at === start) return null
  const { span } = resolvePeriod({ kind: 'calendar', unit: unitOf(unit), offset: 0 }, today)
  return span && { value: span, next: at + 1 }
}

/** `the first 10 days of March`, `the first week of June`, `the end of May` are days of a named month. */
function readDaysOf(reader: Reader, start: number, today: string): Read<SaidPeriod> | null {
  const at = skip(reader, skip(reader, start, 'in|during|over|for'), 'the')
  const first = reader.word(at, 'first')
  if (!first && !reader.word(at, 'last')) return null
  const counted = reader.number(at + 1)
  const unitAt = counted === undefined ? at + 1 : at + 2
  const unit = reader.meaning(unitAt, 'calendar')?.unit
  if ((unit !== 'day' && unit !== 'week' && unit !== 'night') || !reader.word(unitAt + 1, 'of|in')) return null
  const dates = readDates(reader, unitAt + 2, today)
  if (!dates || dates.value.from === dates.value.to) return null
  const days = (counted ?? 1) * (unit === 'week' ? 7 : 1)
  const { from, to } = dates.value
  const span = first ? { from, to: shift(from, days - 1) } : { from: shift(to, 1 - days), to }
  return said(between(span), dates.next, { night: unit === 'night' })
}

/** `last 14 days`, `over 3 weeks`, `the past month`: units that end today. */
function readRolling(reader: Reader, start: number): Read<SaidPeriod> | null {
  const preposition = reader.word(start, 'over|for|during|in|within|across|throughout')
  const at = skip(reader, preposition ? start + 1 : start, 'the|my|these|those')
  const named = reader.word(at, 'last|past|previous|recent|latest|prior')
  let after = named ? at + 1 : at
  if (reader.word(at, 'most') && reader.word(at + 1, 'recent')) after = at + 2
  const number = reader.number(after)
  if (number !== undefined) {
    const unit = reader.meaning(after + 1, 'calendar')?.unit
    const known =
      after > at ||
      (preposition && at === start + 1) ||
      (preposition && /^(these|those)$/.test(reader.terms[start + 1]?.text ?? ''))
    if (!unit || !known || !Number.isInteger(number) || number < 1 || number > 3650) return null
    if (reader.word(after + 2, 'ago|before|after|of')) return null
    const next = after + 2
    return said({ kind: 'last', n: number, unit: unitOf(unit) }, next, { night: unit === 'night', convention: true })
  }
  if (named && reader.word(after, 'fortnight'))
    return said({ kind: 'last', n: 14, unit: 'day' }, after + 1, { convention: true })
  const unit = reader.meaning(after, 'calendar')?.unit
  if (reader.word(at, 'past') && unit && unit !== 'day' && unit !== 'night') {
    const period: Period = unit === 'week' ? { kind: 'last', n: 7, unit: 'day' } : { kind: 'last', n: 1, unit }
    return said(period, after + 1, { convention: true })
  }
  return null
}

/** `last week`, `this month`, `two days ago`, `the week before last`, `last night`, `year to date`. */
function readRelative(reader: Reader, start: number, context: PeriodContext): Read<SaidPeriod> | null {
  const at = skip(reader, start, 'the')
  const day = (offset: number, next: number, night = false) =>
    said({ kind: 'calendar', unit: 'day', offset }, next, { night, convention: night })
  if (reader.word(at, 'today')) return day(0, at + 1)
  if (reader.word(at, 'tonight')) return day(0, at + 1, true)
  if (reader.word(at, 'yesterday')) {
    const night = reader.word(at + 1, 'night')
    return day(night ? 0 : -1, night ? at + 2 : at + 1, night)
  }
  if (
    reader.meaning(at, 'calendar')?.unit === 'day' &&
    reader.word(at + 1, 'before') &&
    reader.word(at + 2, 'yesterday')
  ) {
    return day(-2, at + 3)
  }
  if (reader.word(at, 'this') && reader.meaning(at + 1, 'daytime')?.word === 'morning') return day(0, at + 2)
  if (reader.word(at, 'ytd')) return said({ kind: 'calendar', unit: 'year', offset: 0 }, at + 1)
  if (reader.word(at, 'mtd')) return said({ kind: 'calendar', unit: 'month', offset: 0 }, at + 1)
  return readShifted(reader, at, context) ?? readCounted(reader, at)
}

function readCounted(reader: Reader, at: number): Read<SaidPeriod> | null {
  const current = reader.word(at, 'this|current')
  const last = reader.word(at, 'last|previous')
  const following = reader.meaning(current || last ? at + 1 : at, 'calendar')?.unit
  if (following !== undefined && (current || last)) {
    const next = skip(reader, skip(reader, at + 2, 'so'), 'far')
    if (following === 'night')
      return said({ kind: 'calendar', unit: 'day', offset: 0 }, next, { night: true, convention: true })
    if (last && following === 'day') return said({ kind: 'calendar', unit: 'day', offset: -1 }, next)
    return said({ kind: 'calendar', unit: following, offset: last ? -1 : 0 }, next, { convention: true })
  }
  const unit = reader.meaning(at, 'calendar')?.unit
  if (unit !== undefined && unit !== 'night' && reader.word(at + 1, 'to') && reader.word(at + 2, 'date')) {
    return said({ kind: 'calendar', unit, offset: 0 }, at + 3)
  }
  const number = reader.number(at) ?? (reader.word(at, 'a|an') ? 1 : undefined)
  const counted = reader.meaning(at + 1, 'calendar')?.unit
  if (number === undefined || counted === undefined || !reader.word(at + 2, 'ago')) return null
  if (!Number.isInteger(number) || number > 1200) return null
  const night = counted === 'night'
  return said({ kind: 'calendar', unit: unitOf(counted), offset: night ? 1 - number : -number }, at + 3, {
    night,
    convention: true,
  })
}

/** `the week before last`, and `the month before` after another period. */
function readShifted(reader: Reader, at: number, { base, today }: PeriodContext): Read<SaidPeriod> | null {
  if (base?.kind === 'last') {
    const earlier = reader.word(at, 'previous|prior') ? at + 1 : at
    const counted = reader.number(earlier)
    const unitAt = counted === undefined ? earlier : earlier + 1
    const unit = reader.meaning(unitAt, 'calendar')?.unit
    const before = reader.word(unitAt + 1, 'before')
    if (unit && unitOf(unit) === base.unit && (counted ?? 1) === base.n && (before || earlier > at)) {
      const period = periodBefore(base, today)
      return period && said(period, before ? unitAt + 2 : unitAt + 1, { convention: true })
    }
  }
  const previous = reader.word(at, 'previous|prior')
  const unit = reader.meaning(previous ? at + 1 : at, 'calendar')?.unit
  if (!previous && (unit === undefined || !reader.word(at + 1, 'before'))) return null
  if (!previous && reader.word(at + 2, 'last') && unit !== 'night') {
    return said({ kind: 'calendar', unit: unitOf(unit!), offset: -2 }, at + 3, { convention: true })
  }
  if (base === undefined || unit === undefined) return null
  const next = skip(reader, at + 2, 'that|it')
  if (base.kind === 'calendar' && base.unit === unitOf(unit)) {
    return said({ ...base, offset: base.offset - 1 }, next, { convention: true })
  }
  return null
}

/** `in March`, `on Monday`, `during last winter`, `2024`. */
function readNamed(reader: Reader, start: number, today: string): Read<SaidPeriod> | null {
  const preposition = reader.word(start, 'in|on|during|for|of|from|over|throughout|at|within')
  const at = preposition ? start + 1 : start
  const dates = readDates(reader, at, today) ?? (reader.word(start, 'on') ? dayOnly(reader, at, today) : null)
  if (!dates) return null
  // A bare number that looks like a year is one only where something says so.
  const bare = reader.number(at) !== undefined && dates.next === at + 1
  const beside = reader.word(start - 1, 'and|vs|versus|than|with|to|compare|,') || reader.word(at + 1, 'vs|versus')
  if (bare && !preposition && start > 0 && !beside) return null
  const one = dates.value.from === dates.value.to
  return said(between(dates.value), dates.next, { convention: !one || reader.meaning(at, 'weekday') !== undefined })
}

/** `the 3rd`: the last day of that number. */
function dayOnly(reader: Reader, start: number, today: string): Read<Span> | null {
  const at = skip(reader, start, 'the')
  const token = reader.terms[at]?.token
  if (at === start || token?.is !== 'number' || !token.ordinal || token.value < 1 || token.value > 31) return null
  if (reader.meaning(at + 1, 'calendar') || reader.word(at + 1, 'percentile|of')) return null
  const now = Temporal.PlainDate.from(today)
  const months = [0, 1, 2].map((back) => now.with({ day: 1 }).subtract({ months: back }))
  const date = months
    .filter(({ daysInMonth }) => token.value <= daysInMonth)
    .map((month) => month.with({ day: token.value }).toString())
    .find((one) => one <= today)
  return date === undefined ? null : { value: { from: date, to: date }, next: at + 1 }
}

/** The period that is as long as this one and ends right before it. */
function periodBefore(period: Period, today: string): Period | null {
  const { span } = resolvePeriod(period, today)
  if (!span) return null
  const days = Temporal.PlainDate.from(span.from).until(span.to).days + 1
  return { kind: 'between', from: shift(span.from, -days), to: shift(span.from, -1) }
}

/** Two periods without a gap between them as one; null where there is one. */
export function joinPeriods(a: Period, b: Period, today: string): Period | null {
  const [one, two] = [resolvePeriod(a, today).span, resolvePeriod(b, today).span]
  if (!one || !two) return null
  const [first, second] = one.from <= two.from ? [one, two] : [two, one]
  return shift(first.to, 1) === second.from ? { kind: 'between', from: first.from, to: second.to } : null
}

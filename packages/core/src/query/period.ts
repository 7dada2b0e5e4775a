import { Temporal } from 'temporal-polyfill'
import { AurenError } from '../errors.js'
import type { LocalDate } from '../observation/schema.js'
import { dayOf } from './calendar.js'
import { formatSpan } from './dates.js'
import type { Period } from './schema.js'

/** Civil dates, both ends included. */
export interface Span {
  from: LocalDate
  to: LocalDate
}

/** A period as it was read. */
export interface ReadPeriod {
  /** Null for `all`: the data say where it begins and ends, and nothing after today counts. */
  span: Span | null
  /** The sentence for the reader; null where the question gave the dates itself. */
  note: string | null
}

type Unit = Extract<Period, { kind: 'calendar' }>['unit']

function startOf(unit: Unit, day: Temporal.PlainDate): Temporal.PlainDate {
  if (unit === 'day') return day
  if (unit === 'week') return day.subtract({ days: day.dayOfWeek - 1 })
  if (unit === 'month') return day.with({ day: 1 })
  if (unit === 'quarter') return day.with({ day: 1, month: day.month - ((day.month - 1) % 3) })
  return day.with({ day: 1, month: 1 })
}

function units(unit: Unit, n: number): Temporal.DurationLike {
  return unit === 'quarter' ? { months: 3 * n } : { [`${unit}s`]: n }
}

function calendarName(unit: Unit, offset: number, from: LocalDate): string {
  const day = dayOf(from)
  if (unit === 'day') return offset === 0 ? 'Today' : offset === -1 ? 'Yesterday' : 'That day'
  if (unit === 'week') return `ISO week ${day.week}`
  if (unit === 'month') return `Calendar month ${day.month}`
  if (unit === 'quarter') return `Calendar quarter ${day.quarter}`
  return `Calendar year ${day.year}`
}

/**
 * Reads a period as civil dates. Nothing lies after `today`: a unit that is not over ends there, and a period that
 * begins later is empty (`from` after `to`). Throws AUREN_QUERY_INVALID where `between` runs backwards.
 */
export function readPeriod(period: Period, today: LocalDate, lastPlus: 0 | 1 = 0): ReadPeriod {
  if (period.kind === 'all') return { span: null, note: null }
  const now = Temporal.PlainDate.from(today)
  if (period.kind === 'last') {
    const plus = period.plus ?? lastPlus
    const from = now.add({ days: 1 }).subtract(units(period.unit, period.n)).subtract({ days: plus }).toString()
    const counted = period.n === 1 ? period.unit : `${period.n} ${period.unit}s`
    const extra = plus ? ', with the day before the first' : ''
    const verb = period.n === 1 ? 'is' : 'are'
    const note = `The last ${counted} ${verb} read as ${formatSpan(from, today)}, today included${extra}.`
    return { span: { from, to: today }, note }
  }
  if (period.kind === 'calendar') {
    const first = startOf(period.unit, now).add(units(period.unit, period.offset))
    const from = first.toString()
    const end = first.add(units(period.unit, 1)).subtract({ days: 1 }).toString()
    const to = end > today ? today : end
    const soFar = end > today ? ' so far' : ''
    return {
      span: { from, to },
      note: `${calendarName(period.unit, period.offset, from)}${soFar}: ${formatSpan(from, to)}.`,
    }
  }
  const to = period.kind === 'since' || period.to > today ? today : period.to
  if (period.kind === 'between' && period.from > period.to) {
    throw new AurenError('AUREN_QUERY_INVALID', 'The period ends before it begins: exchange `from` and `to`')
  }
  const cut = period.kind === 'between' && period.to > today
  return {
    span: { from: period.from, to },
    note: cut ? `The period is not over: counted until ${formatSpan(to, to)}.` : null,
  }
}

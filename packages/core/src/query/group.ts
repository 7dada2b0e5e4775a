import { aggregateItems, minimumOf } from './aggregate.js'
import { type CalendarDay, dayOf, seasons, weekdays } from './calendar.js'
import type { Item } from './item.js'
import type { Scale } from './measure.js'
import type { Operand } from './operand.js'
import type { Aggregate, FactRow, SeriesQuery } from './schema.js'

type Group = NonNullable<SeriesQuery['group']>

const byCalendar: Partial<Record<Group, (day: CalendarDay) => string>> = {
  day: (day) => day.date,
  week: (day) => day.week,
  month: (day) => day.month,
  quarter: (day) => day.quarter,
  year: (day) => day.year,
  weekday: (day) => day.weekday,
  season: (day) => day.season,
}

/** Name of an activity nobody named. */
export const NO_ACTIVITY = 'unknown'

function keyOf(item: Item, group: Group): string {
  const calendar = byCalendar[group]
  if (calendar) return calendar(dayOf(item.date))
  if (group === 'activity') return item.session?.activity ?? NO_ACTIVITY
  if (group === 'hour') return String(Math.floor((item.minute ?? 0) / 60)).padStart(2, '0')
  return item.source
}

function order(group: Group): (a: FactRow, b: FactRow) => number {
  const names: readonly string[] = group === 'weekday' ? weekdays : group === 'season' ? seasons : []
  if (names.length > 0) return (a, b) => names.indexOf(a.key) - names.indexOf(b.key)
  if (group === 'activity') return (a, b) => b.n - a.n || (a.key < b.key ? -1 : 1)
  return (a, b) => (a.key < b.key ? -1 : 1)
}

function split<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const name = key(item)
    const held = groups.get(name)
    if (held) held.push(item)
    else groups.set(name, [item])
  }
  return groups
}

/**
 * Items that an aggregate stands on: what was measured at all where items or days are counted ("4 of the 28 nights
 * known"), else what is aggregated.
 */
export function standsOn(aggregate: Aggregate, items: readonly Item[], known: readonly Item[]): number {
  if (aggregate === 'days') return new Set(known.map((item) => item.date)).size
  return aggregate === 'count' ? known.length : items.length
}

/** How the rows of a question are computed. */
export interface Grouping {
  group: Group
  aggregate: Aggregate
  p: number | undefined
  scale: Scale
  event: boolean
}

/**
 * One row per group. Calendar groups have a row for every unit that holds a day of the question, also where nothing
 * was measured (value null); the others for what occurs. A row below the aggregate's minimum has no value.
 */
export function groupRows(operand: Operand, { group, aggregate, p, scale, event }: Grouping): FactRow[] {
  const calendar = byCalendar[group]
  const items = split(group === 'source' ? operand.apart : operand.items, (item) => keyOf(item, group))
  const counted = aggregate === 'count' || aggregate === 'days'
  const known = counted && group !== 'source' ? split(operand.known, (item) => keyOf(item, group)) : items
  const days = calendar ? split(operand.days, calendar) : null
  const minimum = minimumOf(aggregate, p, event)
  const rows = [...(days ?? items).keys()].map((key): FactRow => {
    const held = items.get(key) ?? []
    const n = standsOn(aggregate, held, known.get(key) ?? [])
    const value = n < minimum ? null : aggregateItems(held, aggregate, scale, p).value
    const own = days?.get(key) ?? operand.days
    if (days) return { key, value, n, coverage: meanCoverage(own, (date) => operand.coverageOf(date)) }
    if (group !== 'source' || held.some((item) => item.minute !== null)) return { key, value, n }
    return { key, value, n, coverage: meanCoverage(own, (date) => operand.coverageOf(date, key)) }
  })
  return rows.sort(order(group))
}

/** Mean over days, absent days 0; 0 for no days. */
export function meanCoverage(days: readonly CalendarDay[], coverageOf: (date: string) => number): number {
  if (days.length === 0) return 0
  return Math.min(1, days.reduce((total, day) => total + coverageOf(day.date), 0) / days.length)
}

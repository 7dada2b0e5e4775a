import { type DayRow, MERGED, type StoredSession } from '../memory/ports.js'
import type { LocalDate } from '../observation/schema.js'
import { type CalendarDay, dayOf, daysBetween } from './calendar.js'
import { minuteAt } from './clock.js'
import { addNeeds, allOf, isDayCondition, type Judge, judgeOf, minutesOf } from './condition.js'
import type { History, Needs } from './history.js'
import { byTime, type Item, sessionField, sessionMatches, sessionMinute } from './item.js'
import { eachCondition, type MeasureTraits, type MetricTraits } from './measure.js'
import type { Span } from './period.js'
import { readSamples } from './samples.js'
import type { Condition, Measure, SeriesQuery } from './schema.js'

/** One side of a question, everything said. */
export interface OperandSpec extends Pick<SeriesQuery, 'aggregate' | 'take' | 'where' | 'within' | 'group'> {
  measure: Measure
  over: 'day' | 'sample' | 'session'
  traits: MeasureTraits
  /** Traits of the metric, where one is measured. */
  metric: MetricTraits | null
  /** `merged` or a source's key. */
  source: string
  /** Whether sources are also wanted one by one. */
  apart: boolean
  /** Null for everything there is until `today`. */
  span: Span | null
  today: LocalDate
}

/** One side of a question, answered but for the aggregate. */
export interface Operand {
  /** Null where there is nothing at all. */
  span: Span | null
  /** What is aggregated, in the order of time. */
  items: Item[]
  /** The same by source, sources kept apart. */
  apart: Item[]
  /** Everything measured in the span, before any condition. */
  known: Item[]
  /** Days of the span on which the conditions on days hold. */
  days: CalendarDay[]
  /** 0 … 1 */
  coverageOf(date: LocalDate, source?: string): number
  sources: string[]
  /** Sessions that were meant and do not hold what is measured. */
  unsaid: number
  notes: string[]
}

/** Reading span of `all`. */
const ALWAYS = '1900-01-01'

/** What {@link answerOperand} will look up. */
export function operandNeeds(spec: OperandSpec): Needs {
  const { measure, source } = spec
  const span = spec.span ?? { from: ALWAYS, to: spec.today }
  const needs: Needs = {
    span: { ...span },
    metrics: new Set(),
    sourced: [],
    sessions: new Set(),
    tags: false,
    before: 0,
    after: 0,
  }
  if (measure.of === 'metric') {
    if (source === MERGED) needs.metrics.add(measure.metric)
    else needs.sourced.push({ metric: measure.metric, source })
    if (spec.apart && spec.over === 'day') needs.sourced.push({ metric: measure.metric, source: 'all' })
    if (spec.within) needs.sessions.add(spec.within.kind)
  }
  if (measure.of === 'session') needs.sessions.add(measure.kind)
  if (measure.of === 'tag') needs.tags = true
  addNeeds(spec.where, needs)
  return needs
}

interface Read {
  items: Item[]
  apart: Item[]
  rows: ReadonlyMap<LocalDate, DayRow> | null
  sessionDates: Set<string> | null
  unsaid: number
  notes: string[]
}

function rowItem(row: DayRow): Item {
  return { date: row.date, at: dayOf(row.date).index * 86_400_000, value: row.value, source: row.source, minute: null }
}

function within(span: Span): (item: { date: LocalDate }) => boolean {
  return ({ date }) => date >= span.from && date <= span.to
}

function readSessions(spec: OperandSpec, measure: Extract<Measure, { of: 'session' }>, history: History): Read {
  const toItem = (session: StoredSession): Item[] => {
    const value = sessionField(session, measure.field, history.clock)
    if (value === null) return []
    const { date, start: at, source } = session
    return [{ date, at, value, source, minute: sessionMinute(session, history.clock), session }]
  }
  const inSpan = within(spec.span ?? { from: ALWAYS, to: spec.today })
  const all = history.sessions(measure.kind).filter(inSpan)
  const source = spec.source === MERGED ? undefined : spec.source
  const meant = all.filter((session) => sessionMatches(session, measure, source))
  const items = meant.flatMap(toItem)
  const missing = meant.length - items.length
  const notes = missing > 0 ? [`${missing} of ${meant.length} sessions do not say this and are left out.`] : []
  const apart = spec.apart
    ? all.filter((session) => sessionMatches(session, measure, session.source)).flatMap(toItem)
    : []
  return { items, apart, rows: null, sessionDates: null, unsaid: missing, notes }
}

function readTags(spec: OperandSpec, name: string, history: History): Read {
  const inSpan = within(spec.span ?? { from: ALWAYS, to: spec.today })
  // A tag over several days is one tag, on each of its days.
  const spread = spec.aggregate === 'days' || spec.over === 'day'
  const items = history
    .tags()
    .filter(({ tag }) => tag.tag === name && (spec.source === MERGED || tag.source === spec.source))
    .flatMap(({ tag, from, to }) => {
      const minute = minuteAt(tag.start, history.clock.offset(tag.start, null))
      const item: Item = { date: from, at: tag.start, value: tag.value ?? 1, source: tag.source, minute }
      return spread ? daysBetween(from, to).map((day) => ({ ...item, date: day.date })) : [item]
    })
    .filter(inSpan)
  return { items, apart: spec.apart ? items : [], rows: null, sessionDates: null, unsaid: 0, notes: [] }
}

async function readMetric(spec: OperandSpec, metric: string, history: History): Promise<Read> {
  const span = spec.span ?? { from: ALWAYS, to: spec.today }
  const inSpan = within(span)
  const rows = history.days(metric, spec.source)
  if (spec.over === 'day') {
    const apart = spec.apart ? history.sourceDays(metric).filter(inSpan).map(rowItem) : []
    return {
      items: [...rows.values()].filter(inSpan).map(rowItem),
      apart,
      rows,
      sessionDates: null,
      unsaid: 0,
      notes: [],
    }
  }
  const cuts = [...eachCondition(spec.where)].flatMap((one) =>
    one.on === 'time' ? [minutesOf(one.from), minutesOf(one.to)] : [],
  )
  if (spec.group === 'hour') for (let hour = 1; hour < 24; hour++) cuts.push(hour * 60)
  const question = { metric, traits: spec.metric!, span, within: spec.within, cuts }
  const merged = await readSamples({ ...question, source: spec.source }, history)
  const apart = spec.apart ? (await readSamples({ ...question, source: 'each' }, history)).items : []
  const windowed = cuts.length > 0 || spec.within !== undefined
  return { ...merged, apart, unsaid: 0, rows: windowed ? null : rows }
}

/** One item per day: counts, durations and sums are added up, other values averaged, clock times the first or last. */
function perDay(items: readonly Item[], measure: Measure, traits: MeasureTraits): Item[] {
  const byDate = new Map<LocalDate, Item[]>()
  for (const item of items) {
    const held = byDate.get(item.date)
    if (held) held.push(item)
    else byDate.set(item.date, [item])
  }
  return [...byDate.values()].map((held) => {
    const values = held.map((item) => item.value)
    const total = values.reduce((a, b) => a + b, 0)
    let value = traits.cumulative ? total : total / held.length
    if (traits.scale === 'clock') {
      value = measure.of === 'session' && measure.field === 'end' ? Math.max(...values) : Math.min(...values)
    }
    return { ...held[0]!, value }
  })
}

/** Days of events that had none count as 0 where things are counted or added up per day. */
function withEmptyDays(items: readonly Item[], days: readonly CalendarDay[]): Item[] {
  const held = new Set(items.map((item) => item.date))
  const empty = days
    .filter((day) => !held.has(day.date))
    .map((day): Item => ({ date: day.date, at: day.index * 86_400_000, value: 0, source: '', minute: null }))
  return [...items, ...empty]
}

function aboutValue(condition: Condition): boolean {
  for (const { on } of eachCondition([condition])) if (on === 'value') return true
  return false
}

function extent(items: readonly Item[]): Span | null {
  if (items.length === 0) return null
  let from = items[0]!.date
  let to = from
  for (const { date } of items) {
    if (date < from) from = date
    if (date > to) to = date
  }
  return { from, to }
}

function keep(items: readonly Item[], judge: Judge): Item[] {
  return items.filter((item) => judge(item.date, item) === true)
}

/** Evaluates one side of a question over what was read. */
export async function answerOperand(spec: OperandSpec, history: History): Promise<Operand> {
  const { measure, traits } = spec
  const read =
    measure.of === 'metric'
      ? await readMetric(spec, measure.metric, history)
      : measure.of === 'session'
        ? readSessions(spec, measure, history)
        : readTags(spec, measure.tag, history)
  const notes = [...read.notes]
  const span = spec.span ?? extent(read.items)

  const judges = (pick: (condition: Condition) => boolean) =>
    allOf(spec.where.filter(pick).map((condition) => judgeOf(condition, history)))
  const onDay = judges(isDayCondition)
  const onItem = judges((condition) => !isDayCondition(condition) && !aboutValue(condition))
  const onValue = judges((condition) => !isDayCondition(condition) && aboutValue(condition))

  let unknown = 0
  const days = (span ? daysBetween(span.from, span.to) : []).filter(({ date }) => {
    if (read.sessionDates && !read.sessionDates.has(date)) return false
    const verdict = onDay(date)
    if (verdict === null) unknown += 1
    return verdict === true
  })
  if (unknown > 0) {
    const counted = unknown === 1 ? '1 day' : `${unknown} days`
    notes.push(`On ${counted} nobody can tell whether the conditions hold: not counted.`)
  }
  const held = new Set(days.map((day) => day.date))
  const daily = spec.over === 'day' && measure.of !== 'metric'
  const choose = (all: readonly Item[]) => {
    let measured = keep(all, onItem).filter((item) => held.has(item.date))
    if (daily) measured = perDay(measured, measure, traits)
    if (daily && traits.event && traits.cumulative) measured = withEmptyDays(measured, days)
    return { measured, chosen: keep(measured, onValue).sort(byTime) }
  }
  const { measured, chosen } = choose(read.items)
  const { take } = spec
  const items = !take ? chosen : take.from === 'first' ? chosen.slice(0, take.n) : chosen.slice(-take.n)

  const present = new Set((spec.over === 'sample' ? measured : read.items).map((item) => item.date))
  const apartRows = new Map(
    spec.apart && measure.of === 'metric'
      ? history.sourceDays(measure.metric).map((row) => [`${row.source}\n${row.date}`, row.coverage])
      : [],
  )
  return {
    span,
    items,
    apart: spec.apart ? choose(read.apart).chosen : [],
    known: daily ? measured : read.items.sort(byTime),
    days,
    coverageOf: (date, source) =>
      source === undefined
        ? (read.rows?.get(date)?.coverage ?? (present.has(date) ? 1 : 0))
        : (apartRows.get(`${source}\n${date}`) ?? 0),
    sources: sourcesOf(items, read, measure, history),
    unsaid: read.unsaid,
    notes,
  }
}

function sourcesOf(items: readonly Item[], read: Read, measure: Measure, history: History): string[] {
  const sources = new Set<string>()
  for (const item of items) {
    const row = item.source === MERGED ? read.rows?.get(item.date) : undefined
    const merged = row?.parts ? Object.keys(row.parts) : row?.sources
    if (merged) for (const key of merged) sources.add(key)
    else if (item.source !== '') sources.add(item.source)
  }
  if (sources.delete(MERGED) && measure.of === 'metric') {
    for (const key of history.sourcesOf(measure.metric)) if (key !== MERGED) sources.add(key)
  }
  return [...sources].sort()
}

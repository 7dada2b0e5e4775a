import type { DayRow, LongTerm, Scope, StoredSession, StoredTag } from '../memory/ports.js'
import { MERGED } from '../memory/ports.js'
import { type Calendar, createCalendar } from '../observation/local-day.js'
import type { LocalDate } from '../observation/schema.js'
import { shiftDate } from './calendar.js'
import { type Clock, createClock, dateAt } from './clock.js'
import type { Span } from './period.js'

/** What an operand reads. */
export interface Needs {
  span: Span
  /** Metrics whose merged days are needed. */
  metrics: Set<string>
  /** Metrics whose days are needed from a source, or from each ('all'). */
  sourced: { metric: string; source: string }[]
  sessions: Set<'sleep' | 'workout'>
  tags: boolean
  /** How many days before and after the span conditions look. */
  before: number
  after: number
}

/** Everything that was read for one question, ready to be looked up. */
export interface History {
  days(metric: string, source?: string): ReadonlyMap<LocalDate, DayRow>
  /** Rows of every single source. */
  sourceDays(metric: string): readonly DayRow[]
  sessions(kind: 'sleep' | 'workout'): readonly StoredSession[]
  tags(): readonly { tag: StoredTag; from: LocalDate; to: LocalDate }[]
  /** Sources of a metric in the days that were read: for what is told of single samples. */
  sourcesOf(metric: string): readonly string[]
  clock: Clock
  /** Local days of observations, by the rules that tier 2 dates them with. */
  calendar: Calendar
  longTerm: LongTerm
  scope: Scope
}

/** Days that may lie between two spans that are still read as one. */
const NEAR = 400

function union(needs: readonly Needs[]): Needs[] {
  const reach = needs.map((need) => ({
    ...need,
    span: { from: shiftDate(need.span.from, -need.before), to: shiftDate(need.span.to, need.after) },
  }))
  reach.sort((a, b) => (a.span.from < b.span.from ? -1 : 1))
  const merged: Needs[] = []
  for (const need of reach) {
    const last = merged.at(-1)
    if (!last || need.span.from > shiftDate(last.span.to, NEAR)) {
      merged.push(need)
      continue
    }
    if (need.span.to > last.span.to) last.span.to = need.span.to
    last.metrics = new Set([...last.metrics, ...need.metrics])
    last.sourced = [...last.sourced, ...need.sourced]
    last.sessions = new Set([...last.sessions, ...need.sessions])
    last.tags ||= need.tags
  }
  return merged
}

function put<T>(map: Map<string, Map<LocalDate, T>>, key: string, date: LocalDate, value: T): void {
  const dates = map.get(key)
  if (dates) dates.set(date, value)
  else map.set(key, new Map([[date, value]]))
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

/**
 * Reads what the operands of one question need: one `days` read for all metrics of a span, and one more per source
 * that was asked for by name. Spans near each other are read as one.
 */
export async function readHistory(longTerm: LongTerm, scope: Scope, needs: readonly Needs[]): Promise<History> {
  const days = new Map<string, Map<LocalDate, DayRow>>()
  const sourceDays = new Map<string, DayRow[]>()
  const sessions = new Map<string, StoredSession>()
  const tags = new Map<string, StoredTag>()
  const profile = longTerm.profile(scope)
  const reads: Promise<unknown>[] = [profile]
  for (const need of union(needs)) {
    const { from, to } = need.span
    if (need.metrics.size > 0) {
      reads.push(
        longTerm.days(scope, { metrics: [...need.metrics].sort(), from, to, source: MERGED }).then((rows) => {
          for (const row of rows) put(days, `${MERGED}\n${row.metric}`, row.date, row)
        }),
      )
    }
    for (const source of new Set(need.sourced.map((item) => item.source))) {
      const metrics = [...new Set(need.sourced.filter((item) => item.source === source).map((item) => item.metric))]
      reads.push(
        longTerm.days(scope, { metrics: metrics.sort(), from, to, source }).then((rows) => {
          for (const row of rows) {
            if (row.source === MERGED) continue
            if (source !== 'all') put(days, `${source}\n${row.metric}`, row.date, row)
            else append(sourceDays, row.metric, row)
          }
        }),
      )
    }
    for (const kind of need.sessions) {
      reads.push(
        longTerm.sessions(scope, { kind, from, to, all: true }).then((found) => {
          for (const session of found) sessions.set(session.id, session)
        }),
      )
    }
    if (need.tags) {
      reads.push(
        longTerm.tags(scope, { from, to }).then((found) => {
          for (const tag of found) tags.set(tag.id, tag)
        }),
      )
    }
  }
  await Promise.all(reads)

  const clock = createClock(await profile)
  const ordered = [...sessions.values()].sort((a, b) => a.start - b.start || (a.id < b.id ? -1 : 1))
  const dated = [...tags.values()]
    .sort((a, b) => a.start - b.start || (a.id < b.id ? -1 : 1))
    .map((tag) => ({ tag, from: tag.date, to: lastDate(tag, clock) }))
  return {
    days: (metric, source = MERGED) => days.get(`${source}\n${metric}`) ?? new Map(),
    sourceDays: (metric) => sourceDays.get(metric) ?? [],
    sessions: (kind) => ordered.filter((session) => session.kind === kind),
    tags: () => dated,
    sourcesOf: (metric) => [
      ...new Set([...(days.get(`${MERGED}\n${metric}`)?.values() ?? [])].flatMap(({ sources }) => sources ?? [])),
    ],
    clock,
    calendar: createCalendar((await profile).zones),
    longTerm,
    scope,
  }
}

/** Last local date that a tag touches; a tag that ends at midnight does not touch the day that begins then. */
function lastDate(tag: StoredTag, clock: Clock): LocalDate {
  if (tag.end === null || tag.end <= tag.start) return tag.date
  // The tag's own date was told in its own zone: the end, read by the profile's, never lies before it.
  const last = dateAt(tag.end - 1, clock.offset(tag.end - 1, null))
  if (last < tag.date) return tag.date
  return last
}

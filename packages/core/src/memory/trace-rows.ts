import { Temporal } from 'temporal-polyfill'
import { AurenError } from '../errors.js'
import type { Journal } from '../events/ports.js'
import { createCalendar } from '../observation/local-day.js'
import type { Instant, LocalDate } from '../observation/schema.js'
import type { LongTerm, MemoryRecord, Scope } from './ports.js'

/** A measurement that a memory stands on. */
export interface TracedRow {
  metric: string
  date: LocalDate
  /** `day`: a total that the vendor itself gave for the day; it has no time, and its delivery is not told. */
  shape: 'sample' | 'session' | 'day'
  /** Key of the device. */
  source: string
  start: Instant | null
  end: Instant | null
  /** In the catalogue's unit; of a session its measure of this name, where it has one. */
  value: number | null
  /** The vendor's own id of the record. */
  recordId: string | null
  /** When it was first received, and the delivery that it came in; null where that is no more, or was never here. */
  receivedAt: Instant | null
  rawRef: string | null
  delivery: { provider: string; receivedAt: Instant; file: boolean } | null
}

/** Some of them, and where to go on. */
export interface TracedPage {
  rows: TracedRow[]
  /** For the next call; null: that was all. */
  next: string | null
}

/** What tracing reads. */
export interface TracePorts {
  journal: Pick<Journal, 'transaction' | 'raw'>
  longTerm: Pick<LongTerm, 'days' | 'samples' | 'sessions' | 'profile'>
}

interface Span {
  metric: string
  from: LocalDate
  to: LocalDate
}

const SPAN = /^days:([^/]+)\/(\d{4}-\d\d-\d\d)\/(\d{4}-\d\d-\d\d)$/
const HOUR = 3_600_000
const NEXT = /^(\d{1,6})\/(\d{4}-\d\d-\d\d)\/(\d{1,9})$/

/** The days of metrics that records name as what they stand on, each once. */
export function spansOf(records: readonly MemoryRecord[]): Span[] {
  const refs = records.flatMap(({ derivedFrom, evidence = [] }) => [...derivedFrom, ...evidence.map(({ ref }) => ref)])
  return [...new Set(refs)].sort().flatMap((ref) => {
    const [, metric, from, to] = SPAN.exec(ref) ?? []
    return metric && from && to && from <= to ? [{ metric, from, to }] : []
  })
}

/**
 * The measurements of some days of metrics, oldest first, a page at a time; never more than a day's are read at once.
 * @param q `after`: what the page before called `next`
 * @throws AurenError AUREN_INPUT_INVALID where `after` is none
 */
export async function traceRows(
  { journal, longTerm }: TracePorts,
  scope: Scope,
  spans: readonly Span[],
  q: { after?: string | undefined; limit: number },
): Promise<TracedPage> {
  const [, index = '0', date = '', skip = '0'] = q.after === undefined ? [] : (NEXT.exec(q.after) ?? ['bad', '-1'])
  if (index === '-1')
    throw new AurenError('AUREN_INPUT_INVALID', 'This is no place to go on from: begin without "after".')
  const { zones } = await longTerm.profile(scope)
  const calendar = createCalendar(zones)
  const deliveries = new Map<string, Promise<TracedRow['delivery']>>()
  const deliveryOf = (id: string): Promise<TracedRow['delivery']> => {
    const known =
      deliveries.get(id) ??
      journal.transaction(async (tx) => {
        const raw = UUID.test(id) ? await journal.raw(tx, id) : null
        if (raw?.delivery.user !== scope.user) return null
        return { provider: raw.delivery.provider, receivedAt: raw.receivedAt, file: raw.delivery.blob !== undefined }
      })
    deliveries.set(id, known)
    return known
  }

  const rowsOf = async (metric: string, day: LocalDate): Promise<Omit<TracedRow, 'delivery'>[]> => {
    if (metric.startsWith('sleep_') || metric === 'workout') {
      const kind = metric === 'workout' ? 'workout' : 'sleep'
      const sessions = await longTerm.sessions(scope, { kind, from: day, to: day, all: true })
      return sessions.map(({ source, start, end, measures, recordId, receivedAt, rawRef }) => {
        const value = measures[metric] ?? null
        return { metric, date: day, shape: 'session', source, start, end, value, recordId, receivedAt, rawRef }
      })
    }
    const midnight = Temporal.PlainDate.from(day).toZonedDateTime('UTC').epochMilliseconds
    // Days begin up to 14 hours before UTC's and end up to 12 after it.
    const samples = await longTerm.samples(scope, { metric, from: midnight - 18 * HOUR, to: midnight + 42 * HOUR })
    const own = samples.filter(
      ({ start, offset, zoneBasis }) => calendar.dayOf({ start, offset, zoneBasis }).date === day,
    )
    return own.map(({ source, start, end, value, recordId, receivedAt, rawRef }) => {
      return { metric, date: day, shape: 'sample', source, start, end, value, recordId, receivedAt, rawRef }
    })
  }

  const rows: TracedRow[] = []
  for (const [i, { metric, from, to }] of spans.entries()) {
    if (i < Number(index)) continue
    const resumed = i === Number(index) && date > from ? date : from
    const asked = { metrics: [metric], from: resumed, to }
    // What is measured in a night stands in the merged rows alone.
    const dates = new Set((await longTerm.days(scope, asked)).map((row) => row.date))
    const days = await longTerm.days(scope, { ...asked, source: 'all' })
    for (const day of [...dates].sort()) {
      const found = await rowsOf(metric, day)
      const totals = days.filter((row) => row.date === day && !found.some(({ source }) => source === row.source))
      const none = { start: null, end: null, recordId: null, receivedAt: null, rawRef: null }
      const all = [
        ...found,
        ...totals.map(({ source, value }) => ({ metric, date: day, shape: 'day' as const, source, value, ...none })),
      ]
      const first = i === Number(index) && day === date ? Number(skip) : 0
      for (const [k, row] of all.entries()) {
        if (k < first) continue
        if (rows.length >= q.limit) return { rows, next: `${i}/${day}/${k}` }
        rows.push({ ...row, delivery: row.rawRef === null ? null : await deliveryOf(row.rawRef) })
      }
    }
  }
  return { rows, next: null }
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

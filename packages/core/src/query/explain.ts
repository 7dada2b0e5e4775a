import { type DayRow, type LongTerm, MERGED, type Scope, type SourceInfo, type StoredSample } from '../memory/ports.js'
import { createCalendar } from '../observation/local-day.js'
import type { Instant, LocalDate } from '../observation/schema.js'
import { dayOf } from './calendar.js'
import { factId } from './canonical.js'
import { midnightOf } from './clock.js'
import { formatDate } from './dates.js'
import { renderFact } from './describe.js'
import { formatQuantity, joinQuantity } from './format.js'
import type { Item } from './item.js'
import { traitsOf } from './measure.js'
import { readAllRows } from './rows.js'
import type { Fact } from './schema.js'
import { type Setting, solveSeries } from './series.js'
import { isPattern } from './validate.js'

/** What is to be explained: a fact, or one day of a metric. */
export type ExplainTarget = Fact | { metric: string; date: LocalDate }

/** What one source contributed. */
export interface ExplainedPart {
  source: string
  name: string
  type: SourceInfo['type']
  value: number
}

/** One day behind a number. */
export interface ExplainedDay {
  metric: string
  date: LocalDate
  value: number
  n: number
  coverage: number
  /** Shares of the day's sum where devices were merged, else each source's own value. */
  parts: ExplainedPart[]
}

/** A session or tag behind a number. */
export interface ExplainedRecord {
  id: string
  kind: 'sleep' | 'workout' | 'tag'
  date: LocalDate
  start: Instant
  end: Instant | null
  value: number
  source: string
  rawRef: string
  recordId: string | null
}

/** How a number came about, down to the deliveries that it was made from. */
export interface Explanation {
  /** `14,079 steps on 1 Nov 2026 = 4,157 steps Watch + 9,922 steps iPhone`. */
  text: string
  unit: string
  /** True where the data have changed since the fact was made. */
  stale: boolean
  /** Shares of the whole by source, where the number is a sum over merged devices. */
  parts: ExplainedPart[]
  days: ExplainedDay[]
  records: ExplainedRecord[]
  /** Samples of one day (the target's, or that of an extreme), in the order of time, with their raw reference. */
  samples: StoredSample[]
  /** True where more lies behind it than is listed. */
  truncated: boolean
}

/** Most days, records and samples that are listed. */
const MOST_DAYS = 400
const MOST_RECORDS = 400
const MOST_SAMPLES = 500

const DAY = 86_400_000

interface Known {
  sources: ReadonlyMap<string, SourceInfo>
  longTerm: LongTerm
  scope: Scope
}

function partOf(source: string, value: number, { sources }: Known): ExplainedPart {
  const info = sources.get(source)
  return { source, name: info?.name ?? source, type: info?.type ?? 'unknown', value }
}

function explainDays(rows: readonly DayRow[], known: Known): ExplainedDay[] {
  const own = new Map<LocalDate, DayRow[]>()
  for (const row of rows) if (row.source !== MERGED) own.set(row.date, [...(own.get(row.date) ?? []), row])
  return rows
    .filter((row) => row.source === MERGED)
    .sort((a, b) => (a.date < b.date ? -1 : 1))
    .map(({ metric, date, value, n, coverage, parts }) => {
      const shares = parts
        ? Object.entries(parts).map(([source, share]) => partOf(source, share, known))
        : (own.get(date) ?? []).map((row) => partOf(row.source, row.value, known))
      shares.sort((a, b) => b.value - a.value || (a.source < b.source ? -1 : 1))
      return { metric, date, value, n, coverage, parts: shares }
    })
}

function total(days: readonly ExplainedDay[], known: Known): ExplainedPart[] {
  const bySource = new Map<string, number>()
  for (const { parts } of days) {
    for (const { source, value } of parts) bySource.set(source, (bySource.get(source) ?? 0) + value)
  }
  const parts = [...bySource].map(([source, value]) => partOf(source, value, known))
  return parts.sort((a, b) => b.value - a.value || (a.source < b.source ? -1 : 1))
}

async function samplesOf(metric: string, date: LocalDate, { longTerm, scope }: Known): Promise<StoredSample[]> {
  const calendar = createCalendar((await longTerm.profile(scope)).zones)
  const { index } = dayOf(date)
  const from = midnightOf(index, 1080) - DAY
  const samples = await longTerm.samples(scope, { metric, from, to: midnightOf(index + 1, -1080) })
  const on = (at: Instant, { offset, zoneBasis }: StoredSample) =>
    calendar.dayAt(calendar.anchor(at, zoneBasis, offset), offset, zoneBasis).date
  return samples
    .filter(
      (sample) => on(sample.start, sample) <= date && on(Math.max(sample.start, (sample.end ?? 0) - 1), sample) >= date,
    )
    .sort((a, b) => a.start - b.start || (a.source < b.source ? -1 : 1))
}

function sumText(label: string, unit: string, metric: string, value: number, parts: readonly ExplainedPart[]): string {
  const show = (number: number) => joinQuantity(formatQuantity(number, unit, {}, { metric }))
  const shares = parts.map((part) => `${show(part.value)} ${part.name}`).join(' + ')
  return parts.length === 0 ? `${show(value)} ${label}` : `${show(value)} ${label} = ${shares}`
}

async function explainDay(metric: string, date: LocalDate, setting: Setting, known: Known): Promise<Explanation> {
  const { unit, kind } = traitsOf(setting.lookup, metric)
  const { longTerm, scope } = known
  const [rows, samples] = await Promise.all([
    readAllRows(longTerm, scope, { metrics: [metric], from: date, to: date }),
    samplesOf(metric, date, known),
  ])
  const days = explainDays(rows, known)
  const day = days[0]
  const cumulative = kind === 'cumulative'
  const label = `on ${formatDate(date)}`
  const text = day ? sumText(label, unit, metric, day.value, cumulative ? day.parts : []) : `There is nothing ${label}.`
  const shown = samples.slice(0, MOST_SAMPLES)
  const parts = cumulative ? (day?.parts ?? []) : []
  return {
    text,
    unit,
    stale: false,
    parts,
    days,
    records: [],
    samples: shown,
    truncated: shown.length < samples.length,
  }
}

function recordsOf(items: readonly Item[], tags: readonly ExplainedRecord[]): ExplainedRecord[] {
  const sessions = items.flatMap(({ session, value, date }): ExplainedRecord[] => {
    if (!session) return []
    const { id, kind, start, end, source, rawRef, recordId } = session
    return [{ id, kind, date, start, end, value, source, rawRef, recordId }]
  })
  return sessions.length > 0 ? sessions : [...tags]
}

/**
 * How a number came about. A day of a metric: its value, the sources' parts and the samples with their raw references.
 * A fact: the days, sessions or tags that it stands on (400 at most), and the samples where it is about one day; of
 * other days ask for each by metric and date. The fact's query is run again: `stale` says that the data have changed.
 * Throws AUREN_METRIC_UNKNOWN.
 */
export async function explain(
  longTerm: LongTerm,
  scope: Scope,
  target: ExplainTarget,
  setting: Setting,
): Promise<Explanation> {
  const sources = new Map((await longTerm.sources(scope)).map((source) => [source.key, source]))
  const known: Known = { sources, longTerm, scope }
  if (!('query' in target)) return explainDay(target.metric, target.date, setting, known)

  const { query } = target
  const stale = factId(query, await longTerm.version(scope), setting.today, setting.lastPlus) !== target.id
  const { text, label } = renderFact(target, {}, setting.lookup)
  if (isPattern(query) || query.measure.of !== 'metric') {
    if (isPattern(query)) {
      const from = target.comparison?.from ?? target.from ?? setting.today
      const to = target.to ?? setting.today
      const rows = await readAllRows(longTerm, scope, { metrics: [query.metric], from, to })
      const days = explainDays(rows, known)
      const shown = days.slice(-MOST_DAYS)
      return {
        text,
        unit: target.unit,
        stale,
        parts: [],
        days: shown,
        records: [],
        samples: [],
        truncated: shown.length < days.length,
      }
    }
    const { solved, history } = await solveSeries(query, longTerm, scope, setting)
    const { items } = solved[0]!.operand
    const name = query.measure.of === 'tag' ? query.measure.tag : ''
    const chosen = new Set(items.map((item) => item.at))
    const tags = history.tags().flatMap(({ tag, from }): ExplainedRecord[] => {
      if (tag.tag !== name || !chosen.has(tag.start)) return []
      const { id, start, end, value, source, rawRef } = tag
      return [{ id, kind: 'tag', date: from, start, end, value: value ?? 1, source, rawRef, recordId: null }]
    })
    const records = recordsOf(items, tags)
    const shown = records.slice(-MOST_RECORDS)
    return {
      text,
      unit: target.unit,
      stale,
      parts: [],
      days: [],
      records: shown,
      samples: [],
      truncated: shown.length < records.length,
    }
  }

  const { metric } = query.measure
  const { solved, parts: specs } = await solveSeries(query, longTerm, scope, setting)
  const { items, span } = solved[0]!.operand
  const used = new Set(items.map((item) => item.date))
  const rows = span ? await readAllRows(longTerm, scope, { metrics: [metric], ...span }) : []
  const days = explainDays(
    rows.filter((row) => used.has(row.date)),
    known,
  )
  const { over, traits } = specs[0]!.spec
  const summed = query.aggregate === 'sum' && over === 'day' && traits.cumulative && target.value !== null
  const parts = summed ? total(days, known) : []
  const only = target.date ?? (used.size === 1 ? [...used][0] : undefined)
  const samples = only === undefined ? [] : await samplesOf(metric, only, known)
  const shown = days.slice(-MOST_DAYS)
  return {
    text: parts.length > 0 ? sumText(`(${label})`, target.unit, metric, target.value!, parts) : text,
    unit: target.unit,
    stale,
    parts,
    days: shown,
    records: [],
    samples: samples.slice(0, MOST_SAMPLES),
    truncated: shown.length < days.length || samples.length > MOST_SAMPLES,
  }
}

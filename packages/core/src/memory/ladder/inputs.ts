import { createHash } from 'node:crypto'
import type { MetricInfo } from '../../catalogue/index.js'
import type { LocalDate } from '../../observation/schema.js'
import { dayOf } from '../../query/calendar.js'
import { type Clock, DAY_MINUTES, minuteAt } from '../../query/clock.js'
import { type DayRow, type Fingerprint, type LongTerm, MERGED, type Scope } from '../ports.js'
import type { DaySeries } from './abstract.js'

/** The middle of the main sleep as minutes after local midnight: a series of the ladder that is no metric. */
export const SLEEP_MIDPOINT = 'sleep_midpoint'

/** Inputs that are no series: what else a month of every series stands on, main sleeps, and all tags. */
export const inputSeries = { coverage: '@coverage', sleeps: '@sleeps', tags: '@tags', contexts: '@contexts' } as const

/** Metrics that are counts of something else, or nothing that has a usual value. */
const leftOut: ReadonlySet<string> = new Set(['location', 'menstrual_flow', 'medication_dose', 'wear_time', 'height'])

/** Whether a metric has rows on the ladder. */
export function onLadder(metric: string): boolean {
  return !leftOut.has(metric) && !metric.startsWith('@')
}

/** Unit of a series. */
export function seriesUnit(
  series: string,
  lookup: (id: string) => Pick<MetricInfo, 'unit'> | undefined | null,
): string {
  return series === SLEEP_MIDPOINT ? 'min' : (lookup(series)?.unit ?? '')
}

/** Days of one metric as a series. */
export function metricSeries(series: string, unit: string, rows: readonly DayRow[]): DaySeries {
  const sorted = rows
    .map(({ date, value, coverage, sources = [] }) => ({ day: dayOf(date).index, value, coverage, sources }))
    .sort((a, b) => a.day - b.day)
  return {
    series,
    unit,
    circular: false,
    days: sorted.map(({ day }) => day),
    values: sorted.map(({ value }) => value),
    coverage: sorted.map(({ coverage }) => coverage),
    sources: sorted.map(({ sources }) => sources),
  }
}

/** Midpoints of main sleeps, on the clock of the place where the person slept. */
export async function readMidpoints(
  longTerm: Pick<LongTerm, 'sessions'>,
  scope: Scope,
  clock: Clock,
  span: { from: LocalDate; to: LocalDate },
): Promise<DaySeries> {
  const nights = new Map<number, { minute: number; source: string }>()
  for (const { main, nap, start, end, offset, date, source } of await longTerm.sessions(scope, {
    kind: 'sleep',
    ...span,
  })) {
    if (!main || nap) continue
    const middle = (start + end) / 2
    const minute = minuteAt(middle, clock.offsetNear(middle, start, offset)) % DAY_MINUTES
    nights.set(dayOf(date).index, { minute, source })
  }
  const days = [...nights].sort(([a], [b]) => a - b)
  return {
    series: SLEEP_MIDPOINT,
    unit: 'min',
    circular: true,
    days: days.map(([day]) => day),
    values: days.map(([, { minute }]) => minute),
    coverage: days.map(() => 1),
    sources: days.map(([, { source }]) => [source]),
  }
}

/**
 * What every month of a person's data looks like, for storages that cannot tell it themselves
 * ({@link LongTerm.fingerprints}): everything is read and hashed.
 */
export async function fingerprintAll(longTerm: LongTerm, scope: Scope): Promise<Fingerprint[]> {
  const known = await longTerm.metrics(scope)
  const [from] = known.map((summary) => summary.from).sort()
  if (from === undefined) return []
  const to = known
    .map((summary) => summary.to)
    .sort()
    .at(-1) as LocalDate
  const parts = new Map<string, string[]>()
  const note = (series: string, date: LocalDate, part: unknown[]): void => {
    const key = `${series} ${date.slice(0, -3)}`
    const held = parts.get(key)
    if (held) held.push(JSON.stringify(part))
    else parts.set(key, [JSON.stringify(part)])
  }
  const metrics = known.map((summary) => summary.metric)
  for (const row of await longTerm.days(scope, { metrics, from, to, source: MERGED }))
    note(row.metric, row.date, [row.date, row.value, row.coverage, row.sources ?? []])
  for (const { main, start, end, offset, date, source } of await longTerm.sessions(scope, { kind: 'sleep', from, to }))
    if (main) note(inputSeries.sleeps, date, [date, start, end, offset, source])
  for (const { id, tag, start, end, date } of await longTerm.tags(scope, { from, to }))
    note(inputSeries.tags, date, [id, tag, start, end, date])
  return [...parts].map(([key, held]) => {
    const at = key.lastIndexOf(' ')
    return { series: key.slice(0, at), month: key.slice(at + 1), digest: digestOf(held.sort()) }
  })
}

/** Short digest of JSON-able things. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 20)
}

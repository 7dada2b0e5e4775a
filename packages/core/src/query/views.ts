import { type MetricRegistry, metric as metricOf } from '../catalogue/index.js'
import { AurenError } from '../errors.js'
import { type DayRow, type LongTerm, MERGED, type Scope } from '../memory/ports.js'
import type { LocalDate } from '../observation/schema.js'
import type { SeriesView, TodayItem, TodayView, TraceView } from '../plugin/auren.js'
import { dayOf, daysBetween, shiftDate } from './calendar.js'
import { createClock, midnightOf } from './clock.js'
import { renderFact } from './describe.js'
import type { FactEngine } from './run.js'
import { metricTitle } from './words.js'

/** What views stand on. */
export interface ViewPorts {
  longTerm: LongTerm
  engine: FactEngine
  registry: MetricRegistry
}

/** Spans of at most this many days are drawn from samples. */
const INTRADAY_DAYS = 3

/**
 * A metric over any span in at most `buckets` buckets (min, max, mean of day values; of samples for a few days): what
 * a chart draws, whatever the number of measurements.
 *
 * @throws AurenError AUREN_QUERY_INVALID where `from` is after `to`; AUREN_METRIC_UNKNOWN
 */
export async function seriesView(
  { longTerm, registry }: ViewPorts,
  scope: Scope,
  q: { metric: string; from: LocalDate; to: LocalDate; buckets: number; source?: string | undefined },
): Promise<SeriesView> {
  const info = metricOf(q.metric, registry)
  if (!info) throw new AurenError('AUREN_METRIC_UNKNOWN', `There is no metric "${q.metric}".`)
  if (q.from > q.to) throw new AurenError('AUREN_QUERY_INVALID', '`from` must not be after `to`.')
  const days = daysBetween(q.from, q.to)
  const intraday =
    days.length <= INTRADAY_DAYS && !info.sparse && info.shape !== 'session_field' && info.shape !== 'session'
  const buckets = intraday ? await sampleBuckets(longTerm, scope, q) : await dayBuckets(longTerm, scope, q, days.length)
  return { metric: q.metric, unit: info.unit, buckets }
}

type Bucket = SeriesView['buckets'][number]

async function dayBuckets(
  longTerm: LongTerm,
  scope: Scope,
  q: { metric: string; from: LocalDate; to: LocalDate; buckets: number; source?: string | undefined },
  length: number,
): Promise<Bucket[]> {
  const rows = await longTerm.days(scope, { metrics: [q.metric], from: q.from, to: q.to, source: q.source ?? MERGED })
  const width = Math.max(1, Math.ceil(length / q.buckets))
  const start = dayOf(q.from).index
  const groups = new Map<number, DayRow[]>()
  for (const row of rows) {
    const at = Math.floor((dayOf(row.date).index - start) / width)
    const group = groups.get(at)
    if (group) group.push(row)
    else groups.set(at, [row])
  }
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([at, group]) => {
      const from = shiftDate(q.from, at * width)
      const to = shiftDate(q.from, at * width + width - 1)
      const [within = to] = [to, q.to].sort()
      const sum = group.reduce((total, row) => total + row.value, 0)
      return {
        from,
        to: within,
        min: Math.min(...group.map((row) => (width === 1 ? row.min : row.value))),
        max: Math.max(...group.map((row) => (width === 1 ? row.max : row.value))),
        mean: width === 1 ? (group[0] as DayRow).mean : sum / group.length,
        value: sum / group.length,
        n: group.reduce((total, row) => total + row.n, 0),
        coverage: group.reduce((total, row) => total + row.coverage, 0) / (daysBetween(from, within).length || 1),
      }
    })
}

async function sampleBuckets(
  longTerm: LongTerm,
  scope: Scope,
  q: { metric: string; from: LocalDate; to: LocalDate; buckets: number; source?: string | undefined },
): Promise<Bucket[]> {
  const clock = createClock(await longTerm.profile(scope))
  const edge = (date: LocalDate): number => {
    const { index } = dayOf(date)
    const utc = midnightOf(index, 0)
    return midnightOf(index, clock.offset(utc, null))
  }
  const from = edge(q.from)
  const to = edge(shiftDate(q.to, 1))
  const samples = await longTerm.samples(scope, {
    metric: q.metric,
    from,
    to: to - 1,
    ...(q.source ? { source: q.source } : {}),
  })
  const width = Math.max(60_000, Math.ceil((to - from) / q.buckets))
  const groups = new Map<number, number[]>()
  for (const { start, value } of samples) {
    const at = Math.floor((Math.max(start, from) - from) / width)
    const group = groups.get(at)
    if (group) group.push(value)
    else groups.set(at, [value])
  }
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([at, values]) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      return {
        from: new Date(from + at * width).toISOString(),
        to: new Date(from + (at + 1) * width).toISOString(),
        min: values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
        max: values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
        mean,
        value: mean,
        n: values.length,
        coverage: 1,
      }
    })
}

/** The card of the day, in this order where the person has them. */
const todayMetrics = [
  'sleep_duration',
  'resting_heart_rate',
  'hrv_rmssd',
  'hrv_sdnn',
  'respiratory_rate',
  'steps',
  'energy_active',
  'skin_temperature_deviation',
  'oxygen_saturation',
  'weight',
  'vo2_max',
  'glucose',
]
/** A value older than this says nothing of today. */
const STALE_DAYS = 14

/** The last values against the person's own baseline, of the metrics that they have. */
export async function todayView({ longTerm, engine }: ViewPorts, scope: Scope, today: LocalDate): Promise<TodayView> {
  const known = new Map((await longTerm.metrics(scope)).map((summary) => [summary.metric, summary]))
  const chosen = todayMetrics.filter((id) => known.has(id))
  const notes: string[] = []
  const items: TodayItem[] = []
  for (const id of chosen) {
    const last = known.get(id)?.to ?? today
    const date = last > today ? today : last
    if (date < shiftDate(today, -STALE_DAYS)) {
      notes.push(`No ${metricTitle(id)} since ${date}.`)
      continue
    }
    const fact = await engine.ask(
      scope,
      {
        measure: { of: 'metric', metric: id },
        aggregate: 'last',
        period: { kind: 'between', from: shiftDate(today, -STALE_DAYS), to: today },
      },
      { today },
    )
    const day = fact.date ?? date
    const baseline = await engine.ask(scope, { pattern: 'deviation', metric: id, window: 28, date: day }, { today })
    items.push({
      metric: id,
      title: metricTitle(id),
      date: day,
      fact,
      baseline: baseline.status === 'ok' ? baseline : null,
      text: renderFact(fact).quantity,
    })
  }
  if (items.length === 0 && notes.length === 0)
    notes.push('There are no measurements yet. Import an export file, or connect a device.')
  return { date: today, items, notes }
}

/** From a day of a metric down to its measurements and the deliveries that they came in. */
export async function traceView(
  { longTerm, engine }: ViewPorts,
  scope: Scope,
  q: { metric: string; date: LocalDate; limit: number },
): Promise<TraceView> {
  const explanation = await engine.explain(scope, { metric: q.metric, date: q.date })
  const rows = await longTerm.days(scope, { metrics: [q.metric], from: q.date, to: q.date, source: 'all' })
  const samples = explanation.samples.slice(0, q.limit)
  const measured = rows.filter((row) => row.source !== MERGED).reduce((sum, row) => sum + row.n, 0)
  return {
    metric: q.metric,
    date: q.date,
    rows,
    samples,
    more: Math.max(0, measured - samples.length),
    text: explanation.text,
  }
}

import { type MetricRegistry, metric as metricOf } from '../catalogue/index.js'
import { AurenError } from '../errors.js'
import { type DayRow, type LongTerm, MERGED, type Scope } from '../memory/ports.js'
import type { LocalDate } from '../observation/schema.js'
import type { SeriesView, TodayItem, TodayView, TraceView } from '../plugin/auren.js'
import { dayOf, daysBetween, shiftDate } from './calendar.js'
import { renderFact } from './describe.js'
import { bucketMinutes, intradayBuckets } from './intraday.js'
import { readAllRows } from './rows.js'
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
 * A metric over any span in at most `buckets` buckets: what a chart draws, whatever the number of measurements. Day
 * values, for up to three days samples by the minute ({@link intradayBuckets}); devices merged unless `source` names one.
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
  const sampled = !info.sparse && info.shape !== 'session_field' && info.shape !== 'session'
  const width = sampled && days.length <= INTRADAY_DAYS ? bucketMinutes(days.length, q.buckets) : null
  const byMinutes = width === null ? [] : await intradayBuckets(longTerm, scope, info, q, width)
  // What is known by the day only is drawn by the day.
  const buckets = byMinutes.length > 0 ? byMinutes : await dayBuckets(longTerm, scope, q, days.length)
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
        sources: [...new Set(group.flatMap(sourcesOf))],
      }
    })
}

/** A row's own source, or those that a merged one was made from. */
function sourcesOf({ source, sources, parts }: DayRow): readonly string[] {
  return source === MERGED ? (sources ?? Object.keys(parts ?? {})) : [source]
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

/** From a day of a metric (its merged row first, then each source's) down to its measurements and their deliveries. */
export async function traceView(
  { longTerm, engine }: ViewPorts,
  scope: Scope,
  q: { metric: string; date: LocalDate; limit: number },
): Promise<TraceView> {
  const explanation = await engine.explain(scope, { metric: q.metric, date: q.date })
  const rows = await readAllRows(longTerm, scope, { metrics: [q.metric], from: q.date, to: q.date })
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

import type { NormalizeContext, ObservationInput } from '@auren/core'
import { type Metric, Point } from './payload.js'
import { cumulative, measured, type Quantity, quantities } from './quantities.js'
import { sourceOf } from './sources.js'
import { civilOf, type Time, timeOf } from './times.js'

/** What the points of a payload stand for: single measurements, or what was summed up by minute, hour or day. */
export type Grain = 'raw' | 'minute' | 'hour' | 'day' | 'coarse'

const lengths: Readonly<Record<'minute' | 'hour', number>> = { minute: 60_000, hour: 3_600_000 }
const DAY_MS = 24 * 3_600_000

/**
 * How fine the points are, which the app says only in a header of its own choosing: an automation has one setting for all
 * its metrics, and the clock of summed-up points shows whole minutes, hours or days.
 */
export function grainOf(metrics: readonly Metric[]): Grain {
  let grain: Grain = 'day'
  let closest = Number.POSITIVE_INFINITY
  let seen = false
  for (const { name, data } of metrics) {
    if (name === 'sleep_analysis') continue
    const days = new Set<number>()
    for (const item of data ?? []) {
      const point = item as { date?: unknown; end?: unknown; endDate?: unknown } | null
      if (typeof point?.date !== 'string' || point.end != null || point.endDate != null) continue
      const local = civilOf(point.date.slice(0, 60))?.local
      if (!local) continue
      seen = true
      if (!local.endsWith(':00.000')) return 'raw'
      if (local.slice(14, 16) !== '00') grain = 'minute'
      else if (grain === 'day' && local.slice(11, 13) !== '00') grain = 'hour'
      days.add(Date.parse(local.slice(0, 10)))
    }
    // Weeks, months and years: of what happens every day there is then a point only so often.
    if (cumulative.has(quantities.get(name)?.metric ?? '')) closest = Math.min(closest, closestOf(days))
  }
  if (!seen) return 'raw'
  return grain === 'day' && closest >= 6 * DAY_MS && closest < Number.POSITIVE_INFINITY ? 'coarse' : grain
}

function closestOf(days: ReadonlySet<number>): number {
  const sorted = [...days].sort((a, b) => a - b)
  return sorted
    .slice(1)
    .reduce((least, day, i) => Math.min(least, day - (sorted[i] as number)), Number.POSITIVE_INFINITY)
}

/** The points of one metric. Nothing has an id: a point is named by its source, metric and time, and comes again as itself. */
export function* samples(
  metric: Metric,
  quantity: Quantity,
  grain: Grain,
  ctx: NormalizeContext,
): Iterable<ObservationInput> {
  for (const item of metric.data ?? []) {
    const parsed = Point.safeParse(item)
    const point = parsed.success ? parsed.data : null
    const start = timeOf(point?.start ?? point?.startDate ?? point?.date, ctx)
    if (!point || !start) {
      ctx.reject(item, 'schema', `${metric.name}: a point has no date that can be read`)
      continue
    }
    yield* pointOf(metric, quantity, grain, point, start, item, ctx)
  }
}

function* pointOf(
  { name, units }: Metric,
  quantity: Quantity,
  grain: Grain,
  point: Point,
  start: Time,
  item: unknown,
  ctx: NormalizeContext,
): Iterable<ObservationInput> {
  const value = point.qty ?? point.Avg
  if (value == null) {
    // A minute without a measurement is sent empty by some versions.
    if (point.Min == null && point.Max == null) ctx.reject(item, 'no_value', `${name}: a point has no value`)
    else ctx.reject(item, 'no_value', `${name}: a point has extremes and no mean`)
    return
  }
  const until = timeOf(point.end ?? point.endDate, ctx)
  if (until && until.at < start.at) {
    ctx.reject(item, 'order', `${name}: a point ends before it starts`)
    return
  }
  const put = (metric: string, [amount, unit]: [number, string]) =>
    placed(metric, amount, unit, point, start, until, grain)
  yield put(quantity.metric, measured(quantity, value, units))
  if (quantity.metric !== 'heart_rate' || point.Min == null || point.Max == null || point.Min === point.Max) return
  // The mean of a minute hides its extremes, which the person may want to know.
  yield put('health-auto-export.heart_rate_min', measured(quantity, point.Min, units))
  yield put('health-auto-export.heart_rate_max', measured(quantity, point.Max, units))
}

/** Two numbers in one point. */
export function* bloodPressure(metric: Metric, grain: Grain, ctx: NormalizeContext): Iterable<ObservationInput> {
  for (const item of metric.data ?? []) {
    const parsed = Point.safeParse(item)
    const start = timeOf(parsed.data?.date ?? parsed.data?.start, ctx)
    if (!parsed.success || !start || (parsed.data.systolic == null && parsed.data.diastolic == null)) {
      ctx.reject(item, 'schema', 'blood_pressure: a point has no date or no values')
      continue
    }
    const { systolic, diastolic } = parsed.data
    const unit = metric.units || 'mmHg'
    if (systolic != null) yield placed('blood_pressure_systolic', systolic, unit, parsed.data, start, null, grain)
    if (diastolic != null) yield placed('blood_pressure_diastolic', diastolic, unit, parsed.data, start, null, grain)
  }
}

/** A sample at its time, or over its minute or hour; a value of the day for a whole one. */
function placed(
  metric: string,
  value: number,
  unit: string,
  { source: name }: Point,
  { at, offset, zoneBasis, local }: Time,
  until: Time | null,
  grain: Grain,
): ObservationInput {
  const source = sourceOf(name)
  if (grain === 'day' && until === null)
    return { shape: 'daily_total', metric, date: local.slice(0, 10), value, unit, source, offset, zoneBasis }
  const end = until ? until.at : grain === 'minute' || grain === 'hour' ? at + lengths[grain] : at
  return { shape: 'sample', metric, start: at, ...(end > at ? { end } : {}), value, unit, source, offset, zoneBasis }
}

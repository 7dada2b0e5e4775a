import type { DayRow } from '../../../core/src/memory/ports.js'
import type { SeriesView, TodayItem } from '../../../core/src/plugin/auren.js'
import type { Fact, Query } from '../../../core/src/query/schema.js'

/** The invented person's today. */
export const TODAY = '2026-11-22'
/** Days that they have measured. */
export const DAYS = 400

const DAY = 86_400_000
/** A date so many days before today. */
export const daysBefore = (days: number): string =>
  new Date(Date.parse(`${TODAY}T00:00:00Z`) - days * DAY).toISOString().slice(0, 10)

/** How a metric of the invented person behaves. */
interface Habit {
  metric: string
  title: string
  unit: string
  level: number
  spread: number
  /** The value of today. */
  last: number
  samples: number
}

export const habits: readonly Habit[] = [
  { metric: 'sleep_duration', title: 'time asleep', unit: 's', level: 26_400, spread: 1900, last: 27_000, samples: 1 },
  {
    metric: 'resting_heart_rate',
    title: 'resting heart rate',
    unit: '/min',
    level: 55,
    spread: 1.4,
    last: 61.2,
    samples: 1,
  },
  {
    metric: 'hrv_rmssd',
    title: 'heart rate variability (RMSSD)',
    unit: 'ms',
    level: 58,
    spread: 6,
    last: 41.3,
    samples: 40,
  },
  {
    metric: 'respiratory_rate',
    title: 'respiratory rate',
    unit: '/min',
    level: 14.2,
    spread: 0.4,
    last: 14.3,
    samples: 1,
  },
  { metric: 'steps', title: 'steps', unit: '{steps}', level: 9400, spread: 2100, last: 4312, samples: 60 },
  { metric: 'weight', title: 'weight', unit: 'kg', level: 71.4, spread: 0.5, last: 71.2, samples: 1 },
]

/** A number in 0 … 1 that is the same every time. */
function chance(seed: number): number {
  const x = Math.sin(seed * 127.1 + 311.7) * 43_758.5453
  return x - Math.floor(x)
}

/** One day; null on the ten days when nothing was worn. */
export function dayOf(habit: Habit, ago: number): DayRow | null {
  if (ago >= 40 && ago < 50) return null
  const wave = Math.sin((ago / 365) * 2 * Math.PI) * habit.spread
  const noise = (chance(ago * 31 + habit.level) + chance(ago * 17 + habit.spread) - 1) * habit.spread
  const value = ago === 0 ? habit.last : habit.level + wave * 0.6 + noise
  const total = habit.metric === 'steps'
  const half = habit.samples > 1 && !total ? habit.spread * 1.5 : 0
  return {
    metric: habit.metric,
    source: 'merged',
    date: daysBefore(ago),
    value: total ? Math.round(value) : value,
    n: habit.samples,
    sum: value,
    min: total ? 3 : value - half,
    max: total ? 980 : value + half,
    mean: total ? value / habit.samples : value,
    sd: null,
    first: value,
    last: value,
    leq: null,
    bands: null,
    coverage: ago === 0 ? 0.46 : 0.9 + 0.1 * chance(ago),
    parts: null,
  }
}

/** The days of a metric between two dates, oldest first. */
export function daysOf(metric: string, from: string, to: string): DayRow[] {
  const habit = habits.find((one) => one.metric === metric)
  if (!habit) return []
  return Array.from({ length: DAYS }, (_, ago) => dayOf(habit, ago))
    .filter((day) => day !== null)
    .filter(({ date }) => date >= from && date <= to)
    .reverse()
}

/** Buckets of a metric: days, put together where there are too many. */
export function seriesOf(metric: string, from: string, to: string, most: number): SeriesView['buckets'] {
  const days = daysOf(metric, from, to)
  const width = Math.ceil(days.length / most) || 1
  return Array.from({ length: Math.ceil(days.length / width) }, (_, at) => {
    const group = days.slice(at * width, (at + 1) * width)
    const mean = group.reduce((sum, { value }) => sum + value, 0) / group.length
    return {
      from: group[0]!.date,
      to: group.at(-1)!.date,
      min: Math.min(...group.map(({ min }) => min)),
      max: Math.max(...group.map(({ max }) => max)),
      mean,
      value: mean,
      n: group.reduce((sum, { n }) => sum + n, 0),
      coverage: group.reduce((sum, { coverage }) => sum + coverage, 0) / group.length,
      sources: ['invented/1a2b3c/Invented ring'],
    }
  })
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

const unitOf = (metric: string): string => habits.find((one) => one.metric === metric)?.unit ?? '1'

/** A fact with what every fact has. */
export function factOf(id: string, query: Query, value: number, more: Partial<Fact>): Fact {
  return {
    id,
    query,
    status: 'ok',
    value,
    unit: '1',
    n: 28,
    minimum: 1,
    coverage: 0.97,
    sources: ['invented/1a2b3c/Invented ring'],
    from: daysBefore(27),
    to: TODAY,
    algorithm: 'facts@1.0.0',
    notes: [],
    ...more,
  }
}

/** How a day of a metric stands to the 28 days before. */
export function deviationOf(metric: string, date: string): Fact {
  const before = daysOf(metric, daysBefore(28), daysBefore(1)).filter((day) => day.date < date)
  const today = daysOf(metric, date, date)[0]
  const middle = median(before.map(({ value }) => value))
  const spread = 1.4826 * median(before.map(({ value }) => Math.abs(value - middle)))
  const value = today?.value ?? 0
  return factOf(`f_dev_${metric}`, { pattern: 'deviation', metric, window: 28, date }, value, {
    unit: unitOf(metric),
    n: before.length,
    minimum: 14,
    coverage: today?.coverage ?? 0,
    from: date,
    to: date,
    date,
    status: today ? 'ok' : 'no_data',
    baseline: {
      median: middle,
      spread,
      low: middle - 2 * spread,
      high: middle + 2 * spread,
      window: 28,
      z: (value - middle) / spread,
    },
    notes: ['28 days, without the day itself.'],
  })
}

/** A card of the day. */
export function cardOf(metric: string): TodayItem {
  const habit = habits.find((one) => one.metric === metric)!
  const last: Query = {
    measure: { of: 'metric', metric },
    aggregate: 'last',
    period: { kind: 'between', from: daysBefore(14), to: TODAY },
    where: [],
  }
  return {
    metric,
    title: habit.title,
    date: TODAY,
    fact: factOf(`f_last_${metric}`, last, habit.last, { unit: habit.unit, from: daysBefore(14), date: TODAY, n: 15 }),
    baseline: deviationOf(metric, TODAY),
    text: String(habit.last),
  }
}

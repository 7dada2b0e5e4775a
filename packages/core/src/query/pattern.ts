import { mannKendall, theilSen } from '../analysis/index.js'
import {
  BASELINE_MINIMUM,
  type Baseline,
  type BaselineWindow,
  baseline,
  baselineDays,
  type DailyValue,
  deviation,
  weeklyMedians,
} from '../memory/baseline.js'
import { type DayRow, type LongTerm, MERGED, type Scope } from '../memory/ports.js'
import type { LocalDate } from '../observation/schema.js'
import { daysBetween, shiftDate } from './calendar.js'
import { formatDate, formatSpan } from './dates.js'
import { meanCoverage } from './group.js'
import { type MetricLookup, traitsOf } from './measure.js'
import type { Fact, PatternQuery } from './schema.js'
import type { Answer } from './series.js'

/** Weeks that a trend needs at least: below, Mann-Kendall can hardly fall under p = 0.05. */
export const TREND_MINIMUM = 8

interface Setting {
  today: LocalDate
  lookup: MetricLookup
}

interface Ready {
  query: PatternQuery
  date: LocalDate
  window: BaselineWindow
  rows: readonly DayRow[]
  days: readonly DailyValue[]
  base: Pick<Answer, 'unit' | 'coverage' | 'sources' | 'from' | 'to'>
  notes: string[]
}

function bandOf({ median, spread, low, high, window }: Baseline, z: number | null): NonNullable<Fact['baseline']> {
  return { median, spread, low, high, window, z }
}

function answerBaseline({ days, date, window, base, notes }: Ready): Answer {
  const found = baseline(days, date, window)
  const n = baselineDays(days, date, window)
  if (!found) {
    return {
      ...base,
      status: n === 0 ? 'no_data' : 'not_enough_data',
      value: null,
      n,
      minimum: BASELINE_MINIMUM,
      notes,
    }
  }
  return {
    ...base,
    status: 'ok',
    value: found.median,
    n,
    minimum: BASELINE_MINIMUM,
    baseline: bandOf(found, null),
    notes,
  }
}

function answerDeviation({ days, date, window, base, notes, query, rows }: Ready): Answer {
  const found = deviation(days, date, window)
  const n = baselineDays(days, date, window)
  if (!found) {
    const day = days.some((held) => held.date === date)
    const status = day ? 'not_enough_data' : 'no_data'
    const missing = day ? [] : [`There is no ${query.metric} on ${formatDate(date)}.`]
    return {
      ...base,
      status,
      value: null,
      n,
      minimum: BASELINE_MINIMUM,
      from: date,
      to: date,
      notes: [...notes, ...missing],
    }
  }
  const { value, z, baseline: usual } = found
  const { coverage } = rows.find((row) => row.date === date)!
  const flat = z === null ? ['Every day of the window was equal: nothing says what is unusual.'] : []
  return {
    ...base,
    status: 'ok',
    value,
    n,
    minimum: BASELINE_MINIMUM,
    coverage,
    from: date,
    to: date,
    date,
    baseline: bandOf(usual, z),
    comparison: {
      value: usual.median,
      n: usual.n,
      coverage: base.coverage,
      from: base.from,
      to: base.to,
      difference: value - usual.median,
      ratio: usual.median === 0 ? null : value / usual.median,
    },
    notes: [...notes, ...flat],
  }
}

function answerTrend({ days, base, notes }: Ready): Answer {
  const weeks = weeklyMedians(days)
  const rows = weeks.map(({ week, median, n }) => ({ key: week, value: median, n }))
  const unit = `${base.unit}/wk`
  const line = theilSen(weeks.map(({ index, median }) => ({ x: index, y: median })))
  const test = mannKendall(weeks.map(({ median }) => median))
  const shared = { ...base, unit, n: weeks.length, minimum: TREND_MINIMUM, rows }
  if (!line || !test || weeks.length < TREND_MINIMUM) {
    return { ...shared, status: days.length === 0 ? 'no_data' : 'not_enough_data', value: null, notes }
  }
  const { slope, low, high } = line
  const direction = test.p >= 0.05 || slope === 0 ? 'none' : slope > 0 ? 'rising' : 'falling'
  const { p } = test
  const read = 'Theil-Sen slope of the weekly medians with Mann-Kendall p; a single step can look like a trend.'
  return { ...shared, status: 'ok', value: slope, trend: { slope, low, high, p, direction }, notes: [...notes, read] }
}

/**
 * Answers a look-up of a baseline, a deviation or a trend from the daily values themselves, with the same pure
 * functions as consolidation, so that it is never older than the data.
 */
export async function answerPattern(
  query: PatternQuery,
  longTerm: LongTerm,
  scope: Scope,
  { today, lookup }: Setting,
): Promise<Answer> {
  const { unit, kind } = traitsOf(lookup, query.metric)
  const date = query.date ?? today
  const window = query.window ?? (query.pattern === 'trend' ? 365 : 28)
  const trend = query.pattern === 'trend'
  // A trend runs up to its day; a baseline ends the day before.
  const from = shiftDate(date, trend ? 1 - window : -window)
  const to = trend ? date : shiftDate(date, -1)
  const [rows, summaries] = await Promise.all([
    longTerm.days(scope, { metrics: [query.metric], from, to: date, source: MERGED }),
    longTerm.metrics(scope),
  ])
  const coverage = new Map(rows.map((row) => [row.date, row.coverage]))
  const parts = new Set(rows.flatMap((row) => (row.parts ? Object.keys(row.parts) : (row.sources ?? []))))
  const known = summaries.find((summary) => summary.metric === query.metric)?.sources ?? []
  const ready: Ready = {
    query,
    date,
    window,
    rows,
    days: [...rows].sort((a, b) => (a.date < b.date ? -1 : 1)).map((row) => ({ date: row.date, value: row.value })),
    base: {
      unit,
      coverage: meanCoverage(daysBetween(from, to), (day) => coverage.get(day) ?? 0),
      sources: (parts.size > 0 ? [...parts] : rows.length > 0 ? known : []).filter((key) => key !== MERGED).sort(),
      from,
      to,
    },
    notes: [`${window} days: ${formatSpan(from, to)}${trend ? '' : `, without ${formatDate(date)} itself`}.`],
  }
  if (query.pattern === 'deviation' && date === today && kind === 'cumulative') {
    ready.notes.push('Today is not over: it is a part of a day against whole days.')
  }
  if (query.pattern === 'baseline') return answerBaseline(ready)
  return query.pattern === 'deviation' ? answerDeviation(ready) : answerTrend(ready)
}

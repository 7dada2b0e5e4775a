import {
  addDays,
  dayNumber,
  type LocalDate,
  type RolledDay,
  type RollSource,
  rollUp,
  rollUpSessions,
  sleepFields,
} from '@auren/core'
import { type Bucket, bucketKey, type Series } from './cache.js'
import { saveDays } from './day-rows.js'
import { groupBy } from './group.js'
import { mergedId } from './keys.js'
import { loadHeld, type Row } from './rows.js'
import { loadBuckets, loadSpilling } from './series.js'
import { chooseSessions, loadCandidates } from './sessions.js'
import { type Touched, touch } from './touched.js'
import type { Work } from './work.js'

const metricsOfNight = ['sleep_session', ...sleepFields]

/**
 * Rolls touched days up again from what is stored, per source and merged, and writes the rows that are not as they
 * were. A pure function of the chunks, rows and profile: how often and in which order it ran does not show.
 * @returns how many local days were recomputed
 */
export async function rollUpTouched(work: Work, touched: Touched): Promise<number> {
  // Which sleep is a date's main one depends on the sessions of the dates beside it.
  const nights = beside(touched.sleep)
  const workouts = beside(touched.workout)
  for (const date of nights) for (const metric of metricsOfNight) touch(touched, metric, date)
  for (const date of workouts) touch(touched, 'workout', date)
  for (const metric of metricsOfNight) for (const date of touched.metrics.get(metric)?.keys() ?? []) nights.add(date)
  for (const date of touched.metrics.get('workout')?.keys() ?? []) workouts.add(date)
  if (touched.metrics.size === 0) return 0

  const wanted = [...touched.metrics].map(([metric, dates]) => ({ metric, dates: [...dates.keys()].sort() }))
  await loadBuckets(
    work,
    wanted.flatMap(({ metric, dates }) => neededBuckets(work, metric, dates)),
  )
  const spilling = await loadSpilling(work, ...spillingOf(work, wanted))
  const totals = await loadHeld(
    work,
    'daily_total',
    wanted.flatMap(({ metric, dates }) => dates.map((date) => ({ name: metric, date }))),
  )
  const totalsBy = groupBy(totals, (row) => row.name)
  const rows = new Map<string, RolledDay>()
  for (const { metric, dates } of wanted)
    for (const row of rollMetric(work, metric, dates, spilling, totalsBy.get(metric) ?? [])) rows.set(rowKey(row), row)
  for (const row of await sessionRows(work, nights, workouts)) rows.set(rowKey(row), row)

  const ids = new Map([...work.sources.values()].map((source) => [source.key, source.id]))
  // A source that is now alone, or no longer, has its row elsewhere, whether it was touched or not.
  const produced = new Map<string, RolledDay>()
  for (const row of rows.values()) produced.set(`${row.metric} ${row.date} ${ids.get(row.source) ?? mergedId}`, row)
  await saveDays(work, touched, produced, ids)
  return new Set(wanted.flatMap(({ dates }) => dates)).size
}

function rowKey(row: RolledDay): string {
  return `${row.metric} ${row.date} ${row.source}`
}

function beside(dates: ReadonlySet<LocalDate>): Set<LocalDate> {
  return new Set([...dates].flatMap((date) => [addDays(date, -1), date, addDays(date, 1)]))
}

const dayMs = 86_400_000

/** A local day lies within three UTC days. */
function neededBuckets(work: Work, metric: string, dates: readonly LocalDate[]): Bucket[] {
  const info = work.metric(metric)
  const buckets = new Set<number>()
  for (const date of dates) {
    const day = dayNumber(date)
    for (const near of [day - 1, day, day + 1]) buckets.add(work.bucketOf(info, near * dayMs))
  }
  return [...buckets].map((bucket) => [metric, bucket] as const)
}

function spillingOf(
  work: Work,
  wanted: readonly { metric: string; dates: readonly LocalDate[] }[],
): [metrics: string[], since: number] {
  const cumulative = wanted.filter(({ metric }) => work.metric(metric).kind === 'cumulative')
  const earliest = cumulative.map(({ dates }) => dates[0] as LocalDate).sort()[0]
  return [cumulative.map(({ metric }) => metric), earliest ? (dayNumber(earliest) - 1) * dayMs : 0]
}

function rollMetric(
  work: Work,
  metric: string,
  dates: readonly LocalDate[],
  spilling: readonly Series[],
  totals: readonly Row[],
): RolledDay[] {
  const info = work.metric(metric)
  const near = neededBuckets(work, metric, dates).map(([, bucket]) => bucketKey(metric, bucket))
  const keys = new Set(near)
  const series = near.flatMap((key) => work.series.get(key) ?? [])
  for (const one of spilling) {
    if (one.metric !== metric || keys.has(bucketKey(metric, one.bucket))) continue
    // What this write has merged is newer than what was stored.
    const merged = work.series.get(bucketKey(metric, one.bucket))
    series.push(merged?.find(({ sourceId }) => sourceId === one.sourceId) ?? one)
  }
  const bySource = groupBy(
    series.filter(({ held }) => held.length > 0),
    ({ sourceId }) => sourceId,
  )
  const totalsOf = groupBy(totals, ({ sourceId }) => sourceId)
  const sources = [...new Set([...bySource.keys(), ...totalsOf.keys()])].map((id): RollSource => {
    const source = work.sources.get(id)
    if (!source) throw new Error(`source ${id} is not stored`)
    return {
      key: source.key,
      type: source.type,
      samples: (bySource.get(id) ?? []).flatMap(({ held }) => held),
      totals: newestTotals(totalsOf.get(id) ?? []),
    }
  })
  return rollUp(info, sources, new Set(dates), work.calendar, work.profile.ranks)
}

/** One total per date: of several (two records, two ordinals) the newest. */
function newestTotals(rows: readonly Row[]): Map<LocalDate, number> {
  const sorted = [...rows].sort(
    (a, b) =>
      (a.version ?? Number.NEGATIVE_INFINITY) - (b.version ?? Number.NEGATIVE_INFINITY) ||
      a.first - b.first ||
      (a.value ?? 0) - (b.value ?? 0),
  )
  return new Map(sorted.map((row) => [row.date as LocalDate, row.value as number]))
}

async function sessionRows(
  work: Work,
  nights: ReadonlySet<LocalDate>,
  workouts: ReadonlySet<LocalDate>,
): Promise<RolledDay[]> {
  const rows: RolledDay[] = []
  for (const [kind, dates] of [
    ['sleep', nights],
    ['workout', workouts],
  ] as const) {
    if (dates.size === 0) continue
    const candidates = await loadCandidates(work, kind, [...beside(dates)])
    for (const date of dates) {
      const { near, roles } = chooseSessions(kind, date, candidates, work.profile.ranks)
      rows.push(...rollUpSessions(kind, date, near, roles))
    }
  }
  return rows
}

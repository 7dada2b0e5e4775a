import { isDeepStrictEqual } from 'node:util'
import { metric as metricOf } from '../../catalogue/index.js'
import type { LocalDate } from '../../observation/schema.js'
import { dayOf } from '../../query/calendar.js'
import { createClock } from '../../query/clock.js'
import { type Fingerprint, type LongTerm, MERGED, type MemoryRecord, type Scope } from '../ports.js'
import { abstractPeriod, type DaySeries, LADDER, LOOK_BACK } from './abstract.js'
import { contextTags, episodeSpans, excludedDays, type NamedSpan, tagSpan } from './contexts.js'
import {
  digestOf,
  fingerprintAll,
  inputSeries,
  metricSeries,
  onLadder,
  readMidpoints,
  SLEEP_MIDPOINT,
  seriesUnit,
} from './inputs.js'
import { type DaySpan, dateOfDay, mergeSpans, monthSpan, type Period, periodsIn } from './periods.js'
import type { LadderKey, LadderRow, LadderStanding, LadderStore, Rung } from './ports.js'
import { rungs } from './ports.js'

/** A build of the ladder that is not stored yet. */
export interface Climb {
  /** What the build was made from. */
  before: LadderStanding
  rows: LadderRow[]
  gone: LadderKey[]
  marks: Fingerprint[]
  /** Rows computed, by rung: what was touched and nothing else. */
  computed: Record<Rung, number>
  /** Fingerprint of all tags, for detectors that name them. */
  tags: string
}

/** Gap of days between two spans that are still read as one. */
const NEAR = 200

/**
 * Builds the rungs of a person's ladder that are not as the data are: those over months whose fingerprint changed since
 * the last build, those that look back on them, and those that ended since. Everything, where there was no build or it
 * was another version's. Pure in tier 2, the person's episodes and `today`; a period is concluded once it is over.
 */
export async function climb(
  ports: { longTerm: LongTerm; ladder: LadderStore },
  scope: Scope,
  episodes: readonly MemoryRecord[],
  today: LocalDate,
): Promise<Climb> {
  const { longTerm, ladder } = ports
  const before = await ladder.standing(scope)
  // Before anything is read that they stand for: what is written meanwhile is found by the next build.
  const prints = await (longTerm.fingerprints?.(scope) ?? fingerprintAll(longTerm, scope))
  const marks = new Map((await ladder.marks(scope)).map((mark) => [keyOf(mark), mark]))
  const profile = await longTerm.profile(scope)
  const clock = createClock(profile)
  const span = { from: '0001-01-01', to: '9999-12-31' }
  const tags = prints.some(({ series }) => series === inputSeries.tags)
    ? (await Promise.all(contextTags.map((tag) => longTerm.tags(scope, { ...span, tag })))).flat()
    : []
  const spans: NamedSpan[] = [
    ...tags.map((tag) => tagSpan(tag, clock)),
    ...episodes.flatMap((record) => episodeSpans(record, today)),
  ]
  const excluded = excludedDays(spans)
  const current = [
    ...prints.map((print) =>
      print.series === inputSeries.sleeps ? { ...print, digest: digestOf([print.digest, profile.zones ?? []]) } : print,
    ),
    ...contextPrints(excluded),
  ]
  const changed = differences(current, marks)
  const rebuilt = before.until === null || before.algorithm !== LADDER
  const dirty = dirtySpans(rebuilt ? current : changed, current, marks)
  const yesterday = dayOf(today).index - 1
  const ended: DaySpan[] =
    rebuilt || before.until === null ? [] : [{ first: dayOf(before.until).index, last: yesterday }]

  const touched = new Map<string, Period[]>()
  for (const [series, of] of dirty) {
    const periods = touchedPeriods(of, rebuilt ? [] : ended, yesterday)
    if (periods.length > 0) touched.set(series, periods)
  }
  const computed: Record<Rung, number> = { week: 0, month: 0, quarter: 0, year: 0 }
  const rows: LadderRow[] = []
  const gone: LadderKey[] = []
  const held = await readHeld(ladder, scope, touched)
  for await (const { series, periods } of readSeries(longTerm, scope, clock, touched)) {
    for (const period of periods) {
      computed[period.rung]++
      const row = abstractPeriod(series, excluded, period)
      const old = held.get(rowKey({ rung: period.rung, series: series.series, period: period.name }))
      if (row && !isDeepStrictEqual(old, row)) rows.push(row)
      if (!row && old) gone.push({ rung: old.rung, series: old.series, period: old.period })
    }
  }
  return {
    before,
    rows,
    gone,
    marks: changed,
    computed,
    tags: digestOf(
      current.filter(({ series }) => series === inputSeries.tags).sort((a, b) => (a.month < b.month ? -1 : 1)),
    ),
  }
}

function keyOf({ series, month }: Pick<Fingerprint, 'series' | 'month'>): string {
  return `${series} ${month}`
}

/** Names a row within a person's ladder. */
export function rowKey({ rung, series, period }: LadderKey): string {
  return `${rung}/${series}/${period}`
}

function contextPrints(excluded: ReadonlyMap<number, readonly string[]>): Fingerprint[] {
  const months = new Map<string, [number, readonly string[]][]>()
  for (const [day, names] of [...excluded].sort(([a], [b]) => a - b)) {
    const month = dateOfDay(day).slice(0, -3)
    months.set(month, [...(months.get(month) ?? []), [day, names]])
  }
  return [...months].map(([month, days]) => ({ series: inputSeries.contexts, month, digest: digestOf(days) }))
}

/** What is not as it was marked; what is there no more has the digest ''. */
function differences(current: readonly Fingerprint[], marks: ReadonlyMap<string, Fingerprint>): Fingerprint[] {
  const seen = new Set(current.map(keyOf))
  return [
    ...current.filter((print) => marks.get(keyOf(print))?.digest !== print.digest),
    ...[...marks.values()].filter((mark) => !seen.has(keyOf(mark))).map((mark) => ({ ...mark, digest: '' })),
  ]
}

/** Months in which each series, or something that all of them stand on, changed. Every series that there is has an entry. */
function dirtySpans(
  changed: readonly Fingerprint[],
  current: readonly Fingerprint[],
  marks: ReadonlyMap<string, Fingerprint>,
): Map<string, DaySpan[]> {
  const dirty = new Map<string, DaySpan[]>()
  for (const { series } of [...current, ...marks.values()]) {
    if (onLadder(series)) dirty.set(series, [])
    if (series === inputSeries.sleeps) dirty.set(SLEEP_MIDPOINT, [])
  }
  for (const { series, month } of changed) {
    const span = monthSpan(month)
    if (series === inputSeries.sleeps || series === 'sleep_duration') dirty.get(SLEEP_MIDPOINT)?.push(span)
    if (series === inputSeries.coverage || series === inputSeries.contexts)
      for (const spans of dirty.values()) spans.push(span)
    else dirty.get(series)?.push(span)
  }
  return dirty
}

/** Periods that are over, that a change reaches (weeks and months look back), or that ended since the last build. */
function touchedPeriods(dirty: readonly DaySpan[], ended: readonly DaySpan[], yesterday: number): Period[] {
  return rungs.flatMap((rung) => {
    const reach = rung === 'week' || rung === 'month' ? LOOK_BACK : 0
    const found = new Map<string, Period>()
    for (const { first, last } of mergeSpans(dirty))
      for (const period of periodsIn(rung, { first, last: Math.min(last + reach, yesterday) }))
        if (period.last <= yesterday && period.first - reach <= last) found.set(period.name, period)
    for (const span of ended)
      for (const period of periodsIn(rung, span))
        if (period.last >= span.first && period.last <= yesterday) found.set(period.name, period)
    return [...found.values()]
  })
}

/** The rows that are stored for the touched periods. */
async function readHeld(
  ladder: LadderStore,
  scope: Scope,
  touched: ReadonlyMap<string, readonly Period[]>,
): Promise<Map<string, LadderRow>> {
  const held = new Map<string, LadderRow>()
  if (touched.size === 0) return held
  const spans = mergeSpans([...touched.values()].flat(), NEAR)
  for (const { first, last } of spans) {
    const rows = await ladder.read(scope, {
      rungs,
      series: [...touched.keys()].sort(),
      from: dateOfDay(first),
      to: dateOfDay(last),
    })
    for (const row of rows) held.set(rowKey(row), row)
  }
  return held
}

/** Days of each series for its touched periods; series and spans that are near each other are read together. */
async function* readSeries(
  longTerm: LongTerm,
  scope: Scope,
  clock: ReturnType<typeof createClock>,
  touched: ReadonlyMap<string, readonly Period[]>,
): AsyncIterable<{ series: DaySeries; periods: readonly Period[] }> {
  const reach = ({ rung, first, last }: Period): DaySpan =>
    rung === 'week' || rung === 'month' ? { first: first - LOOK_BACK, last } : { first, last }
  for (const span of mergeSpans([...touched.values()].flat().map(reach), NEAR)) {
    const wanted = new Map(
      [...touched].flatMap(([series, periods]) => {
        const within = periods.filter(({ first, last }) => first >= span.first && last <= span.last)
        return within.length > 0 ? [[series, within] as const] : []
      }),
    )
    const dates = { from: dateOfDay(span.first), to: dateOfDay(span.last) }
    const metrics = [...wanted.keys()].filter((series) => series !== SLEEP_MIDPOINT).sort()
    const rows = metrics.length === 0 ? [] : await longTerm.days(scope, { metrics, ...dates, source: MERGED })
    const byMetric = new Map<string, typeof rows>(metrics.map((id) => [id, []]))
    for (const row of rows) byMetric.get(row.metric)?.push(row)
    for (const [id, of] of byMetric)
      yield { series: metricSeries(id, seriesUnit(id, metricOf), of), periods: wanted.get(id) ?? [] }
    const nights = wanted.get(SLEEP_MIDPOINT)
    if (nights) yield { series: await readMidpoints(longTerm, scope, clock, dates), periods: nights }
  }
}

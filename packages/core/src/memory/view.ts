import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { LocalDate } from '../observation/schema.js'
import type { DetectorPlugin, DetectorView } from '../plugin/types.js'
import { shiftDate } from '../query/calendar.js'
import { createClock } from '../query/clock.js'
import { episodeSpans, type NamedSpan, tagSpan } from './ladder/contexts.js'
import type { LadderRow, Rung } from './ladder/ports.js'
import { type DayRow, type LongTerm, MERGED, type MemoryRecord, type Scope } from './ports.js'

/** Everything that detectors look at, before it is a view. */
export interface ViewContent {
  days: readonly Pick<DayRow, 'metric' | 'date' | 'value' | 'coverage'>[]
  tags: readonly { tag: string; date: LocalDate }[]
  rows: readonly LadderRow[]
  spans: readonly NamedSpan[]
}

/** Reads what some detectors look at: of days no more than the one that looks back furthest needs. */
export async function readView(
  longTerm: LongTerm,
  scope: Scope,
  detectors: readonly DetectorPlugin[],
  held: { rows: readonly LadderRow[]; episodes: readonly MemoryRecord[] },
  today: LocalDate,
): Promise<DetectorView> {
  const known = await longTerm.metrics(scope)
  const ids = known.map((summary) => summary.metric)
  const [first = today] = [...known.map((summary) => summary.from), today].sort()
  const wanted = new Map<string, LocalDate>()
  for (const { reads } of detectors) {
    const from = reads.days === undefined ? first : shiftDate(today, -reads.days)
    for (const id of reads.metrics === '*' ? ids : reads.metrics.filter((metric) => ids.includes(metric))) {
      const other = wanted.get(id)
      if (other === undefined || from < other) wanted.set(id, from)
    }
  }
  const days: DayRow[] = []
  for (const from of new Set(wanted.values())) {
    const metrics = [...wanted].filter(([, since]) => since === from).map(([id]) => id)
    days.push(...(await longTerm.days(scope, { metrics: metrics.sort(), from, to: today, source: MERGED })))
  }
  const naming = detectors.some(({ reads }) => reads.spans)
  const tags =
    naming || detectors.some(({ reads }) => reads.tags?.length)
      ? await longTerm.tags(scope, { from: first, to: today })
      : []
  const clock = naming ? createClock(await longTerm.profile(scope)) : null
  const spans = clock
    ? [...tags.map((tag) => tagSpan(tag, clock)), ...held.episodes.flatMap((record) => episodeSpans(record, today))]
    : []
  return viewOf(today, { days, tags, rows: held.rows, spans })
}

/** A frozen view: the same content in whatever order looks the same. */
export function viewOf(today: LocalDate, { days, tags, rows, spans }: ViewContent): DetectorView {
  const byMetric = new Map<string, { date: LocalDate; value: number; coverage: number }[]>()
  for (const { metric, date, value, coverage } of days.toSorted((a, b) => (a.date < b.date ? -1 : 1))) {
    const held = byMetric.get(metric)
    if (held) held.push({ date, value, coverage })
    else byMetric.set(metric, [{ date, value, coverage }])
  }
  const byPlace = new Map<string, LadderRow[]>()
  const place = (rung: Rung, series: string): string => `${rung}/${series}`
  for (const row of rows.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const held = byPlace.get(place(row.rung, row.series))
    if (held) held.push(row)
    else byPlace.set(place(row.rung, row.series), [row])
  }
  const order = (span: NamedSpan): string => JSON.stringify([span.name, span.first, span.last, span.ref])
  const named = spans.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
  return {
    today,
    metrics: () => [...byMetric.keys()].toSorted(),
    days: (metric) => byMetric.get(metric) ?? [],
    tags: (tag) => [...new Set(tags.filter((held) => held.tag === tag).map((held) => held.date))].toSorted(),
    rows: (rung, series) => byPlace.get(place(rung, series)) ?? [],
    series: () => [...new Set(rows.map((row) => row.series))].toSorted(),
    spans: () => named,
    random: seeded,
  }
}

/** Seeded uniform numbers in [0, 1), for permutation tests. */
function seeded(seed: number): () => number {
  const generator = xoroshiro128plus(seed)
  return () => uniformFloat64(generator)
}

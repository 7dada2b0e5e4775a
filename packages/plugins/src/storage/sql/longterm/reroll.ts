import { addDays, dateOfDay, type LocalDate } from '@auren/core'
import { rollUpTouched } from './days.js'
import { texts } from './literals.js'
import { type Row, rowColumns, rowDate } from './rows.js'
import { nothingTouched, touch } from './touched.js'
import type { Work } from './work.js'

/** Days that are rolled up at once: bounds the memory of a re-roll of many years. */
const windowDays = 60

/**
 * Rolls whole histories up again, window by window, after a change of ranks or zone facts.
 * @param concerns whether a metric with data of these sources is to be rolled up
 */
export async function rerollMetrics(
  work: Work,
  concerns: (metric: string, sources: ReadonlySet<number>) => boolean,
): Promise<void> {
  const spans = await spansOf(work)
  for (const [metric, span] of spans) {
    if (!concerns(metric, span.sources)) continue
    for (let from = span.from; from <= span.to; from = addDays(from, windowDays)) {
      const touched = nothingTouched()
      for (let day = 0; day < windowDays; day++) {
        const date = addDays(from, day)
        touch(touched, metric, date)
        for (const id of span.sources) touch(touched, metric, date, id)
      }
      work.series.clear()
      await rollUpTouched(work, touched)
    }
  }
}

interface Span {
  from: LocalDate
  to: LocalDate
  sources: Set<number>
}

/** Where each metric has data or rows, with a day to spare at both ends for a change of zone. */
async function spansOf(work: Work): Promise<Map<string, Span>> {
  const rows = await work.tx.query<{ metric: string; source_id: number; from_day: number; to_day: number }>(
    `select metric, source_id, min(bucket) as from_day, (max(until) / 86400000)::int8 as to_day
        from auren.chunks where user_id = $1 group by metric, source_id
      union all
      select metric, id, min(date) - date '1970-01-01', max(date) - date '1970-01-01'
        from auren.days, unnest(case when alone then sources else array[source_id] end) id
        where user_id = $1 group by metric, id`,
    [work.user],
  )
  const spans = new Map<string, Span>()
  for (const { metric, source_id: id, from_day, to_day } of rows) {
    const from = dateOfDay(from_day - 1)
    const to = dateOfDay(to_day + 1)
    const span = spans.get(metric) ?? { from, to, sources: new Set<number>() }
    if (from < span.from) span.from = from
    if (to > span.to) span.to = to
    if (id !== 0) span.sources.add(id)
    spans.set(metric, span)
  }
  return spans
}

/** Derives the dates of sessions and tags again; vendors' own dates stay. */
export async function redateRows({ tx, user, calendar }: Work): Promise<void> {
  const rows = await tx.query<Row>(
    `select ${rowColumns} from auren.entries where user_id = $1 and gone = 0 and shape <> 'daily_total'`,
    [user],
  )
  const moved = rows.flatMap((row) => {
    const date = rowDate(calendar, { ...row, zoneBasis: row.zoneBasis ?? 'absent' })
    return date === row.date ? [] : [{ row, date }]
  })
  if (moved.length === 0) return
  await tx.query(
    `update auren.entries e set date = x.date from unnest($2::text[], $3::text[], $4::date[]) x (id, hash, date)
      cross join lateral (
        select ctid as place from auren.entries o where o.user_id = $1 and o.id = x.id and o.hash = x.hash offset 0
      ) o
      where e.ctid = o.place`,
    [
      user,
      texts(moved.map(({ row }) => row.id)),
      texts(moved.map(({ row }) => row.hash)),
      texts(moved.map(({ date }) => date)),
    ],
  )
}

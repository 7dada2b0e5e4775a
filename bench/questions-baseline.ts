// The same numbers by bare SQL over the table of days: one statement each, no coverage, no sources, no id.
import type { SqlTx } from '../packages/plugins/src/storage/sql/port.js'

/** What a statement needs of a question. */
export interface PlainQuestion {
  metric: string
  aggregate: string
  from: string
  to: string
  /** Only values above. */
  above: number | null
}

const expressions: Readonly<Record<string, string>> = {
  mean: 'avg(d.value)',
  sum: 'sum(d.value)',
  min: 'min(d.value)',
  max: 'max(d.value)',
  sd: 'stddev_samp(d.value)',
  median: 'percentile_cont(0.5) within group (order by d.value)',
  days: 'count(*)::float8',
}

/** Runs one; `source_id` 0 is the row that holds all sources, merged. */
export async function askBare(tx: SqlTx, user: string, question: PlainQuestion): Promise<number | null> {
  const { metric, aggregate, from, to, above } = question
  const [row] = await tx.query<{ value: number | null }>(
    `select ${expressions[aggregate]} as value from auren.days d
     where d.user_id = $1 and d.metric = $2 and d.source_id = 0 and d.date between $3::date and $4::date
       and d.value > $5::float8`,
    [user, metric, from, to, above ?? Number.NEGATIVE_INFINITY],
  )
  return row?.value ?? null
}

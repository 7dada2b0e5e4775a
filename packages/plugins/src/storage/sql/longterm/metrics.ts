import type { MetricSummary, Scope } from '@auren/core'
import type { Sql, SqlTx } from '../port.js'
import { mergedId } from './keys.js'

/** Persons whose summary is kept; the least recently asked for goes first. */
const keptPersons = 200

/**
 * Tells what there is of each metric. That reads all of a person's days, and every question wants it, so it is kept
 * until the person's version changes. The version's row names the transaction that wrote it: a version that comes again
 * after an erasure is another one.
 */
export function keepMetrics(sql: Sql): (scope: Scope) => Promise<MetricSummary[]> {
  const kept = new Map<string, { version: string; summaries: MetricSummary[] }>()
  return ({ user }) =>
    sql.as(
      user,
      async (tx) => {
        const [row] = await tx.query<{ version: string }>(
          `select version || ' ' || xmin as version from auren.person_versions where user_id = $1`,
          [user],
        )
        const version = row?.version ?? ''
        const known = kept.get(user)
        kept.delete(user)
        const summaries = known && known.version === version ? known.summaries : await readMetrics(tx, user)
        for (const oldest of kept.keys()) if (kept.size >= keptPersons) kept.delete(oldest)
        kept.set(user, { version, summaries })
        return summaries.map((summary) => ({ ...summary, sources: [...summary.sources] }))
      },
      { readOnly: true },
    )
}

function readMetrics(tx: SqlTx, user: string): Promise<MetricSummary[]> {
  return tx.query<MetricSummary>(
    `select m.metric, m."from", m."to", m.days::int4 as days, m.n, coalesce(k.sources, '{}') as sources
      from (
        select metric, min(date) as "from", max(date) as "to", count(*) as days, sum(n)::int8 as n
        from auren.days where user_id = $1 and source_id = ${mergedId} group by metric
      ) m left join (
        select d.metric, array_agg(s.key order by s.key) as sources
        from (
          select distinct metric, unnest(sources) as id from auren.days where user_id = $1 and source_id = ${mergedId}
        ) d join auren.sources s on s.user_id = $1 and s.id = d.id group by d.metric
      ) k on k.metric = m.metric
      order by m.metric`,
    [user],
  )
}

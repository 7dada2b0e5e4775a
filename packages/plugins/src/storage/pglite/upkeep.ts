import type { PluginContext } from '@auren/core'
import type { Sql } from '../sql/port.js'

/** How often it is looked whether something is to be done, in ms. */
const LOOK_MS = 15_000
/** Rows that must have changed, and their share of the table. */
const CHANGED_ROWS = 500
const CHANGED_SHARE = 0.2
/** Rows that are sampled, in units of 300: enough to choose an index by, and done in a tenth of a second. */
const SAMPLE = 10
/** Log since the last checkpoint, in bytes: what a start after a kill has to read again. */
const MOST_LOG_BYTES = 256 * 1024 * 1024

/**
 * Gathers the planner's statistics of tables that have changed much. PGlite has no background processes, and without
 * statistics PostgreSQL takes any index for as good as another: it looked a metric up by date among all metrics.
 * @returns the tables
 */
export async function gatherStatistics(sql: Sql): Promise<string[]> {
  const changed = await sql.transaction(
    (tx) =>
      tx.query<{ name: string }>(
        `select format('auren.%I', s.relname) as name from pg_stat_user_tables s join pg_class c on c.oid = s.relid
          where s.schemaname = 'auren'
            and s.n_mod_since_analyze > ${CHANGED_ROWS} + ${CHANGED_SHARE} * greatest(c.reltuples, 0)`,
      ),
    { readOnly: true, lane: 'bulk' },
  )
  for (const { name } of changed)
    await sql.transaction(
      async (tx) => {
        await tx.query(`set local default_statistics_target = ${SAMPLE}`)
        await tx.query(`analyze ${name}`)
      },
      { lane: 'bulk' },
    )
  return changed.map(({ name }) => name)
}

/**
 * Writes the log's changes to the tables' files where there is much of it: nobody else does it in PGlite, and the log
 * would grow until the database is closed.
 * @returns whether it was time
 */
export async function checkpointIfLong(sql: Sql, most = MOST_LOG_BYTES): Promise<boolean> {
  const [row] = await sql.transaction(
    (tx) =>
      tx.query<{ bytes: number }>(
        'select pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn) as bytes from pg_control_checkpoint()',
      ),
    { readOnly: true, lane: 'bulk' },
  )
  if ((row?.bytes ?? 0) <= most) return false
  await sql.transaction((tx) => tx.query('checkpoint'), { lane: 'bulk' })
  return true
}

/** Does both from time to time, until the returned function is called, which waits for what runs. */
export function keepUp(sql: Sql, log: PluginContext['log']): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve()
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    running = gatherStatistics(sql)
      .then(() => checkpointIfLong(sql))
      .catch((error: unknown) => log('warn', 'the upkeep of the database failed', { error: String(error) }))
      .finally(() => {
        busy = false
      })
  }, LOOK_MS).unref()
  return async () => {
    clearInterval(timer)
    await running
  }
}

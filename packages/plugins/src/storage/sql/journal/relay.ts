import type { Journal } from '@auren/core'
import { type SqlTx, textArrayLiteral } from '../port.js'
import type { SqlVault } from '../vault.js'
import { count } from './counters.js'
import { lockRelay } from './locks.js'

type RelayPart = Pick<
  Journal,
  | 'holdRelay'
  | 'releaseRelay'
  | 'align'
  | 'unpublished'
  | 'acknowledge'
  | 'reconcile'
  | 'places'
  | 'horizon'
  | 'dueJobs'
>

interface Row {
  id: string
  user_id: string
  payload: Uint8Array
  traceparent: string | null
}

/** The database's clock in ms: those of several machines differ. */
const clock = '(extract(epoch from clock_timestamp()) * 1000)::int8'

/**
 * The outbox as a relay sees it.
 * @param alone true where no other process can have the database open: the relay's lease is then for ever
 */
export function createRelay(vault: SqlVault, alone: boolean): RelayPart {
  return {
    async holdRelay(t, owner, ms) {
      if (alone) return Number.POSITIVE_INFINITY
      const [held] = await (t as SqlTx).query(
        `insert into auren.relay as r (owner, until) values ($1, ${clock} + $2)
         on conflict (one) do update set owner = excluded.owner, until = excluded.until
           where r.owner = excluded.owner or r.until <= ${clock} returning 1 as held`,
        [owner, ms],
      )
      return held ? ms : 0
    },
    async releaseRelay(t, owner) {
      await (t as SqlTx).query('delete from auren.relay where owner = $1', [owner])
    },

    align: (t, log, group) => (log === null ? alignTable(t as SqlTx, group) : alignBus(t as SqlTx, log)),

    async unpublished(t, log, group, limit, maxBytes) {
      const rows = await (t as SqlTx).query<Row>(
        `with due as (
           (select id, seq from auren.outbox where position is null and log is null and payload is not null
            order by seq limit $3)
           union
           (select o.id, o.seq from auren.offsets f join auren.outbox o
              on o.log = $1 and o.log_partition = f.partition and o.log_position < f.next
            where f.consumer = $2 and o.payload is not null order by o.seq limit $3)
         ), summed as (
           select o.id, o.seq, octet_length(o.payload) as bytes,
             sum(octet_length(o.payload)) over (order by o.seq) as total
           from auren.outbox o join due on due.id = o.id
         )
         select o.id, o.user_id, o.payload, o.traceparent
         from (select id, seq from summed where total <= $4 or total = bytes order by seq limit $3) as s
         join auren.outbox o on o.id = s.id order by s.seq`,
        [log, group, limit, maxBytes],
      )
      return Promise.all(
        rows.map(async ({ id, user_id, payload, traceparent }) => ({
          id,
          key: await vault.system.keyed(`log ${user_id}`),
          payload,
          traceparent,
        })),
      )
    },

    async acknowledge(t, log, rows) {
      if (rows.length === 0) return
      const tx = t as SqlTx
      await tx.query(
        `update auren.outbox o set log = $1, log_partition = a.partition, log_position = a.position
         from unnest($2::uuid[], $3::int4[], $4::int8[]) as a (id, partition, position) where o.id = a.id`,
        [
          log,
          textArrayLiteral(rows.map(({ id }) => id)),
          `{${rows.map(({ partition }) => partition).join(',')}}`,
          `{${rows.map(({ position }) => position).join(',')}}`,
        ],
      )
      await count(tx, 'published', rows.length)
    },

    async reconcile(t, log, group, { partition, earliest, end, known, still }) {
      const tx = t as SqlTx
      await tx.query(
        'insert into auren.offsets (consumer, partition, epoch, next) values ($1, $2, 0, $3) on conflict do nothing',
        [group, partition, earliest],
      )
      const reset = await tx.query(
        `update auren.offsets set epoch = epoch + 1, next = $3
         where consumer = $1 and partition = $2 and (next < $3 or $4) returning 1 as reset`,
        [group, partition, earliest, known > end],
      )
      const again = still ? await forget(tx, log, partition, end) : 0
      return { reset: reset.length > 0, again }
    },

    async places(t, group) {
      return (t as SqlTx).query(
        'select partition, epoch, next from auren.offsets where consumer = $1 order by partition',
        [group],
      )
    },

    async dueJobs(t, now) {
      const [row] = await (t as SqlTx).query<{ count: number }>(
        `select count(*) as count from auren.jobs where state = 'running' or (state = 'waiting' and run_at <= $1)`,
        [now],
      )
      return row?.count ?? 0
    },

    async horizon(t) {
      const [row] = await (t as SqlTx).query<{ oldest: number | null; newest: number | null }>(
        'select min(seq) as oldest, max(seq) as newest from auren.outbox',
      )
      return row && row.oldest !== null && row.newest !== null ? { oldest: row.oldest, newest: row.newest } : null
    },
  }
}

/** Rows that a bus acknowledged at positions that it does not have are to be published again. */
async function forget(tx: SqlTx, log: string, partition: number, end: number): Promise<number> {
  const rows = await tx.query(
    `update auren.outbox set log = null, log_partition = null, log_position = null
     where log = $1 and log_partition = $2 and log_position >= $3 returning 1 as again`,
    [log, partition, end],
  )
  return rows.length
}

/** What a bus has been given is the table's again; a partition with a hole is given new places from `next` on. */
async function alignTable(tx: SqlTx, group: string): Promise<number> {
  await lockRelay(tx)
  const back = await tx.query(
    `update auren.outbox set log = null, log_partition = null, log_position = null
     where log is not null returning 1 as back`,
  )
  const moved = await tx.query(
    `with held as (
       select h.partition, h.next as head, coalesce(f.next, 0) as next,
         (select count(*) from auren.outbox o where o.partition = h.partition and o.position >= coalesce(f.next, 0)) as rows
       from auren.log_heads h left join auren.offsets f on f.consumer = $1 and f.partition = h.partition
     ), holed as (
       select * from held where rows <> head - next
     ), heads as (
       update auren.log_heads h set next = holed.next from holed where h.partition = holed.partition
     )
     update auren.outbox o set position = null from holed
     where o.partition = holed.partition and o.position is not null returning 1 as moved`,
    [group],
  )
  return back.length + moved.length
}

/** Places in the table, and in other buses, mean nothing to this bus. What an erasure emptied needs no place any more. */
async function alignBus(tx: SqlTx, log: string): Promise<number> {
  await lockRelay(tx)
  const emptied = await tx.query('delete from auren.outbox where payload is null returning 1 as emptied')
  await count(tx, 'stored', emptied.length)
  const moved = await tx.query(
    `update auren.outbox set position = null, log = null, log_partition = null, log_position = null
     where position is not null or log <> $1 returning 1 as moved`,
    [log],
  )
  return emptied.length + moved.length
}

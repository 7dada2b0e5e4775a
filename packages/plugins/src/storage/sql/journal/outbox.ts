import { AurenError, ENVELOPE_VERSION, type Envelope, type Journal, type LogRecord } from '@auren/core'
import type { Box } from '../box.js'
import { type SqlTx, textArrayLiteral } from '../port.js'
import { count } from './counters.js'
import { lockPersons, lockRelay, partitionOf } from './locks.js'

type OutboxPart = Pick<Journal, 'enqueue' | 'assign' | 'read' | 'pending' | 'markStored' | 'lockPersons'>

/** Envelopes sealed at once. */
const atOnce = 8

interface Row {
  id: string
  position: number
  user_id: string | null
  received_at: number
  payload: Uint8Array | null
}

/** Envelopes on their way: accepted, given a place in the log, stored. */
export function createOutbox(box: Box, partitions: number): OutboxPart {
  return {
    async enqueue(t, envelopes) {
      const tx = t as SqlTx
      for (let at = 0; at < envelopes.length; at += atOnce) {
        // Deflating runs on Node's threads: a few at once, while their number bounds the memory.
        const sealed = await Promise.all(
          envelopes.slice(at, at + atOnce).map(async (envelope) => {
            const json = Buffer.from(JSON.stringify(envelope))
            return { envelope, size: json.length, payload: await box.seal(envelope.user, json) }
          }),
        )
        for (const { envelope, size, payload } of sealed)
          await tx.query(
            'insert into auren.outbox (id, user_id, partition, received_at, size, payload) values ($1, $2, $3, $4, $5, $6)',
            [envelope.id, envelope.user, partitionOf(envelope.user, partitions), envelope.receivedAt, size, payload],
          )
      }
      await count(tx, 'accepted', envelopes.length)
    },

    async assign(t, limit) {
      const tx = t as SqlTx
      await lockRelay(tx)
      const [row] = await tx.query<{ count: number }>(
        `with fresh as (
           select id, partition, row_number() over (partition by partition order by seq) - 1 as place
           from (select id, partition, seq from auren.outbox where position is null order by seq limit $1) as oldest
         ), moved as (
           update auren.outbox o set position = coalesce(h.next, 0) + fresh.place
           from fresh left join auren.log_heads h on h.partition = fresh.partition
           where o.id = fresh.id returning o.partition, o.position
         ), heads as (
           insert into auren.log_heads (partition, next) select partition, max(position) + 1 from moved group by partition
           on conflict (partition) do update set next = excluded.next
         )
         select count(*) as count from moved`,
        [limit],
      )
      return row?.count ?? 0
    },

    async read(t, partition, from, limit, maxBytes) {
      const rows = await (t as SqlTx).query<Row>(
        `select id, position, user_id, received_at, payload
         from (select *, sum(size) over (order by position) as total
               from (select * from auren.outbox where partition = $1 and position >= $2 order by position limit $3) as next
              ) as summed
         where total <= $4 or total = size order by position`,
        [partition, from, limit, maxBytes],
      )
      return Promise.all(
        rows.map(async (row): Promise<LogRecord> => {
          return { partition, position: row.position, id: row.id, envelope: await openEnvelope(box, row) }
        }),
      )
    },

    async pending(t, ids) {
      const rows = await (t as SqlTx).query<{ id: string }>(
        'select id from auren.outbox where id = any($1::uuid[]) order by id for update',
        [textArrayLiteral(ids)],
      )
      return new Set(rows.map(({ id }) => id))
    },

    async markStored(t, ids) {
      const tx = t as SqlTx
      const [row] = await tx.query<{ count: number }>(
        `with gone as (delete from auren.outbox where id = any($1::uuid[]) returning 1) select count(*) as count from gone`,
        [textArrayLiteral(ids)],
      )
      await count(tx, 'stored', row?.count ?? 0)
    },

    lockPersons: (tx, users) => lockPersons(tx as SqlTx, users),
  }
}

async function openEnvelope(box: Box, row: Row): Promise<Envelope> {
  // The place of an erased person's envelope stays, so that the log has no gap; nothing is in it.
  if (row.user_id === null || row.payload === null)
    return {
      v: ENVELOPE_VERSION,
      id: row.id,
      user: 'erased',
      account: '',
      receivedAt: row.received_at,
      provider: 'erased',
      rawRef: '',
      observations: [],
    }
  const envelope = await box.openJson<Envelope>(row.user_id, row.payload)
  if (envelope.v > ENVELOPE_VERSION || envelope.v < ENVELOPE_VERSION - 1)
    throw new AurenError('AUREN_ENVELOPE_VERSION', `An envelope of version ${envelope.v} is waiting: update AUREN`)
  return envelope
}

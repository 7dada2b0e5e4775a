import { AurenError, ENVELOPE_VERSION, type Envelope, type FullRecord, type Journal } from '@auren/core'
import type { Box } from '../box.js'
import { placeholders, type SqlTx, textArrayLiteral } from '../port.js'
import { count } from './counters.js'
import { createHandover, type Handover } from './handover.js'
import { lockPersons, lockRelay, partitionOf } from './locks.js'

type OutboxPart = Pick<
  Journal,
  'enqueue' | 'outstanding' | 'assign' | 'read' | 'openRecords' | 'pending' | 'markStored' | 'lockPersons'
>

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** Envelopes sealed at once, and written in one statement. */
const atOnce = 8
const columnTypes = ['uuid', 'text', 'int4', 'int8', 'int4', 'bytea', 'uuid', 'text'] as const

interface Row {
  id: string
  position: number
  user_id: string | null
  received_at: number
  payload: Uint8Array | null
}

/** Envelopes on their way: accepted, given a place in the log, stored. */
export function createOutbox(box: Box, partitions: number): OutboxPart {
  const handover = createHandover()
  return {
    async enqueue(t, envelopes, receipt) {
      const tx = t as SqlTx
      for (let at = 0; at < envelopes.length; at += atOnce) {
        // Deflating runs on Node's threads: a few at once, while their number bounds the memory.
        const sealed = await Promise.all(
          envelopes.slice(at, at + atOnce).map(async (envelope) => {
            const json = Buffer.from(JSON.stringify(envelope))
            return { envelope, size: json.length, payload: await box.seal(envelope.user, json) }
          }),
        )
        await tx.query(
          `insert into auren.outbox (id, user_id, partition, received_at, size, payload, receipt, traceparent)
           values ${placeholders(sealed.length, columnTypes)}`,
          sealed.flatMap(({ envelope, size, payload }) => [
            envelope.id,
            envelope.user,
            partitionOf(envelope.user, partitions),
            envelope.receivedAt,
            size,
            payload,
            uuidOf(receipt ?? envelope.rawRef),
            envelope.traceparent ?? null,
          ]),
        )
        for (const { envelope, size, payload } of sealed) handover.keep(envelope, payload, size)
      }
      await count(tx, 'accepted', envelopes.length)
    },

    async outstanding(t, user, receipt) {
      const [row] = await (t as SqlTx).query<{ known: boolean; waiting: number }>(
        `select exists (select from auren.inbox where id = $2::uuid and user_id = $1) as known,
           (select count(*) from auren.outbox where user_id = $1 and receipt = $2::uuid)
           + (select count(*) from auren.jobs
              where user_id = $1 and key like $2::text || '/%' and state in ('waiting', 'running')) as waiting`,
        [user, receipt],
      )
      return row?.known ? row.waiting : null
    },

    async assign(t, limit) {
      const tx = t as SqlTx
      await lockRelay(tx)
      const [row] = await tx.query<{ count: number }>(
        `with fresh as (
           select id, partition, row_number() over (partition by partition order by seq) - 1 as place
           from (select id, partition, seq from auren.outbox where position is null and log is null order by seq limit $1) as oldest
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
        rows.map(async (row): Promise<FullRecord> => {
          return { partition, position: row.position, id: row.id, envelope: await openEnvelope(box, row, handover) }
        }),
      )
    },

    async openRecords(t, records) {
      const tx = t as SqlTx
      const held = await tx.query<{ id: string; user_id: string | null; received_at: number }>(
        'select id, user_id, received_at from auren.outbox where id = any($1::uuid[]) and payload is not null',
        [textArrayLiteral(records.map(({ id }) => id))],
      )
      const values = new Map(records.map(({ id, value }) => [id.toLowerCase(), value]))
      const opened = await Promise.all(
        held.map(async ({ id, user_id, received_at }) => {
          const carried = { id, position: 0, user_id, received_at, payload: values.get(id) ?? null }
          try {
            const envelope = await openEnvelope(box, carried)
            if (envelope.id === id) return [id, { envelope, garbled: false }] as const
          } catch {
            // Whatever the log carried under this id, it is not what was written: the row has that.
          }
          const [own] = await tx.query<Row>('select * from auren.outbox where id = $1', [id])
          return [id, own ? { envelope: await openEnvelope(box, own), garbled: true } : null] as const
        }),
      )
      return new Map(opened)
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
      const stored = row?.count ?? 0
      await count(tx, 'stored', stored)
      await count(tx, 'duplicates', ids.length - stored)
    },

    lockPersons: (tx, users) => lockPersons(tx as SqlTx, users),
  }
}

/** What names a delivery is its row in the inbox; anything else that stands there might be somebody's words. */
function uuidOf(receipt: string): string | null {
  return uuid.test(receipt) ? receipt : null
}

async function openEnvelope(box: Box, row: Row, handover?: Handover): Promise<Envelope> {
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
  const envelope = handover?.take(row.id, row.payload) ?? (await box.openJson<Envelope>(row.user_id, row.payload))
  if (envelope.v > ENVELOPE_VERSION || envelope.v < ENVELOPE_VERSION - 1)
    throw new AurenError('AUREN_ENVELOPE_VERSION', `An envelope of version ${envelope.v} is waiting: update AUREN`)
  return envelope
}

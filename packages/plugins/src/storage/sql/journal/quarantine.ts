import { randomUUID } from 'node:crypto'
import type { Journal, QuarantineItem } from '@auren/core'
import type { Box } from '../box.js'
import type { SqlTx } from '../port.js'

interface Row {
  id: string
  user_id: string | null
  provider: string
  account: string
  raw_ref: string
  received_at: number
  reason: string
  sealed: Uint8Array
  replayed_at: number | null
}

/** What was set aside; the item and the detail, which may quote it, are sealed. */
export function createQuarantine(box: Box): Pick<Journal, 'quarantine' | 'listQuarantine' | 'markReplayed'> {
  return {
    async quarantine(t, items) {
      const ids: string[] = []
      for (const { user, provider, account, rawRef, receivedAt, reason, detail, item } of items) {
        const id = randomUUID()
        await (t as SqlTx).query(
          `insert into auren.quarantine (id, user_id, provider, account, raw_ref, received_at, reason, sealed)
           values ($1, $2, $3, $4, $5, $6, $7, $8)`,
          [
            id,
            user,
            provider,
            account,
            rawRef,
            receivedAt,
            reason,
            await box.sealJson(user, { detail, item: item ?? null }),
          ],
        )
        ids.push(id)
      }
      return ids
    },

    async listQuarantine(t, { user, id, open, provider, reason, rawRef, after, limit = 100 }) {
      const rows = await (t as SqlTx).query<Row>(
        `select id, user_id, provider, account, raw_ref, received_at, reason, sealed, replayed_at from auren.quarantine
         where ($1::text is null or user_id = $1) and ($2::uuid is null or id = $2)
           and ($3::bool is null or (replayed_at is null) = $3)
           and ($5::text is null or provider = $5) and ($6::text is null or reason = $6)
           and ($7::uuid is null or seq < (select seq from auren.quarantine where id = $7))
           and ($8::text is null or raw_ref = $8)
         order by seq desc limit $4`,
        [
          user ?? null,
          id ?? null,
          open ?? null,
          limit,
          provider ?? null,
          reason ?? null,
          after ?? null,
          rawRef ?? null,
        ],
      )
      return Promise.all(
        rows.map(async (row): Promise<QuarantineItem> => {
          const { detail, item } = await box.openJson<{ detail: string; item: unknown }>(row.user_id, row.sealed)
          return {
            id: row.id,
            user: row.user_id,
            provider: row.provider,
            account: row.account,
            rawRef: row.raw_ref,
            receivedAt: row.received_at,
            reason: row.reason,
            detail,
            item,
            replayedAt: row.replayed_at,
          }
        }),
      )
    },

    async markReplayed(t, id, at) {
      await (t as SqlTx).query('update auren.quarantine set replayed_at = $2 where id = $1', [id, at])
    },
  }
}

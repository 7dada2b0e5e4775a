import { randomUUID } from 'node:crypto'
import type { Delivery, Journal } from '@auren/core'
import type { Box } from '../box.js'
import type { SqlTx } from '../port.js'
import type { SqlVault } from '../vault.js'

interface Row {
  provider: string
  delivery_key: string
  user_id: string | null
  account: string
  received_at: number
  headers: Uint8Array | null
  body: Uint8Array | null
  blob: string | null
}

/** Raw deliveries, once each. */
export function createInbox(box: Box, vault: SqlVault): Pick<Journal, 'receive' | 'raw'> {
  const wasErased = async (tx: SqlTx, delivery: Delivery): Promise<boolean> => {
    const [any] = await tx.query('select 1 from auren.erased_deliveries limit 1')
    if (!any) return false
    const hash = await deliveryHash(vault, delivery.provider, delivery.deliveryKey)
    const found = await tx.query('select 1 from auren.erased_deliveries where hash = $1', [hash])
    return found.length > 0
  }

  return {
    async receive(t, delivery, receivedAt) {
      const tx = t as SqlTx
      const { provider, deliveryKey, user, account, headers, body, blob } = delivery
      const id = randomUUID()
      // Its person has been erased since it first came: to whoever sends it again it has been received.
      if (await wasErased(tx, delivery)) return { id, receivedAt, duplicate: true }
      const [made] = await tx.query(
        `insert into auren.inbox (id, provider, delivery_key, user_id, account, received_at, headers, body, blob)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (provider, delivery_key) do nothing returning 1 as made`,
        [
          id,
          provider,
          deliveryKey,
          user,
          account,
          receivedAt,
          headers ? await box.sealJson(user, headers) : null,
          body ? await box.seal(user, body) : null,
          blob ?? null,
        ],
      )
      if (made) return { id, receivedAt, duplicate: false }
      const [first] = await tx.query<{ id: string; received_at: number }>(
        'select id, received_at from auren.inbox where provider = $1 and delivery_key = $2',
        [provider, deliveryKey],
      )
      return { id: first?.id ?? id, receivedAt: first?.received_at ?? receivedAt, duplicate: true }
    },

    async raw(t, id) {
      const [row] = await (t as SqlTx).query<Row>('select * from auren.inbox where id = $1', [id])
      if (!row) return null
      const delivery: Delivery = {
        provider: row.provider,
        deliveryKey: row.delivery_key,
        user: row.user_id,
        account: row.account,
        ...(row.headers ? { headers: await box.openJson<Record<string, string>>(row.user_id, row.headers) } : {}),
        ...(row.body ? { body: await box.open(row.user_id, row.body) } : {}),
        ...(row.blob === null ? {} : { blob: row.blob }),
      }
      return { delivery, receivedAt: row.received_at }
    },
  }
}

/** What stays of a delivery after an erasure. */
export function deliveryHash(vault: SqlVault, provider: string, deliveryKey: string): Promise<string> {
  return vault.system.keyed(`delivery ${JSON.stringify([provider, deliveryKey])}`)
}

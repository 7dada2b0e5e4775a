import { randomUUID } from 'node:crypto'
import type { Delivery, Journal, KeptDelivery, Receipt } from '@auren/core'
import type { Box } from '../box.js'
import { placeholders, type SqlTx, type SqlValue, textArrayLiteral } from '../port.js'
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

const types = ['uuid', 'text', 'text', 'text', 'text', 'int8', 'bytea', 'bytea', 'uuid']
const noId = '00000000-0000-0000-0000-000000000000'
const keyOf = (row: readonly SqlValue[]): string => `${row[1]} ${row[2]}`
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Raw deliveries, once each. */
export function createInbox(box: Box, vault: SqlVault): Pick<Journal, 'receive' | 'receiveAll' | 'raw' | 'deliveries'> {
  /**
   * Which of these were received before their person was erased, by place. The keys that the others are sealed with are
   * read by the way.
   */
  const erasedOf = async (tx: SqlTx, deliveries: readonly Delivery[]): Promise<Set<number>> => {
    const keys = vault.loading([...new Set(deliveries.flatMap(({ user }) => user ?? []))])
    const [any, rows] = await tx.queryAll([
      { text: 'select 1 from auren.erased_deliveries limit 1' },
      ...(keys ? [keys.query] : []),
    ])
    keys?.take(rows ?? [])
    if (any?.length === 0) return new Set()
    const hashes = await Promise.all(
      deliveries.map(({ provider, deliveryKey }) => deliveryHash(vault, provider, deliveryKey)),
    )
    const found = await tx.query<{ hash: string }>(
      'select hash from auren.erased_deliveries where hash = any($1::text[])',
      [textArrayLiteral(hashes)],
    )
    const erased = new Set(found.map(({ hash }) => hash))
    return new Set(hashes.flatMap((hash, place) => (erased.has(hash) ? [place] : [])))
  }

  const receiveAll: Journal['receiveAll'] = async (t, received) => {
    const tx = t as SqlTx
    const ids = received.map(() => randomUUID() as string)
    const erased = await erasedOf(
      tx,
      received.map(({ delivery }) => delivery),
    )
    const fresh = await Promise.all(
      received.flatMap(({ delivery, receivedAt }, place) => {
        const { provider, deliveryKey, user, account, headers, body, blob } = delivery
        if (erased.has(place)) return []
        const row = async () => [
          ids[place] as string,
          provider,
          deliveryKey,
          user,
          account,
          receivedAt,
          headers ? await box.sealJson(user, headers) : null,
          body ? await box.seal(user, body) : null,
          blob ?? null,
        ]
        return [row()]
      }),
    )
    // Two transactions with the same keys must meet them in the same order. Of one key in here, the first is it.
    const place = new Map(ids.map((id, at) => [id, at]))
    fresh.sort(
      (a, b) => compare(keyOf(a), keyOf(b)) || Number(place.get(a[0] as string)) - Number(place.get(b[0] as string)),
    )
    const made = new Set(
      fresh.length === 0
        ? []
        : (
            await tx.query<{ id: string }>(
              `insert into auren.inbox (id, provider, delivery_key, user_id, account, received_at, headers, body, blob)
               values ${placeholders(fresh.length, types)}
               on conflict (provider, delivery_key) do nothing returning id`,
              fresh.flat(),
            )
          ).map(({ id }) => id),
    )
    return Promise.all(
      received.map(async ({ delivery, receivedAt }, at): Promise<Receipt> => {
        const id = ids[at] as string
        if (made.has(id)) return { id, receivedAt, duplicate: false }
        // Its person has been erased since it first came: to whoever sends it again it has been received.
        if (erased.has(at)) return { id, receivedAt, duplicate: true }
        const [first] = await tx.query<{ id: string; received_at: number }>(
          'select id, received_at from auren.inbox where provider = $1 and delivery_key = $2',
          [delivery.provider, delivery.deliveryKey],
        )
        return { id: first?.id ?? id, receivedAt: first?.received_at ?? receivedAt, duplicate: true }
      }),
    )
  }

  return {
    receiveAll,
    async receive(tx, delivery, receivedAt) {
      const [receipt] = await receiveAll(tx, [{ delivery, receivedAt }])
      return receipt as Receipt
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

    deliveries: (t, { user, provider, account, until, after, limit }) =>
      (t as SqlTx).query<KeptDelivery>(
        `select id, delivery_key as "deliveryKey", account, received_at as "receivedAt", blob from auren.inbox
          where provider = $2 and ($3::text is null or account = $3) and received_at <= $4
            and (received_at, id) > ($5::int8, $6::uuid)
            and (user_id = $1 or (user_id is null and account in
              (select account from auren.connections where user_id = $1 and provider = $2)))
          order by received_at, id limit $7`,
        [user, provider, account ?? null, until, after?.receivedAt ?? -(2 ** 53), after?.id ?? noId, limit],
      ),
  }
}

/** What stays of a delivery after an erasure. */
export function deliveryHash(vault: SqlVault, provider: string, deliveryKey: string): Promise<string> {
  return vault.system.keyed(`delivery ${JSON.stringify([provider, deliveryKey])}`)
}

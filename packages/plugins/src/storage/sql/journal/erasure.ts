import type { Instant, Journal } from '@auren/core'
import type { Erasures } from '../erasures.js'
import type { SqlTx } from '../port.js'
import type { SqlVault } from '../vault.js'
import { count } from './counters.js'
import { deliveryHash } from './inbox.js'
import { lockPersons } from './locks.js'

/** Erasing a person. */
export interface Erasure extends Pick<Journal, 'erase' | 'erasedUntil'> {
  /** The keyed hash by which an erased person is remembered. */
  hashOf(user: string): Promise<string>
  /** As `erase`, of an erasure of another time, which is in the list already. */
  eraseAt(tx: SqlTx, user: string, at: Instant): Promise<Record<string, number>>
}

/** Erasing a person from every table, and remembering by keyed hashes what must not come back. */
export function createErasure(
  vault: SqlVault,
  { now, erasures }: { now(): Instant; erasures?: Pick<Erasures, 'add'> | undefined },
): Erasure {
  const personHash = (user: string): Promise<string> => vault.system.keyed(`person ${user}`)

  const eraseAt: Erasure['eraseAt'] = async (tx, user, at) => {
    await lockPersons(tx, [user])
    await noteErased(tx, vault, user, await personHash(user), at)
    const removed: Record<string, number> = { outbox: await eraseOutbox(tx, user) }
    for (const table of await tablesOfPersons(tx)) {
      const rows = await tx.query<{ count: number }>(
        `with gone as (delete from auren.${table} where user_id = $1 returning 1) select count(*) as count from gone`,
        [user],
      )
      removed[table] = (removed[table] ?? 0) + (rows[0]?.count ?? 0)
    }
    await vault.destroy(tx, user)
    return removed
  }

  return {
    hashOf: personHash,
    eraseAt,
    async erase(t, user) {
      const at = now()
      // First: where the erasure is cut off, it is done at the next start; never is one forgotten that was done.
      await erasures?.add(await personHash(user), at)
      return eraseAt(t as SqlTx, user, at)
    },

    async erasedUntil(t, user) {
      const tx = t as SqlTx
      const [any] = await tx.query('select 1 from auren.erased_persons limit 1')
      if (!any) return null
      const [row] = await tx.query<{ until: number }>('select until from auren.erased_persons where hash = $1', [
        await personHash(user),
      ])
      return row?.until ?? null
    },
  }
}

/** Tables with a `user_id`, found in the schema, so that a new one cannot be forgotten. */
async function tablesOfPersons(tx: SqlTx): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    `select quote_ident(c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'auren' and c.relkind in ('r', 'p') and not c.relispartition
       and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'user_id' and not a.attisdropped)
     order by 1`,
  )
  return rows.map(({ name }) => name)
}

/** Deliveries that came for the person's accounts before they were connected go too: they were about nobody else. */
async function noteErased(tx: SqlTx, vault: SqlVault, user: string, hash: string, at: Instant): Promise<void> {
  const unmapped = `user_id is null and (provider, account) in
    (select provider, account from auren.connections where user_id = $1)`
  const deliveries = await tx.query<{ provider: string; delivery_key: string; received_at: number }>(
    `select provider, delivery_key, received_at from auren.inbox where user_id = $1 or (${unmapped})`,
    [user],
  )
  for (const { provider, delivery_key } of deliveries)
    await tx.query('insert into auren.erased_deliveries (hash) values ($1) on conflict do nothing', [
      await deliveryHash(vault, provider, delivery_key),
    ])
  await tx.query(`delete from auren.inbox where ${unmapped}`, [user])
  await tx.query(`delete from auren.quarantine where ${unmapped}`, [user])
  const [waiting] = await tx.query<{ newest: number | null }>(
    'select max(received_at) as newest from auren.outbox where user_id = $1',
    [user],
  )
  const until = Math.max(waiting?.newest ?? 0, ...deliveries.map(({ received_at }) => received_at))
  await tx.query(
    `insert into auren.erased_persons as e (hash, until, erased_at) values ($1, $2, $3)
     on conflict (hash) do update set until = greatest(e.until, excluded.until),
       erased_at = greatest(e.erased_at, excluded.erased_at)`,
    [hash, until, at],
  )
}

/**
 * What has no position yet is deleted. What has one is emptied and keeps its place, for the log must have no gap; it
 * gets another id, so that a consumer that has already read it finds its row gone ({@link Journal.pending}).
 */
async function eraseOutbox(tx: SqlTx, user: string): Promise<number> {
  const [deleted] = await tx.query<{ count: number }>(
    `with gone as (delete from auren.outbox where user_id = $1 and position is null returning 1)
     select count(*) as count from gone`,
    [user],
  )
  const [emptied] = await tx.query<{ count: number }>(
    `with gone as (
       update auren.outbox set id = gen_random_uuid(), user_id = null, payload = null, size = 0 where user_id = $1 returning 1
     ) select count(*) as count from gone`,
    [user],
  )
  // Never to be stored, so no longer counted as accepted; what was emptied still passes through.
  await count(tx, 'accepted', -(deleted?.count ?? 0))
  return (deleted?.count ?? 0) + (emptied?.count ?? 0)
}

import type { UserId } from '@auren/core'
import type { Sql, SqlTx } from './port.js'

/**
 * Counts the changes of one person's data in a table of `user_id` and `version`, for caches to be checked against. A new
 * version is above the last one and not below the database's clock in µs: one that was undone, or that a restored backup
 * has forgotten, does not come again.
 */
export interface Versions {
  /** 0 where nothing was ever written. */
  read(user: UserId): Promise<number>
  /** In the transaction of the change, as the person. */
  raise(tx: SqlTx, user: UserId): Promise<void>
}

/** The versions that stand in `table`, which is named with its schema. */
export function createVersions(sql: Sql, table: 'auren.person_versions' | 'auren.memory_versions'): Versions {
  return {
    read: (user) =>
      sql.as(
        user,
        async (tx) => {
          const rows = await tx.query<{ version: number }>(`select version from ${table} where user_id = $1`, [user])
          return rows[0]?.version ?? 0
        },
        { readOnly: true },
      ),
    raise: (tx, user) => raiseVersion(tx, user, table),
  }
}

/** Raises a version without a {@link Versions} at hand. */
export async function raiseVersion(
  tx: SqlTx,
  user: UserId,
  table: 'auren.person_versions' | 'auren.memory_versions',
): Promise<void> {
  await tx.query(
    `insert into ${table} as v (user_id, version) values ($1, ${micros})
      on conflict (user_id) do update set version = greatest(v.version + 1, excluded.version)`,
    [user],
  )
}

const micros = '(extract(epoch from clock_timestamp()) * 1000000)::int8'

import { createHash } from 'node:crypto'
import { AurenError } from '@auren/core'
import { rolesSql } from './isolation.js'
import type { Sql } from './port.js'

/** One step of the schema. Never changed once released: a later step changes what it made. */
export interface Migration {
  /** Ascending. */
  id: number
  name: string
  sql: string
}

/** Any two processes agree on it; the value means nothing. */
const migrationLock = 7_273_001

/**
 * Brings the schema `auren` up to date, all in one transaction.
 * @returns how many migrations were run
 * @throws AurenError AUREN_STORE_VERSION when the database is newer than this code, or was made by another text
 */
export function migrate(sql: Sql, migrations: readonly Migration[]): Promise<number> {
  return sql.transaction(async (tx) => {
    // Waiting for another process that migrates may take minutes, and so may a step. In one script: scripts wait.
    await tx.script(`
      set local statement_timeout = 0;
      select pg_advisory_xact_lock(${migrationLock});
      do $$ begin if to_regnamespace('auren') is null then create schema auren; end if; end $$;
      ${rolesSql}
      create table if not exists auren.migrations (
        id int4 primary key,
        name text not null,
        hash text not null
      );
    `)
    const done = new Map(
      (await tx.query<{ id: number; name: string; hash: string }>('select id, name, hash from auren.migrations')).map(
        (row) => [row.id, row],
      ),
    )
    const newest = Math.max(0, ...done.keys())
    const known = Math.max(0, ...migrations.map(({ id }) => id))
    if (newest > known)
      throw new AurenError(
        'AUREN_STORE_VERSION',
        `The stored data was written by a newer AUREN (schema ${newest}, this one knows ${known}): update AUREN`,
      )
    let count = 0
    for (const { id, name, sql: text } of migrations) {
      const hash = createHash('sha256').update(text).digest('hex')
      const before = done.get(id)
      if (before && before.hash !== hash)
        throw new AurenError(
          'AUREN_STORE_VERSION',
          `The stored data was made by another text of migration ${id} (${name}): it is not of a released AUREN`,
        )
      if (before) continue
      await tx.script(text)
      await tx.query('insert into auren.migrations (id, name, hash) values ($1, $2, $3)', [id, name, hash])
      count++
    }
    return count
  })
}

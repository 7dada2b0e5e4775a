import { createHash } from 'node:crypto'
import type { OrdinalStore } from '@auren/core'
import { type SqlTx, type SqlValue, textArrayLiteral } from '../port.js'

/** Pages in one statement. */
const atOnce = 200

/** Pages in which imports count siblings; their names tell of metrics and sources, so they are hashed. */
export const ordinals: OrdinalStore = {
  async read(t, importId, names) {
    const byHash = new Map(names.map((name) => [hashOf(name), name]))
    const rows = await (t as SqlTx).query<{ name: string; hashes: Uint8Array }>(
      'select name, hashes from auren.ordinals where import = $1 and name = any($2::text[])',
      [importId, textArrayLiteral([...byHash.keys()])],
    )
    return new Map(rows.map(({ name, hashes }) => [byHash.get(name) as string, hashes]))
  },

  async write(t, importId, user, pages) {
    const all = [...pages]
    for (let at = 0; at < all.length; at += atOnce) {
      const params: SqlValue[] = [importId, user]
      const rows = all.slice(at, at + atOnce).map(([name, bytes]) => {
        params.push(hashOf(name), bytes)
        return `($1, $2, $${params.length - 1}, $${params.length}::bytea)`
      })
      await (t as SqlTx).query(
        `insert into auren.ordinals (import, user_id, name, hashes) values ${rows.join(', ')}
         on conflict (import, name) do update set hashes = excluded.hashes`,
        params,
      )
    }
  },

  async drop(t, importId) {
    await (t as SqlTx).query('delete from auren.ordinals where import = $1', [importId])
  },
}

function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('base64url').slice(0, 22)
}

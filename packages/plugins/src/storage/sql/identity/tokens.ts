import type { AccessScope, ApiToken, IdentityStore } from '@auren/core'
import { type Sql, textArrayLiteral } from '../port.js'
import type { SqlVault } from '../vault.js'

interface Row {
  id: string
  user_id: string
  name: Uint8Array
  scopes: AccessScope[]
  created_at: number
  expires_at: number
  used_at: number | null
  revoked_at: number | null
}

type Tokens = Pick<IdentityStore, 'addToken' | 'useToken' | 'tokens' | 'revokeToken'>

/** `used_at` is written at most once in this time, in ms, so that reading does not become writing. */
const usedStep = 60_000

/** Personal API tokens, found by their hash; their names, a person's words, are sealed. */
export function createTokens(sql: Sql, vault: SqlVault): Tokens {
  const toToken = async (row: Row): Promise<ApiToken> => ({
    id: row.id,
    user: row.user_id,
    name: new TextDecoder().decode(await vault.open(row.user_id, row.name)),
    scopes: row.scopes,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    revokedAt: row.revoked_at,
  })

  return {
    addToken: ({ id, user, hash, name, scopes, createdAt, expiresAt }) =>
      sql.transaction(async (tx) => {
        await vault.create(tx, user)
        const sealed = await vault.seal(user, new TextEncoder().encode(name))
        await tx.as({ user }, (own) =>
          own.query(
            `insert into auren.api_tokens (id, user_id, hash, name, scopes, created_at, expires_at)
             values ($1, $2, $3, $4, $5::text[], $6, $7)`,
            [id, user, hash, sealed, textArrayLiteral([...scopes]), createdAt, expiresAt],
          ),
        )
      }),

    useToken: (hash, now) =>
      sql.transaction(async (tx) => {
        const [row] = await tx.query<Row>(
          'select * from auren.api_tokens where hash = $1 and revoked_at is null and expires_at > $2',
          [hash, now],
        )
        if (!row) return null
        if (row.used_at === null || row.used_at <= now - usedStep)
          await tx.query('update auren.api_tokens set used_at = $2 where id = $1', [row.id, now])
        return toToken(row)
      }),

    tokens: (user) =>
      sql.as(
        user,
        async (tx) =>
          Promise.all(
            (
              await tx.query<Row>('select * from auren.api_tokens where user_id = $1 order by created_at desc, id', [
                user,
              ])
            ).map(toToken),
          ),
        { readOnly: true },
      ),

    revokeToken: (user, id, now) =>
      sql.as(user, async (tx) => {
        const changed = await tx.query(
          `update auren.api_tokens set revoked_at = $3 where user_id = $1 and id::text = $2 and revoked_at is null
           returning 1 as one`,
          [user, id, now],
        )
        return changed.length > 0
      }),
  }
}

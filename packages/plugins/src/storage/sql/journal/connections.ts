import { randomUUID } from 'node:crypto'
import { AurenError, type Connection, type ConnectionStore, type Owner } from '@auren/core'
import type { Box } from '../box.js'
import { clock } from '../clock.js'
import { sqlState } from '../failure.js'
import { type SqlTx, textArrayLiteral } from '../port.js'

interface Row {
  id: string
  user_id: string
  provider: string
  account: string
  status: Connection['status']
  tokens: Uint8Array | null
  state: Uint8Array
  last_sync_at: number | null
  error: string | null
  permissions: Uint8Array | null
}

const columns = 'id, user_id, provider, account, status, tokens, state, last_sync_at, error, permissions'

/**
 * Connections of persons to vendors' accounts. An account is one person's as long as the connection is not revoked:
 * saving it for another gives AUREN_CONFLICT.
 */
export function createConnections(box: Box): ConnectionStore {
  const toConnection = async (row: Row): Promise<Connection> => ({
    id: row.id,
    user: row.user_id,
    provider: row.provider,
    account: row.account,
    status: row.status,
    tokens: row.tokens ? await box.openJson(row.user_id, row.tokens) : null,
    state: await box.openJson(row.user_id, row.state),
    lastSyncAt: row.last_sync_at,
    error: row.error,
    ...(row.permissions ? { permissions: await box.openJson<string[]>(row.user_id, row.permissions) } : {}),
  })

  return {
    async save(t, { id, ...connection }) {
      const tx = t as SqlTx
      const { user, provider, account, status, tokens, state, lastSyncAt, error, permissions } = connection
      const values = [
        id ?? randomUUID(),
        user,
        provider,
        account,
        status,
        tokens ? await box.sealJson(user, tokens) : null,
        await box.sealJson(user, state),
        lastSyncAt,
        error,
        permissions ? await box.sealJson(user, permissions) : null,
      ]
      const write = async (): Promise<{ id: string } | undefined> => {
        // By id first: a connection may learn its account only after it was made.
        const [changed] =
          id === undefined
            ? []
            : await tx.query<{ id: string }>(
                `update auren.connections set provider = $3, account = $4, status = $5, tokens = $6, state = $7,
                   last_sync_at = $8, error = $9, permissions = $10 where id = $1 and user_id = $2 returning id`,
                values,
              )
        if (changed) return changed
        const [saved] = await tx.query<{ id: string }>(
          `insert into auren.connections as c (${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           on conflict (user_id, provider, account) do update set status = excluded.status, tokens = excluded.tokens,
             state = excluded.state, last_sync_at = excluded.last_sync_at, error = excluded.error,
             permissions = excluded.permissions
           returning id`,
          values,
        )
        return saved
      }
      const row = await write().catch((cause: unknown) => {
        if (sqlState(cause) !== '23505') throw cause
        throw new AurenError(
          'AUREN_CONFLICT',
          `This ${provider} account is connected to somebody else: revoke that first`,
          { cause },
        )
      })
      return { id: (row as { id: string }).id, ...connection }
    },

    async list(t, { user, provider, account }) {
      const rows = await (t as SqlTx).query<Row>(
        `select ${columns} from auren.connections
         where ($1::text is null or user_id = $1) and ($2::text is null or provider = $2)
           and ($3::text is null or account = $3) order by provider, account, user_id`,
        [user ?? null, provider ?? null, account ?? null],
      )
      return Promise.all(rows.map(toConnection))
    },

    owners: (t, provider, accounts) =>
      (t as SqlTx).query<Owner>(
        `select id, user_id as "user", account, status from auren.connections
         where provider = $1 and account = any($2::text[]) order by account, user_id`,
        [provider, textArrayLiteral(accounts)],
      ),

    async lock(t, id) {
      const [row] = await (t as SqlTx).query<Row>(`select ${columns} from auren.connections where id = $1 for update`, [
        id,
      ])
      return row ? toConnection(row) : null
    },

    async holdRefresh(t, id, leaseMs) {
      const rows = await (t as SqlTx).query(
        `update auren.connections set refresh_until = case when $2 = 0 then 0 else ${clock} + $2::int8 end
         where id = $1 and ($2 = 0 or refresh_until <= ${clock}) returning 1 as held`,
        [id, leaseMs],
      )
      return rows.length > 0
    },

    async remove(t, id) {
      await (t as SqlTx).query('delete from auren.connections where id = $1', [id])
    },
  }
}

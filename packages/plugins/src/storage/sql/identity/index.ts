import type { Consent, IdentityStore } from '@auren/core'
import { createBox } from '../box.js'
import type { Sql } from '../port.js'
import type { SqlVault } from '../vault.js'
import { createAccounts } from './accounts.js'
import { createAudit } from './audit.js'
import { createSignIns } from './sign-ins.js'
import { createTokens } from './tokens.js'

/** Accounts, sign-ins, tokens, consents, signing keys and the audit log on SQL. */
export function createIdentityStore(sql: Sql, vault: SqlVault): IdentityStore {
  return {
    transaction: (fn) => sql.transaction(() => fn()),
    ...createAccounts(sql, vault),
    ...createSignIns(sql),
    ...createTokens(sql, vault),
    ...createConsents(sql),
    ...createSystemSecrets(sql, vault),
    ...createAudit(sql, vault),
  }
}

function createConsents(sql: Sql): Pick<IdentityStore, 'addConsent' | 'consents'> {
  return {
    addConsent: (user, { purpose, kind, granted, version, at }) =>
      sql.as(user, async (tx) => {
        await tx.query(
          'insert into auren.consents (user_id, purpose, kind, granted, version, at) values ($1, $2, $3, $4, $5, $6)',
          [user, purpose, kind, granted, version, at],
        )
      }),
    consents: (user) =>
      sql.as(
        user,
        (tx) =>
          tx.query<Consent & Record<string, unknown>>(
            'select purpose, kind, granted, version, at from auren.consents where user_id = $1 order by seq',
            [user],
          ),
        { readOnly: true },
      ),
  }
}

/** What is the installation's, sealed with the system's key: states of sign-ins under way, and signing keys. */
function createSystemSecrets(
  sql: Sql,
  vault: SqlVault,
): Pick<IdentityStore, 'keepOnce' | 'takeOnce' | 'signingKeys' | 'addSigningKey'> {
  const box = createBox(vault)
  return {
    keepOnce: (key, value, expiresAt) =>
      sql.transaction(async (tx) => {
        await tx.query('insert into auren.once (key, sealed, expires_at) values ($1, $2, $3)', [
          key,
          await box.sealJson(null, value),
          expiresAt,
        ])
      }),
    takeOnce: (key, now) =>
      sql.transaction(async (tx) => {
        await tx.query('delete from auren.once where expires_at <= $1', [now])
        const [row] = await tx.query<{ sealed: Uint8Array }>('delete from auren.once where key = $1 returning sealed', [
          key,
        ])
        return row ? box.openJson<unknown>(null, row.sealed) : null
      }),
    signingKeys: () =>
      sql.transaction(async (tx) => {
        const rows = await tx.query<{ id: string; sealed: Uint8Array; created_at: number }>(
          'select id, sealed, created_at from auren.signing_keys order by created_at desc, id',
        )
        return Promise.all(
          rows.map(async ({ id, sealed, created_at }) => ({
            id,
            jwk: await box.openJson<Record<string, unknown>>(null, sealed),
            createdAt: created_at,
          })),
        )
      }),
    addSigningKey: ({ id, jwk, createdAt }) =>
      sql.transaction(async (tx) => {
        await tx.query('insert into auren.signing_keys (id, sealed, created_at) values ($1, $2, $3)', [
          id,
          await box.sealJson(null, jwk),
          createdAt,
        ])
      }),
  }
}

import { type AccessScope, type Account, AurenError, type IdentityStore } from '@auren/core'
import { sqlState } from '../failure.js'
import { type Sql, textArrayLiteral } from '../port.js'
import type { SqlVault } from '../vault.js'

interface Row {
  user_id: string
  password: Uint8Array | null
  scopes: AccessScope[]
  created_at: number
}

type Accounts = Pick<
  IdentityStore,
  | 'countAccounts'
  | 'createAccount'
  | 'account'
  | 'accountNamed'
  | 'passwordOf'
  | 'setPassword'
  | 'linked'
  | 'link'
  | 'addInvitation'
  | 'takeInvitation'
>

/** Any two processes agree on it; the value means nothing. */
const accountsLock = 7_273_008
const utf8 = new TextEncoder()
const toAccount = ({ user_id, scopes, created_at }: Row): Account => ({ user: user_id, scopes, createdAt: created_at })

/** Accounts, their links to OpenID providers, and invitations. Names are found by keyed hashes. */
export function createAccounts(sql: Sql, vault: SqlVault): Accounts {
  const nameHash = (name: string): Promise<string> => vault.system.keyed(`sign-in name ${name}`)
  const linkHash = (issuer: string, subject: string): Promise<string> =>
    vault.system.keyed(`oidc ${JSON.stringify([issuer, subject])}`)
  const open = async (user: string, sealed: Uint8Array | null): Promise<string | null> =>
    sealed ? new TextDecoder().decode(await vault.open(user, sealed)) : null
  const seal = async (user: string, text: string | null): Promise<Uint8Array | null> =>
    text === null ? null : vault.seal(user, utf8.encode(text))

  return {
    countAccounts: () =>
      sql.transaction(async (tx) => {
        // Two first sign-ups at once: the second waits here and then sees the first.
        await tx.query('select pg_advisory_xact_lock($1)', [accountsLock])
        const [row] = await tx.query<{ n: number }>('select count(*) as n from auren.accounts')
        return row?.n ?? 0
      }),

    createAccount: ({ user, name, password, scopes, createdAt }) =>
      sql
        .transaction(async (tx) => {
          await vault.create(tx, user)
          await tx.query(
            `insert into auren.accounts (user_id, name_hash, name, password, scopes, created_at)
             values ($1, $2, $3, $4, $5::text[], $6)`,
            [
              user,
              name === null ? null : await nameHash(name),
              await seal(user, name),
              await seal(user, password),
              textArrayLiteral([...scopes]),
              createdAt,
            ],
          )
        })
        .catch((cause: unknown) => {
          if (sqlState(cause) !== '23505') throw cause
          throw new AurenError(
            'AUREN_CONFLICT',
            'There is an account of this name already: sign in, or choose another',
            {
              cause,
            },
          )
        }),

    account: (user) =>
      sql.transaction(
        async (tx) => {
          const [row] = await tx.query<Row>('select * from auren.accounts where user_id = $1', [user])
          return row ? toAccount(row) : null
        },
        { readOnly: true },
      ),

    accountNamed: (name) =>
      sql.transaction(async (tx) => {
        const [row] = await tx.query<Row>('select * from auren.accounts where name_hash = $1', [await nameHash(name)])
        return row ? { ...toAccount(row), password: await open(row.user_id, row.password) } : null
      }),

    passwordOf: (user) =>
      sql.transaction(
        async (tx) => {
          const [row] = await tx.query<Row>('select password from auren.accounts where user_id = $1', [user])
          return open(user, row?.password ?? null)
        },
        { readOnly: true },
      ),

    setPassword: (user, password) =>
      sql.transaction(async (tx) => {
        await tx.query('update auren.accounts set password = $2 where user_id = $1', [user, await seal(user, password)])
      }),

    linked: (issuer, subject) =>
      sql.transaction(async (tx) => {
        const [row] = await tx.query<{ user_id: string }>('select user_id from auren.account_links where hash = $1', [
          await linkHash(issuer, subject),
        ])
        return row?.user_id ?? null
      }),

    link: (issuer, subject, user) =>
      sql.transaction(async (tx) => {
        await tx.query('insert into auren.account_links (hash, user_id) values ($1, $2)', [
          await linkHash(issuer, subject),
          user,
        ])
      }),

    addInvitation: ({ hash, by, scopes, expiresAt }) =>
      sql.transaction(async (tx) => {
        await tx.query(
          'insert into auren.invitations (hash, user_id, scopes, expires_at) values ($1, $2, $3::text[], $4)',
          [hash, by, textArrayLiteral([...scopes]), expiresAt],
        )
      }),

    takeInvitation: (hash, now) =>
      sql.transaction(async (tx) => {
        await tx.query('delete from auren.invitations where expires_at <= $1', [now])
        const [row] = await tx.query<{ scopes: AccessScope[] }>(
          'delete from auren.invitations where hash = $1 returning scopes',
          [hash],
        )
        return row ?? null
      }),
  }
}

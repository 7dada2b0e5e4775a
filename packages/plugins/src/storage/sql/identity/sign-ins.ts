import type { IdentityStore, SignIn } from '@auren/core'
import type { Sql } from '../port.js'

interface Row {
  id: string
  user_id: string
  hash: string
  created_at: number
  used_at: number
  expires_at: number
}

type SignIns = Pick<IdentityStore, 'addSignIn' | 'rotateSignIn' | 'signIn' | 'signIns' | 'endSignIns'>

const toSignIn = (row: Row): SignIn => ({
  id: row.id,
  user: row.user_id,
  createdAt: row.created_at,
  usedAt: row.used_at,
  expiresAt: row.expires_at,
})

/** Families of refresh tokens. A family that has ended has no row: none of its tokens means anything any more. */
export function createSignIns(sql: Sql): SignIns {
  return {
    addSignIn: ({ id, user, hash, createdAt, usedAt, expiresAt }) =>
      sql.transaction(async (tx) => {
        await tx.query('delete from auren.sign_ins where user_id = $1 and expires_at <= $2', [user, createdAt])
        await tx.query(
          'insert into auren.sign_ins (id, user_id, hash, created_at, used_at, expires_at) values ($1, $2, $3, $4, $5, $6)',
          [id, user, hash, createdAt, usedAt, expiresAt],
        )
      }),

    rotateSignIn: (id, hash, next, now) =>
      sql.transaction(async (tx) => {
        const [row] = await tx.query<Row>('select * from auren.sign_ins where id = $1 for update', [id])
        if (!row || row.expires_at <= now) return null
        if (row.hash !== hash) {
          // A token that was given out before is in two hands: nobody can tell which is the thief's.
          await tx.query('delete from auren.sign_ins where id = $1', [id])
          return { user: row.user_id, reused: true }
        }
        await tx.query('update auren.sign_ins set hash = $2, used_at = $3 where id = $1', [id, next, now])
        return { ...toSignIn(row), usedAt: now, reused: false }
      }),

    signIn: (id, now) =>
      sql.transaction(
        async (tx) => {
          const [row] = await tx.query<Row>('select * from auren.sign_ins where id = $1 and expires_at > $2', [id, now])
          return row ? toSignIn(row) : null
        },
        { readOnly: true },
      ),

    signIns: (user, now) =>
      sql.as(
        user,
        async (tx) =>
          (
            await tx.query<Row>(
              'select * from auren.sign_ins where user_id = $1 and expires_at > $2 order by used_at desc, id',
              [user, now],
            )
          ).map(toSignIn),
        { readOnly: true },
      ),

    endSignIns: (user, { only, except } = {}) =>
      sql.as(user, async (tx) => {
        const gone = await tx.query(
          `delete from auren.sign_ins where user_id = $1 and ($2::uuid is null or id = $2)
             and ($3::uuid is null or id <> $3) returning 1 as one`,
          [user, only ?? null, except ?? null],
        )
        return gone.length
      }),
  }
}

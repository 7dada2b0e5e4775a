import { randomBytes, randomUUID } from 'node:crypto'
import { type AccessScope, type ApiToken, AurenError, type IdentityStore } from '@auren/core'
import type { Caller } from '../http/identity.js'
import type { Record as Note } from './audit.js'
import { digest } from './sessions.js'

/** What every personal API token begins with, so that it is told from others, and found where it leaked. */
export const TOKEN_PREFIX = 'auren_pat_'
const form = /^auren_pat_[\w-]{43}$/
const dayMs = 24 * 60 * 60_000

/** Personal API tokens: 256 random bits, kept as a hash, shown once. */
export interface ApiTokens {
  create(
    caller: Caller,
    options: { name: string; scopes: readonly AccessScope[]; days: number },
  ): Promise<{ token: string; id: string; expiresAt: number }>
  /** @throws AurenError AUREN_UNAUTHENTICATED */
  verify(token: string): Promise<Caller>
  list(caller: Caller): Promise<Omit<ApiToken, 'user'>[]>
  /** @throws AurenError AUREN_NOT_FOUND, also for somebody else's */
  revoke(caller: Caller, id: string): Promise<void>
}

/** Tokens over the store. */
export function createApiTokens(store: IdentityStore, note: Note, now: () => number): ApiTokens {
  return {
    async create(caller, { name, scopes, days }) {
      const beyond = scopes.find((scope) => !caller.scopes.has(scope))
      if (beyond)
        throw new AurenError(
          'AUREN_FORBIDDEN',
          `You do not have the scope "${beyond}", so no token of yours can have it.`,
        )
      const token = `${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`
      const id = randomUUID()
      const at = now()
      const expiresAt = at + days * dayMs
      await note({ action: 'token.create', actor: caller.user, subject: caller.user, reason: scopes.join(' ') })
      await store.addToken({ id, user: caller.user, hash: digest(token), name, scopes, createdAt: at, expiresAt })
      return { token, id, expiresAt }
    },
    async verify(token) {
      const held = form.test(token) ? await store.useToken(digest(token), now()) : null
      if (!held) throw new AurenError('AUREN_UNAUTHENTICATED', 'The token is not valid.')
      return { user: held.user, scopes: new Set(held.scopes), via: 'token' }
    },
    list: async ({ user }) => (await store.tokens(user)).map(({ user: _own, ...rest }) => rest),
    async revoke({ user }, id) {
      await note({ action: 'token.revoke', actor: user, subject: user, reason: 'own request' })
      if (!(await store.revokeToken(user, id, now())))
        throw new AurenError('AUREN_NOT_FOUND', 'There is no such token of yours that still works.')
    },
  }
}

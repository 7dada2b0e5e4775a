import { AurenError, type IdentityStore } from '@auren/core'
import { z } from 'zod'
import { type Route, route } from '../http/route.js'
import type { Accounts } from './accounts.js'
import type { Record as Note } from './audit.js'
import type { SigningKeys } from './keys.js'
import type { ApiTokens } from './tokens.js'

/** What the routes of an account stand on. */
export interface AccountParts {
  store: IdentityStore
  accounts: Accounts
  tokens: ApiTokens
  keys: SigningKeys
  note: Note
  now(): number
}

const Scopes = z
  .array(z.enum(['read', 'write', 'operate']))
  .min(1)
  .max(3)
const Days = z.int().min(1)
const Purpose = z.enum(['answer', 'display', 'consolidate', 'export', 'model', 'operate'])
const Said = z.object({
  purpose: Purpose,
  kind: z.string().regex(/^(\*|[a-z][a-z0-9_.]{0,79})$/),
  granted: z.boolean(),
  version: z.string().min(1).max(40),
})

/** Sign-ins, tokens, consents, invitations, keys and the audit log. */
export function accountRoutes({ store, accounts, tokens, keys, note, now }: AccountParts): Route[] {
  const tag = 'identity'
  return [
    route({
      method: 'get',
      path: '/.well-known/jwks.json',
      tag,
      summary: 'Public keys of this installation’s own access tokens',
      auth: false,
      async handle({ response }) {
        response.setHeader('cache-control', 'public, max-age=300')
        return keys.jwks()
      },
    }),
    route({
      method: 'get',
      path: '/v1/auth/me',
      tag,
      summary: 'Who asks, and what they may do',
      response: z.object({ user: z.string(), scopes: Scopes, via: z.string() }),
      handle: async ({ caller }) => ({ user: caller.user, scopes: [...caller.scopes], via: caller.via }),
    }),
    route({
      method: 'put',
      path: '/v1/auth/password',
      tag,
      summary: 'Change the password; every other sign-in ends',
      scope: 'account',
      status: 204,
      body: z.strictObject({ current: z.string().min(1).max(1024), next: z.string().min(1).max(1024) }),
      async handle({ body, caller }) {
        await accounts.changePassword(caller.user, body, caller.signIn)
        return undefined
      },
    }),
    route({
      method: 'get',
      path: '/v1/auth/sessions',
      tag,
      summary: 'Where one is signed in',
      scope: 'account',
      handle: async ({ caller }) =>
        (await store.signIns(caller.user, now())).map(({ user: _own, ...signIn }) => ({
          ...signIn,
          current: signIn.id === caller.signIn,
        })),
    }),
    route({
      method: 'delete',
      path: '/v1/auth/sessions',
      tag,
      summary: 'Sign out everywhere',
      scope: 'account',
      response: z.object({ ended: z.int() }),
      async handle({ caller }) {
        await note({ action: 'session.end', actor: caller.user, subject: caller.user, reason: 'signed out everywhere' })
        return { ended: await store.endSignIns(caller.user) }
      },
    }),
    route({
      method: 'get',
      path: '/v1/tokens',
      tag,
      summary: 'Personal API tokens, never the tokens themselves',
      scope: 'account',
      handle: ({ caller }) => tokens.list(caller),
    }),
    route({
      method: 'post',
      path: '/v1/tokens',
      tag,
      summary: 'Make a personal API token; it is shown this once',
      scope: 'account',
      status: 201,
      body: z.strictObject({
        name: z.string().trim().min(1).max(100),
        scopes: Scopes.default(['read']),
        days: Days.max(366).default(90),
      }),
      response: z.object({ id: z.string(), token: z.string(), expiresAt: z.int() }),
      handle: ({ caller, body }) => tokens.create(caller, body),
    }),
    route({
      method: 'delete',
      path: '/v1/tokens/{id}',
      tag,
      summary: 'Revoke a token',
      scope: 'account',
      status: 204,
      params: z.object({ id: z.string().max(64) }),
      async handle({ params, caller }) {
        await tokens.revoke(caller, params.id)
        return undefined
      },
    }),
    route({
      method: 'get',
      path: '/v1/consents',
      tag,
      summary: 'What the person agreed to, or no longer does, oldest first',
      handle: ({ user }) => store.consents(user),
    }),
    route({
      method: 'put',
      path: '/v1/consents',
      tag,
      summary: 'Grant or withdraw a consent; the newest of a purpose and kind holds',
      scope: 'account',
      status: 204,
      body: Said.strict(),
      async handle({ body, user }) {
        await note({
          action: 'consent.change',
          actor: user,
          subject: user,
          reason: `${body.purpose} ${body.granted ? 'granted' : 'withdrawn'}`,
        })
        await store.addConsent(user, { ...body, at: now() })
        return undefined
      },
    }),
    route({
      method: 'post',
      path: '/v1/invitations',
      tag,
      summary: 'Let one more person in',
      scope: 'operate',
      status: 201,
      body: z.strictObject({ operate: z.boolean().default(false), days: Days.max(30).default(7) }),
      response: z.object({ invitation: z.string(), expiresAt: z.int() }),
      handle: ({ body, user }) =>
        accounts.invite(user, body.operate ? ['read', 'write', 'operate'] : ['read', 'write'], body.days),
    }),
    route({
      method: 'post',
      path: '/v1/signing-keys',
      tag,
      summary: 'Make a new key for access tokens; tokens of the older ones hold until they expire',
      scope: 'operate',
      status: 204,
      async handle({ user }) {
        await note({ action: 'key.rotate', actor: user, subject: null, reason: 'access tokens' })
        if (!(await keys.rotate()))
          throw new AurenError(
            'AUREN_CONFLICT',
            'The keys come from AUREN_JWT_KEY: put a new one before the old ones there.',
          )
        return undefined
      },
    }),
    route({
      method: 'get',
      path: '/v1/audit',
      tag,
      summary: 'What was done with one’s own data, newest first',
      query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
      handle: async ({ user, query }) =>
        (await store.auditRows({ about: user, limit: query.limit })).map(({ at, action, reason, seq }) => ({
          seq,
          at,
          action,
          reason,
        })),
    }),
    route({
      method: 'get',
      path: '/v1/audit/log',
      tag,
      summary: 'The whole log, newest first; persons are keyed hashes',
      scope: 'operate',
      query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
      async handle({ user, query }) {
        await note({ action: 'audit.read', actor: user, subject: null, reason: 'operate' })
        return store.auditRows({ limit: query.limit })
      },
    }),
    route({
      method: 'get',
      path: '/v1/audit/verify',
      tag,
      summary: 'Whether the log is as it was written',
      scope: 'operate',
      response: z.object({ rows: z.int(), head: z.string().nullable(), brokenAt: z.int().nullable() }),
      handle: () => store.verifyAudit(),
    }),
  ]
}

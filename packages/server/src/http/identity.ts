import { type AccessScope, AurenError, isAurenError, type UserId } from '@auren/core'
import type { Request } from 'express'

/** Who asks, what they may do, and how that is known. */
export interface Caller {
  user: UserId
  scopes: ReadonlySet<AccessScope>
  /** `local`: at this very machine; `session`: signed in here; `oidc`: with a provider's token; `token`: a program. */
  via: 'local' | 'session' | 'oidc' | 'token'
  /** The sign-in of a session. */
  signIn?: string
}

/** How a service knows who asks (DESIGN §9). */
export interface Identity {
  /** The local person, for requests without a token from this very machine; null where there is none (deployed). */
  local: UserId | null
  /** Origins of pages that may speak for the local person. */
  origins: readonly string[]
  /** Checks what stands after `Bearer `. Whatever it throws reads as AUREN_UNAUTHENTICATED, except what may be tried again. */
  bearer(token: string): Promise<Caller>
}

const everything: ReadonlySet<AccessScope> = new Set(['read', 'write', 'operate'])
const loopbackAddresses = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])
const loopbackHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/
/** Longest Authorization header that is looked at. */
const longest = 8192

/** True for a request that began on this very machine, and not at a proxy that forwards others' to it. */
export function isLocalRequest(request: Request): boolean {
  const { headers } = request
  return (
    loopbackAddresses.has(request.socket.remoteAddress ?? '') &&
    loopbackHost.test(headers.host ?? '') &&
    headers['x-forwarded-for'] === undefined &&
    headers.forwarded === undefined
  )
}

/**
 * Who asks: the subject of a valid token; without a token, the local person, if the request comes from a loopback
 * address with a loopback Host and no foreign Origin (a page elsewhere, and a DNS name that was rebound to
 * 127.0.0.1, are refused). Never taken from a body, a query or another header.
 *
 * @throws AurenError AUREN_UNAUTHENTICATED
 */
export async function identify(request: Request, identity: Identity): Promise<Caller> {
  const { authorization, origin } = request.headers
  if (authorization !== undefined) return verify(authorization, identity)
  if (identity.local === null) throw unauthenticated('This service needs a token: Authorization: Bearer …')
  if (!isLocalRequest(request)) throw unauthenticated('Only this machine, by a loopback name, may ask without a token.')
  if (origin !== undefined && !identity.origins.includes(origin))
    throw unauthenticated('This page may not speak for the local person.')
  return { user: identity.local, scopes: everything, via: 'local' }
}

async function verify(authorization: string, identity: Identity): Promise<Caller> {
  const match = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization.slice(0, longest + 1))
  if (!match?.[1] || authorization.length > longest) throw unauthenticated('The token is not a bearer token.')
  try {
    return await identity.bearer(match[1])
  } catch (cause) {
    if (isAurenError(cause) && (cause.retryable || cause.code === 'AUREN_UNAUTHENTICATED')) throw cause
    throw new AurenError('AUREN_UNAUTHENTICATED', 'The token is not valid.', { cause })
  }
}

/**
 * What a route needs of its caller. `person` (the default) is `read` for GET and HEAD, else `write`; `account`: a
 * person who is here themselves, not a program with a token.
 */
export type RouteScope = AccessScope | 'person' | 'account'

/** What a route of this method needs in the end: a scope, or `account`. */
export function scopeOf(scope: RouteScope, method: string): AccessScope | 'account' {
  return scope === 'person' ? (method === 'get' || method === 'head' ? 'read' : 'write') : scope
}

/** @throws AurenError AUREN_FORBIDDEN where the caller may not use a route of this scope */
export function authorize(caller: Caller, scope: RouteScope, method: string): void {
  if (scope === 'account') {
    if (caller.via !== 'token') return
    throw new AurenError('AUREN_FORBIDDEN', 'A token cannot do this: sign in yourself.')
  }
  const needed = scopeOf(scope, method) as AccessScope
  if (!caller.scopes.has(needed))
    throw new AurenError('AUREN_FORBIDDEN', `This needs the scope "${needed}", which you do not have.`)
}

function unauthenticated(message: string): AurenError {
  return new AurenError('AUREN_UNAUTHENTICATED', message)
}

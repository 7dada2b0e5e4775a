import { AurenError, type UserId } from '@auren/core'
import type { Request } from 'express'
import { type CryptoKey, jwtVerify } from 'jose'

/** How a service knows who asks (DESIGN §9). */
export interface Identity {
  /** The local person, for requests without a token from this very machine; null where there is none (deployed). */
  local: UserId | null
  /** Origins of pages that may speak for the local person. */
  origins: readonly string[]
  /** Key of tokens that this installation issued itself; algorithms, issuer and audience are fixed. */
  key: CryptoKey
}

export const ISSUER = 'auren'
export const AUDIENCE = 'auren-api'
export const ALGORITHM = 'EdDSA'

const loopbackAddresses = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])
const loopbackHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

/**
 * Who asks: the subject of a valid token; without a token, the local person, if the request comes from a loopback
 * address with a loopback Host and no foreign Origin (a page elsewhere, and a DNS name that was rebound to
 * 127.0.0.1, are refused). Never taken from a body, a query or another header.
 *
 * @throws AurenError AUREN_UNAUTHENTICATED
 */
export async function identify(request: Request, identity: Identity): Promise<UserId> {
  const authorization = request.headers.authorization
  if (authorization !== undefined) return verifyToken(authorization, identity)
  if (identity.local === null) throw unauthenticated('This service needs a token: Authorization: Bearer …')
  const address = request.socket.remoteAddress ?? ''
  if (!loopbackAddresses.has(address)) throw unauthenticated('Only this machine may ask without a token.')
  if (!loopbackHost.test(request.headers.host ?? '')) throw unauthenticated('The Host header is not a loopback name.')
  const origin = request.headers.origin
  if (origin !== undefined && !identity.origins.includes(origin))
    throw unauthenticated('This page may not speak for the local person.')
  return identity.local
}

async function verifyToken(authorization: string, identity: Identity): Promise<UserId> {
  const match = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(authorization)
  if (!match?.[1] || authorization.length > 8192) throw unauthenticated('The token is not a bearer token.')
  try {
    const { payload } = await jwtVerify(match[1], identity.key, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'exp'],
      clockTolerance: 30,
    })
    if (!payload.sub) throw unauthenticated('The token names nobody.')
    return payload.sub
  } catch (cause) {
    throw new AurenError('AUREN_UNAUTHENTICATED', 'The token is not valid.', { cause })
  }
}

function unauthenticated(message: string): AurenError {
  return new AurenError('AUREN_UNAUTHENTICATED', message)
}

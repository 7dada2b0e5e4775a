import { AurenError, allowsOwn, createGuardedFetch, type IdentityStore, type UserId } from '@auren/core'
import { createRemoteJWKSet, customFetch, jwtVerify, type RemoteJWKSet } from 'jose'
import type { Configuration } from 'openid-client'
import type { Caller } from '../http/identity.js'
import { type IdentityConfig, isSafeUrl, type OidcConfig } from './config.js'

/** What an access token of a provider may be signed with: asymmetric algorithms only, so a public key signs nothing. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
/** Shortest time between two fetches of the provider's keys for a `kid` that is not known, in ms. */
export const JWKS_COOLDOWN_MS = 30_000
const timeoutMs = 5_000
const largestAnswer = 256 * 1024

/** The provider's side of signing in: its metadata, its keys, and who its subjects are here. */
export interface Oidc {
  /** Its metadata for openid-client; fetched on first use, and again after a failure. */
  configuration(): Promise<Configuration>
  /** @throws AurenError AUREN_UNAUTHENTICATED, AUREN_VENDOR_FAILED where the provider cannot be asked */
  verify(token: string): Promise<Caller>
}

type BoundedFetch = (url: string, options: object) => Promise<Response>

/** Who a subject of a provider is here; made on first sight where that is allowed. Never found by e-mail. */
export type FindPerson = (issuer: string, subject: string) => Promise<UserId | null>

/** Access tokens of an OpenID provider, checked by its published keys. Nothing that a token's header names is fetched. */
export function createOidc(
  oidc: OidcConfig,
  { production }: Pick<IdentityConfig, 'production'>,
  store: Pick<IdentityStore, 'account'>,
  findPerson: FindPerson,
  now: () => number,
): Oidc {
  const fetchSafely = boundedFetch(oidc, production)
  let found: Promise<Configuration> | null = null
  let keys: RemoteJWKSet | null = null

  const configuration = (): Promise<Configuration> => {
    found ??= discover(oidc, production, fetchSafely).catch((cause: unknown) => {
      found = null
      throw new AurenError('AUREN_VENDOR_FAILED', 'The sign-in provider does not answer as documented.', { cause })
    })
    return found
  }
  const keySet = async (): Promise<RemoteJWKSet> => {
    if (keys) return keys
    const uri = (await configuration()).serverMetadata().jwks_uri
    if (uri === undefined || !isSafeUrl(uri, production))
      throw new AurenError('AUREN_VENDOR_FAILED', 'The sign-in provider names no safe address of its keys.')
    keys = createRemoteJWKSet(new URL(uri), {
      cooldownDuration: JWKS_COOLDOWN_MS,
      timeoutDuration: timeoutMs,
      [customFetch]: fetchSafely,
    })
    return keys
  }

  return {
    configuration,
    async verify(token) {
      const { payload } = await jwtVerify(token, await keySet(), {
        algorithms,
        issuer: oidc.issuer,
        audience: oidc.audience,
        requiredClaims: ['sub', 'exp', 'aud'],
        clockTolerance: 30,
        currentDate: new Date(now()),
      })
      const user = await findPerson(oidc.issuer, subjectOf(payload.sub))
      const account = user === null ? null : await store.account(user)
      if (!account) throw new AurenError('AUREN_UNAUTHENTICATED', 'There is no account here: sign up by an invitation.')
      return { user: account.user, scopes: new Set(account.scopes), via: 'oidc' }
    },
  }
}

/** A subject as OpenID Connect Core 2 bounds it. @throws AurenError AUREN_UNAUTHENTICATED */
export function subjectOf(sub: unknown): string {
  if (typeof sub === 'string' && sub.length > 0 && sub.length <= 255) return sub
  throw new AurenError('AUREN_UNAUTHENTICATED', 'The token names nobody.')
}

async function discover(oidc: OidcConfig, production: boolean, fetchSafely: BoundedFetch): Promise<Configuration> {
  const client = await import('openid-client')
  const secret = oidc.client?.secret ?? null
  return client.discovery(
    new URL(oidc.issuer),
    // A service that only checks tokens is no client of the provider; the library wants a name all the same.
    oidc.client?.id ?? oidc.audience,
    secret === null ? {} : { client_secret: secret },
    secret === null ? client.None() : client.ClientSecretBasic(secret),
    {
      [client.customFetch]: fetchSafely,
      timeout: timeoutMs / 1000,
      execute: [
        // Signatures of ID tokens are checked although they come over TLS from the provider itself.
        client.enableNonRepudiationChecks,
        ...(production ? [] : [client.allowInsecureRequests]),
      ],
    },
  )
}

/**
 * Only https (or this machine while developing), no redirect, and an answer of bounded size. Beside the issuer's own host,
 * which is the operator's setting, only public addresses on the port of https: its metadata name addresses, too.
 */
function boundedFetch(oidc: OidcConfig, production: boolean): BoundedFetch {
  const issuer = new URL(oidc.issuer)
  const guarded = createGuardedFetch({ allows: allowsOwn(issuer, oidc.privateNetwork) })
  return async (address, options) => {
    if (!isSafeUrl(address, production)) throw new Error('the address is not https')
    const url = new URL(address)
    if (url.host !== issuer.host && url.port !== '') throw new Error('the address has another port')
    const response = await guarded(url, options)
    const parts: Uint8Array[] = []
    let size = 0
    for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      size += part.length
      if (size > largestAnswer) throw new Error('the answer is too large')
      parts.push(part)
    }
    const empty = response.status === 204 || response.status === 304
    return new Response(empty ? null : Buffer.concat(parts), { status: response.status, headers: response.headers })
  }
}

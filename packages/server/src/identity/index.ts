import { AurenError, type IdentityStore, type UserId } from '@auren/core'
import { decodeJwt } from 'jose'
import { originAllowed } from '../http/cors.js'
import type { Identity } from '../http/identity.js'
import type { Rates } from '../http/rate.js'
import type { Route } from '../http/route.js'
import { createAccessTokens } from './access.js'
import { ISSUER } from './access-terms.js'
import { createAccounts } from './accounts.js'
import { createRecord, type Record as Note } from './audit.js'
import type { IdentityConfig } from './config.js'
import { createCookies } from './cookie.js'
import { createSigningKeys } from './keys.js'
import { createOidc, type Oidc } from './oidc.js'
import { createOidcLogin } from './oidc-login.js'
import { createPasswords } from './passwords.js'
import { accountRoutes } from './routes-account.js'
import { authRoutes } from './routes-auth.js'
import { createSessions } from './sessions.js'
import { createApiTokens, TOKEN_PREFIX } from './tokens.js'

/** Who asks, and the routes by which persons sign in and look after their access. */
export interface IdentityService {
  /** For both services. */
  identity: Identity
  /** For NEUROS. */
  routes: Route[]
  /** Writes into the audit log; routes with `audit` do so before they act. */
  note: Note
}

/** What {@link createIdentityService} stands on. */
export interface IdentityParts {
  config: IdentityConfig
  store: IdentityStore
  rates: Rates
  /** The person who needs no token at this machine; null in a deployment. */
  local: UserId | null
  /** Origins of the local PWA. */
  localOrigins: readonly string[]
  /** `AUREN_CORS_ORIGINS`: pages that may use the refresh cookie besides those of `AUREN_PUBLIC_URL`. */
  pinnedOrigins: readonly string[] | null
  now?: () => number
}

/** Puts identity together. @throws AurenError AUREN_KEY_INVALID where the stored signing keys do not open */
export async function createIdentityService(parts: IdentityParts): Promise<IdentityService> {
  const { config, store, rates, local, now = Date.now } = parts
  const [firstOrigin = 'http://localhost:5173'] = parts.localOrigins
  const publicUrl = config.publicUrl ?? `${firstOrigin}/api/neuros`
  const note = createRecord(store, now)
  const keys = await createSigningKeys(config, store, now)
  const access = createAccessTokens(keys, store, now)
  const sessions = createSessions(store, access, note, now)
  const accounts = createAccounts(config, store, createPasswords(), rates, note, local, now)
  const tokens = createApiTokens(store, note, now)
  const enter = accounts.enter
  const oidc = config.oidc
    ? createOidc(config.oidc, config, store, (issuer, subject) => enter(issuer, subject, null), now)
    : null
  const login = config.oidc?.client && oidc ? createOidcLogin(config.oidc, oidc, store, publicUrl, enter, now) : null
  const cookies = createCookies(
    publicUrl,
    (origin) =>
      // Never the unpinned default: that would be any project of vercel.app.
      (parts.pinnedOrigins !== null && originAllowed(origin, parts.pinnedOrigins)) ||
      (local !== null && parts.localOrigins.includes(origin)),
  )

  return {
    identity: {
      local,
      origins: parts.localOrigins,
      bearer(token) {
        if (token.startsWith(TOKEN_PREFIX)) return tokens.verify(token)
        // Which key is asked is all that an unverified claim decides; that key must then agree.
        return decodeJwt(token).iss === ISSUER ? access.verify(token) : verifyForeign(oidc, token)
      },
    },
    routes: [
      ...authRoutes({ accounts, sessions, cookies, login, note, home: new URL('/', publicUrl).href }),
      ...accountRoutes({ store, accounts, tokens, keys, note, now }),
    ],
    note,
  }
}

function verifyForeign(oidc: Oidc | null, token: string): ReturnType<Oidc['verify']> {
  if (oidc) return oidc.verify(token)
  throw new AurenError('AUREN_UNAUTHENTICATED', 'The token is not of this installation.')
}

import { createPrivateKey } from 'node:crypto'
import { AurenError } from '@auren/core'
import { z } from 'zod'

/** Variables of identity, access and limits. Names as in docs/identity.md. */
export const identityVariables = {
  AUREN_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  AUREN_JWT_KEY: z.string().min(1).optional(),
  AUREN_OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  AUREN_OIDC_AUDIENCE: z.string().min(1).max(300).optional(),
  AUREN_OIDC_CLIENT_ID: z.string().min(1).max(300).optional(),
  AUREN_OIDC_CLIENT_SECRET: z.string().min(1).max(1000).optional(),
  AUREN_OIDC_SIGNUP: z.enum(['open', 'invited']).default('open'),
  AUREN_SIGNUP: z.enum(['open', 'invited']).default('invited'),
  AUREN_TOKEN: z.string().min(1).max(8000).optional(),
  AUREN_TRUST_PROXY: z.string().min(1).optional(),
  AUREN_PRIVATE_HOSTS: z
    .string()
    .regex(/^[\w.-]+(\s*,\s*[\w.-]+)*$/, 'must be names of hosts, with commas')
    .optional(),
  AUREN_RATE_ADDRESS: z.coerce.number().int().min(1).optional(),
  AUREN_RATE_PERSON: z.coerce.number().int().min(1).optional(),
  AUREN_RATE_WEBHOOK: z.coerce.number().int().min(1).optional(),
}
type Variables = z.infer<z.ZodObject<typeof identityVariables>>

/** An OpenID provider that may sign persons in. */
export interface OidcConfig {
  issuer: string
  /** `aud` that its access tokens must have to be taken here. */
  audience: string
  /** For signing in from the PWA; null: tokens are only checked. */
  client: { id: string; secret: string | null } | null
  signup: 'open' | 'invited'
  /** The issuer's name may lead into a private network. */
  privateNetwork: boolean
}

/** Checked configuration of identity, access and limits. */
export interface IdentityConfig {
  /** True where this serves others than the person at this machine: what is unsafe is then refused. */
  production: boolean
  /** Where pages reach NEUROS from outside, e.g. `https://auren-pwa.vercel.app/api/neuros`; null: the local PWA. */
  publicUrl: string | null
  /** Private Ed25519 keys, the current one first; null: kept in the store. */
  jwtKeys: readonly string[] | null
  oidc: OidcConfig | null
  signup: 'open' | 'invited'
  /** Personal API token that the command line shows to a running server; null: none. */
  token: string | null
  /** Proxies in front that are believed: how many, or which addresses; null: none. */
  trustProxy: number | string[] | null
  /** Requests per ten seconds, where they differ from the defaults. */
  rates: { address?: number; person?: number; webhook?: number }
}

/**
 * Reads the variables of identity. `production` refuses what only a single person's own machine may do.
 *
 * @throws AurenError AUREN_CONFIG_INVALID naming the variable, never its value
 */
export function readIdentity(e: Variables, { production }: { production: boolean }): IdentityConfig {
  if (production && e.AUREN_JWT_KEY === undefined)
    throw invalid(
      'AUREN_JWT_KEY is not set: make one with `openssl genpkey -algorithm ed25519` and give it to every process of the services.',
    )
  if (e.AUREN_PUBLIC_URL !== undefined) requireSafe('AUREN_PUBLIC_URL', e.AUREN_PUBLIC_URL, production)
  return {
    production,
    publicUrl: e.AUREN_PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    jwtKeys: e.AUREN_JWT_KEY === undefined ? null : jwtKeys(e.AUREN_JWT_KEY),
    oidc: oidc(e, production),
    signup: e.AUREN_SIGNUP,
    token: e.AUREN_TOKEN ?? null,
    trustProxy: e.AUREN_TRUST_PROXY === undefined ? null : trustProxy(e.AUREN_TRUST_PROXY),
    rates: {
      ...(e.AUREN_RATE_ADDRESS === undefined ? {} : { address: e.AUREN_RATE_ADDRESS }),
      ...(e.AUREN_RATE_PERSON === undefined ? {} : { person: e.AUREN_RATE_PERSON }),
      ...(e.AUREN_RATE_WEBHOOK === undefined ? {} : { webhook: e.AUREN_RATE_WEBHOOK }),
    },
  }
}

/** Whether `AUREN_PRIVATE_HOSTS` says that the host of an address may stand in a private network. */
export function isListed(hosts: string | undefined, address: string): boolean {
  return (hosts ?? '').split(',').some((host) => host.trim().toLowerCase() === new URL(address).hostname)
}

/** True for a name or address of this machine itself. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
}

/** Whether an address may be called or named: https, or this very machine while developing. */
export function isSafeUrl(url: string, production: boolean): boolean {
  const { protocol, hostname, username, password } = new URL(url)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && !production && isLoopback(hostname))
}

function requireSafe(name: string, url: string, production: boolean): void {
  if (!isSafeUrl(url, production))
    throw invalid(
      `${name} must be an https:// address without a user name${production ? '' : ', or one of this machine'}.`,
    )
}

function oidc(e: Variables, production: boolean): OidcConfig | null {
  if (e.AUREN_OIDC_ISSUER === undefined) {
    const orphan = (['AUREN_OIDC_AUDIENCE', 'AUREN_OIDC_CLIENT_ID', 'AUREN_OIDC_CLIENT_SECRET'] as const).find(
      (name) => e[name] !== undefined,
    )
    if (orphan) throw invalid(`${orphan} is set, but AUREN_OIDC_ISSUER is not: name the provider, or unset it.`)
    return null
  }
  requireSafe('AUREN_OIDC_ISSUER', e.AUREN_OIDC_ISSUER, production)
  if (e.AUREN_OIDC_AUDIENCE === undefined)
    throw invalid(
      'AUREN_OIDC_AUDIENCE is not set: a token that the provider made for another service must not work here.',
    )
  if (e.AUREN_OIDC_CLIENT_SECRET !== undefined && e.AUREN_OIDC_CLIENT_ID === undefined)
    throw invalid('AUREN_OIDC_CLIENT_SECRET is set, but AUREN_OIDC_CLIENT_ID is not.')
  return {
    issuer: e.AUREN_OIDC_ISSUER,
    audience: e.AUREN_OIDC_AUDIENCE,
    client:
      e.AUREN_OIDC_CLIENT_ID === undefined
        ? null
        : { id: e.AUREN_OIDC_CLIENT_ID, secret: e.AUREN_OIDC_CLIENT_SECRET ?? null },
    signup: e.AUREN_OIDC_SIGNUP,
    privateNetwork: isListed(e.AUREN_PRIVATE_HOSTS, e.AUREN_OIDC_ISSUER),
  }
}

/** One PKCS8 PEM or private JWK, or several PEM blocks, or a JWK set; the first is current. As PEM. */
function jwtKeys(text: string): string[] {
  const readable = text.includes('\\n') && !text.includes('\n') ? text.replaceAll('\\n', '\n') : text
  try {
    const keys = readable.trim().startsWith('{')
      ? jwksOf(JSON.parse(readable)).map((jwk) => createPrivateKey({ key: jwk as never, format: 'jwk' }))
      : (readable.match(/-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/g) ?? []).map((pem) =>
          createPrivateKey(pem),
        )
    if (keys.length > 0 && keys.every((key) => key.asymmetricKeyType === 'ed25519'))
      return keys.map((key) => key.export({ type: 'pkcs8', format: 'pem' }) as string)
  } catch {
    // Told below, without the parser's words: they could quote the key.
  }
  throw invalid(
    'AUREN_JWT_KEY must be a private Ed25519 key, as PKCS8 PEM or JWK: make one with `openssl genpkey -algorithm ed25519`.',
  )
}

function jwksOf(json: unknown): unknown[] {
  const { keys } = json as { keys?: unknown }
  return Array.isArray(keys) ? keys : [json]
}

function trustProxy(text: string): number | string[] {
  if (/^[1-9]$/.test(text)) return Number(text)
  const parts = text.split(',').map((part) => part.trim())
  if (parts.every((part) => /^([0-9a-f.:]+(\/\d{1,3})?|loopback|linklocal|uniquelocal)$/i.test(part))) return parts
  throw invalid(
    'AUREN_TRUST_PROXY must be the number of proxies in front (1 to 9), or their addresses: a comma list such as 10.0.0.0/8.',
  )
}

function invalid(message: string): AurenError {
  return new AurenError('AUREN_CONFIG_INVALID', message)
}

import { createHash, randomUUID } from 'node:crypto'
import type { Instant } from '../observation/schema.js'
import type { VendorAnswer, VendorRequest } from './vendor-http.js'

/** Errors of RFC 6749 §4.1.2.1 and §5.2 that the server tells. */
export type VendorOAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'access_denied'

/** A token answer as RFC 6749 §5.1 has it, before a dialect makes its own of it. */
export interface VendorTokens {
  access_token: string
  /** Absent where a refresh token that was not rotated goes on. */
  refresh_token?: string
  token_type: 'bearer'
  /** Seconds. */
  expires_in: number
  scope: string
}

/** How a vendor does OAuth 2. What is not said is as RFC 6749 and 7636 want it. */
export interface VendorOAuthSpec {
  clientId: string
  clientSecret: string
  /** @default '/oauth/authorize' */
  authorizePath?: string
  /** @default '/oauth/token' */
  tokenPath?: string
  /** Where the application says who it is. @default 'body' */
  clientAuth?: 'body' | 'basic'
  /** `S256` is asked for and checked, or only checked where it comes. @default 'optional' */
  pkce?: 'required' | 'optional'
  /** Addresses that a person may be sent back to; all where absent. */
  redirects?: readonly string[]
  /** How long an access token works, in ms. @default 1 h */
  accessMs?: number
  /**
   * What becomes of refresh tokens: `reuse-revokes`: each works once, and its second use revokes all that came of the same
   * consent (RFC 9700 §4.14.2); `rotate`: each works once, its second use is refused; `keep`: they go on working.
   * @default 'reuse-revokes'
   */
  refresh?: 'reuse-revokes' | 'rotate' | 'keep'
  /** Whose account the person consents with, unless told otherwise. @default 'account-1' */
  account?: string
  /** More fields that a token request must have, such as `action=requesttoken`. */
  tokenFields?: Readonly<Record<string, string>>
  /** The answer in the vendor's own words: wrapped, with the account in it, numbers as text. */
  answer?(tokens: VendorTokens, account: string): unknown
  /** A refusal at the token endpoint in the vendor's own words. */
  refuse?(error: VendorOAuthError): VendorAnswer
}

/** The OAuth side of a {@link VendorServer}. */
export interface VendorOAuth {
  /** A code as the person's browser would bring it back, without a browser. */
  grant(given?: { account?: string; redirect?: string; challenge?: string }): string
  /**
   * What the person's browser does with the address that the application sent it to: opens it, consents (or not), and is
   * sent back. Returns what stands in the address that it ends at.
   */
  visit(url: string, decide?: { account?: string; deny?: boolean }): Promise<Record<string, string>>
  /** Tokens without a code, as if they had been exchanged. */
  issue(account?: string): VendorTokens & { refresh_token: string }
  /** Access tokens of everybody stop working; refresh tokens do not. */
  expire(): void
  /** One access token stops working. */
  end(token: string): void
  /** The person ends it at the vendor: their tokens, refresh tokens too, work no longer. */
  revoke(account: string): void
  /** Whose token this is; null where it is none that works. */
  accountOf(token: string): string | null
  /** Refreshes that were answered with new tokens. */
  readonly refreshes: number
  /** Refresh tokens that came a second time. */
  readonly reused: number
  /** For the server: answers, where the path is one of OAuth. */
  handle(request: VendorRequest): VendorAnswer | null
}

interface Consent {
  account: string
  revoked: boolean
}
interface Code {
  consent: Consent
  redirect: string | null
  challenge: string | null
  until: Instant
  used: boolean
}

const CODE_MS = 600_000

/** OAuth 2 over maps. @param url address of the server, once it listens */
export function createVendorOAuth(spec: VendorOAuthSpec, now: () => Instant, url: () => string): VendorOAuth {
  const { authorizePath = '/oauth/authorize', tokenPath = '/oauth/token', accessMs = 3_600_000 } = spec
  const { pkce = 'optional', clientAuth = 'body', refresh: rule = 'reuse-revokes', account: usual = 'account-1' } = spec
  const codes = new Map<string, Code>()
  const access = new Map<string, { consent: Consent; until: Instant }>()
  const refresh = new Map<string, { consent: Consent; used: boolean }>()
  let [refreshes, reused] = [0, 0]
  let next: { account?: string; deny?: boolean } = {}

  const accessOf = (consent: Consent): VendorTokens => {
    const token = `access-${randomUUID()}`
    access.set(token, { consent, until: now() + accessMs })
    return { access_token: token, token_type: 'bearer', expires_in: Math.floor(accessMs / 1000), scope: '' }
  }
  const bothOf = (consent: Consent): VendorTokens & { refresh_token: string } => {
    const token = `refresh-${randomUUID()}`
    refresh.set(token, { consent, used: false })
    return { ...accessOf(consent), refresh_token: token }
  }
  const codeFor = (consent: Consent, redirect: string | null, challenge: string | null): string => {
    const code = `code-${randomUUID()}`
    codes.set(code, { consent, redirect, challenge, until: now() + CODE_MS, used: false })
    return code
  }
  const refused = (error: VendorOAuthError): VendorAnswer =>
    spec.refuse?.(error) ?? { status: error === 'invalid_client' ? 401 : 400, body: { error } }

  /** A wrong client or address is told to the person, never sent on (RFC 6749 §4.1.2.1). */
  const authorize = ({ query }: VendorRequest): VendorAnswer => {
    const { account = usual, deny = false } = next
    next = {}
    const redirect = query.get('redirect_uri') ?? ''
    const known = spec.redirects === undefined || spec.redirects.includes(redirect)
    if (query.get('client_id') !== spec.clientId || !known || !URL.canParse(redirect))
      return { status: 400, body: 'This application or its address is not known.' }
    const back = (said: Record<string, string>): VendorAnswer => {
      const target = new URL(redirect)
      const state = query.get('state')
      for (const [name, value] of Object.entries({ ...said, ...(state === null ? {} : { state }) }))
        target.searchParams.set(name, value)
      return { status: 302, headers: { location: target.href } }
    }
    const challenge = query.get('code_challenge')
    if (query.get('response_type') !== 'code') return back({ error: 'unsupported_response_type' })
    if (!query.get('state') || (challenge === null && pkce === 'required')) return back({ error: 'invalid_request' })
    if (challenge !== null && query.get('code_challenge_method') !== 'S256') return back({ error: 'invalid_request' })
    if (deny) return back({ error: 'access_denied' })
    return back({ code: codeFor({ account, revoked: false }, redirect, challenge) })
  }

  const isClient = ({ form, headers }: VendorRequest): boolean => {
    if (clientAuth === 'body') return form.client_id === spec.clientId && form.client_secret === spec.clientSecret
    const encoded = [spec.clientId, spec.clientSecret].map((part) =>
      new URLSearchParams({ p: part }).toString().slice('p='.length),
    )
    const basic = `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`
    return headers.authorization === basic && !('client_secret' in form)
  }

  const byCode = (form: Readonly<Record<string, string>>): VendorTokens | null => {
    const held = codes.get(form.code ?? '')
    if (!held) return null
    if (held.used) {
      // Somebody else has it, too: what it led to is ended.
      held.consent.revoked = true
      return null
    }
    held.used = true
    const { consent, redirect, challenge, until } = held
    const verifier = form.code_verifier
    const proved =
      challenge === null
        ? verifier === undefined || pkce === 'optional'
        : verifier !== undefined && createHash('sha256').update(verifier).digest('base64url') === challenge
    return proved && now() <= until && (redirect === null || form.redirect_uri === redirect) ? bothOf(consent) : null
  }

  const byRefresh = (form: Readonly<Record<string, string>>): VendorTokens | null => {
    const held = refresh.get(form.refresh_token ?? '')
    if (!held || held.consent.revoked) return null
    if (held.used) {
      reused++
      if (rule === 'reuse-revokes') held.consent.revoked = true
      return null
    }
    refreshes++
    if (rule === 'keep') return accessOf(held.consent)
    held.used = true
    return bothOf(held.consent)
  }

  const token = (request: VendorRequest): VendorAnswer => {
    const { form } = request
    if (Object.entries(spec.tokenFields ?? {}).some(([name, value]) => form[name] !== value))
      return refused('invalid_request')
    if (!isClient(request)) return refused('invalid_client')
    const { grant_type: type } = form
    if (type !== 'authorization_code' && type !== 'refresh_token') return refused('unsupported_grant_type')
    const tokens = type === 'authorization_code' ? byCode(form) : byRefresh(form)
    if (!tokens) return refused('invalid_grant')
    const account = access.get(tokens.access_token)?.consent.account ?? usual
    return { status: 200, body: spec.answer?.(tokens, account) ?? tokens }
  }

  return {
    grant: ({ account = usual, redirect, challenge } = {}) =>
      codeFor({ account, revoked: false }, redirect ?? null, challenge ?? null),
    async visit(address, decide = {}) {
      if (!address.startsWith(url())) throw new Error(`The browser was sent to ${new URL(address).host}.`)
      next = decide
      const answer = await fetch(address, { redirect: 'manual' })
      const location = answer.headers.get('location')
      if (answer.status !== 302 || location === null) throw new Error(`The vendor says: ${await answer.text()}`)
      return Object.fromEntries(new URL(location).searchParams)
    },
    issue: (account = usual) => bothOf({ account, revoked: false }),
    expire: () => access.clear(),
    end: (given) => {
      access.delete(given)
    },
    revoke(account) {
      for (const { consent } of [...refresh.values(), ...access.values(), ...codes.values()])
        if (consent.account === account) consent.revoked = true
    },
    accountOf(given) {
      const held = access.get(given)
      return held && !held.consent.revoked && now() < held.until ? held.consent.account : null
    },
    get refreshes() {
      return refreshes
    },
    get reused() {
      return reused
    },
    handle(request) {
      if (request.path === authorizePath && request.method === 'GET') return authorize(request)
      return request.path === tokenPath && request.method === 'POST' ? token(request) : null
    },
  }
}

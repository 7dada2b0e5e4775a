import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose'

/** A key of the provider. */
export interface ProviderKey {
  kid: string
  privateKey: CryptoKey
  publicKey: CryptoKey
}

/** An OpenID provider on loopback: discovery, keys, authorization code with PKCE, tokens. */
export interface Provider {
  issuer: string
  key: ProviderKey
  /** Paths that were asked for, in order. */
  requests: string[]
  /** Who signs in next. */
  subject: string
  /** Signs an access token of this provider. */
  token(change?: {
    claims?: Record<string, unknown>
    header?: Partial<JWTHeaderParameters>
    key?: CryptoKey | Uint8Array
  }): Promise<string>
  /** Changes what the ID token says. */
  idClaims: Record<string, unknown>
  /** Publishes another key, besides. */
  addKey(): Promise<ProviderKey>
  close(): Promise<void>
}

type Json = (status: number, body: unknown) => ServerResponse

interface Grant {
  challenge: string
  redirect: string
  nonce: string | null
  subject: string
}

/** Starts a provider for one client with a secret. */
export async function startProvider(client: {
  id: string
  secret: string
  redirect: string
  audience: string
}): Promise<Provider> {
  const keys = [await makeKey()]
  const grants = new Map<string, Grant>()
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider: Provider = {
    issuer,
    key: keys[0] as ProviderKey,
    requests: [],
    subject: 'subject-1',
    idClaims: {},
    token: ({ claims = {}, header = {}, key } = {}) => {
      const now = Math.floor(Date.now() / 1000)
      const all = { iss: issuer, aud: client.audience, sub: provider.subject, iat: now, exp: now + 300, ...claims }
      const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
      return new SignJWT(given)
        .setProtectedHeader({ alg: 'RS256', kid: (keys[0] as ProviderKey).kid, ...header })
        .sign(key ?? (keys[0] as ProviderKey).privateKey)
    },
    async addKey() {
      const key = await makeKey()
      keys.push(key)
      return key
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const url = new URL(request.url ?? '/', issuer)
    provider.requests.push(url.pathname)
    const json = (status: number, body: unknown): ServerResponse =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (url.pathname === '/.well-known/openid-configuration')
      return json(200, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        code_challenge_methods_supported: ['S256'],
      })
    if (url.pathname === '/jwks') {
      const published = keys.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, use: 'sig' }))
      return json(200, { keys: await Promise.all(published) })
    }
    if (url.pathname === '/authorize') return authorize(url, response, json)
    if (url.pathname === '/token' && request.method === 'POST') return token(request, json)
    return json(404, { error: 'not_found' })
  }

  function authorize(url: URL, response: ServerResponse, json: Json): unknown {
    const asked = url.searchParams
    const challenge = asked.get('code_challenge')
    // The whole address counts: a prefix of it, or one that begins with it, is another one (RFC 9700 §4.1.3).
    if (asked.get('client_id') !== client.id || asked.get('redirect_uri') !== client.redirect)
      return json(400, { error: 'invalid_request' })
    if (asked.get('response_type') !== 'code' || asked.get('code_challenge_method') !== 'S256' || !challenge)
      return json(400, { error: 'invalid_request' })
    const code = randomUUID()
    grants.set(code, { challenge, redirect: client.redirect, nonce: asked.get('nonce'), subject: provider.subject })
    const back = new URL(client.redirect)
    back.searchParams.set('code', code)
    back.searchParams.set('state', asked.get('state') ?? '')
    return response.writeHead(302, { location: back.href }).end()
  }

  async function token(request: IncomingMessage, json: Json): Promise<unknown> {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const given = new URLSearchParams(body)
    const basic = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString()
    // Both halves are form-encoded (RFC 6749 §2.3.1).
    const [id, secret] = basic.split(':').map((half) => decodeURIComponent(half.replaceAll('+', ' ')))
    if (id !== client.id || secret !== client.secret) return json(401, { error: 'invalid_client' })
    const code = given.get('code') ?? ''
    const grant = grants.get(code)
    grants.delete(code)
    const challenge = createHash('sha256')
      .update(given.get('code_verifier') ?? '')
      .digest('base64url')
    if (!grant || given.get('redirect_uri') !== grant.redirect || challenge !== grant.challenge)
      return json(400, { error: 'invalid_grant' })
    const claims = { aud: client.id, sub: grant.subject, nonce: grant.nonce ?? undefined, ...provider.idClaims }
    return json(200, {
      token_type: 'Bearer',
      expires_in: 300,
      access_token: await provider.token({ claims: { sub: grant.subject } }),
      id_token: await provider.token({ claims }),
    })
  }
  return provider
}

async function makeKey(): Promise<ProviderKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  return { kid: randomUUID(), privateKey, publicKey }
}

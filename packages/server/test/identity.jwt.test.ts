import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { JWKS_COOLDOWN_MS } from '../src/identity/oidc.js'
import { type Installation, install } from './harness.js'
import { type Answer, bearer, send } from './identity-http.js'
import { type Provider, startProvider } from './servers/oidc.js'

const audience = 'https://api.auren.example'
let provider: Provider
let installation: Installation
let base: string

beforeAll(async () => {
  provider = await startProvider({ id: 'pwa', secret: 's', redirect: 'http://localhost:5173/x', audience })
  installation = await install({ AUREN_OIDC_ISSUER: provider.issuer, AUREN_OIDC_AUDIENCE: audience })
  base = installation.services.addresses.neuros as string
})
afterAll(async () => {
  await installation?.close()
  await installation?.remove()
  await provider?.close()
})

const me = (token: string): Promise<Answer> => send(base, 'GET', '/v1/auth/me', { headers: bearer(token) })
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const seconds = (): number => Math.floor(Date.now() / 1000)

describe('an access token of the provider (C4)', () => {
  it('names one person for ever, found by issuer and subject, never by e-mail', async () => {
    const first = await me(await provider.token({ claims: { email: 'ann@example.org' } }))
    expect(first.status).toBe(200)
    expect(first.json).toMatchObject({ scopes: ['read', 'write'], via: 'oidc' })
    const again = await me(await provider.token({ claims: { email: 'other@example.org' } }))
    expect(again.json.user).toBe(first.json.user)
    const other = await me(await provider.token({ claims: { sub: 'subject-2', email: 'ann@example.org' } }))
    expect(other.status).toBe(200)
    expect(other.json.user).not.toBe(first.json.user)
    const many = await Promise.all(
      Array.from({ length: 8 }, async () => me(await provider.token({ claims: { sub: 'at once' } }))),
    )
    expect(new Set(many.map(({ json }) => json.user)).size).toBe(1)
  })

  it('may have several audiences, if ours is one of them', async () => {
    expect((await me(await provider.token({ claims: { aud: ['https://other', audience] } }))).status).toBe(200)
  })

  const forged: [string, () => Promise<string>][] = [
    [
      'alg none',
      async () => {
        const claims = { iss: provider.issuer, aud: audience, sub: 'subject-1', exp: seconds() + 300 }
        return `${part({ alg: 'none' })}.${part(claims)}.`
      },
    ],
    [
      'alg none, with a signature taken elsewhere',
      async () => {
        const [, claims, signature] = (await provider.token()).split('.')
        return `${part({ alg: 'none', kid: provider.key.kid })}.${claims}.${signature}`
      },
    ],
    [
      'HS256 signed with the public key as PEM',
      async () => {
        const pem = new TextEncoder().encode(await exportSPKI(provider.key.publicKey))
        return provider.token({ header: { alg: 'HS256' }, key: pem })
      },
    ],
    [
      'RS256 with its own key in the header',
      async () => {
        const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
        return provider.token({ header: { jwk: await exportJWK(publicKey) }, key: privateKey })
      },
    ],
    [
      'own key in the header, and no kid',
      async () => {
        const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
        const header = { alg: 'RS256', jwk: await exportJWK(publicKey), kid: undefined as unknown as string }
        return provider.token({ header, key: privateKey })
      },
    ],
    [
      'jku',
      async () => {
        const { privateKey } = await generateKeyPair('RS256')
        return provider.token({ header: { jku: `${provider.issuer}/stolen-jwks`, kid: 'mine' }, key: privateKey })
      },
    ],
    [
      'x5u',
      async () => {
        const { privateKey } = await generateKeyPair('RS256')
        return provider.token({ header: { x5u: `${provider.issuer}/stolen-cert` }, key: privateKey })
      },
    ],
    ['kid that climbs', () => provider.token({ header: { kid: '../../../../dev/null' } })],
    ['kid that is SQL', () => provider.token({ header: { kid: "x' or '1'='1" } })],
    ['no exp', () => provider.token({ claims: { exp: undefined } })],
    ['expired', () => provider.token({ claims: { exp: seconds() - 3600 } })],
    ['exp that is text', () => provider.token({ claims: { exp: 'never' as unknown as number } })],
    ['not valid yet', () => provider.token({ claims: { nbf: seconds() + 3600 } })],
    ['another issuer', () => provider.token({ claims: { iss: 'https://evil.example' } })],
    ['the issuer with a slash', () => provider.token({ claims: { iss: `${provider.issuer}/` } })],
    ['no issuer', () => provider.token({ claims: { iss: undefined } })],
    ['another audience', () => provider.token({ claims: { aud: 'another-api' } })],
    ['several audiences, none ours', () => provider.token({ claims: { aud: ['a', `${audience}.evil`] } })],
    ['no audience', () => provider.token({ claims: { aud: undefined } })],
    ['no subject', () => provider.token({ claims: { sub: undefined } })],
    ['an empty subject', () => provider.token({ claims: { sub: '' } })],
    ['a subject that is a list', () => provider.token({ claims: { sub: ['subject-1'] } })],
    ['a changed signature', async () => `${(await provider.token()).slice(0, -8)}AAAAAAAA`],
    ['our own issuer, with the provider’s key', () => provider.token({ claims: { iss: 'auren', aud: 'auren-api' } })],
    ['an API token that was never made', async () => `auren_pat_${'A'.repeat(43)}`],
    ['three dots of nothing', async () => 'a.b.c'],
    ['a token of 10 kB', async () => `${await provider.token({ claims: { pad: 'x'.repeat(10_000) } })}`],
  ]
  it.each(forged)('is refused, without falling back to the local person: %s', async (_name, make) => {
    const answer = await me(await make())
    expect(answer.status).toBe(401)
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(answer.headers['www-authenticate']).toBe('Bearer')
    expect(answer.json).toMatchObject({ status: 401, code: 'AUREN_UNAUTHENTICATED' })
  })

  it('is refused before it is read whole: 10 MB', async () => {
    const big = `${part({ alg: 'RS256' })}.${'A'.repeat(10_000_000)}.${'A'.repeat(300)}`
    const answer = await me(big).catch((error: NodeJS.ErrnoException) => ({ status: error.code }))
    // Node answers 431, or cuts the line while the header is still being sent.
    expect([431, 401, 'ECONNRESET', 'EPIPE']).toContain(answer.status)
  })

  it('makes no request to what its header names, and few to the keys, whatever is asked', async () => {
    const before = provider.requests.filter((path) => path === '/jwks').length
    for (let i = 0; i < 50; i++) expect((await me(await provider.token({ header: { kid: `k${i}` } }))).status).toBe(401)
    // Within the cool-down (30 s) of a fetch there is no other one.
    expect(JWKS_COOLDOWN_MS).toBeGreaterThanOrEqual(30_000)
    expect(provider.requests.filter((path) => path === '/jwks').length - before).toBeLessThanOrEqual(1)
    expect(new Set(provider.requests)).toEqual(new Set(['/.well-known/openid-configuration', '/jwks']))
  })
})

describe('our own access tokens', () => {
  it('are not taken from anybody else, whatever they say', async () => {
    const { privateKey } = await generateKeyPair('EdDSA')
    const { keys } = (await send(base, 'GET', '/.well-known/jwks.json')).json as { keys: { kid: string; d?: string }[] }
    expect(keys).toEqual([expect.objectContaining({ alg: 'EdDSA', crv: 'Ed25519', kid: expect.any(String) })])
    expect(keys[0]).not.toHaveProperty('d')
    for (const kid of [keys[0]?.kid as string, 'unknown']) {
      const token = await new SignJWT({ sid: 'b8b4f6a6-7a0e-4c44-9d1c-d8a8b4d3a1b1', scope: 'operate' })
        .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'at+jwt' })
        .setIssuer('auren')
        .setAudience('auren-api')
        .setSubject('local')
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(privateKey)
      expect((await me(token)).status).toBe(401)
    }
  })
})

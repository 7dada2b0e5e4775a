import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Installation, install } from './harness.js'
import { type Answer, bearer, cookiesOf, send } from './identity-http.js'
import { type Provider, startProvider } from './servers/oidc.js'

const publicUrl = 'https://auren.example/api/neuros'
const redirect = `${publicUrl}/v1/auth/callback`
let provider: Provider
let here: Installation
let base: string

beforeAll(async () => {
  provider = await startProvider({ id: 'auren pwa', secret: 'shh: %', redirect, audience: 'auren' })
  here = await install({
    AUREN_LOCAL_PERSON: 'false',
    AUREN_PUBLIC_URL: publicUrl,
    AUREN_OIDC_ISSUER: provider.issuer,
    AUREN_OIDC_AUDIENCE: 'auren',
    AUREN_OIDC_CLIENT_ID: 'auren pwa',
    AUREN_OIDC_CLIENT_SECRET: 'shh: %',
  })
  base = here.services.addresses.neuros as string
})
afterAll(async () => {
  await here?.close()
  await here?.remove()
  await provider?.close()
})

interface Begun {
  url: URL
  cookie: string
}
/** The browser asks to sign in, and is sent to the provider. */
async function begin(query = ''): Promise<Begun> {
  const answer = await send(base, 'GET', `/v1/auth/login${query}`)
  expect(answer.status).toBe(302)
  const [cookie] = cookiesOf(answer)
  expect(cookie?.attributes).toEqual(
    expect.arrayContaining(['Path=/api/neuros/v1/auth/callback', 'HttpOnly', 'SameSite=Lax', 'Secure']),
  )
  return { url: new URL(answer.headers.location as string), cookie: cookie?.pair as string }
}
/** The provider signs the person in, and sends the browser back. */
async function atProvider(url: URL): Promise<URL> {
  const answer = await send(provider.issuer, 'GET', `${url.pathname}${url.search}`)
  expect(answer.status, answer.text).toBe(302)
  return new URL(answer.headers.location as string)
}
const back = (to: URL, cookie: string | null): Promise<Answer> =>
  send(base, 'GET', `/v1/auth/callback${to.search}`, { headers: cookie === null ? {} : { cookie } })
const expectRefused = (answer: Answer): void => {
  expect(answer.status).toBe(401)
  expect(cookiesOf(answer).filter(({ attributes }) => !attributes.includes('Max-Age=0'))).toEqual([])
}

describe('signing in at the provider (C28)', () => {
  it('goes by code, PKCE, state and nonce, and ends with our own cookie and token', async () => {
    const { url, cookie } = await begin('?back=%2Ftrends%3Fmetric%3Dhrv')
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: 'auren pwa',
      redirect_uri: redirect,
      response_type: 'code',
      scope: 'openid',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    })
    const answer = await back(await atProvider(url), cookie)
    expect(answer.status, answer.text).toBe(302)
    expect(answer.headers.location).toBe('https://auren.example/trends?metric=hrv')
    const refresh = cookiesOf(answer).find(({ pair }) => pair.startsWith('__Secure-auren_refresh='))
    const headers = { origin: 'https://auren.example', cookie: refresh?.pair as string }
    const granted = await send(base, 'POST', '/v1/auth/refresh', { headers })
    const me = await send(base, 'GET', '/v1/auth/me', { headers: bearer(granted.json.accessToken as string) })
    expect(me.json).toMatchObject({ scopes: ['read', 'write'], via: 'session' })
    // The same subject again, by the provider's own access token: the same person.
    const direct = await send(base, 'GET', '/v1/auth/me', { headers: bearer(await provider.token()) })
    expect(direct.json.user).toBe(me.json.user)
  })

  it('refuses a state that is missing, made up or changed', async () => {
    const { url, cookie } = await begin()
    const to = await atProvider(url)
    const { search } = to
    to.searchParams.delete('state')
    expect((await back(to, cookie)).status).toBe(400)
    to.searchParams.set('state', 'A'.repeat(43))
    expectRefused(await back(to, cookie))
    const other = await begin()
    to.searchParams.set('state', other.url.searchParams.get('state') as string)
    expectRefused(await back(to, cookie))
    to.search = search
    expect((await back(to, cookie)).status).toBe(302)
  })

  it('takes a person who was refused back to the app, with the reason and nothing else', async () => {
    const { url } = await begin()
    const to = await atProvider(url)
    const answer = await send(base, 'GET', `/v1/auth/callback${to.search}`, {
      headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    })
    expect([answer.status, answer.headers.location]).toEqual([
      302,
      'https://auren.example/#signin=AUREN_UNAUTHENTICATED',
    ])
    expect(cookiesOf(answer).filter(({ attributes }) => !attributes.includes('Max-Age=0'))).toEqual([])
  })

  it('refuses another browser than the one that began', async () => {
    const mine = await begin()
    const to = await atProvider(mine.url)
    const victim = await begin()
    expectRefused(await back(to, victim.cookie))
    // The state was for one try.
    expectRefused(await back(to, mine.cookie))
    expectRefused(await back(await atProvider((await begin()).url), null))
  })

  it('takes a code once', async () => {
    const { url, cookie } = await begin()
    const to = await atProvider(url)
    expect((await back(to, cookie)).status).toBe(302)
    expectRefused(await back(to, cookie))
    // The same code under a state of its own: the provider refuses it, and PKCE would too.
    const next = await begin()
    to.searchParams.set('state', next.url.searchParams.get('state') as string)
    expectRefused(await back(to, next.cookie))
  })

  it('refuses a code that was made for somebody else’s verifier', async () => {
    const theirs = await atProvider((await begin()).url)
    const mine = await begin()
    theirs.searchParams.set('state', mine.url.searchParams.get('state') as string)
    expectRefused(await back(theirs, mine.cookie))
  })

  it.each([
    ['another nonce', { nonce: 'other' }],
    ['another audience', { aud: 'another-client' }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['an expired one', { exp: 1 }],
    ['no subject', { sub: undefined }],
  ])('refuses an ID token with %s', async (_name, claims) => {
    provider.idClaims = claims
    try {
      const { url, cookie } = await begin()
      expectRefused(await back(await atProvider(url), cookie))
    } finally {
      provider.idClaims = {}
    }
  })

  it('refuses an ID token of a key that the provider does not publish', async () => {
    const honest = provider.token
    const { generateKeyPair } = await import('jose')
    const { privateKey } = await generateKeyPair('RS256')
    provider.token = (change) => honest({ ...change, key: privateKey })
    try {
      const { url, cookie } = await begin()
      expectRefused(await back(await atProvider(url), cookie))
    } finally {
      provider.token = honest
    }
  })

  it('names one redirect address, and the provider knows no other that begins with it', async () => {
    const { url } = await begin()
    for (const trick of [
      `${redirect}.evil.example`,
      `${redirect}/../evil`,
      `${redirect}?next=evil`,
      'https://auren.example.evil/x',
    ]) {
      url.searchParams.set('redirect_uri', trick)
      expect((await send(provider.issuer, 'GET', `${url.pathname}${url.search}`)).status).toBe(400)
    }
  })

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/%0d%0aset-cookie:x',
  ])('comes back to its own pages only, not to %s', async (path) => {
    const { url, cookie } = await begin(`?back=${encodeURIComponent(path)}`)
    const { headers } = await back(await atProvider(url), cookie)
    expect(new URL(headers.location as string).origin).toBe('https://auren.example')
    expect(headers['set-cookie']?.join()).not.toMatch(/set-cookie:x/)
  })

  it('takes a new key of the provider once the cool-down is over, not before', async () => {
    const { kid, privateKey } = await provider.addKey()
    const token = await provider.token({ header: { kid }, key: privateKey })
    const jwks = (): number => provider.requests.filter((path) => path === '/jwks').length
    const before = jwks()
    expect((await send(base, 'GET', '/v1/auth/me', { headers: bearer(token) })).status).toBe(401)
    expect(jwks()).toBe(before)
  })
})

describe('configuration', () => {
  it.each([
    ['AUREN_OIDC_AUDIENCE', { AUREN_OIDC_ISSUER: 'https://id.example' }],
    ['AUREN_OIDC_CLIENT_ID', { AUREN_OIDC_CLIENT_ID: 'x' }],
    ['AUREN_OIDC_ISSUER', { AUREN_OIDC_ISSUER: 'http://id.example', AUREN_OIDC_AUDIENCE: 'a' }],
    ['AUREN_OIDC_ISSUER', { AUREN_OIDC_ISSUER: 'http://169.254.169.254', AUREN_OIDC_AUDIENCE: 'a' }],
    ['AUREN_OIDC_ISSUER', { AUREN_OIDC_ISSUER: 'https://user:pw@id.example', AUREN_OIDC_AUDIENCE: 'a' }],
    ['AUREN_OIDC_ISSUER', { AUREN_OIDC_ISSUER: 'file:///etc/passwd', AUREN_OIDC_AUDIENCE: 'a' }],
    ['AUREN_JWT_KEY', { NODE_ENV: 'production', AUREN_OIDC_ISSUER: 'https://id.example', AUREN_OIDC_AUDIENCE: 'a' }],
    ['AUREN_JWT_KEY', { AUREN_JWT_KEY: 'secret-of-mine' }],
    ['AUREN_TRUST_PROXY', { AUREN_TRUST_PROXY: 'true' }],
    ['AUREN_PUBLIC_URL', { AUREN_PUBLIC_URL: 'http://auren.example' }],
    ['AUREN_CORS_ORIGINS', { AUREN_CORS_ORIGINS: 'https://*.vercel.app' }],
    ['AUREN_CORS_ORIGINS', { AUREN_CORS_ORIGINS: 'https://auren.vercel.app/' }],
  ])('names %s where it is wrong, and never its value', async (name, env) => {
    const { readConfig } = await import('../src/config.js')
    expect(() => readConfig(env)).toThrow(name)
    expect(() => readConfig(env)).not.toThrow('secret-of-mine')
  })

  it('takes a key as PEM, as PEM in one line, as JWK, and several', async () => {
    const { generateKeyPairSync } = await import('node:crypto')
    const { readConfig } = await import('../src/config.js')
    const { privateKey } = generateKeyPairSync('ed25519')
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    const jwk = JSON.stringify(privateKey.export({ format: 'jwk' }))
    for (const given of [pem, pem.replaceAll('\n', '\\n'), jwk, `{"keys":[${jwk}]}`])
      expect(readConfig({ AUREN_JWT_KEY: given }).identity.jwtKeys).toEqual([pem])
    expect(readConfig({ AUREN_JWT_KEY: pem + pem }).identity.jwtKeys).toHaveLength(2)
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    expect(() => readConfig({ AUREN_JWT_KEY: rsa.export({ type: 'pkcs8', format: 'pem' }) as string })).toThrow(
      'AUREN_JWT_KEY',
    )
  })
})

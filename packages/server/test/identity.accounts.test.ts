import type { IdentityStore } from '@auren/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAccessTokens } from '../src/identity/access.js'
import { createSigningKeys } from '../src/identity/keys.js'
import { createSessions } from '../src/identity/sessions.js'
import { type Installation, install } from './harness.js'
import { type Answer, bearer, cookiesOf, send } from './identity-http.js'

let here: Installation
let base: string
let biometric: string
/** The origin of AUREN_PUBLIC_URL. */
const page = { origin: 'https://auren.example' }
const password = 'a few words in a row'

beforeAll(async () => {
  here = await install({ AUREN_LOCAL_PERSON: 'false', AUREN_PUBLIC_URL: 'https://auren.example/api/neuros' })
  base = here.services.addresses.neuros as string
  biometric = here.services.addresses.biometric as string
})
afterAll(async () => {
  await here?.close()
  await here?.remove()
})

const call = (method: string, path: string, token: string | null, body?: unknown, headers = {}): Promise<Answer> =>
  send(base, method, path, {
    headers: { ...(token === null ? {} : bearer(token)), ...headers },
    ...(body === undefined ? {} : { body }),
  })

interface SignedIn {
  token: string
  cookie: string
  user: string
}
const signedIn = async (answer: Answer): Promise<SignedIn> => {
  expect(answer.status, answer.text).toBeLessThan(300)
  const token = answer.json.accessToken as string
  const me = await call('GET', '/v1/auth/me', token)
  return { token, cookie: cookiesOf(answer)[0]?.pair as string, user: me.json.user as string }
}
const invited = async (by: string, name: string): Promise<SignedIn> => {
  const { json } = await call('POST', '/v1/invitations', by, {})
  return signedIn(await call('POST', '/v1/auth/signup', null, { name, password, invitation: json.invitation }))
}
const refresh = (cookie: string, headers: Record<string, string> = page, method = 'POST'): Promise<Answer> =>
  call(method, '/v1/auth/refresh', null, undefined, { ...headers, cookie })

let operator: SignedIn
let ann: SignedIn
beforeAll(async () => {
  operator = await signedIn(await call('POST', '/v1/auth/signup', null, { name: 'Op@Example.org', password }))
  ann = await invited(operator.token, 'ann@example.org')
})

describe('signing up', () => {
  it('is open to the first at this machine, who operates, then to the invited', async () => {
    expect((await call('GET', '/v1/auth/me', operator.token)).json.scopes).toEqual(['read', 'write', 'operate'])
    expect((await call('GET', '/v1/auth/me', ann.token)).json.scopes).toEqual(['read', 'write'])
    const body = { name: 'eve@example.org', password }
    expect((await call('POST', '/v1/auth/signup', null, body)).status).toBe(403)
    expect((await call('POST', '/v1/auth/signup', null, { ...body, invitation: 'auren_inv_x' })).status).toBe(403)
  })

  it('uses an invitation once, keeps it for a name that was taken, and makes none for who does not operate', async () => {
    expect((await call('POST', '/v1/invitations', ann.token, {})).status).toBe(403)
    const { invitation } = (await call('POST', '/v1/invitations', operator.token, {})).json
    const taken = await call('POST', '/v1/auth/signup', null, { name: 'ANN@example.org ', password, invitation })
    expect(taken.status).toBe(409)
    await signedIn(await call('POST', '/v1/auth/signup', null, { name: 'bob', password, invitation }))
    expect((await call('POST', '/v1/auth/signup', null, { name: 'bob2', password, invitation })).status).toBe(403)
  })

  it.each([
    ['11 characters', 'x'.repeat(11), 400],
    ['12 characters', 'y'.repeat(12), 201],
    ['128 characters of any script', 'ж𝒳字'.repeat(43).slice(0, 170), 201],
    ['257 characters', 'z'.repeat(257), 400],
    ['the name', 'carol@example.org', 400],
  ])('takes passwords by their length: %s', async (_name, given, status) => {
    const { invitation } = (await call('POST', '/v1/invitations', operator.token, {})).json
    const name = given === 'carol@example.org' ? given : `p${given.length}@example.org`
    expect((await call('POST', '/v1/auth/signup', null, { name, password: given, invitation })).status).toBe(status)
  })

  it.each(['user_id', 'role', 'scopes', 'is_admin', 'created_at', 'tenant'])(
    'takes no %s from a body (C2)',
    async (field) => {
      const body = { name: 'ann@example.org', password, [field]: 'operate' }
      for (const path of ['/v1/auth/signup', '/v1/auth/login'])
        expect((await call('POST', path, null, body)).status).toBe(400)
      expect((await call('POST', '/v1/tokens', ann.token, { name: 't', [field]: 'x' })).status).toBe(400)
    },
  )
})

describe('signing in', () => {
  const login = (name: string, given: string): Promise<Answer> =>
    call('POST', '/v1/auth/login', null, { name, password: given })

  it('tells nothing of whether there is such an account', async () => {
    const wrong = await login('ann@example.org', 'not the password')
    const unknown = await login('nobody@example.org', 'not the password')
    expect(wrong.status).toBe(401)
    expect([unknown.status, unknown.json]).toEqual([wrong.status, wrong.json])
    expect((await login('Ann@Example.org', password)).status).toBe(200)
  })

  it('is slowed by name and address after five wrong tries, also with the right one, and for unknown names (C16)', async () => {
    await invited(operator.token, 'dora@example.org')
    for (const name of ['dora@example.org', 'nobody-2@example.org']) {
      for (let i = 0; i < 5; i++) expect((await login(name, `wrong password ${i}`)).status).toBe(401)
      const slowed = await login(name, password)
      expect(slowed.status).toBe(429)
      expect(Number(slowed.headers['retry-after'])).toBeGreaterThan(0)
      expect(slowed.json).toMatchObject({ code: 'AUREN_RATE_LIMITED' })
    }
    expect((await login('ann@example.org', password)).status).toBe(200)
  })
})

describe('staying signed in', () => {
  it('has the refresh token in a cookie that no script reads and only the refresh route gets', async () => {
    const answer = await call('POST', '/v1/auth/login', null, { name: 'ann@example.org', password })
    const [cookie] = cookiesOf(answer)
    expect(cookie?.pair).toMatch(/^__Secure-auren_refresh=[0-9a-f-]{36}\.[\w-]{43}$/)
    expect(cookie?.attributes).toEqual([
      'Path=/api/neuros/v1/auth/refresh',
      `Max-Age=${30 * 24 * 3600}`,
      'HttpOnly',
      'SameSite=Strict',
      'Secure',
    ])
    expect(answer.text).not.toContain(cookie?.pair.split('=')[1])
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.json).toMatchObject({ tokenType: 'Bearer', expiresIn: 600 })
  })

  it('rotates, and ends the whole sign-in when a rotated token comes again', async () => {
    const first = await invited(operator.token, 'rot@example.org')
    const second = await signedIn(await refresh(first.cookie))
    expect(second.user).toBe(first.user)
    expect(second.cookie).not.toBe(first.cookie)
    const reused = await refresh(first.cookie)
    expect(reused.status).toBe(401)
    expect(cookiesOf(reused)[0]?.attributes).toContain('Max-Age=0')
    expect((await refresh(second.cookie)).status).toBe(401)
    // Access tokens of the family end with it, at once.
    expect((await call('GET', '/v1/auth/me', second.token)).status).toBe(401)
  })

  it('makes one refresh of ten at the same moment (C28)', async () => {
    // Over HTTP some of ten could arrive when the first is answered already; what a process does with ten at once is here.
    const store = here.auren.identity as IdentityStore
    const keys = await createSigningKeys(here.config.identity, store, Date.now)
    const noted: string[] = []
    const sessions = createSessions(
      store,
      createAccessTokens(keys, store, Date.now),
      async ({ action }) => void noted.push(action),
      Date.now,
    )
    const { refreshToken } = await sessions.begin(ann.user)
    const all = await Promise.all(Array.from({ length: 10 }, () => sessions.refresh(refreshToken)))
    const next = new Set(all.map((grant) => grant.refreshToken))
    expect(next.size).toBe(1)
    expect(next.has(refreshToken)).toBe(false)
    expect((await sessions.refresh([...next][0] as string)).user).toBe(ann.user)
    expect(noted).toEqual([])
  })

  it.each<[string, Record<string, string>]>([
    ['no Origin', {}],
    ['another site', { origin: 'https://evil.example' }],
    ['another project of vercel.app', { origin: 'https://evil.vercel.app' }],
    ['a sandboxed page', { origin: 'null' }],
    ['our name in another domain', { origin: 'https://auren.example.evil.com' }],
    ['our name over http', { origin: 'http://auren.example' }],
    ['a form of another site', { origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' }],
    ['JSON as text of another site', { origin: 'https://evil.example', 'content-type': 'text/plain' }],
  ])('refuses the cookie from %s (C21)', async (_name, headers) => {
    const { cookie, token } = await signedIn(
      await call('POST', '/v1/auth/login', null, { name: 'ann@example.org', password }),
    )
    for (const method of ['POST', 'DELETE']) {
      const answer = await refresh(cookie, headers, method)
      expect(answer.status).toBe(403)
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
    expect((await call('GET', '/v1/auth/me', token)).status).toBe(200)
    expect((await refresh(cookie)).status).toBe(200)
  })

  it('takes no cookie for anything else, and no sign-in from a form of another site (C21)', async () => {
    const { cookie } = ann
    expect((await call('GET', '/v1/auth/me', null, undefined, { ...page, cookie })).status).toBe(401)
    const body = JSON.stringify({ name: 'ann@example.org', password })
    const from = (headers: Record<string, string>) => call('POST', '/v1/auth/login', null, body, headers)
    expect((await from({ 'content-type': 'text/plain' })).status).toBe(400)
    expect((await from({ origin: 'https://evil.example' })).status).toBe(403)
  })

  it('ends by signing out, of here or everywhere, and by a new password everywhere else', async () => {
    const name = 'many@example.org'
    const here1 = await invited(operator.token, name)
    const login = async (given = password) =>
      signedIn(await call('POST', '/v1/auth/login', null, { name, password: given }))
    const [here2, here3] = [await login(), await login()]
    expect((await refresh(here1.cookie, page, 'DELETE')).status).toBe(204)
    expect((await refresh(here1.cookie)).status).toBe(401)
    const listed = await call('GET', '/v1/auth/sessions', here2.token)
    expect(JSON.parse(listed.text)).toHaveLength(2)

    const next = 'another row of words'
    expect((await call('PUT', '/v1/auth/password', here2.token, { current: 'wrong', next })).status).toBe(403)
    expect((await call('PUT', '/v1/auth/password', here2.token, { current: password, next })).status).toBe(204)
    expect((await call('GET', '/v1/auth/me', here3.token)).status).toBe(401)
    expect((await call('GET', '/v1/auth/me', here2.token)).status).toBe(200)
    const here4 = await login(next)
    expect((await call('DELETE', '/v1/auth/sessions', here4.token)).json).toEqual({ ended: 2 })
    for (const { token, cookie } of [here2, here4]) {
      expect((await call('GET', '/v1/auth/me', token)).status).toBe(401)
      expect((await refresh(cookie)).status).toBe(401)
    }
  })
})

describe('API tokens', () => {
  const make = async (who: SignedIn, body: Record<string, unknown>): Promise<{ id: string; token: string }> =>
    (await call('POST', '/v1/tokens', who.token, { name: 'test', ...body })).json as never

  it('do what their scopes say, are never shown again, and end when revoked', async () => {
    const { id, token } = await make(ann, { scopes: ['read'], name: 'grafana' })
    expect(token).toMatch(/^auren_pat_[\w-]{43}$/)
    expect((await call('GET', '/v1/metrics', token)).status).toBe(200)
    expect((await call('POST', '/v1/query', token, { question: 'average steps last week' })).status).not.toBe(403)
    expect((await call('POST', '/v1/memories', token, { kind: 'note', text: 'x' })).status).toBe(403)
    expect((await send(biometric, 'POST', '/v1/imports', { headers: bearer(token), body: { name: 'x' } })).status).toBe(
      403,
    )
    // A program can neither make itself a stronger token nor erase its person.
    for (const [method, path, body] of [
      ['POST', '/v1/tokens', { name: 'more' }],
      ['GET', '/v1/tokens', undefined],
      ['DELETE', '/v1/me?confirm=erase%20everything', undefined],
      ['PUT', '/v1/consents', { purpose: 'model', kind: '*', granted: true, version: '1' }],
    ] as const)
      expect((await call(method, path, token, body)).status).toBe(403)
    const listed = await call('GET', '/v1/tokens', ann.token)
    expect(listed.text).not.toContain(token)
    expect(JSON.parse(listed.text)).toEqual([
      expect.objectContaining({ id, name: 'grafana', usedAt: expect.any(Number) }),
    ])
    expect((await call('DELETE', `/v1/tokens/${id}`, operator.token)).status).toBe(404)
    expect((await call('DELETE', `/v1/tokens/${id}`, ann.token)).status).toBe(204)
    expect((await call('GET', '/v1/metrics', token)).status).toBe(401)
    expect((await call('DELETE', `/v1/tokens/${id}`, ann.token)).status).toBe(404)
  })

  it('have no scope that their person has not', async () => {
    const beyond = await call('POST', '/v1/tokens', ann.token, { name: 'x', scopes: ['read', 'operate'] })
    expect(beyond.status).toBe(403)
    const { token } = await make(operator, { scopes: ['operate'] })
    expect((await call('GET', '/v1/audit/verify', token)).status).toBe(200)
    expect((await call('GET', '/v1/metrics', token)).status).toBe(403)
    expect((await call('GET', '/v1/audit/verify', ann.token)).status).toBe(403)
  })
})

describe('the audit log (C15)', () => {
  it('has what was done, by keyed hashes, and holds', async () => {
    await call('GET', '/v1/export', ann.token)
    const { token } = (await call('POST', '/v1/tokens', ann.token, { name: 'for the log' })).json as { token: string }
    const mine = JSON.parse((await call('GET', '/v1/audit', ann.token)).text) as { action: string; reason: string }[]
    expect(mine.slice(0, 2)).toMatchObject([
      { action: 'token.create', reason: 'read' },
      { action: 'data.export', reason: 'GET /v1/export' },
    ])
    const log = await call('GET', '/v1/audit/log?limit=1000', operator.token)
    const actions = new Set((JSON.parse(log.text) as { action: string }[]).map(({ action }) => action))
    for (const action of ['signin.failure', 'signin.success', 'session.reuse', 'token.revoke', 'invitation.create'])
      expect(actions).toContain(action)
    for (const canary of ['ann', 'example.org', ann.user, token, password, 'for the log'])
      expect(log.text).not.toContain(canary)
    expect((await call('GET', '/v1/audit/verify', operator.token)).json).toMatchObject({ brokenAt: null })
  })
})

it('rotates the key of access tokens; those of the older one go on', async () => {
  expect((await call('POST', '/v1/signing-keys', ann.token)).status).toBe(403)
  expect((await call('POST', '/v1/signing-keys', operator.token)).status).toBe(204)
  const { keys } = (await call('GET', '/.well-known/jwks.json', null)).json as { keys: unknown[] }
  expect(keys).toHaveLength(2)
  expect((await call('GET', '/v1/auth/me', operator.token)).status).toBe(200)
  const fresh = await signedIn(await call('POST', '/v1/auth/login', null, { name: 'ann@example.org', password }))
  expect(fresh.token.split('.')[0]).not.toBe(ann.token.split('.')[0])
})

it('outlives a restart, and ends with an erasure', async () => {
  const who = await invited(operator.token, 'gone@example.org')
  const { token } = (await call('POST', '/v1/tokens', who.token, { name: 't' })).json as { token: string }
  await call('POST', '/v1/memories', who.token, { kind: 'note', text: 'a note' })
  const { dataDir } = here.config
  await here.close()
  here = await install(
    { AUREN_LOCAL_PERSON: 'false', AUREN_PUBLIC_URL: 'https://auren.example/api/neuros' },
    { dataDir },
  )
  base = here.services.addresses.neuros as string
  const again = await signedIn(await refresh(who.cookie))
  expect(again.user).toBe(who.user)

  const gone = await call('DELETE', '/v1/me?confirm=erase%20everything', again.token)
  expect(gone.json.removed).toMatchObject({ accounts: 1, sign_ins: 1, api_tokens: 1, memories: 1, persons: 1 })
  for (const left of [again.token, token]) expect((await call('GET', '/v1/auth/me', left)).status).toBe(401)
  expect((await refresh(again.cookie)).status).toBe(401)
  expect((await call('POST', '/v1/auth/login', null, { name: 'gone@example.org', password })).status).toBe(401)
  expect((await call('GET', '/v1/audit/verify', operator.token)).json).toMatchObject({ brokenAt: null })
})

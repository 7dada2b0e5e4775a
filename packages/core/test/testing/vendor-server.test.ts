import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { AurenError } from '../../src/errors.js'
import type { ObservationInput } from '../../src/observation/schema.js'
import type { OAuthSpec, WearablePlugin } from '../../src/plugin/types.js'
import { cursorPage, numberedPage, offsetPage } from '../../src/testing/vendor-pages.js'
import { startVendorServer, type VendorServer, type VendorServerSpec } from '../../src/testing/vendor-server.js'
import { createVendorSender, localFetch } from '../../src/testing/vendor-webhooks.js'
import { pulse, type Rig, rig, start, toy, user } from '../ingest/toy.js'

const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const held of open.splice(0)) await held.close()
})
const client = { clientId: 'app', clientSecret: 'hush' }
const serve = async (spec: VendorServerSpec = {}): Promise<VendorServer> => {
  const server = await startVendorServer(spec)
  open.push(server)
  return server
}
const back = 'https://auren.example/callback'
const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url')

async function ask(server: VendorServer, form: Record<string, string>, headers: Record<string, string> = {}) {
  const answer = await fetch(`${server.url}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(form),
  })
  return { status: answer.status, json: (await answer.json()) as Record<string, string> }
}
const exchange = (server: VendorServer, code: string, more: Record<string, string> = {}) =>
  ask(server, { grant_type: 'authorization_code', code, client_id: 'app', client_secret: 'hush', ...more })
const renew = (server: VendorServer, token = '', more: Record<string, string> = {}) =>
  ask(server, { grant_type: 'refresh_token', refresh_token: token, client_id: 'app', client_secret: 'hush', ...more })
const authorizeUrl = (server: VendorServer, more: Record<string, string> = {}): string =>
  `${server.url}/oauth/authorize?${new URLSearchParams({ response_type: 'code', client_id: 'app', redirect_uri: back, state: 's1', ...more })}`

describe('consent', () => {
  it('sends the person back with a code and the state, and the code works once, with its proof and address', async () => {
    const server = await serve({ oauth: { ...client, pkce: 'required', account: 'ada' } })
    const pkce = { code_challenge: challengeOf('long enough'), code_challenge_method: 'S256' }
    const go = async (): Promise<string> => {
      const said = await server.oauth.visit(authorizeUrl(server, pkce))
      expect(said.state).toBe('s1')
      return said.code as string
    }
    const proof = { redirect_uri: back, code_verifier: 'long enough' }
    expect((await exchange(server, await go(), { ...proof, code_verifier: 'another' })).json.error).toBe(
      'invalid_grant',
    )
    expect((await exchange(server, await go(), { redirect_uri: back })).status).toBe(400)
    expect((await exchange(server, await go(), { ...proof, redirect_uri: 'https://evil.example' })).status).toBe(400)
    expect((await exchange(server, 'made up', proof)).status).toBe(400)
    const code = await go()
    const { json } = await exchange(server, code, proof)
    expect(server.oauth.accountOf(json.access_token as string)).toBe('ada')
    // The code again: somebody else has it, too, and what it led to ends.
    expect((await exchange(server, code, proof)).json.error).toBe('invalid_grant')
    expect(server.oauth.accountOf(json.access_token as string)).toBeNull()
  })

  it('is refused as the standard says: to the person where the application is not known, else to the application', async () => {
    const server = await serve({ oauth: { ...client, pkce: 'required', redirects: [back] } })
    const { visit } = server.oauth
    await expect(visit(authorizeUrl(server, { client_id: 'other' }))).rejects.toThrow('not known')
    await expect(visit(authorizeUrl(server, { redirect_uri: 'https://evil.example/callback' }))).rejects.toThrow(
      'not known',
    )
    await expect(visit('https://evil.example/')).rejects.toThrow('evil.example')
    const pkce = { code_challenge: 'x', code_challenge_method: 'S256' }
    expect(await visit(authorizeUrl(server))).toEqual({ error: 'invalid_request', state: 's1' })
    expect(await visit(authorizeUrl(server, { ...pkce, code_challenge_method: 'plain' }))).toMatchObject({
      error: 'invalid_request',
    })
    expect(await visit(authorizeUrl(server, { ...pkce, state: '' }))).toMatchObject({ error: 'invalid_request' })
    expect(await visit(authorizeUrl(server, { ...pkce, response_type: 'token' }))).toMatchObject({
      error: 'unsupported_response_type',
    })
    expect(await visit(authorizeUrl(server, pkce), { deny: true })).toEqual({ error: 'access_denied', state: 's1' })
    expect(await visit(authorizeUrl(server, pkce))).toHaveProperty('code')
  })
})

describe('tokens', () => {
  it('end by the clock of the test; a code does, too', async () => {
    let at = start
    const server = await serve({ oauth: { ...client, accessMs: 60_000 }, now: () => at })
    const code = server.oauth.grant()
    const late = server.oauth.grant()
    const { json } = await exchange(server, code)
    expect(json.expires_in).toBe(60)
    at += 59_999
    expect(server.oauth.accountOf(json.access_token as string)).toBe('account-1')
    at += 1
    expect(server.oauth.accountOf(json.access_token as string)).toBeNull()
    at += 600_000
    expect((await exchange(server, late)).status).toBe(400)
    expect((await renew(server, json.refresh_token)).status).toBe(200)
  })

  it.each([
    ['reuse-revokes', null],
    ['rotate', 'account-1'],
  ] as const)('rotate, and under %s a token that comes twice', async (refresh, afterwards) => {
    const server = await serve({ oauth: { ...client, refresh } })
    const first = server.oauth.issue()
    const second = (await renew(server, first.refresh_token)).json
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect((await renew(server, first.refresh_token)).json.error).toBe('invalid_grant')
    expect(server.oauth.reused).toBe(1)
    expect(server.oauth.accountOf(second.access_token as string)).toBe(afterwards)
    expect((await renew(server, second.refresh_token)).status).toBe(afterwards === null ? 400 : 200)
  })

  it('that are kept go on, and none is sent along', async () => {
    const server = await serve({ oauth: { ...client, refresh: 'keep' } })
    const { refresh_token } = server.oauth.issue()
    for (let i = 0; i < 2; i++) expect((await renew(server, refresh_token)).json).not.toHaveProperty('refresh_token')
    expect(server.oauth.refreshes).toBe(2)
    server.oauth.revoke('account-1')
    expect((await renew(server, refresh_token)).status).toBe(400)
  })

  it('come in the vendor’s own words, and are refused in them', async () => {
    const server = await serve({
      oauth: {
        clientId: 'my:client',
        clientSecret: 'sécret +',
        clientAuth: 'basic',
        tokenFields: { action: 'requesttoken' },
        answer: ({ expires_in, ...tokens }, account) => ({
          status: 0,
          body: { ...tokens, expires_in: String(expires_in), userid: account },
        }),
        refuse: (error) => ({ status: 200, body: { status: 503, error } }),
      },
    })
    const headers = { authorization: `Basic ${Buffer.from('my%3Aclient:s%C3%A9cret+%2B').toString('base64')}` }
    const form = { grant_type: 'authorization_code', code: server.oauth.grant(), action: 'requesttoken' }
    expect((await ask(server, { ...form, action: '' }, headers)).json).toEqual({
      status: 503,
      error: 'invalid_request',
    })
    expect((await ask(server, { ...form, client_secret: 'sécret +' }, headers)).json.error).toBe('invalid_client')
    expect((await ask(server, form)).json.error).toBe('invalid_client')
    expect((await ask(server, { ...form, grant_type: 'password' }, headers)).json.error).toBe('unsupported_grant_type')
    expect((await ask(server, form, headers)).json).toMatchObject({
      status: 0,
      body: { expires_in: '3600', userid: 'account-1' },
    })
  })
})

describe('routes', () => {
  it('want a token unless they are open, know their names, and are what they are', async () => {
    const server = await serve({
      oauth: client,
      routes: {
        'GET /v1/things/{id}': ({ account, params }) => ({ body: { account, id: params.id } }),
        'GET /v1/files/{name}.fit': () => ({ body: Buffer.from([0x0e, 0xff]) }),
        'POST /v1/things': ({ json }) => ({ status: 201, body: json() }),
        'GET /public/*': { open: ({ path }) => ({ body: path }) },
        'DELETE /v1/things/{id}': () => ({ status: 204 }),
      },
    })
    let token: string | null = null
    const get = localFetch(() => token)
    expect((await get(`${server.url}/v1/things/a%2Fb`)).status).toBe(401)
    token = server.oauth.issue('ada').access_token
    expect(await (await get(`${server.url}/v1/things/a%2Fb`)).json()).toEqual({ account: 'ada', id: 'a/b' })
    expect((await get(`${server.url}/v1/things/a`, { credentials: 'omit' })).status).toBe(401)
    expect(Buffer.from(await (await get(`${server.url}/v1/files/x.fit`)).bytes())).toEqual(Buffer.from([0x0e, 0xff]))
    expect((await get(`${server.url}/v1/files/xxfit`)).status).toBe(404)
    expect(await (await get(`${server.url}/v1/things`, { method: 'POST', body: '{"a":1}' })).json()).toEqual({ a: 1 })
    expect(await (await get(`${server.url}/public/a/b`, { credentials: 'omit' })).text()).toBe('/public/a/b')
    expect((await get(`${server.url}/v1/things/a`, { method: 'DELETE' })).status).toBe(204)
    expect((await get(`${server.url}/nothing`)).status).toBe(404)
    expect(server.to('/v1/things').map(({ status, account }) => [status, account])).toEqual([[201, 'ada']])
    await expect(get('https://example.org/')).rejects.toThrow('example.org')
  })

  it('can be limited, and go wrong, for as often as they are told to', async () => {
    const server = await serve({
      oauth: client,
      routes: { 'GET /a': () => ({ body: 'a' }), 'GET /b': () => ({ body: 'b' }) },
    })
    const { access_token, refresh_token } = server.oauth.issue()
    const get = async (path: string) => localFetch(() => access_token)(`${server.url}${path}`)
    server.limit(1, { retryAfter: 7 })
    server.limit(1, { headers: { 'x-ratelimit-reset': '9' }, body: 'slow' })
    const first = await get('/a')
    expect([first.status, first.headers['retry-after']]).toEqual([429, '7'])
    expect((await get('/a')).headers['x-ratelimit-reset']).toBe('9')
    expect(await (await get('/a')).text()).toBe('a')
    server.misbehave(1, { status: 200, body: '<html>' }, '/b')
    expect(await (await get('/a')).text()).toBe('a')
    expect(await (await get('/b')).text()).toBe('<html>')
    // An answer that was lost: the refresh token is used up all the same.
    server.misbehave(1, { status: 502 }, '/oauth/token')
    const lost = await fetch(`${server.url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token,
        client_id: 'app',
        client_secret: 'hush',
      }),
    })
    expect(lost.status).toBe(502)
    expect((await renew(server, refresh_token)).json.error).toBe('invalid_grant')
  })

  it('wait where they are held', async () => {
    const server = await serve({ routes: { 'GET /a': { open: () => ({ body: 'a' }) } } })
    let go: () => void = () => undefined
    server.holds = new Promise((resolve) => {
      go = resolve
    })
    const answer = fetch(`${server.url}/a`)
    while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(server.requests[0]?.status).toBe(0)
    go()
    expect((await answer).status).toBe(200)
  })
})

it('pages by cursor, number and offset hold everything once', () => {
  const all = Array.from({ length: 7 }, (_, i) => i)
  const walked = <N>(page: (next: N | null) => { items: number[]; next: N | null }): number[] => {
    const items: number[] = []
    for (let next: N | null = null, first = true; first || next !== null; first = false) {
      const got = page(next)
      items.push(...got.items)
      next = got.next
    }
    return items
  }
  for (const size of [1, 3, 7, 8]) {
    expect(walked<string>((next) => cursorPage(all, next, size))).toEqual(all)
    expect(walked<number>((next) => numberedPage(all, next ?? 1, size))).toEqual(all)
    expect(walked<number>((next) => offsetPage(all, next ?? 0, size))).toEqual(all)
  }
  expect(cursorPage([], null, 3)).toEqual({ items: [], next: null })
  expect(numberedPage(all, 9, 3).items).toEqual([])
  expect(() => cursorPage(all, 'forged', 3)).toThrow(RangeError)
})

/** A plugin of a vendor with everything. */
function plugin(server: VendorServer): WearablePlugin {
  const oauth: OAuthSpec = {
    authorizeUrl: `${server.url}/oauth/authorize`,
    tokenUrl: `${server.url}/oauth/token`,
    scopes: ['all'],
    ...client,
    pkce: true,
    account: async (fetch, token) => {
      const answer = await fetch(`${server.url}/me`, { headers: { authorization: `Bearer ${token}` } })
      return ((await answer.json()) as { id: string }).id
    },
  }
  return toy({
    hosts: [server.host],
    oauth,
    pull: {
      everyMs: 24 * 3_600_000,
      async *all(ctx) {
        for (let cursor: string | null = ''; cursor !== null; ) {
          const answer = await ctx.fetch(`${server.url}/pulses?cursor=${cursor}`)
          if (answer.status === 429)
            throw new AurenError('AUREN_VENDOR_LIMIT', 'slow', { retryAfter: Number(answer.headers['retry-after']) })
          if (answer.status !== 200) throw new AurenError('AUREN_VENDOR_FAILED', 'no')
          const page = (await answer.json()) as { items: unknown[]; next: string | null }
          cursor = page.next
          yield { payload: { account: ctx.account, items: page.items } }
        }
      },
    },
  } as Partial<WearablePlugin>) as WearablePlugin
}

describe('a whole connection', () => {
  it('is made, pages, waits, renews its tokens once, and ends', async () => {
    const pulses: ObservationInput[] = Array.from({ length: 5 }, (_, i) => pulse(start - i * 1000, 60 + i))
    let held: Rig | undefined
    const server = await serve({
      oauth: { ...client, pkce: 'required', account: 'acct-9', accessMs: 3_600_000 },
      now: () => held?.clock.now() ?? start,
      routes: {
        'GET /me': ({ account }) => ({ body: { id: account } }),
        'GET /pulses': ({ query }) => ({ body: cursorPage(pulses, query.get('cursor'), 2) }),
      },
    })
    held = await rig({ plugin: plugin(server), connect: false })
    open.unshift(held)
    const { url } = await held.ingest.connections.begin(user, 'toy', back)
    const denied = await server.oauth.visit(url, { deny: true })
    expect(denied).toMatchObject({ error: 'access_denied' })
    const { code = '', state = '' } = await server.oauth.visit(url)
    expect(await held.ingest.connections.finish('toy', { code, state })).toMatchObject([{ account: 'acct-9' }])
    await held.ingest.settled()
    expect(held.store.values().sort()).toEqual([60, 61, 62, 63, 64])
    held.clock.advance(2 * 3_600_000)
    server.limit(1, { retryAfter: 30 })
    await held.ingest.connections.sync(user, 'toy')
    await held.ingest.settled()
    expect(server.oauth).toMatchObject({ refreshes: 1, reused: 0 })
    held.clock.advance(31_000)
    await held.ingest.settled()
    expect(server.requests.filter(({ path }) => path === '/pulses').map(({ status }) => status)).toEqual([
      200, 200, 200, 429, 200, 200, 200,
    ])
    server.oauth.revoke('acct-9')
    held.clock.advance(2 * 3_600_000)
    await held.ingest.connections.sync(user, 'toy')
    await held.ingest.settled()
    expect((await held.ingest.connections.list(user))[0]?.status).toBe('error')
  })
})

describe('deliveries', () => {
  const sign = (body: Uint8Array, at: number): Record<string, string> => ({
    'x-time': String(at),
    'x-sign': createHmac('sha256', 'hush').update(`${at}.`).update(body).digest('hex'),
  })
  const verify: NonNullable<WearablePlugin['webhook']>['verify'] = ({ headers, body, now }) => {
    const at = Number(headers['x-time'])
    const given = Buffer.from(headers['x-sign'] ?? '', 'hex')
    const wanted = createHmac('sha256', 'hush').update(`${at}.`).update(body).digest()
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return { ok: false, reason: 'signature' }
    return Math.abs(now - at) > 300_000 ? { ok: false, reason: 'too old' } : { ok: true }
  }
  const sending = async () => {
    const base = toy()
    const held = await rig({
      plugin: toy({ webhook: { ...base.webhook, verify } } as Partial<WearablePlugin>) as WearablePlugin,
    })
    open.push(held)
    const sender = createVendorSender({
      to: (request) => held.ingest.webhook('toy', request),
      sign,
      now: held.clock.now,
    })
    return { held, sender }
  }
  const event = (n: number) => ({ account: 'acct-1', items: [pulse(start - n * 1000, 60 + n)] })

  it('come late, twice, shuffled and forged, and each counts once or not at all', async () => {
    const { held, sender } = await sending()
    const first = await sender.send(event(0))
    expect(first.status).toBe(202)
    expect((await sender.again(first, 3)).map(({ status }) => status)).toEqual([202, 202, 202])
    expect((await sender.late(event(1), 200_000)).status).toBe(202)
    expect((await sender.late(event(2), 400_000)).status).toBe(401)
    expect((await sender.forged(event(3), event(4))).status).toBe(401)
    const many = Array.from({ length: 6 }, (_, i) => event(10 + i))
    expect((await sender.shuffled(many, 1)).map(({ status }) => status)).toEqual(many.map(() => 202))
    await held.ingest.settled()
    expect(held.store.values().sort()).toEqual([60, 61, 70, 71, 72, 73, 74, 75])
  })

  it('go over HTTP, keyed in the address, again until they are taken, and in an order that the seed says', async () => {
    const seen: string[] = []
    const server = await serve({
      routes: {
        'POST /hook': {
          open: ({ query, body }) => {
            seen.push(body.toString())
            return { status: query.get('key') !== 'k' ? 403 : seen.length === 1 ? 503 : 200 }
          },
        },
      },
    })
    const sender = createVendorSender({ to: `${server.url}/hook`, sign: () => ({}), query: { key: 'k' }, retries: 2 })
    expect((await sender.send('a')).status).toBe(200)
    expect(seen).toEqual(['a', 'a'])
    const order = async (seed: number): Promise<string> => {
      seen.length = 1
      await sender.shuffled(['1', '2', '3', '4', '5'], seed)
      return seen.slice(1).join('')
    }
    const orders = await Promise.all([1]).then(async () => [await order(1), await order(1), await order(2)])
    expect(orders[0]).toBe(orders[1])
    expect(new Set(orders).size).toBe(2)
    expect([...(orders[0] as string)].sort().join('')).toBe('12345')
  })
})

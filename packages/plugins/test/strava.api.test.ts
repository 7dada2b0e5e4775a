import { createHmac } from 'node:crypto'
import type { Fetch, PullContext, RawRequest, SubscriptionContext } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { strava } from '../src/wearables/strava/index.js'
import { type StravaServer, startStrava } from './servers/strava.js'

const secrets = { clientId: '77', clientSecret: 's3cret', verifyToken: 'tök3n' }
const plugin = strava(secrets)
const body = JSON.stringify({
  aspect_type: 'update',
  event_time: 1_783_152_000,
  object_id: 1_360_128_428,
  object_type: 'activity',
  owner_id: 134_815,
  subscription_id: 120_475,
  updates: { title: 'Messy' },
})
const now = 1_783_152_000_000
/** The scheme by hand: HMAC-SHA256(client secret, t + "." + body). */
const sign = (text: string, at = now / 1000) =>
  `t=${at},v1=${createHmac('sha256', 's3cret').update(`${at}.${text}`).digest('hex')}`
const key = createHmac('sha256', 'tök3n').update('strava callback').digest('base64url')
const request = (more: Partial<RawRequest> = {}): RawRequest => ({
  method: 'POST',
  headers: {},
  query: {},
  body: Buffer.from(body),
  now,
  ...more,
})
const signed = (signature = sign(body)): RawRequest => request({ headers: { 'x-strava-signature': signature } })
type Verify = (sent: RawRequest) => { ok: boolean }
const verify = ((sent: RawRequest) => plugin.webhook!.verify(sent)) as Verify
const never: Fetch = async () => {
  throw new Error('nothing may be called')
}

describe('events', () => {
  it('takes a right signature, and the key of the address where none is sent', () => {
    expect(verify(signed())).toEqual({ ok: true })
    expect(verify(request({ query: { key } }))).toEqual({ ok: true })
  })

  it.each([
    ['neither signature nor key', request()],
    ['a wrong key', request({ query: { key: `${key}x` } })],
    ['a wrong signature, though the key is right', { ...signed(sign(`${body} `)), query: { key } }],
    ['an empty signature, though the key is right', { ...signed(''), query: { key } }],
    ['a signature six minutes old', signed(sign(body, now / 1000 - 360))],
    ['a signature six minutes ahead', signed(sign(body, now / 1000 + 360))],
    ['another body', { ...signed(), body: Buffer.from(body.replace('134815', '134816')) }],
    ['half a signature', signed(sign(body).slice(0, -32))],
  ])('refuses %s', (_name, sent) => {
    expect(verify(sent)).toMatchObject({ ok: false })
  })

  it('refuses every single-bit change of what is signed, of the signature and of the key', () => {
    const flip = (text: string, bit: number): string => {
      const bytes = Buffer.from(text, 'latin1')
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
      return bytes.toString('latin1')
    }
    const signature = sign(body)
    for (let bit = 0; bit < body.length * 8; bit++)
      expect(verify({ ...signed(), body: Buffer.from(flip(body, bit), 'latin1') }).ok, `bit ${bit} of the body`).toBe(
        false,
      )
    for (let bit = 0; bit < signature.length * 8; bit++) {
      const changed = flip(signature, bit)
      // A hex digit in capitals says the same.
      if (bit >= 8 * signature.indexOf(',v1=') + 32 && changed.toLowerCase() === signature.toLowerCase()) continue
      expect(verify(signed(changed)).ok, `bit ${bit} of the signature`).toBe(false)
    }
    for (let bit = 0; bit < key.length * 8; bit++)
      expect(verify(request({ query: { key: flip(key, bit) } })).ok, `bit ${bit} of the key`).toBe(false)
  })

  it('refuses events of another subscription, where ours is known', () => {
    const known = strava({ ...secrets, subscriptionId: '120475' }).webhook!.verify as unknown as Verify
    expect(known(signed())).toEqual({ ok: true })
    const other = body.replace('120475', '120476')
    expect(known({ ...signed(sign(other)), body: Buffer.from(other) })).toMatchObject({ ok: false })
    expect(known({ ...signed(sign('oops')), body: Buffer.from('oops') })).toMatchObject({ ok: false })
  })

  it('answers the question of a subscription only to whoever knows the token', () => {
    const ask = (query: Record<string, string>) => plugin.webhook!.challenge!(request({ method: 'GET', query }))
    const right = { 'hub.mode': 'subscribe', 'hub.challenge': '15f7"d1', 'hub.verify_token': 'tök3n' }
    expect(ask(right)).toMatchObject({ status: 200, body: '{"hub.challenge":"15f7\\"d1"}' })
    expect(ask({ ...right, 'hub.verify_token': 'token' })).toMatchObject({ status: 403, body: '' })
    expect(ask({ ...right, 'hub.mode': 'unsubscribe' })).toMatchObject({ status: 403 })
    expect(ask({})).toBeNull()
  })

  it('looks a deletion up, ends the connection by the text "false" only, and reads nothing into the rest', () => {
    const plan = (change: object) => plugin.webhook!.plan({ ...JSON.parse(body), ...change }, { receivedAt: 0 })
    expect(plan({ aspect_type: 'delete' })).toEqual([
      { account: '134815', fetch: [{ resource: 'activity', id: '1360128428' }] },
    ])
    expect(plan({ object_type: 'athlete', updates: { authorized: 'false' } })).toMatchObject([
      { lifecycle: 'deauthorized' },
    ])
    expect(plan({ object_type: 'athlete', updates: { authorized: 'true' } })).toEqual([{ account: '134815' }])
    expect(plan({ object_type: 'athlete', updates: {} })).toEqual([{ account: '134815' }])
    expect(plan({ object_type: 'route' })).toEqual([{ account: '134815' }])
    expect(() => plan({ owner_id: null })).toThrow(/not an event/)
  })

  it('refuses to be made without its secrets', () => {
    expect(() => strava({ ...secrets, verifyToken: '' })).toThrow(/verifyToken is empty/)
  })

  it('is closed to models unless it is told otherwise, in one word', () => {
    expect(strava(secrets).models).toBe('closed')
    expect(strava({ ...secrets, models: 'open' }).models).toBe('open')
    expect(() => strava({ ...secrets, models: 'Open' as 'open' })).toThrow(/either open or closed/)
  })
})

let server: StravaServer
let local: ReturnType<typeof strava>
let token = ''
const call: Fetch = async (url, init = {}) => {
  const { signal, ...rest } = init
  const response = await fetch(url, {
    ...rest,
    headers: { ...init.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) },
    ...(signal ? { signal } : {}),
  })
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: () => response.text(),
    json: () => response.json(),
    bytes: async () => new Uint8Array(await response.arrayBuffer()),
  }
}
const requestToken = async (fields: Record<string, string>) => {
  const form = new URLSearchParams({ client_id: '77', client_secret: 's3cret', ...fields })
  const answer = await fetch(local.oauth!.tokenUrl, { method: 'POST', body: form })
  return { status: answer.status, json: (await answer.json()) as Record<string, string> }
}
beforeAll(async () => {
  server = await startStrava(secrets)
  local = strava({ ...secrets, baseURL: server.url })
  token = (await requestToken({ grant_type: 'authorization_code', code: server.grant() })).json.access_token as string
})
afterAll(() => server.close())

describe('OAuth', () => {
  it('learns from the token answer whose it is, and asks where a refresh does not say it', async () => {
    const first = await requestToken({ grant_type: 'authorization_code', code: server.grant() })
    expect(await local.oauth!.account(never, 'x', first.json)).toBe('134815')
    const again = await requestToken({ grant_type: 'refresh_token', refresh_token: first.json.refresh_token as string })
    expect(await local.oauth!.account(call, token, again.json)).toBe('134815')
    const used = await requestToken({ grant_type: 'refresh_token', refresh_token: first.json.refresh_token as string })
    expect(used.status).toBe(400)
  })

  it('tells Strava when the person ends it here', async () => {
    await local.oauth!.disconnected!(call, token, '134815')
    expect(server.deauthorized).toBe(1)
  })
})

const at = Date.parse('2026-04-10T12:07:00Z')
const DAY = 86_400_000
const activity = (id: number, daysAgo: number, more: object = {}) => ({
  id,
  athlete: { id: 134_815 },
  name: `Run ${id}`,
  sport_type: 'Run',
  start_date: new Date(at - daysAgo * DAY).toISOString(),
  utc_offset: 7200,
  elapsed_time: 1800,
  distance: 5000 + id,
  calories: 300,
  ...more,
})

describe('pulling', () => {
  const ctx = (state: Record<string, unknown>, when = at): PullContext => ({
    account: '134815',
    now: when,
    state,
    signal: new AbortController().signal,
    fetch: call,
  })
  const drain = async (
    pages: ReturnType<NonNullable<typeof local.pull>['all']>,
    from: Record<string, unknown> = {},
  ) => {
    let state = from
    const details: number[] = []
    const abridged: number[] = []
    const missing: string[] = []
    for await (const page of pages) {
      if (page.state) state = page.state
      const ids = page.payload.activities.map((item) => (item as { id: number }).id)
      ;(page.payload.from === 'detail' ? details : abridged).push(...ids)
      missing.push(...(page.payload.missing ?? []))
    }
    return { state, details, abridged, missing }
  }
  beforeEach(() => {
    server.activities = [
      ...Array.from({ length: 150 }, (_, i) => activity(i + 1, 500 - i)),
      activity(201, 6),
      activity(202, 3),
      activity(203, 1),
    ]
    server.streams.set('203', { time: { data: [0, 1] }, heartrate: { data: [120, 121] } })
    server.requests = []
  })

  it('takes years from the list and the last weeks one by one, then only what is new or was edited', async () => {
    const first = await drain(local.pull!.all(ctx({})))
    expect(first.abridged).toEqual(Array.from({ length: 150 }, (_, i) => i + 1))
    expect(first.details).toEqual([201, 202, 203])
    expect(server.requests.length).toBeLessThan(100)

    server.activities = [
      ...server.activities.slice(0, -2),
      activity(202, 3, { name: 'Edited' }),
      activity(203, 1),
      activity(204, 0.1),
    ]
    const second = await drain(local.pull!.all(ctx(first.state, at + 3_600_000)), first.state)
    expect(second).toMatchObject({ details: [202, 204], abridged: [], missing: [] })
  })

  it('brings the streams with an activity, and goes without where there are none', async () => {
    const pages = []
    for (const id of ['203', '202'])
      for await (const page of local.pull!.one!(ctx({}), { resource: 'activity', id })) pages.push(page.payload)
    expect(pages).toMatchObject([
      { from: 'detail', activities: [{ id: 203, streams: { heartrate: { data: [120, 121] } } }] },
      { activities: [{ id: 202 }] },
    ])
    expect(pages[1]?.activities[0]).not.toHaveProperty('streams')
  })

  it('takes what is gone, or hidden, for a withdrawal', async () => {
    const first = await drain(local.pull!.all(ctx({})))
    server.activities = server.activities.map((one) => (one.id === 202 ? { ...one, private: true } : one))
    const second = await drain(local.pull!.all(ctx(first.state, at + 3_600_000)), first.state)
    expect(second.missing).toEqual(['202'])
    expect((await drain(local.pull!.all(ctx(second.state, at + 7_200_000)), second.state)).missing).toEqual([])
    const one = []
    for await (const page of local.pull!.one!(ctx({}), { resource: 'activity', id: '999' })) one.push(page.payload)
    expect(one).toEqual([{ from: 'detail', activities: [], missing: ['999'] }])
  })

  it('refuses somebody else’s activity, and ids that are none', async () => {
    server.activities.push(activity(300, 1, { athlete: { id: 1 } }))
    const pull = (id: string) => drain(local.pull!.one!(ctx({}), { resource: 'activity', id }))
    await expect(pull('300')).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED', retryable: false })
    server.requests = []
    expect(await pull('../athlete')).toMatchObject({ details: [] })
    expect(server.requests).toEqual([])
  })

  it('waits for the next quarter of an hour, or the next day, and says when the token is refused', async () => {
    const pull = () => drain(local.pull!.all(ctx({})))
    // 12:07 UTC: eight minutes to the quarter.
    server.limit(1, { 'x-ratelimit-limit': '100,1000', 'x-ratelimit-usage': '101,400' })
    await expect(pull()).rejects.toMatchObject({ code: 'AUREN_VENDOR_LIMIT', retryAfter: 480 })
    // To midnight: 11 hours and 53 minutes.
    server.limit(1, { 'x-ratelimit-limit': '100,1000', 'x-ratelimit-usage': '20,1000' })
    await expect(pull()).rejects.toMatchObject({ retryAfter: 42_780 })
    server.limit(1, { 'retry-after': '7' })
    await expect(pull()).rejects.toMatchObject({ retryAfter: 7 })
    const held = token
    token = 'expired'
    await expect(pull()).rejects.toMatchObject({ code: 'AUREN_VENDOR_UNAUTHORIZED' })
    token = held
  })
})

describe('the subscription', () => {
  const ctx = (state: Record<string, unknown> = {}): SubscriptionContext => ({
    fetch: call,
    callbackUrl: 'https://auren.example/webhooks/strava',
    account: null,
    now: at,
    state,
    signal: new AbortController().signal,
  })
  const address = `https://auren.example/webhooks/strava?key=${key}`

  it('is made once, with the question that comes meanwhile', async () => {
    server.ask = (url) =>
      local.webhook!.challenge!(request({ method: 'GET', query: Object.fromEntries(url.searchParams) }))!.body
    const state = await local.subscription!.maintain(ctx())
    expect(state).toEqual({ id: 120_475 })
    expect(server.subscriptions).toEqual([{ id: 120_475, callback_url: address }])
    await local.subscription!.maintain(ctx(state))
    expect(server.challenged).toHaveLength(1)
  })

  it('replaces an address of ours with an old key, and leaves a foreign one alone', async () => {
    server.subscriptions = [{ id: 5, callback_url: 'https://auren.example/webhooks/strava?key=old' }]
    await local.subscription!.maintain(ctx())
    expect(server.subscriptions).toEqual([{ id: 120_475, callback_url: address }])
    server.subscriptions = [{ id: 6, callback_url: 'https://other.example/hook' }]
    await expect(local.subscription!.maintain(ctx())).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    await local.subscription!.cancel!(ctx())
    expect(server.subscriptions).toHaveLength(1)
  })

  it('ends with the application', async () => {
    server.subscriptions = [{ id: 7, callback_url: address }]
    await local.subscription!.cancel!(ctx())
    expect(server.subscriptions).toEqual([])
  })
})

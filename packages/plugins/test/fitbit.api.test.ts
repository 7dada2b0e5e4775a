import { createHash } from 'node:crypto'
import type { Fetch, PullContext, SubscriptionContext } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fitbit } from '../src/wearables/fitbit/index.js'
import { type FitbitServer, startFitbit } from './servers/fitbit.js'

const client = { clientId: 'client', clientSecret: 's3cret' }
const verifier = 'v'.repeat(43)
let server: FitbitServer
let plugin: ReturnType<typeof fitbit>
let token = ''

const call: Fetch = async (url, init = {}) => {
  const response = await fetch(url, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  } as RequestInit)
  const bytes = new Uint8Array(await response.arrayBuffer())
  const text = new TextDecoder().decode(bytes)
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: async () => text,
    json: async () => JSON.parse(text),
    bytes: async () => bytes,
  }
}
const tokens = async (fields: Record<string, string>) => {
  const answer = await call(plugin.oauth?.tokenUrl ?? '', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`,
    },
    body: new URLSearchParams(fields).toString(),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, string> }
}
const sign = () =>
  tokens({
    grant_type: 'authorization_code',
    code: server.grant(createHash('sha256').update(verifier).digest('base64url')),
    code_verifier: verifier,
  })

beforeAll(async () => {
  server = await startFitbit(client)
  plugin = fitbit({ ...client, verifyCode: 'v', baseURL: server.url })
  token = (await sign()).body.access_token ?? ''
})
afterAll(() => server.close())

const now = Date.UTC(2026, 3, 10, 12)
const DAY = 86_400_000
const dateOf = (ago: number): string => new Date(now - ago * DAY).toISOString().slice(0, 10)
const night = (logId: number, ago: number) => ({
  logId,
  dateOfSleep: dateOf(ago),
  startTime: `${dateOf(ago)}T00:10:00.000`,
  duration: 1,
})
const ctx = (state: Record<string, unknown> = {}, at = now): PullContext => ({
  account: 'ABC123',
  now: at,
  state,
  signal: new AbortController().signal,
  fetch: call,
})
const drain = async (pages: ReturnType<NonNullable<typeof plugin.pull>['all']> | undefined, from = {}) => {
  let state: Record<string, unknown> = from
  const payloads: (typeof plugin.payload)['_output'][] = []
  for await (const { payload, state: next } of pages ?? []) {
    payloads.push(payload)
    if (next) state = next
  }
  const list = (name: string) =>
    payloads.flatMap(({ document }) => (document as Record<string, unknown[]> | null)?.[name] ?? []) as Record<
      string,
      unknown
    >[]
  return { state, payloads, list, missing: payloads.flatMap((one) => one.missing ?? []) }
}
const all = (state = {}, at = now) => drain(plugin.pull?.all(ctx(state, at)), state)
const one = (resource: string, date: string, state = {}) =>
  drain(plugin.pull?.one?.(ctx(state), { resource, params: { date } }), state)

beforeEach(() => {
  server.sleep = [night(1, 1), night(2, 40), night(3, 200)]
  server.activities = [{ logId: 7, startDate: dateOf(1), startTime: '09:00', duration: 600_000 }]
  server.weight = [{ logId: 9, date: dateOf(2), time: '07:00:00', weight: 71 }]
  server.steps = new Map([
    [dateOf(1), 1000],
    [dateOf(2), 2000],
  ])
  server.logs = [1, 2, 3, 4, 5].map((logId) => ({
    logId,
    startTime: `${dateOf(3)}T09:00:00.000+05:30`,
    duration: 600_000,
  }))
  server.drank = dateOf(1)
  server.denied = new Set()
  server.requests = []
})

describe('signing in', () => {
  it('uses Basic authentication and PKCE, knows the account by the token, and a refresh token once', async () => {
    expect(plugin.oauth).toMatchObject({
      clientAuth: 'basic',
      pkce: true,
      authorizeUrl: `${server.url}/oauth2/authorize`,
    })
    const { body } = await sign()
    expect(await plugin.oauth?.account(call, body.access_token ?? '', body)).toBe('ABC123')
    await expect(plugin.oauth?.account(call, 'x', {})).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED' })
    const refreshed = { grant_type: 'refresh_token', refresh_token: body.refresh_token ?? '' }
    expect((await tokens(refreshed)).status).toBe(200)
    expect((await tokens(refreshed)).status).toBe(400)
    await plugin.oauth?.disconnected?.(call, 'a token', 'ABC123')
    expect(server.revoked).toContain('a token')
  })
})

describe('pulling', () => {
  it('reads a quarter of a year in months, with the zone of the profile, and every page of the logs', async () => {
    const { list, payloads, state } = await all()
    expect(list('sleep').map(({ logId }) => logId)).toEqual([2, 1])
    expect(list('weight')).toHaveLength(1)
    expect(list('activities-steps')).toHaveLength(2)
    expect(new Set(list('activities').map(({ logId }) => logId))).toEqual(new Set([1, 2, 3, 4, 5]))
    expect(payloads.filter(({ document }) => document !== null).every(({ zone }) => zone === 'Asia/Kolkata')).toBe(true)
    expect(state.until).toBe(Date.UTC(2026, 3, 10))
    // Below the 150 requests that a person has an hour.
    expect(server.requests.length).toBeLessThan(120)
    // Five logs by pages of two, once. Each page names another host: it is asked for at ours.
    expect(server.requests.filter(({ path }) => path.endsWith('list.json'))).toHaveLength(3)
    expect(list('foods-log-water')).toEqual([{ dateTime: dateOf(1), value: '1500' }])
  })

  it('withdraws a workout that is gone from the list, once, and none that a list did not come to', async () => {
    const first = await all()
    const whole = server.logs
    server.logs = whole.filter(({ logId }) => logId !== 4)
    // The second page does not come: what would stand on it is not gone.
    server.refusePage(2)
    await expect(all(first.state, now + DAY / 2)).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED' })
    server.denied = new Set(['activities/list'])
    expect((await all(first.state, now + DAY / 2)).missing).toEqual([])
    server.denied = new Set()
    const again = await all(first.state, now + DAY / 2)
    expect(again.missing).toEqual(['activity/4'])
    expect((await all(again.state, now + DAY)).missing).toEqual([])
    // What lies before the days that are read again is not asked for, and so not missing.
    const later = await all(again.state, now + 12 * DAY)
    server.logs = []
    expect((await all(later.state, now + 13 * DAY)).missing).toEqual([])
  })

  it('withdraws what is gone from the list when a notification names its day', async () => {
    const first = await one('activities', dateOf(3))
    expect(first.list('activities').map(({ logId }) => logId)).toEqual([1, 2, 3, 4, 5])
    server.logs = server.logs.slice(1)
    expect((await one('activities', dateOf(2), first.state)).missing).toEqual([])
    expect((await one('activities', dateOf(3), first.state)).missing).toEqual(['activity/1'])
  })

  it('reads the last week again: a night that was deleted is withdrawn', async () => {
    const first = await all()
    server.sleep = [night(4, 0), night(2, 40)]
    server.requests = []
    const again = await all(first.state, now + DAY / 2)
    expect(again.list('sleep').map(({ logId }) => logId)).toEqual([4])
    expect(again.missing).toEqual(['sleep/1'])
    expect(server.requests.length).toBeLessThan(40)
    expect((await all(again.state, now + DAY)).missing).toEqual([])
  })

  it('fetches the day of a notification, and what of it is gone', async () => {
    const first = await one('sleep', dateOf(1))
    expect(first.list('sleep')).toHaveLength(1)
    expect(first.payloads[0]).toMatchObject({ date: dateOf(1), zone: 'Asia/Kolkata' })
    expect(first.state).not.toHaveProperty('until')
    server.sleep = []
    const again = await one('sleep', dateOf(1), first.state)
    expect(again.missing).toEqual(['sleep/1'])
    expect((await one('activities', dateOf(1))).list('activities')).toHaveLength(1)
    expect((await one('friends', dateOf(1))).payloads).toEqual([])
    expect((await drain(plugin.pull?.one?.(ctx(), { resource: 'sleep', params: { date: '../x' } }))).payloads).toEqual(
      [],
    )
  })

  it('waits until the limit is reset, says when the token is no longer taken, and goes on without what was not granted', async () => {
    server.refuse(1, 429, { 'fitbit-rate-limit-reset': '1478' })
    await expect(all()).rejects.toMatchObject({ code: 'AUREN_VENDOR_LIMIT', retryAfter: 1478 })
    server.refuse(1, 400)
    await expect(all()).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED', retryable: false })
    server.refuse(1, 500)
    await expect(all()).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED', retryable: true })
    const held = token
    token = 'expired'
    await expect(all()).rejects.toMatchObject({ code: 'AUREN_VENDOR_UNAUTHORIZED' })
    token = held
    server.denied = new Set(['/sleep/', 'profile'])
    const { list, payloads } = await all()
    expect(list('sleep')).toEqual([])
    expect(list('weight')).toHaveLength(1)
    expect(payloads.some(({ zone }) => zone)).toBe(false)
  })
})

describe('the subscription of a person', () => {
  const context = (): SubscriptionContext => ({
    fetch: call,
    callbackUrl: 'https://auren.example/webhooks/fitbit',
    account: 'ABC123',
    now,
    state: {},
    signal: new AbortController().signal,
  })

  it('is made once, made again where it is gone, and ended with the connection', async () => {
    const first = await plugin.subscription?.maintain(context())
    expect(server.subscriptions.size).toBe(1)
    expect(await plugin.subscription?.maintain(context())).toEqual(first)
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
    server.subscriptions.clear()
    await plugin.subscription?.maintain(context())
    expect(server.subscriptions.size).toBe(1)
    await plugin.subscription?.cancel?.(context())
    expect(server.subscriptions.size).toBe(0)
    expect(await plugin.subscription?.maintain({ ...context(), account: null })).toEqual({})
    server.refuse(1, 429)
    await expect(plugin.subscription?.maintain(context())).rejects.toMatchObject({ code: 'AUREN_VENDOR_LIMIT' })
  })
})

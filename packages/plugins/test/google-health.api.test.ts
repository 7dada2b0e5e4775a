import { createHash, randomBytes } from 'node:crypto'
import type { AurenError, Fetch, PullContext } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { googleHealth } from '../src/wearables/google-health/index.js'
import { type GoogleServer, startGoogle } from './servers/google-health.js'

const client = { clientId: 'client', clientSecret: 's3cret' }
let server: GoogleServer
let plugin: ReturnType<typeof googleHealth>
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
const form = async (fields: Record<string, string>) => {
  const { tokenUrl = '' } = plugin.oauth ?? {}
  const answer = await call(tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: '' },
    body: new URLSearchParams({ client_id: client.clientId, client_secret: client.clientSecret, ...fields }).toString(),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, string> }
}

beforeAll(async () => {
  server = await startGoogle(client)
  plugin = googleHealth({ ...client, webhookSecret: 'Bearer an invented secret', baseURL: server.url })
  const verifier = randomBytes(32).toString('base64url')
  const code = server.grant(createHash('sha256').update(verifier).digest('base64url'))
  const { body } = await form({ grant_type: 'authorization_code', code, code_verifier: verifier })
  token = body.access_token ?? ''
})
afterAll(() => server.close())

describe('signing in', () => {
  it('asks for a refresh token, each time, with PKCE and the scopes of what is read', () => {
    expect(plugin.oauth).toMatchObject({
      authorizeUrl: `${server.url}/o/oauth2/v2/auth`,
      pkce: true,
      authorizeParams: { access_type: 'offline', prompt: 'consent' },
    })
    expect(plugin.oauth?.scopes).toContain('https://www.googleapis.com/auth/googlehealth.sleep.readonly')
    const { oauth } = googleHealth({ ...client, webhookSecret: 'Bearer an invented secret' })
    expect(oauth?.authorizeUrl).toBe('https://accounts.google.com/o/oauth2/v2/auth')
    expect(oauth?.tokenUrl).toBe('https://oauth2.googleapis.com/token')
  })

  it('keeps the refresh token over a refresh that brings none, and refuses a code without its verifier', async () => {
    const verifier = 'v'.repeat(43)
    const code = server.grant(createHash('sha256').update(verifier).digest('base64url'))
    const wrong = await form({ grant_type: 'authorization_code', code, code_verifier: 'w'.repeat(43) })
    expect(wrong.status).toBe(400)
    const again = server.grant(createHash('sha256').update(verifier).digest('base64url'))
    const { body } = await form({ grant_type: 'authorization_code', code: again, code_verifier: verifier })
    const refreshed = await form({ grant_type: 'refresh_token', refresh_token: body.refresh_token ?? '' })
    expect(refreshed.status).toBe(200)
    expect(refreshed.body).not.toHaveProperty('refresh_token')
  })

  it('learns the account from the identity, and takes the token back', async () => {
    expect(await plugin.oauth?.account(call, token, {})).toBe('h-0001')
    await expect(plugin.oauth?.account(call, 'unknown', {})).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED' })
    await plugin.oauth?.disconnected?.(call, 'a token', 'h-0001')
    expect(server.revoked).toContain('a token')
  })
})

const now = Date.UTC(2026, 3, 10, 12)
const HOUR = 3_600_000
const DAY = 24 * HOUR
const iso = (at: number): string => new Date(at).toISOString()
const steps = (at: number, count: number) => ({
  steps: { count: String(count), interval: { startTime: iso(at), endTime: iso(at + 60_000), startUtcOffset: '7200s' } },
})
const sleep = (id: string, end: number) => ({
  name: `users/h-0001/dataTypes/sleep/dataPoints/${id}`,
  sleep: { interval: { startTime: iso(end - 8 * HOUR), endTime: iso(end) } },
})
const exercise = (id: string, start: number) => ({
  name: `users/h-0001/dataTypes/exercise/dataPoints/${id}`,
  exercise: {
    exerciseType: 'WALKING',
    interval: { startTime: iso(start), endTime: iso(start + HOUR), startUtcOffset: '50400s' },
  },
})
const restingHeartRate = (day: number) => ({
  dailyRestingHeartRate: { date: { year: 2026, month: 4, day }, beatsPerMinute: '60' },
})

const ctx = (state: Record<string, unknown> = {}, at = now): PullContext => ({
  account: 'h-0001',
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
  return {
    state,
    payloads,
    points: (type: string) => payloads.flatMap((one) => (one.dataType === type ? one.points : [])),
    missing: payloads.flatMap((one) => one.missing ?? []),
  }
}
const all = (state = {}, at = now) => drain(plugin.pull?.all(ctx(state, at)), state)
const one = (resource: string, params: Record<string, string> = {}, state = {}) =>
  drain(plugin.pull?.one?.(ctx(state), { resource, params }), state)
const asked = (type: string) => server.requests.filter(({ path }) => path.includes(`/dataTypes/${type}/`))

beforeEach(() => {
  server.points = new Map<string, Record<string, unknown>[]>([
    [
      'steps',
      [steps(now - 3 * HOUR, 1), steps(now - 3 * HOUR + 60_000, 2), steps(now - 2 * HOUR, 3), steps(now - 40 * DAY, 4)],
    ],
    ['sleep', [sleep('a', now - 4 * HOUR), sleep('b', now - 28 * HOUR), sleep('c', now - 2000 * DAY)]],
    ['exercise', [exercise('x', now - 5 * HOUR)]],
    ['daily-resting-heart-rate', [restingHeartRate(8), restingHeartRate(9), restingHeartRate(10)]],
  ])
  server.rollups = new Map([
    ['steps', [{ civilStartTime: { date: { year: 2026, month: 4, day: 9 } }, steps: { countSum: '777' } }]],
  ])
  server.denied = new Set()
  server.requests = []
  server.pageSize = 2
})

describe('pulling', () => {
  it('reads every page of every span, nights of all years, streams of the last weeks, days merged, sums of days', async () => {
    const { points, payloads, state } = await all()
    expect(points('steps')).toHaveLength(4)
    // Spans from the oldest on; within a span Google answers the newest first.
    expect(points('sleep').map((item) => (item as { name: string }).name.at(-1))).toEqual(['c', 'a', 'b'])
    expect(points('exercise')).toHaveLength(1)
    expect(points('daily-resting-heart-rate')).toHaveLength(3)
    expect(payloads.flatMap(({ rollups = [] }) => rollups)).toHaveLength(1)
    expect(asked('daily-resting-heart-rate').every(({ path }) => path.endsWith(':reconcile'))).toBe(true)
    expect(asked('sleep').every(({ query }) => query.pageSize === '25')).toBe(true)
    expect(asked('steps')[0]?.query.filter).toMatch(
      /^steps\.interval\.start_time >= "2026-01-10T12:00:00\.000Z" AND steps\.interval\.start_time < "/,
    )
    expect((state as { until: Record<string, number> }).until.steps).toBe(now)
  })

  it('reads the last days again: what was corrected comes, what was deleted is withdrawn', async () => {
    const first = await all()
    server.points.set('steps', [steps(now - 3 * HOUR, 10)])
    server.points.set('sleep', [sleep('b', now - 28 * HOUR)])
    server.points.set('daily-resting-heart-rate', [restingHeartRate(8), restingHeartRate(10)])
    server.requests = []
    const again = await all(first.state, now + HOUR)
    expect(again.points('steps')).toEqual([steps(now - 3 * HOUR, 10)])
    expect(again.missing.sort()).toEqual(['daily-resting-heart-rate/2026-04-09', 'sleep/a', 'steps/2026-04-10T10'])
    expect(asked('steps').filter(({ path }) => path.endsWith('dataPoints'))).toHaveLength(1)
    expect((await all(again.state, now + 2 * HOUR)).missing).toEqual([])
  })

  it('goes on after the span that was kept last', async () => {
    const states: Record<string, unknown>[] = []
    for await (const { state } of plugin.pull?.all(ctx()) ?? []) {
      if (state) states.push(state)
      if (states.length === 5) break
    }
    server.requests = []
    await all(states.at(-1))
    const [firstAsked] = asked('sleep')
    expect(firstAsked?.query.filter).not.toContain('"2009')
  })

  it('waits as long as Google says, says when the token is no longer taken, and goes on without what was not granted', async () => {
    server.refuse(1, 429, { 'retry-after': '37' })
    await expect(all()).rejects.toMatchObject({ code: 'AUREN_VENDOR_LIMIT', retryAfter: 37 })
    server.refuse(1, 429)
    await expect(all()).rejects.toMatchObject({ code: 'AUREN_VENDOR_LIMIT', retryAfter: 60 })
    server.refuse(1, 503)
    await expect(all()).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED', retryable: true })
    const held = token
    token = 'expired'
    const error = (await all().catch((cause: unknown) => cause)) as AurenError
    expect(error.code).toBe('AUREN_VENDOR_UNAUTHORIZED')
    token = held
    server.denied = new Set(['sleep'])
    const { state, points } = await all()
    expect(points('sleep')).toEqual([])
    expect(points('steps')).toHaveLength(4)
    expect(state.lacking).toEqual(['sleep'])
    expect((state as { until: Record<string, number> }).until).not.toHaveProperty('sleep')
  })
})

describe('a notification', () => {
  const span = (from: number, to: number) => ({ from: iso(from), to: iso(to) })

  it('leads to the hours that it names, whole, and to the sums of their days', async () => {
    const { points, payloads, state } = await one('steps', span(now - 3 * HOUR, now - 3 * HOUR + 60_000))
    expect(points('steps')).toHaveLength(2)
    expect(payloads.some(({ rollups }) => rollups?.length === 1)).toBe(true)
    expect(asked('steps')[0]?.query.filter).toContain('>= "2026-04-10T09:00:00.000Z"')
    expect(state).not.toHaveProperty('until')
  })

  it('of a deletion withdraws the hours and days that are empty now', async () => {
    server.points.set('steps', [])
    const { missing } = await one('steps', { ...span(now - 3 * HOUR, now - 2 * HOUR), deletion: 'true' })
    expect(missing).toEqual(['steps/2026-04-10T09', 'steps/2026-04-10T10'])
    server.points.set('daily-resting-heart-rate', [restingHeartRate(10)])
    const days = await one('daily-resting-heart-rate', { ...span(now - DAY, now - DAY), deletion: 'true' })
    expect(days.missing).toContain('daily-resting-heart-rate/2026-04-09')
    expect(days.missing).not.toContain('daily-resting-heart-rate/2026-04-10')
  })

  it('of a deleted night withdraws it by its name', async () => {
    const first = await all()
    server.points.set('sleep', [])
    const { missing, state } = await one(
      'sleep',
      { ...span(now - 12 * HOUR, now - 4 * HOUR), deletion: 'true' },
      first.state,
    )
    expect(missing).toEqual(expect.arrayContaining(['sleep/a']))
    expect((state as { until: unknown }).until).toEqual((first.state as { until: unknown }).until)
  })

  it('of a civil day finds an exercise fourteen hours ahead of UTC', async () => {
    const { points } = await one('exercise', span(now - 5 * HOUR, now - 4 * HOUR))
    expect(points('exercise')).toHaveLength(1)
  })

  it('of sums only, of a type that is not read, or without a time asks no more than is needed', async () => {
    expect((await one('total-calories', span(now - HOUR, now))).payloads).toHaveLength(1)
    expect((await one('electrocardiogram')).payloads).toEqual([])
    server.requests = []
    await one('heart-rate')
    expect(server.requests.length).toBeLessThan(5)
  })
})

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Fetch, PullContext } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { whoop } from '../src/wearables/whoop/index.js'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 4, 25)

/** What the local server was asked, and what is in its collections. */
const asked: { method: string; path: string; token: string | undefined }[] = []
let collections: Record<string, Record<string, unknown>[]>
let odd: { status: number; headers?: Record<string, string> } | null
let server: Server
let plugin: ReturnType<typeof whoop>

const night = (id: string, end: number) => ({
  id,
  cycle_id: Number(id.slice(1)),
  start: new Date(end - 8 * 3_600_000).toISOString(),
  end: new Date(end).toISOString(),
  timezone_offset: '+02:00',
  nap: false,
  score_state: 'PENDING_SCORE',
})
const recovery = (id: string, end: number) => ({
  sleep_id: id,
  cycle_id: Number(id.slice(1)),
  created_at: new Date(end + 60_000).toISOString(),
  start: new Date(end).toISOString(),
  score_state: 'SCORED',
  score: { resting_heart_rate: 50 },
})

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x')
    asked.push({
      method: request.method ?? '',
      path: `${url.pathname}${url.search}`,
      token: request.headers.authorization,
    })
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    if (odd) {
      const { status, headers } = odd
      odd = null
      return answer(status, {}, headers)
    }
    const path = url.pathname.replace('/developer/v2', '')
    if (path === '/user/profile/basic') return answer(200, { user_id: 77, email: 'robin@example.test' })
    if (path === '/user/access' && request.method === 'DELETE') return answer(204, '')
    const list = collections[path]
    if (list) {
      // Newest first, in pages of at most 25, as the API has it.
      const [from, to] = ['start', 'end'].map((name) => Date.parse(url.searchParams.get(name) as string)) as [
        number,
        number,
      ]
      const within = list
        .filter((item) => Date.parse(item.start as string) >= from && Date.parse(item.start as string) < to)
        .toSorted((a, b) => (String(a.start) < String(b.start) ? 1 : -1))
      const size = Math.min(25, Number(url.searchParams.get('limit') ?? 10))
      const at = Number(url.searchParams.get('nextToken') ?? 0)
      return answer(200, {
        records: within.slice(at, at + size),
        ...(at + size < within.length ? { next_token: String(at + size) } : {}),
      })
    }
    const cycle = /^\/cycle\/(\d+)\/recovery$/.exec(path)?.[1]
    const one = cycle
      ? collections['/recovery']?.find((item) => String(item.cycle_id) === cycle)
      : collections[path.slice(0, path.lastIndexOf('/'))]?.find(
          ({ id }) => id === path.slice(path.lastIndexOf('/') + 1),
        )
    return one ? answer(200, one) : answer(404, {})
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  plugin = whoop({
    clientId: 'client',
    clientSecret: 'secret',
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  })
})
afterAll(() => new Promise((done) => server.close(done)))
beforeEach(() => {
  asked.length = 0
  odd = null
  const ends = Array.from({ length: 60 }, (_, i) => NOW - i * DAY)
  collections = {
    '/activity/sleep': ends.map((end, i) => night(`n${i}`, end)),
    '/recovery': ends.map((end, i) => recovery(`n${i}`, end)),
    '/activity/workout': [],
    '/cycle': [],
  }
})

const fetching: Fetch = async (url, init = {}) => {
  const answer = await fetch(url, {
    method: init.method ?? 'GET',
    headers: { authorization: 'Bearer token', ...init.headers },
    ...(init.body === undefined ? {} : { body: init.body }),
  })
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    text: () => answer.text(),
    bytes: async () => new Uint8Array(await answer.arrayBuffer()),
    json: () => answer.json() as Promise<unknown>,
  }
}
const context = (state: Record<string, unknown> = {}): PullContext => ({
  account: '77',
  fetch: fetching,
  now: NOW + 3_600_000,
  state,
  signal: new AbortController().signal,
})
async function gather(ctx: PullContext) {
  const items: Record<string, Record<string, unknown>[]> = {}
  let state = ctx.state
  for await (const pulled of plugin.pull!.all(ctx)) {
    state = pulled.state ?? state
    const { kind, items: told } = pulled.payload
    items[kind] = [...(items[kind] ?? []), ...(told as Record<string, unknown>[])]
  }
  return { items, state }
}

describe('the pull', () => {
  it('reads every page of every window, and puts its night beside each recovery', async () => {
    const { items, state } = await gather(context())
    expect(items.sleep).toHaveLength(60)
    expect(new Set(items.recovery?.map(({ sleep_id }) => sleep_id)).size).toBe(60)
    for (const one of items.recovery ?? []) expect(one.sleep).toMatchObject({ timezone_offset: '+02:00' })
    expect(state.until).toMatchObject({ sleep: NOW + 3_600_000, recovery: NOW + 3_600_000 })
    expect(Math.max(...asked.map(({ path }) => Number(new URLSearchParams(path.split('?')[1]).get('limit'))))).toBe(25)
  })

  it('asks for the last days again and for no more', async () => {
    const first = await gather(context())
    asked.length = 0
    const { items } = await gather(context(first.state))
    expect(items.sleep?.length).toBeGreaterThanOrEqual(9)
    expect(items.sleep?.length).toBeLessThanOrEqual(12)
    expect(asked.length).toBeLessThan(10)
  })

  it('goes on after a limit where it was', async () => {
    const kept: Record<string, unknown>[] = []
    const ctx = context()
    await expect(
      (async () => {
        for await (const { state } of plugin.pull!.all(ctx)) {
          if (state) kept.push(state)
          if (kept.length === 3) odd = { status: 429, headers: { 'x-ratelimit-reset': '17' } }
        }
      })(),
    ).rejects.toMatchObject({ code: 'AUREN_VENDOR_LIMIT', retryAfter: 17 })
    asked.length = 0
    const { items } = await gather(context(kept.at(-1)))
    expect(items.sleep).toHaveLength(60)
    const first = new URLSearchParams(asked[0]?.path.split('?')[1]).get('start') as string
    expect(Date.parse(first)).toBeGreaterThan(Date.UTC(2015, 0, 2))
  })

  it('fetches a night that it has not read', async () => {
    collections['/activity/sleep'] = [night('n999', NOW - 400 * DAY)]
    collections['/recovery'] = [{ ...recovery('n999', NOW - DAY), sleep_id: 'n999' }]
    const { items } = await gather(context({ until: { sleep: NOW, recovery: NOW, workout: NOW, cycle: NOW } }))
    expect(items.recovery?.[0]?.sleep).toMatchObject({ end: new Date(NOW - 400 * DAY).toISOString() })
  })

  it.each([
    [401, 'AUREN_VENDOR_UNAUTHORIZED'],
    [500, 'AUREN_VENDOR_FAILED'],
  ])('says what a %i means', async (status, code) => {
    odd = { status }
    await expect(gather(context())).rejects.toMatchObject({ code })
  })
})

describe('what a webhook named', () => {
  const one = async (resource: string, id: string) => {
    const payloads = []
    for await (const { payload } of plugin.pull!.one!(context(), { resource, id })) payloads.push(payload)
    return payloads
  }

  it('is fetched; a recovery by the cycle of its night', async () => {
    expect(await one('sleep', 'n3')).toMatchObject([{ kind: 'sleep', items: [{ id: 'n3' }] }])
    expect(await one('recovery', 'n3')).toMatchObject([
      { kind: 'recovery', items: [{ sleep_id: 'n3', sleep: { timezone_offset: '+02:00' } }] },
    ])
  })

  it('is a deletion where it is gone', async () => {
    expect(await one('workout', 'w1')).toEqual([{ kind: 'workout', items: [], missing: ['w1'] }])
    expect(await one('recovery', 'n777')).toEqual([{ kind: 'recovery', items: [], missing: ['n777'] }])
    collections['/recovery'] = []
    expect(await one('recovery', 'n3')).toEqual([{ kind: 'recovery', items: [], missing: ['n3'] }])
  })

  it('is nothing where WHOOP names what is not read', async () => {
    expect(await one('cycle', '5')).toEqual([])
  })

  it('is never another object than was asked for', async () => {
    const other = { ...night('n1', NOW), toJSON: () => night('n2', NOW) }
    collections['/activity/sleep'] = [other]
    await expect(one('sleep', 'n1')).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED' })
  })
})

it('names the account by its profile, and takes the access back at the end', async () => {
  expect(await plugin.oauth!.account(fetching, 'token', {})).toBe('77')
  await plugin.oauth!.disconnected!(fetching, 'token', '77')
  expect(asked.at(-1)).toMatchObject({ method: 'DELETE', path: '/developer/v2/user/access', token: 'Bearer token' })
  expect(plugin.oauth!.scopes).toContain('offline')
})

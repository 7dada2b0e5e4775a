import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createService } from '../src/http/app.js'
import { addressOf, createRates, EMBEDDED_LIMITS, type RateLimits, type Rates } from '../src/http/rate.js'
import { answered, type Route, route } from '../src/http/route.js'
import { createLog } from '../src/log.js'
import { createMetrics } from '../src/metrics.js'
import { type Answer, send } from './identity-http.js'

const lag = async () => ({
  waiting: 0,
  oldestMs: 0,
  quarantined: 0,
  jobs: 0,
  planned: 0,
  accepted: 0,
  published: 0,
  stored: 0,
  duplicates: 0,
  log: { name: 'table', health: { connected: true, since: 0, code: null }, behind: 0, dropped: 0 },
})
/** A minute: none of the windows ends within a test. */
const limits: RateLimits = {
  ...EMBEDDED_LIMITS,
  address: { points: 500, seconds: 60 },
  person: { points: 100, seconds: 60 },
  webhook: { points: 20, seconds: 60 },
  ask: { points: 3, seconds: 60 },
  streams: 5,
}
const open: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of open.splice(0)) await close()
})

async function start(trustProxy: number | string[] | null): Promise<{ base: string; rates: Rates }> {
  const rates = await createRates({ limits })
  const routes: Route[] = [
    route({ method: 'get', path: '/v1/who', tag: 't', summary: 'who', handle: async ({ user }) => ({ user }) }),
    route({ method: 'get', path: '/healthz', tag: 'health', summary: 'h', auth: false, handle: async () => ({}) }),
    route({ method: 'post', path: '/v1/ask', tag: 't', summary: 'ask', rate: 'ask', handle: async () => ({}) }),
    route({
      method: 'post',
      path: '/webhooks/{provider}',
      tag: 't',
      summary: 'w',
      auth: false,
      handle: async () => ({}),
    }),
    route({
      method: 'get',
      path: '/v1/stream',
      tag: 't',
      summary: 'stream',
      produces: 'text/event-stream',
      async handle({ response }) {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n')
        return answered
      },
    }),
  ]
  const server = createServer(
    createService({
      title: 'T',
      version: '1.0.0',
      // Whoever the token says: who asks is another test's matter.
      identity: {
        local: null,
        origins: [],
        bearer: async (user) => ({ user, scopes: new Set(['read', 'write']), via: 'token' }),
      },
      guard: { rates, note: async () => undefined },
      trustProxy,
      corsOrigins: null,
      log: createLog('silent'),
      metrics: createMetrics('neuros', { lag }),
      routes,
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await rates.close()
  })
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, rates }
}

const as = (user: string, forwarded?: string): Record<string, string> => ({
  authorization: `Bearer ${user}`,
  ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
})
/** How many of so many requests, twenty at a time, got which status. */
async function flood(total: number, one: (i: number) => Promise<Answer>): Promise<Record<number, number>> {
  const counts: Record<number, number> = {}
  for (let at = 0; at < total; at += 20)
    for (const { status } of await Promise.all(Array.from({ length: Math.min(20, total - at) }, (_, i) => one(at + i))))
      counts[status] = (counts[status] ?? 0) + 1
  return counts
}

describe('limits on requests (C16)', () => {
  let base: string
  beforeAll(async () => {
    base = (await start(2)).base
  })

  it('stop one user, from wherever they ask, and say how long to wait', async () => {
    const counts = await flood(300, (i) =>
      send(base, 'GET', '/v1/who', { headers: as('ann', `10.0.${i}.1, 10.9.9.9`) }),
    )
    expect(counts).toEqual({ 200: 100, 429: 200 })
    const answer = await send(base, 'GET', '/v1/who', { headers: as('ann', '10.8.0.1, 10.9.9.9') })
    expect(answer.status).toBe(429)
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60)
    expect(answer.json).toMatchObject({ code: 'AUREN_RATE_LIMITED', retry_after_seconds: expect.any(Number) })
    // Somebody else is not slowed by it.
    expect((await send(base, 'GET', '/v1/who', { headers: as('ben', '10.8.0.2, 10.9.9.9') })).status).toBe(200)
  })

  it('stop one address, whoever it says it is, tokens that are not valid included', async () => {
    const counts = await flood(700, (i) =>
      send(base, 'GET', '/v1/who', { headers: { ...as(`user${i}`, '192.0.2.7, 10.9.9.9') } }),
    )
    expect(counts).toEqual({ 200: 500, 429: 200 })
    expect((await send(base, 'GET', '/v1/nothing', { headers: as('x', '192.0.2.7, 10.9.9.9') })).status).toBe(429)
    expect((await send(base, 'GET', '/healthz', { headers: as('x', '192.0.2.7, 10.9.9.9') })).status).toBe(200)
  })

  it('stop one vendor, and not the others', async () => {
    expect(await flood(40, () => send(base, 'POST', '/webhooks/oura', { body: {} }))).toEqual({ 200: 20, 429: 20 })
    expect((await send(base, 'POST', '/webhooks/whoop', { body: {} })).status).toBe(200)
  })

  it('stop questions before they cost a model', async () => {
    const ask = () => send(base, 'POST', '/v1/ask', { headers: as('cat', '10.7.0.1, 10.9.9.9') })
    expect(await flood(6, ask)).toEqual({ 200: 3, 429: 3 })
  })

  it('count open streams, and let another one in when one ends', async () => {
    const follow = async (): Promise<{ status: number; close(): void }> => {
      const abort = new AbortController()
      const { status } = await fetch(`${base}/v1/stream`, { headers: as('dan', '10.6.0.1'), signal: abort.signal })
      return { status, close: () => abort.abort() }
    }
    const streams = []
    for (let i = 0; i < 100; i++) streams.push(await follow())
    // Of a hundred, those beyond the limits of streams and of requests are refused.
    expect(streams.filter(({ status }) => status === 200)).toHaveLength(5)
    expect(streams.filter(({ status }) => status === 429)).toHaveLength(95)
    for (const { close } of streams) close()
  })
})

describe('the address that counts', () => {
  it('is the socket’s, whatever X-Forwarded-For says, unless a proxy is configured', async () => {
    const { base } = await start(null)
    const counts = await flood(600, (i) =>
      send(base, 'GET', '/v1/who', { headers: as(`u${i}`, `198.51.100.${i % 250}`) }),
    )
    expect(counts).toEqual({ 200: 500, 429: 100 })
  })

  it('is the one that the configured proxies saw, not what the client wrote before it', async () => {
    const { base } = await start(1)
    const counts = await flood(600, (i) =>
      send(base, 'GET', '/v1/who', { headers: as(`u${i}`, `198.51.100.${i % 250}, 203.0.113.5`) }),
    )
    expect(counts).toEqual({ 200: 500, 429: 100 })
  })

  it.each([
    ['203.0.113.5', '203.0.113.5'],
    ['::ffff:203.0.113.5', '::ffff:203.0.113.5'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('of %s is %s', (ip, key) => {
    expect(addressOf({ ip } as never)).toBe(key)
  })
})

describe('without Redis', () => {
  it('each process limits alone: nothing passes uncounted', async () => {
    const states: string[] = []
    // A port that nobody listens at.
    const free = createServer()
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
    const { port } = free.address() as AddressInfo
    await new Promise((resolve) => free.close(resolve))
    const rates = await createRates({
      limits,
      redisUrl: `redis://127.0.0.1:${port}`,
      onRedis: (state) => states.push(state),
    })
    try {
      let refused = 0
      for (let i = 0; i < 30; i++) await rates.take('webhook', 'oura').catch(() => refused++)
      expect(refused).toBe(10)
      expect(states).not.toContain('up')
    } finally {
      await rates.close()
    }
  })

  it('also while it hangs: a server that takes connections and never answers', async () => {
    const { createServer: listen } = await import('node:net')
    const silent = listen(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const rates = await createRates({ limits, redisUrl: `redis://127.0.0.1:${(silent.address() as AddressInfo).port}` })
    try {
      let refused = 0
      for (let i = 0; i < 30; i++) await rates.take('webhook', 'oura').catch(() => refused++)
      expect(refused).toBe(10)
    } finally {
      await rates.close()
      silent.close()
    }
  })
})

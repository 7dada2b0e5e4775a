import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Fetch, PullContext, RawRequest } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { junction } from '../src/wearables/junction/index.js'

const webhookSecret = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`
const now = 1_783_152_000_000
const body = JSON.stringify({ event_type: 'daily.data.sleep.created', user_id: 'u1', data: {} })
/** The scheme by hand: HMAC-SHA256(base64-decoded secret, id + "." + seconds + "." + body). */
const sign = (id: string, at: number, text: string, key = Buffer.from('0123456789abcdef01234567')) =>
  `v1,${createHmac('sha256', key).update(`${id}.${at}.${text}`).digest('base64')}`
const signed = (id = 'msg_1', at = now / 1000, text = body) => ({
  'svix-id': id,
  'svix-timestamp': String(at),
  'svix-signature': sign(id, at, text),
})
const request = (headers: Record<string, string>, text = body, at = now): RawRequest => ({
  method: 'POST',
  headers,
  query: {},
  body: Buffer.from(text),
  now: at,
})
const verify = junction({ webhookSecret }).webhook!.verify

describe('deliveries', () => {
  it('are taken with a right signature and named by their signed id', () => {
    expect(verify(request(signed()))).toEqual({ ok: true, deliveryKey: 'msg_1' })
    // While a secret is replaced there are two; other versions are left alone.
    const list = `v1a,${'A'.repeat(86)} v1,${Buffer.alloc(32).toString('base64')} ${sign('msg_1', now / 1000, body)}`
    expect(verify(request({ ...signed(), 'svix-signature': list }))).toMatchObject({ ok: true })
    expect(junction({ webhookSecret: webhookSecret.slice(6) }).webhook!.verify(request(signed()))).toMatchObject({
      ok: true,
    })
  })

  const { 'svix-id': id, 'svix-timestamp': at, 'svix-signature': signature } = signed()
  it.each<[string, RawRequest]>([
    ['unsigned', request({})],
    ['without an id', request({ 'svix-timestamp': at, 'svix-signature': signature })],
    ['without a timestamp', request({ 'svix-id': id, 'svix-signature': signature })],
    ['under another id', request({ ...signed(), 'svix-id': 'msg_2' })],
    ['with another timestamp', request({ ...signed(), 'svix-timestamp': String(now / 1000 + 1) })],
    ['with another body', request(signed(), body.replace('u1', 'u2'))],
    ['with an empty body', request(signed(), '')],
    ['six minutes old', request(signed('msg_1', now / 1000 - 360))],
    ['six minutes ahead', request(signed('msg_1', now / 1000 + 360))],
    ['with a timestamp in words', request({ ...signed(), 'svix-timestamp': 'now' })],
    ['of another version only', request({ ...signed(), 'svix-signature': signature.replace('v1,', 'v2,') })],
    ['with half a signature', request({ ...signed(), 'svix-signature': signature.slice(0, -10) })],
    [
      'signed with the secret as it is written',
      request({ ...signed(), 'svix-signature': sign('msg_1', now / 1000, body, Buffer.from(webhookSecret)) }),
    ],
  ])('are refused %s', (_name, sent) => {
    const verdict = verify(sent)
    expect(verdict.ok).toBe(false)
    expect(JSON.stringify(verdict)).not.toContain('MDEyMzQ1')
  })

  const vectors = shared('payloads', 'signature-vectors', 'vectors.json')
  it.skipIf(vectors === null)(
    'verify as published, and with no bit of body, id, timestamp or signature changed',
    () => {
      const vector = (
        JSON.parse(readFileSync(vectors as string, 'utf8')) as {
          vendor: string
          secret: string
          headers: Record<string, string>
          body: string
        }[]
      ).find(({ vendor }) => vendor === 'junction(svix)')!
      const check = junction({ webhookSecret: vector.secret }).webhook!.verify
      const sent = request(vector.headers, vector.body, Number(vector.headers['svix-timestamp']) * 1000)
      expect(check(sent)).toEqual({ ok: true, deliveryKey: 'msg_1' })
      for (let bit = 0; bit < sent.body.length * 8; bit++) {
        const changed = Uint8Array.from(sent.body)
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(check({ ...sent, body: changed }).ok, `bit ${bit} of the body`).toBe(false)
      }
      for (const [name, value] of Object.entries(vector.headers))
        for (let bit = 0; bit < value.length * 8; bit++) {
          const bytes = Buffer.from(value, 'latin1')
          bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
          const headers = { ...vector.headers, [name]: bytes.toString('latin1') }
          expect(check({ ...sent, headers }).ok, `bit ${bit} of ${name}`).toBe(false)
        }
    },
  )

  it('need a secret that is one', () => {
    for (const bad of ['', 'whsec_', 'secret', 'whsec_not base64!'])
      expect(() => junction({ webhookSecret: bad })).toThrow(/webhookSecret is not/)
    expect(() => junction({ webhookSecret, baseURL: 'api' })).toThrow(/baseURL is no address/)
  })
})

describe('events', () => {
  const plan = (event: object, apiKey?: string) =>
    junction({ webhookSecret, ...(apiKey ? { apiKey } : {}) }).webhook!.plan(
      { user_id: 'u1', ...event },
      { receivedAt: now },
    )
  const night = {
    id: 's1',
    calendar_date: '2026-04-02',
    bedtime_start: '2026-04-01T22:00:00Z',
    bedtime_stop: '2026-04-02T06:00:00Z',
  }

  it('bring their data, under the name of the API', () => {
    const data = { source: { provider: 'withings' }, data: [] }
    expect(plan({ event_type: 'daily.data.weight.updated', data })).toEqual([
      { account: 'u1', payload: { resource: 'body_weight', items: [data] } },
    ])
    // The person may be named in the data only.
    expect(
      junction({ webhookSecret }).webhook!.plan(
        { event_type: 'daily.data.activity.created', data: { user_id: 'u2' } },
        { receivedAt: now },
      ),
    ).toMatchObject([{ account: 'u2' }])
  })

  it('of a finished backfill lead to a request where there is a key, and to nothing where not', () => {
    const event = {
      event_type: 'historical.data.workouts.created',
      data: {
        user_id: 'u1',
        start_date: '2025-04-01T00:00:00+00:00',
        end_date: '2026-04-01T00:00:00+00:00',
        provider: 'oura',
      },
    }
    expect(plan(event)).toEqual([{ account: 'u1' }])
    expect(plan(event, 'key')).toEqual([
      {
        account: 'u1',
        fetch: [
          { resource: 'workouts', params: { from: '2025-04-01T00:00:00+00:00', to: '2026-04-01T00:00:00+00:00' } },
        ],
      },
    ])
  })

  it('of a night ask for its stages too, for the two are one record', () => {
    const event = { event_type: 'daily.data.sleep.created', data: night }
    const params = { from: '2026-04-01T22:00:00Z', to: '2026-04-02T06:00:00Z' }
    expect(plan(event)).toEqual([{ account: 'u1', payload: { resource: 'sleep', items: [night] } }])
    expect(plan(event, 'key')).toEqual([
      { account: 'u1', payload: { resource: 'sleep', items: [night] }, fetch: [{ resource: 'sleep', params }] },
    ])
    const cycle = {
      id: 'c1',
      sleep_id: 's1',
      session_start: params.from,
      session_end: params.to,
      stage_start_offset_second: [],
      stage_end_offset_second: [],
      stage_type: [],
    }
    const staged = { event_type: 'daily.data.sleep_cycle.created', data: cycle }
    expect(plan(staged, 'key')).toEqual([{ account: 'u1', fetch: [{ resource: 'sleep', params }] }])
    expect(plan(staged)).toMatchObject([{ payload: { resource: 'sleep_cycle' } }])
  })

  it('of connections end nothing: the person may have others', () => {
    for (const event_type of ['provider.connection.created', 'provider.connection.error', 'something.new'])
      expect(plan({ event_type, data: { user_id: 'u1' } })).toEqual([{ account: 'u1' }])
    expect(
      junction({ webhookSecret }).webhook!.plan({ event_type: 'labtest.order.created', data: {} }, { receivedAt: 0 }),
    ).toEqual([])
    expect(() => junction({ webhookSecret }).webhook!.plan({ data: [] }, { receivedAt: 0 })).toThrow(/not an event/)
  })
})

const at = Date.parse('2026-04-10T12:00:00Z')
let requests: { path: string; query: Record<string, string>; key: unknown }[] = []
let answer: (
  path: string,
  query: Record<string, string>,
) => { status: number; headers?: Record<string, string>; body: unknown }
const http = createServer((incoming, response) => {
  const url = new URL(incoming.url ?? '/', 'http://localhost')
  const query = Object.fromEntries(url.searchParams)
  requests.push({ path: url.pathname, query, key: incoming.headers['x-vital-api-key'] })
  const { status, headers, body: sent } = answer(url.pathname, query)
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(sent))
})
let plugin: ReturnType<typeof junction>
beforeAll(async () => {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  plugin = junction({
    webhookSecret,
    apiKey: 'key',
    baseURL: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
  })
})
afterAll(() => {
  http.closeAllConnections()
  http.close()
})
beforeEach(() => {
  requests = []
  answer = (path) => ({
    status: 200,
    body: path.includes('grouped') ? { groups: {} } : { [path.split('/')[3] as string]: [] },
  })
})
const call: Fetch = async (url, init = {}) => {
  const response = await fetch(url, { ...(init.headers ? { headers: init.headers } : {}) })
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: () => response.text(),
    bytes: async () => new Uint8Array(await response.arrayBuffer()),
    json: () => response.json(),
  }
}
const ctx = (state: Record<string, unknown> = {}): PullContext => ({
  account: 'u/1',
  fetch: call,
  now: at,
  state,
  signal: new AbortController().signal,
})
const collect = async <T>(of: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const one of of) all.push(one)
  return all
}

describe('asking', () => {
  it('takes a year at first and eight days again afterwards, every resource under its own name', async () => {
    const pages = await collect(plugin.pull!.all(ctx()))
    const steps = requests.filter(({ path }) => path === '/v2/timeseries/u%2F1/steps/grouped')
    expect(steps[0]?.query).toMatchObject({ start_date: '2025-04-10' })
    expect(steps.at(-1)?.query.end_date).toBe('2026-04-11')
    // 366 days in windows of 90.
    expect(steps).toHaveLength(5)
    expect(new Set(requests.map(({ key }) => key))).toEqual(new Set(['key']))
    const state = pages.at(-1)?.state as { until: Record<string, string> }
    expect(state.until).toMatchObject({ sleep: '2026-04-10', heartrate: '2026-04-10', meal: '2026-04-10' })
    requests = []
    await collect(plugin.pull!.all(ctx(state)))
    expect(new Set(requests.map(({ query }) => query.start_date))).toEqual(new Set(['2026-04-02']))
  })

  it('follows the cursor of a series until it ends', async () => {
    answer = (path, { next_cursor }) =>
      path.includes('/heartrate/')
        ? {
            status: 200,
            body: {
              groups: {
                oura: [{ source: { provider: 'oura' }, data: [{ timestamp: '2026-04-09T00:00:00Z', value: 50 }] }],
              },
              next_cursor: next_cursor === undefined ? 'b' : next_cursor === 'b' ? 'c' : null,
            },
          }
        : { status: 404, body: {} }
    const pages = await collect(plugin.pull!.one!(ctx(), { resource: 'heartrate' }))
    expect(pages).toHaveLength(3)
    expect(requests.map(({ query }) => query.next_cursor)).toEqual([undefined, 'b', 'c'])
    expect(plugin.payload.safeParse(pages[0]?.payload).success).toBe(true)
  })

  it('puts stages beside their night', async () => {
    answer = (path) => ({
      status: 200,
      body: path.includes('sleep_cycle')
        ? {
            sleep_cycle: [
              { id: 'c1', sleep_id: 's1' },
              { id: 'c2', sleep_id: 'other' },
            ],
          }
        : { sleep: [{ id: 's1' }, { id: 's2' }] },
    })
    const pages = await collect(
      plugin.pull!.one!(ctx(), {
        resource: 'sleep_cycle',
        params: { from: '2026-04-01T22:00:00Z', to: '2026-04-02T06:00:00Z' },
      }),
    )
    expect(pages).toEqual([
      {
        payload: { resource: 'sleep', items: [{ id: 's1', sleep_cycle: { id: 'c1', sleep_id: 's1' } }, { id: 's2' }] },
      },
    ])
    expect(requests[0]?.query).toEqual({ start_date: '2026-04-01', end_date: '2026-04-03' })
  })

  it('waits as it is told, names a refused key, and takes an unknown person for one without data', async () => {
    answer = () => ({ status: 429, headers: { 'retry-after': '7' }, body: {} })
    await expect(collect(plugin.pull!.all(ctx()))).rejects.toMatchObject({ code: 'AUREN_VENDOR_LIMIT', retryAfter: 7 })
    answer = () => ({ status: 401, body: {} })
    await expect(collect(plugin.pull!.all(ctx()))).rejects.toMatchObject({ code: 'AUREN_CONFIG_INVALID' })
    answer = () => ({ status: 503, body: {} })
    await expect(collect(plugin.pull!.all(ctx()))).rejects.toMatchObject({
      code: 'AUREN_VENDOR_FAILED',
      retryable: true,
    })
    answer = () => ({ status: 200, body: { something: 'else' } })
    await expect(collect(plugin.pull!.all(ctx()))).rejects.toMatchObject({
      code: 'AUREN_VENDOR_FAILED',
      retryable: false,
    })
    answer = () => ({ status: 404, body: {} })
    const pages = await collect(plugin.pull!.all(ctx()))
    expect(pages.every(({ payload }) => payload.items.length === 0)).toBe(true)
  })

  it('asks nothing without a key', async () => {
    expect(await collect(junction({ webhookSecret }).pull!.all(ctx()))).toEqual([])
    expect(await collect(plugin.pull!.one!(ctx(), { resource: '../../secrets' }))).toEqual([])
    expect(requests).toEqual([])
  })
})

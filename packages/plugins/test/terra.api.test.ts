import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Fetch, PullContext, RawRequest } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { terra } from '../src/wearables/terra/index.js'

const now = 1_783_152_000_000
const body = JSON.stringify({ type: 'sleep', user: { user_id: 'u1' }, data: [] })
/** The scheme by hand: HMAC-SHA256(signing secret, t + "." + body). */
const sign = (text: string, at = now / 1000) =>
  `t=${at},v1=${createHmac('sha256', 's3cret').update(`${at}.${text}`).digest('hex')}`
const request = (headers: Record<string, string>, text = body, at = now): RawRequest => ({
  method: 'POST',
  headers,
  query: {},
  body: Buffer.from(text),
  now: at,
})
type Verify = (sent: RawRequest) => { ok: boolean; deliveryKey?: string }
const verify = terra({ signingSecret: 's3cret' }).webhook!.verify as unknown as Verify

describe('deliveries', () => {
  it('are taken with a right signature under either name, and named by their trace', () => {
    expect(verify(request({ 'terra-signature': sign(body) }))).toEqual({ ok: true })
    const traced = { 'x-terra-signature': sign(body), 'x-terra-trace-id': '4bf92f3577b34da6', 'terra-reference': 'r1' }
    expect(verify(request(traced))).toEqual({ ok: true, deliveryKey: '4bf92f3577b34da6' })
    expect(verify(request({ ...traced, 'x-terra-trace-id': 'x' }))).toEqual({ ok: true })
  })

  it.each([
    ['unsigned', request({})],
    ['with an empty signature', request({ 'terra-signature': '' })],
    ['with another body', request({ 'terra-signature': sign(body) }, body.replace('u1', 'u2'))],
    ['six minutes old', request({ 'terra-signature': sign(body, now / 1000 - 360) })],
    ['six minutes ahead', request({ 'terra-signature': sign(body, now / 1000 + 360) })],
    ['with another timestamp', request({ 'terra-signature': sign(body).replace('t=1783152000', 't=1783152001') })],
    ['with half a signature', request({ 'terra-signature': sign(body).slice(0, -2) })],
    ['with an empty body', request({ 'terra-signature': sign(body) }, '')],
    [
      'signed by a right and overruled by a wrong one',
      request({ 'terra-signature': 't=1,v1=2', 'x-terra-signature': sign(body) }),
    ],
  ])('are refused %s', (_name, sent) => {
    expect(verify(sent)).toMatchObject({ ok: false })
  })

  const vectors = shared('payloads', 'signature-vectors', 'vectors.json')
  it.skipIf(vectors === null)('verify as published, and with no bit of body or signature changed', () => {
    const vector = (
      JSON.parse(readFileSync(vectors as string, 'utf8')) as {
        vendor: string
        secret: string
        headers: Record<string, string>
        body: string
      }[]
    ).find(({ vendor }) => vendor === 'terra')!
    const check = terra({ signingSecret: vector.secret }).webhook!.verify as unknown as Verify
    const signature = vector.headers['terra-signature'] as string
    const sent = request(vector.headers, vector.body, 1_723_808_700_000)
    expect(check(sent)).toEqual({ ok: true })
    for (let bit = 0; bit < sent.body.length * 8; bit++) {
      const changed = Uint8Array.from(sent.body)
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(check({ ...sent, body: changed }).ok, `bit ${bit} of the body`).toBe(false)
    }
    const digits = (signature.indexOf('v1=') + 3) * 8
    for (let bit = 0; bit < signature.length * 8; bit++) {
      const bytes = Buffer.from(signature, 'latin1')
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
      const changed = bytes.toString('latin1')
      // A hex digit in capitals says the same.
      if (bit >= digits && changed.toLowerCase() === signature.toLowerCase()) continue
      expect(check({ ...sent, headers: { 'terra-signature': changed } }).ok, `bit ${bit} of the signature`).toBe(false)
    }
  })

  it('are taken with nulls in all that may be null', () => {
    const nulls = { url: null, old_user: null, new_user: null, data: null }
    const plan = terra({ signingSecret: 's3cret' }).webhook!.plan(
      { ...nulls, type: 'deauth', user: { user_id: 'u1', provider: null, last_webhook_update: null, scopes: null } },
      { receivedAt: 0 },
    )
    expect(plan).toEqual([{ account: 'u1', lifecycle: 'deauthorized' }])
  })

  it('need a secret, and both or neither of the keys', () => {
    expect(() => terra({ signingSecret: '' })).toThrow(/signingSecret is empty/)
    expect(() => terra({ signingSecret: 's', devId: 'd' })).toThrow(/belong together/)
    expect(() => terra({ signingSecret: 's3cret' }).webhook!.plan({ data: [] }, { receivedAt: 0 })).toThrow(
      /not an event/,
    )
  })
})

const secret = { signingSecret: 's3cret', devId: 'dev', apiKey: 'key' }
const at = Date.parse('2026-04-10T12:00:00Z')
const DAY = 86_400_000
const requests: { type: string; query: Record<string, string>; headers: Record<string, unknown> }[] = []
let answers: { status: number; headers?: Record<string, string>; body: unknown }[] = []
const http = createServer((incoming, response) => {
  const url = new URL(incoming.url ?? '/', 'http://localhost')
  const query = Object.fromEntries(url.searchParams)
  const type = url.pathname.slice(1)
  requests.push({ type, query, headers: incoming.headers })
  const {
    status,
    headers,
    body: sent,
  } = answers.shift() ?? {
    status: 200,
    body: {
      user: { user_id: query.user_id, provider: 'GARMIN' },
      type,
      data: [{ metadata: { start_time: query.start_date, end_time: query.end_date } }],
    },
  }
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(sent))
})
let plugin: ReturnType<typeof terra>
beforeAll(async () => {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  plugin = terra({ ...secret, baseURL: `http://127.0.0.1:${(http.address() as AddressInfo).port}` })
})
afterAll(() => {
  http.closeAllConnections()
  http.close()
})
beforeEach(() => {
  requests.length = 0
  answers = []
})

const call: Fetch = async (url, init = {}) => {
  const response = await fetch(url, { ...(init.headers ? { headers: init.headers } : {}) })
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: () => response.text(),
    json: () => response.json(),
    bytes: async () => new Uint8Array(await response.arrayBuffer()),
  }
}
const ctx = (state: Record<string, unknown> = {}, fetching: Fetch = call, when = at): PullContext => ({
  account: 'u1',
  now: when,
  state,
  signal: new AbortController().signal,
  fetch: fetching,
})
const drain = async (pages: ReturnType<NonNullable<typeof plugin.pull>['all']>, from: Record<string, unknown> = {}) => {
  let state = from
  const payloads = []
  for await (const page of pages) {
    payloads.push(page.payload)
    if (page.state) state = page.state
  }
  return { state, payloads }
}

describe('pulling', () => {
  it('asks for the last year in windows of 28 days, then for the last week again', async () => {
    const first = await drain(plugin.pull!.all(ctx()))
    const sleeps = requests.filter(({ type }) => type === 'sleep')
    expect(sleeps.length).toBe(14)
    for (const { query, headers } of sleeps) {
      expect(Date.parse(query.end_date as string) - Date.parse(query.start_date as string)).toBeLessThanOrEqual(
        28 * DAY,
      )
      expect(query).toMatchObject({ user_id: 'u1', to_webhook: 'false' })
      expect(headers).toMatchObject({ 'dev-id': 'dev', 'x-api-key': 'key' })
    }
    for (const [i, { query }] of sleeps.entries())
      if (i > 0) expect(query.start_date).toBe(sleeps[i - 1]?.query.end_date)
    expect(new Set(requests.map(({ type }) => type))).toEqual(
      new Set(['activity', 'sleep', 'daily', 'body', 'nutrition', 'menstruation']),
    )
    requests.length = 0
    await drain(plugin.pull!.all(ctx(first.state, call, at + DAY)))
    expect(requests.map(({ query }) => query.start_date)).toEqual(Array.from({ length: 6 }, () => '2026-04-03'))
  })

  it('asks nothing without keys', async () => {
    expect((await drain(terra({ signingSecret: 's' }).pull!.all(ctx()))).payloads).toEqual([])
    expect(requests).toEqual([])
  })

  it('waits where Terra says so, passes over what a vendor has not, and refuses somebody else’s data', async () => {
    answers = [{ status: 429, headers: { 'retry-after': '9' }, body: {} }]
    await expect(drain(plugin.pull!.all(ctx()))).rejects.toMatchObject({ code: 'AUREN_VENDOR_LIMIT', retryAfter: 9 })
    answers = [{ status: 404, body: { status: 'error' } }]
    const { payloads } = await drain(plugin.pull!.all(ctx()))
    expect(payloads.filter(({ type, data }) => type === 'activity' && data.length > 0)).toEqual([])
    answers = [{ status: 200, body: { user: { user_id: 'u2' }, data: [{}] } }]
    await expect(drain(plugin.pull!.all(ctx()))).rejects.toMatchObject({
      code: 'AUREN_VENDOR_FAILED',
      retryable: false,
    })
    answers = [{ status: 500, body: 'oops' }]
    await expect(drain(plugin.pull!.all(ctx()))).rejects.toMatchObject({ retryable: true })
  })
})

describe('payloads by address', () => {
  const asked: string[] = []
  const answering =
    (status: number, sent: unknown): Fetch =>
    async (url, { credentials } = {}) => {
      asked.push(url)
      // The address is presigned: a token beside it would be refused.
      expect(credentials).toBe('omit')
      return { status, headers: {}, text: async () => '', json: async () => sent, bytes: async () => new Uint8Array() }
    }
  const pull = (id: string, fetching: Fetch) =>
    drain(plugin.pull!.one!(ctx({}, fetching), { resource: 's3_payload', id }))
  const home = 'https://terra-payload-bucket.s3.eu-west-2.amazonaws.com/payloads/x.json?X-Amz-Signature=y'
  const event = { type: 'daily', user: { user_id: 'u1', provider: 'OURA' }, data: [{ a: 1 }] }

  it('are fetched from hosts that are allowed', async () => {
    expect((await pull(home, answering(200, event))).payloads).toMatchObject([{ type: 'daily', data: [{ a: 1 }] }])
    expect(asked).toEqual([home])
  })

  it.each([
    'http://terra-payload-bucket.s3.eu-west-2.amazonaws.com/x',
    'https://terra-payload-bucket.s3.eu-west-2.amazonaws.com.evil.example/x',
    'https://evil.example/terra-payload-bucket.s3.eu-west-2.amazonaws.com',
    'https://user:pass@terra-payload-bucket.s3.eu-west-2.amazonaws.com/x',
    'https://terra-payload-bucket.s3.eu-west-2.amazonaws.com@evil.example/x',
    'https://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    'no address',
  ])('never from %s', async (address) => {
    asked.length = 0
    await expect(pull(address, answering(200, event))).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
    expect(asked).toEqual([])
  })

  it('are refused where they are somebody else’s, and where the address has lapsed', async () => {
    await expect(pull(home, answering(200, { ...event, user: { user_id: 'u2' } }))).rejects.toMatchObject({
      code: 'AUREN_VENDOR_FAILED',
    })
    await expect(pull(home, answering(403, ''))).rejects.toMatchObject({ retryable: false })
    expect((await pull(home, answering(200, { type: 'athlete', user: { user_id: 'u1' } }))).payloads).toEqual([])
  })

  it('are planned for the person where the event names one', () => {
    expect(plugin.webhook!.plan({ type: 's3_payload', url: home, user: { user_id: 'u1' } }, { receivedAt: 0 })).toEqual(
      [{ account: 'u1', fetch: [{ resource: 's3_payload', id: home }] }],
    )
  })
})

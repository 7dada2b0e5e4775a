import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Fetch, PullContext, RawRequest } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { garmin } from '../src/wearables/garmin/index.js'

const secrets = { clientId: 'client', clientSecret: 's3cret', webhookSecret: 'a-long-random-secret' }
const plugin = garmin(secrets)
const NOW = Date.parse('2026-04-01T12:00:00Z')

const delivery = (body: unknown, change: Partial<RawRequest> = {}): RawRequest => ({
  method: 'POST',
  headers: { 'garmin-client-id': secrets.clientId, 'content-type': 'application/json' },
  query: { key: secrets.webhookSecret },
  body: Buffer.from(JSON.stringify(body)),
  now: NOW,
  ...change,
})

describe('options', () => {
  it.each([
    ['clientId', ''],
    ['clientSecret', ''],
    ['webhookSecret', ''],
    ['webhookSecret', 'short'],
  ])('refuses %s = "%s"', (name, value) => {
    expect(() => garmin({ ...secrets, [name]: value })).toThrow(
      expect.objectContaining({ code: 'AUREN_CONFIG_INVALID' }),
    )
  })
})

describe('webhook', () => {
  const { verify, plan } = plugin.webhook!
  const body = { dailies: [{ userId: 'a', summaryId: 's' }] }

  it('takes what comes to the secret address for this application', () => {
    expect(verify(delivery(body))).toMatchObject({ ok: true })
  })

  it.each([
    ['no key', { query: {} }, 404],
    ['an empty key', { query: { key: '' } }, 404],
    ['half a key', { query: { key: secrets.webhookSecret.slice(0, 10) } }, 404],
    ['a longer key', { query: { key: `${secrets.webhookSecret}x` } }, 404],
    ['no application', { headers: {} }, undefined],
    ['another application', { headers: { 'garmin-client-id': 'other' } }, undefined],
  ])('refuses %s, without saying what was expected', (_name, change, status) => {
    const verdict = verify(delivery(body, change)) as { ok: boolean; reason: string; status?: number }
    expect(verdict.ok).toBe(false)
    expect(verdict.status).toBe(status)
    expect(verdict.reason).not.toContain(secrets.webhookSecret)
    expect(verdict.reason).not.toContain(secrets.clientId)
  })

  it('refuses every single-bit change of the key and of the application', () => {
    for (const [part, make] of [
      [secrets.webhookSecret, (key: string) => ({ query: { key } })],
      [secrets.clientId, (id: string) => ({ headers: { 'garmin-client-id': id } })],
    ] as const) {
      for (let bit = 0; bit < part.length * 8; bit++) {
        const bytes = Buffer.from(part, 'latin1')
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(verify(delivery(body, make(bytes.toString('latin1')))).ok, `bit ${bit}`).toBe(false)
      }
    }
  })

  it('knows a delivery that is tried again, and takes the same words later for news', () => {
    const key = (now: number) => (verify(delivery(body, { now })) as { deliveryKey?: string }).deliveryKey
    expect(key(NOW)).toBe(key(NOW + 30_000))
    expect(key(NOW)).not.toBe(key(NOW + 3_600_000))
  })

  it('makes one plan for each person of a mixed delivery', () => {
    const made = plan(
      {
        dailies: [
          { userId: 'a', summaryId: 's', steps: 1 },
          { userId: 'b', summaryId: 's', steps: 2 },
        ],
        sleeps: [
          { userId: 'a', summaryId: 'n' },
          { userId: 'b', callbackURL: 'https://apis.garmin.com/wellness-api/rest/sleeps?token=t' },
        ],
        activityFiles: [{ userId: 'b', callbackURL: 'https://apis.garmin.com/wellness-api/rest/activityFile?id=1' }],
        hrv: [],
      },
      { receivedAt: NOW },
    )
    expect(made).toEqual([
      {
        account: 'a',
        payload: {
          userId: 'a',
          summaries: {
            dailies: [{ userId: 'a', summaryId: 's', steps: 1 }],
            sleeps: [{ userId: 'a', summaryId: 'n' }],
          },
        },
      },
      {
        account: 'b',
        payload: {
          userId: 'b',
          summaries: {
            dailies: [{ userId: 'b', summaryId: 's', steps: 2 }],
            activityFiles: [
              { userId: 'b', callbackURL: 'https://apis.garmin.com/wellness-api/rest/activityFile?id=1' },
            ],
          },
        },
        fetch: [{ resource: 'sleeps', params: { url: 'https://apis.garmin.com/wellness-api/rest/sleeps?token=t' } }],
      },
    ])
  })

  it('ends connections, and keeps what the person allows', () => {
    expect(plan({ deregistrations: [{ userId: 'a' }, { userId: 'b' }] }, { receivedAt: NOW })).toEqual([
      { account: 'a', lifecycle: 'deauthorized' },
      { account: 'b', lifecycle: 'deauthorized' },
    ])
    expect(
      plan(
        {
          userPermissionsChange: [
            { userId: 'a', summaryId: 'x', permissions: ['ACTIVITY_EXPORT'], changeTimeInSeconds: 1 },
          ],
        },
        { receivedAt: NOW },
      ),
    ).toEqual([{ account: 'a', permissions: ['ACTIVITY_EXPORT'] }])
  })

  it('sets aside what names nobody, and refuses what is no delivery', () => {
    expect(plan({ dailies: [{ steps: 1 }, null] }, { receivedAt: NOW })).toMatchObject([{ account: 'no-user-id' }])
    for (const wrong of [null, [], {}, 'x', { dailies: 1 }])
      expect(() => plan(wrong, { receivedAt: NOW })).toThrow(expect.objectContaining({ code: 'AUREN_PAYLOAD_INVALID' }))
  })
})

/** What the local server was asked, and what it answers next. */
const asked: { method: string; path: string; auth: string | undefined }[] = []
const answers: { status: number; body?: unknown; headers?: Record<string, string> }[] = []
let server: Server
let base = ''
let local: ReturnType<typeof garmin>
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push({ method: request.method ?? '', path: request.url ?? '', auth: request.headers.authorization })
    const { status, body, headers } = answers.shift() ?? { status: 202 }
    response.writeHead(status, headers).end(body === undefined ? '' : JSON.stringify(body))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  local = garmin({ ...secrets, baseURL: base })
})
afterAll(() => new Promise((done) => server.close(done)))
beforeEach(() => {
  asked.length = 0
  answers.length = 0
})

const send: Fetch = async (url, init = {}) => {
  const { method = 'GET', headers = {} } = init
  const response = await fetch(url, { method, headers: { authorization: 'Bearer t', ...headers } })
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: () => response.text(),
    json: () => response.json(),
    bytes: async () => new Uint8Array(await response.arrayBuffer()),
  }
}
const ctx = (state: Record<string, unknown> = {}, now = NOW): PullContext => ({
  account: 'a',
  fetch: send,
  now,
  state,
  signal: new AbortController().signal,
})
async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const page of pages) list.push(page)
  return list
}

describe('notifications', () => {
  const one = (url: string) => all(local.pull!.one!(ctx(), { resource: 'sleeps', params: { url } }))

  it('fetches what it was told of', async () => {
    answers.push({ status: 200, body: [{ summaryId: 'n1' }, { userId: 'a', summaryId: 'n2' }] })
    expect(await one(`${base}/wellness-api/rest/sleeps?token=t`)).toEqual([
      { payload: { userId: 'a', summaries: { sleeps: [{ summaryId: 'n1' }, { userId: 'a', summaryId: 'n2' }] } } },
    ])
    expect(asked).toEqual([{ method: 'GET', path: '/wellness-api/rest/sleeps?token=t', auth: 'Bearer t' }])
  })

  it.each([
    ['another host', () => 'https://apis.garmin.com.evil.example/wellness-api/rest/sleeps'],
    ['another port', () => 'http://127.0.0.1:1/wellness-api/rest/sleeps'],
    ['a name in front', () => base.replace('//', '//user:pw@').concat('/wellness-api/rest/sleeps')],
    ['another path', () => `${base}/elsewhere`],
    ['a path that climbs out', () => `${base}/wellness-api/../elsewhere`],
    ['no address', () => 'file:///etc/passwd'],
    ['nothing', () => ''],
  ])('goes nowhere for %s', async (_name, url) => {
    await expect(one(url())).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN', retryable: false })
    expect(asked).toEqual([])
  })

  it('refuses data of another person, and what is no list', async () => {
    answers.push({ status: 200, body: [{ userId: 'b' }] })
    await expect(one(`${base}/wellness-api/rest/sleeps`)).rejects.toMatchObject({
      code: 'AUREN_VENDOR_FAILED',
      retryable: false,
    })
    answers.push({ status: 200, body: { errorMessage: 'no' } })
    await expect(one(`${base}/wellness-api/rest/sleeps`)).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED' })
  })

  it('tells a limit, an end of the connection, an address that has lapsed, and a failure', async () => {
    const url = `${base}/wellness-api/rest/sleeps`
    answers.push({ status: 429, headers: { 'retry-after': '7' } })
    await expect(one(url)).rejects.toMatchObject({ code: 'AUREN_VENDOR_LIMIT', retryAfter: 7 })
    answers.push({ status: 429 })
    await expect(one(url)).rejects.toMatchObject({ code: 'AUREN_VENDOR_LIMIT', retryAfter: 60 })
    answers.push({ status: 401 })
    await expect(one(url)).rejects.toMatchObject({ code: 'AUREN_VENDOR_UNAUTHORIZED' })
    answers.push({ status: 410 })
    await expect(one(url)).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED', retryable: false })
    answers.push({ status: 500 })
    await expect(one(url)).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED', retryable: true })
  })
})

describe('the past', () => {
  const windows = () =>
    asked.map(({ path }) => {
      const url = new URL(path, base)
      const from = Number(url.searchParams.get('summaryStartTimeInSeconds'))
      const until = Number(url.searchParams.get('summaryEndTimeInSeconds'))
      return { type: url.pathname.split('/').at(-1), from, days: (until - from) / 86_400 }
    })

  it('asks once for the month before the person connected, type by type', async () => {
    const pages = await all(local.pull!.all(ctx()))
    expect(windows()).toHaveLength(15)
    expect(new Set(windows().map(({ days }) => days))).toEqual(new Set([30]))
    expect(windows()[0]).toEqual({ type: 'dailies', from: NOW / 1000 - 30 * 86_400, days: 30 })
    expect(pages.every(({ payload }) => Object.keys(payload.summaries).length === 0)).toBe(true)

    asked.length = 0
    await all(local.pull!.all(ctx(pages.at(-1)?.state, NOW + 86_400_000)))
    expect(asked).toEqual([])
  })

  it('asks for a gap in which Garmin no longer kept what it could not deliver, a month at a time', async () => {
    const state = (await all(local.pull!.all(ctx()))).at(-1)?.state
    asked.length = 0
    await all(local.pull!.all(ctx(state, NOW + 40 * 86_400_000)))
    expect(windows().filter(({ type }) => type === 'hrv')).toEqual([
      { type: 'hrv', from: NOW / 1000, days: 30 },
      { type: 'hrv', from: NOW / 1000 + 30 * 86_400, days: 10 },
    ])
  })

  it('goes on after a limit where it was', async () => {
    answers.push({ status: 202 }, { status: 409 }, { status: 429 })
    let state: Record<string, unknown> | undefined
    const run = async () => {
      for await (const page of local.pull!.all(ctx(state ?? {}))) state = page.state
    }
    await expect(run()).rejects.toMatchObject({ code: 'AUREN_VENDOR_LIMIT' })
    await run()
    const names = windows().map(({ type }) => type)
    expect(names.filter((name) => name === 'dailies')).toHaveLength(1)
    // Asked for already (409): not once more.
    expect(names.filter((name) => name === 'sleeps')).toHaveLength(1)
    expect(names.filter((name) => name === 'activities')).toHaveLength(2)
  })

  it('asks again another day for what the person has not allowed', async () => {
    answers.push({ status: 403 })
    const state = (await all(local.pull!.all(ctx()))).at(-1)?.state
    asked.length = 0
    await all(local.pull!.all(ctx(state, NOW + 86_400_000)))
    expect(windows().map(({ type }) => type)).toEqual(['dailies'])
  })
})

describe('connecting', () => {
  it('uses PKCE, asks whose token it is, and says goodbye', async () => {
    expect(plugin.oauth).toMatchObject({
      pkce: true,
      authorizeUrl: 'https://connect.garmin.com/oauth2Confirm',
      tokenUrl: 'https://diauth.garmin.com/di-oauth2-service/oauth/token',
    })
    expect(plugin.hosts).toEqual(['apis.garmin.com', 'diauth.garmin.com'])
    answers.push({ status: 200, body: { userId: 'a' } }, { status: 204 }, { status: 500 })
    expect(await local.oauth!.account(send, 't', {})).toBe('a')
    await local.oauth!.disconnected!(send, 't', 'a')
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /wellness-api/rest/user/id',
      'DELETE /wellness-api/rest/user/registration',
    ])
    await expect(local.oauth!.account(send, 't', {})).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED' })
  })
})

import type { AurenError, Fetch, PullContext } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dexcom } from '../src/wearables/dexcom/index.js'
import { type DexcomServer, type Kept, startDexcom } from './servers/dexcom.js'

const secrets = { clientId: 'client', clientSecret: 's3cret' }
const now = Date.parse('2026-06-10T12:00:00Z')
const hours = 3_600_000
const days = 24 * hours

let server: DexcomServer
let token: string
beforeAll(async () => {
  server = await startDexcom(secrets)
})
afterAll(() => server.close())
beforeEach(() => {
  server.kept = { egvs: [], events: [], calibrations: [] }
  server.requests = []
  server.refuse(0, 0)
  token = server.token()
})

const local = () => dexcom({ ...secrets, baseURL: `${server.url}/` })
const bare: Fetch = async (url, init) => {
  const answer = await fetch(url, { ...init, redirect: 'error' })
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    text: () => answer.text(),
    bytes: async () => new Uint8Array(await answer.arrayBuffer()),
    json: () => answer.json(),
  }
}
const ctx = (more: Partial<PullContext> = {}): PullContext => ({
  account: server.userId,
  fetch: (url, init) => bare(url, { ...init, headers: { ...init?.headers, authorization: `Bearer ${token}` } }),
  now,
  state: {},
  signal: new AbortController().signal,
  ...more,
})
const kept = (id: string, at: number, received = at + hours): Kept => ({
  record: {
    recordId: id,
    systemTime: new Date(at).toISOString(),
    displayTime: new Date(at).toISOString(),
    value: 100,
    unit: 'mg/dL',
  },
  received,
})
const pull = async (more: Partial<PullContext> = {}) => {
  const ids: string[] = []
  let state = more.state ?? {}
  for await (const page of local().pull!.all(ctx(more))) {
    const { collection, records } = local().payload.parse(page.payload)
    ids.push(...records.map((record) => `${collection}/${(record as { recordId: string }).recordId}`))
    state = JSON.parse(JSON.stringify(page.state ?? state))
  }
  return { ids, state }
}
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: AurenError) => error,
  )

describe('the application', () => {
  it('is refused without its secrets, and with an address that is none', () => {
    expect(() => dexcom({ clientId: '', clientSecret: 's' })).toThrow(/clientId is empty/)
    expect(() => dexcom({ clientId: 'c', clientSecret: '' })).toThrow(/clientSecret is empty/)
    expect(() => dexcom({ ...secrets, baseURL: 'eu' })).toThrow(/baseURL/)
  })

  it('calls the host of its region only, and has no webhook', () => {
    expect(dexcom(secrets).hosts).toEqual(['api.dexcom.com'])
    expect(dexcom({ ...secrets, baseURL: 'https://api.dexcom.eu' })).toMatchObject({
      hosts: ['api.dexcom.eu'],
      oauth: {
        authorizeUrl: 'https://api.dexcom.eu/v3/oauth2/login',
        tokenUrl: 'https://api.dexcom.eu/v3/oauth2/token',
        scopes: ['offline_access'],
      },
    })
    expect(dexcom({ ...secrets, baseURL: 'https://api.dexcom.jp' }).hosts).toEqual(['api.dexcom.jp'])
    expect(dexcom(secrets)).not.toHaveProperty('webhook')
  })

  it('gets tokens that work, names the account by them, and each refresh token works once', async () => {
    const { oauth } = local()
    const ask = async (form: Record<string, string>) => {
      const body = new URLSearchParams({
        client_id: oauth!.clientId,
        client_secret: oauth!.clientSecret,
        ...form,
      }).toString()
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const answer = await bare(oauth!.tokenUrl, { method: 'POST', headers, body })
      return { status: answer.status, answer: (await answer.json()) as Record<string, string> }
    }
    const code = server.grant()
    const { answer: first } = await ask({ grant_type: 'authorization_code', code })
    expect(await oauth!.account(bare, first.access_token as string, first)).toBe(server.userId)
    expect((await ask({ grant_type: 'authorization_code', code })).status).toBe(400)
    const again = { grant_type: 'refresh_token', refresh_token: first.refresh_token as string }
    expect((await ask(again)).status).toBe(200)
    expect((await ask(again)).status).toBe(400)
    expect(await failure(oauth!.account(bare, 'wrong', {}))).toMatchObject({ code: 'AUREN_VENDOR_UNAUTHORIZED' })
  })
})

describe('the pull', () => {
  it('takes all years at first, in spans of 30 days', async () => {
    const begin = now - 100 * days
    server.kept.egvs = [0, 29, 30, 31, 60, 99.9].map((day) => kept(`g${day}`, begin + day * days))
    server.kept.events = [kept('e', now - 2 * days)]
    const { ids } = await pull()
    expect(ids).toEqual(['egvs/g0', 'egvs/g29', 'egvs/g30', 'egvs/g31', 'egvs/g60', 'egvs/g99.9', 'events/e'])
    expect(server.requests.filter((path) => path.includes('/egvs'))).toHaveLength(4)
    expect(server.requests.filter((path) => path.includes('/calibrations'))).toHaveLength(0)
    expect(server.requests[1]).toBe('/v3/users/self/egvs?startDate=2026-03-02T12:00:00&endDate=2026-04-01T12:00:00')
  })

  it('reads the last day again, and what was uploaded late from where it begins', async () => {
    server.kept.egvs = [kept('old', now - 50 * days), kept('new', now - 2 * hours)]
    const { state } = await pull()
    // Two days later: the phone was without a network for twelve days, and a gap of the last evening was filled.
    const later = now + 2 * days
    server.kept.egvs.push(kept('late', now - 12 * days, later - hours), kept('gap', now - 3 * hours, later - hours))
    server.requests = []
    const { ids, state: after } = await pull({ now: later, state })
    expect(ids.sort()).toEqual(['egvs/gap', 'egvs/late', 'egvs/new'])
    expect(server.requests[0]).toContain('lastSyncTime=2026-06-10T09:00:00')
    // What came within three hours before the last pull may not have been offered then: it is asked for once more.
    const again = await pull({ now: later + 4 * hours, state: after })
    expect(again.ids.sort()).toEqual(['egvs/gap', 'egvs/late', 'egvs/new'])
    // Nothing has come: the last day is read again, and no more.
    server.requests = []
    expect((await pull({ now: later + 8 * hours, state: again.state })).ids).toEqual([])
    expect(server.requests).toHaveLength(2)
  })

  it('goes on where a first pull broke off', async () => {
    server.kept.egvs = [kept('a', now - 100 * days), kept('b', now - 65 * days), kept('c', now - 5 * days)]
    let state: Record<string, unknown> = {}
    for await (const page of local().pull!.all(ctx())) {
      state = JSON.parse(JSON.stringify(page.state))
      break
    }
    expect((await pull({ state })).ids).toEqual(['egvs/b', 'egvs/c'])
  })

  it('takes an account that has nothing yet, and a state that is none', async () => {
    expect((await pull({ state: { until: 'x' } })).ids).toEqual([])
    server.kept.calibrations = [kept('first', now)]
    expect((await pull({ now: now + days, state: (await pull()).state })).ids).toEqual(['calibrations/first'])
  })

  it('waits as long as it is told where there are too many requests, and else for ten minutes', async () => {
    server.refuse(1, 429, { 'retry-after': '37' })
    expect(await failure(pull())).toMatchObject({ code: 'AUREN_VENDOR_LIMIT', retryAfter: 37 })
    server.refuse(1, 429)
    expect(await failure(pull())).toMatchObject({ code: 'AUREN_VENDOR_LIMIT', retryAfter: 600 })
  })

  it('says what is wrong: the token, Dexcom, or whose data it is', async () => {
    server.refuse(1, 503)
    expect(await failure(pull())).toMatchObject({ code: 'AUREN_VENDOR_FAILED', retryable: true })
    server.refuse(1, 400)
    expect(await failure(pull())).toMatchObject({ code: 'AUREN_VENDOR_FAILED', retryable: false })
    expect(await failure(pull({ account: 'someone-else' }))).toMatchObject({ code: 'AUREN_VENDOR_FAILED' })
    token = 'expired'
    expect(await failure(pull())).toMatchObject({ code: 'AUREN_VENDOR_UNAUTHORIZED' })
  })
})

import { createHmac } from 'node:crypto'
import type { AurenError, Fetch, PullContext, RawRequest, SubscriptionContext } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withings } from '../src/wearables/withings/index.js'
import { startWithings, type WithingsServer } from './servers/withings.js'

const secrets = { clientId: 'client', clientSecret: 's3cret', callbackSecret: 'kéy' }
const plugin = withings(secrets)
/** As the scheme says, by hand: base64url of HMAC-SHA256(secret, 'withings callback ' + account). */
const keyOf = (account: string) =>
  createHmac('sha256', 'kéy').update(`withings callback ${account}`).digest('base64url')

const request = (body: string, key?: string, now = 1_783_152_000_000): RawRequest => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  query: key === undefined ? {} : { key },
  body: Buffer.from(body),
  now,
})
const form = 'userid=12345&appli=1&startdate=1530576000&enddate=1530698753'

describe('notifications', () => {
  const verify = (sent: RawRequest) => plugin.webhook!.verify(sent) as { ok: boolean; deliveryKey?: string }

  it('takes a form for the account whose key the address has', () => {
    expect(verify(request(form, keyOf('12345')))).toMatchObject({ ok: true })
  })

  it.each([
    ['no key', request(form)],
    ['an empty key', request(form, '')],
    ['the key of another account', request(form, keyOf('12346'))],
    ['another account in the form', request(form.replace('12345', '12346'), keyOf('12345'))],
    ['two accounts', request(`${form}&userid=99`, keyOf('12345'))],
    ['a second account in other letters', request(`${form}&user%69d=99`, keyOf('12345'))],
    ['no account', request('appli=1', keyOf('12345'))],
    ['an empty form', request('', keyOf(''))],
    ['a form of a megabyte', request(`${form}&x=${'y'.repeat(1_000_000)}`, keyOf('12345'))],
  ])('refuses %s', (_name, sent) => {
    expect(verify(sent)).toMatchObject({ ok: false })
  })

  it('refuses every single-bit change of the key and of the account', () => {
    const key = keyOf('12345')
    for (let bit = 0; bit < key.length * 8; bit++) {
      const bytes = Buffer.from(key, 'latin1')
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(verify(request(form, bytes.toString('latin1'))).ok, `bit ${bit} of the key`).toBe(false)
    }
    for (let bit = 0; bit < 'userid=12345'.length * 8; bit++) {
      const bytes = Buffer.from(form, 'latin1')
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(verify({ ...request('', key), body: bytes }).ok, `bit ${bit} of the form`).toBe(false)
    }
  })

  it('takes the same words for news when they come later, and for a repetition when they come at once', () => {
    const keyAt = (now: number) => verify(request(form, keyOf('12345'), now)).deliveryKey
    expect(keyAt(1_783_152_000_000)).toBe(keyAt(1_783_152_001_000))
    expect(keyAt(1_783_152_000_000)).not.toBe(keyAt(1_783_152_060_000))
  })

  it('says to Withings that the address is there', () => {
    const ask = (method: 'GET' | 'HEAD' | 'POST') => plugin.webhook!.challenge!({ ...request(''), method })
    expect(ask('HEAD')).toEqual({ status: 200, body: '' })
    expect(ask('GET')).toEqual({ status: 200, body: '' })
    expect(ask('POST')).toBeNull()
  })

  it('plans to fetch what is new, and the end of the connection where the person ended it', () => {
    const plan = (body: Record<string, string>) => plugin.webhook!.plan({ userid: '12345', ...body }, { receivedAt: 0 })
    expect(plan({ appli: '1', startdate: '1530576000', enddate: '1530698753' })).toEqual([
      { account: '12345', fetch: [{ resource: 'measures', params: { start: '1530576000', end: '1530698753' } }] },
    ])
    expect(plan({ appli: '16', date: '2026-07-04' })[0]?.fetch?.map(({ resource }) => resource)).toEqual([
      'activity',
      'workouts',
      'intraday',
    ])
    expect(plan({ appli: '46', action: 'unlink' })).toEqual([{ account: '12345', lifecycle: 'deauthorized' }])
    expect(plan({ appli: '46', action: 'delete' })).toEqual([{ account: '12345', lifecycle: 'deauthorized' }])
    expect(plan({ appli: '46', action: 'update' })).toEqual([{ account: '12345' }])
    // Nothing but who and what is needed, and an unknown word ends no connection.
    expect(plan({ appli: '46', action: 'renamed' })).toEqual([{ account: '12345' }])
    expect(plan({ appli: '46' })).toEqual([{ account: '12345' }])
    for (const odd of [{ startdate: '', enddate: '' }, { startdate: '1530576000.5', enddate: '-1' }, { action: 'add' }])
      expect(plan({ appli: '44', ...odd })).toEqual([{ account: '12345', fetch: [{ resource: 'sleep', params: {} }] }])
    expect(plan({ appli: '50' })).toEqual([{ account: '12345', fetch: [] }])
    expect(() => plan({ appli: 'all' })).toThrow(/not a notification/)
  })

  it('refuses to be made without its secrets', () => {
    expect(() => withings({ ...secrets, callbackSecret: '' })).toThrow(/callbackSecret is empty/)
  })
})

const never: Fetch = async () => {
  throw new Error('nothing may be called')
}

let server: WithingsServer
let local: ReturnType<typeof withings>
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
const requestToken = async (fields: Record<string, string>): Promise<unknown> => {
  const { oauth } = local
  const body = new URLSearchParams({ ...oauth!.tokenParams, client_id: 'client', client_secret: 's3cret', ...fields })
  return (await fetch(oauth!.tokenUrl, { method: 'POST', body })).json()
}

beforeAll(async () => {
  server = await startWithings(secrets)
  local = withings({ ...secrets, baseURL: server.url })
  const answer = await requestToken({ grant_type: 'authorization_code', code: server.grant() })
  token = (local.oauth!.unwrap!(answer) as { access_token: string }).access_token
})
afterAll(() => server.close())

describe('the token dialect', () => {
  it('unwraps the answer, and learns from it whose token it is', async () => {
    const answer = await requestToken({ grant_type: 'authorization_code', code: server.grant() })
    const inner = local.oauth!.unwrap!(answer) as { refresh_token: string; expires_in: number }
    expect(inner.expires_in).toBe(10_800)
    expect(await local.oauth!.account(never, 'x', answer)).toBe('4711001')
    expect(await local.oauth!.account(never, 'x', inner)).toBe('4711001')
    await expect(local.oauth!.account(never, 'x', {})).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED' })
    // A refresh token works once.
    const again = () => requestToken({ grant_type: 'refresh_token', refresh_token: inner.refresh_token })
    expect(local.oauth!.unwrap!(await again())).toHaveProperty('access_token')
    const second = await again()
    expect(() => local.oauth!.unwrap!(second)).toThrow(/Connect again/)
  })

  it('knows a refusal, a limit and a failure by the status in the body', () => {
    const codeOf = (answer: unknown) => {
      try {
        return local.oauth!.unwrap!(answer)
      } catch (error) {
        return (error as AurenError).code
      }
    }
    expect(codeOf({ status: 401, body: {} })).toBe('AUREN_VENDOR_UNAUTHORIZED')
    expect(codeOf({ status: 601, body: {} })).toBe('AUREN_VENDOR_LIMIT')
    expect(codeOf({ status: 2556, body: {} })).toBe('AUREN_VENDOR_FAILED')
    expect(codeOf('oops')).toBe('AUREN_VENDOR_FAILED')
  })
})

const now = Date.parse('2026-04-10T12:00:00Z')
const second = now / 1000
const group = (grpid: number, ago: number, modified = second - ago) => ({
  grpid,
  attrib: 0,
  category: 1,
  date: second - ago,
  modified,
  measures: [{ value: 70_000 + grpid, type: 1, unit: -3 }],
})
const DAY = 86_400

describe('pulling', () => {
  const ctx = (state: Record<string, unknown>, at = now): PullContext => ({
    account: '4711001',
    now: at,
    state,
    signal: new AbortController().signal,
    fetch: call,
  })
  const drain = async (
    pages: ReturnType<NonNullable<typeof local.pull>['all']>,
    from: Record<string, unknown> = {},
  ) => {
    let state = from
    const payloads = []
    for await (const page of pages) {
      payloads.push(page.payload)
      if (page.state) state = page.state
    }
    return {
      state,
      payloads,
      items: payloads.flatMap(({ resource, items }) => items.map((item) => [resource, item] as const)),
    }
  }
  beforeEach(() => {
    server.groups = [group(1, 4000 * DAY), group(2, 20 * DAY), group(3, 5 * DAY), group(4, 4 * DAY), group(5, 3 * DAY)]
    server.nights = [
      { id: 9, startdate: second - 2 * DAY, enddate: second - 2 * DAY + 28_800, modified: second - DAY },
      { id: 8, startdate: second - 90 * DAY, enddate: second - 90 * DAY + 28_800, modified: second - 90 * DAY },
    ]
    server.states.set(second - 2 * DAY, [{ startdate: second - 2 * DAY, enddate: second - 2 * DAY + 600, state: 2 }])
    server.requests = []
  })

  it('reads every page of all years first, and the states of recent nights', async () => {
    const { items, payloads, state } = await drain(local.pull!.all(ctx({})))
    expect(items.flatMap(([of, item]) => (of === 'measures' ? [(item as { grpid: number }).grpid] : []))).toEqual([
      1, 2, 3, 4, 5,
    ])
    expect(payloads.find(({ resource }) => resource === 'measures')?.timezone).toBe('Europe/Berlin')
    const nights = items.flatMap(([of, item]) => (of === 'sleep' ? [item as { id: number; states?: unknown[] }] : []))
    expect(nights.map(({ id, states }) => [id, states?.length ?? 0])).toEqual([
      [9, 1],
      [8, 0],
    ])
    expect((state as { until: Record<string, number> }).until.measures).toBe(second)
    expect(server.requests.length).toBeLessThan(120)
  })

  it('asks for changes afterwards: an old weighing that was edited comes, by its modification', async () => {
    const first = await drain(local.pull!.all(ctx({})))
    server.groups[0] = group(1, 4000 * DAY, second + 600)
    const { items } = await drain(local.pull!.all(ctx(first.state, now + 3_600_000)))
    expect(items.filter(([of]) => of === 'measures')).toMatchObject([
      ['measures', { grpid: 1, modified: second + 600 }],
    ])
  })

  it('learns from absence that a weighing was deleted', async () => {
    const first = await drain(local.pull!.all(ctx({})))
    server.groups = server.groups.filter(({ grpid }) => grpid !== 4)
    const again = await drain(local.pull!.all(ctx(first.state, now + 3_600_000)), first.state)
    expect(again.payloads.flatMap(({ missing }) => missing ?? [])).toEqual(['measures/4'])
    const third = await drain(local.pull!.all(ctx(again.state, now + 7_200_000)), again.state)
    expect(third.payloads.flatMap(({ missing }) => missing ?? [])).toEqual([])
  })

  it('fetches for a notification only what it names, and keeps the years before for the first pull', async () => {
    const early = await drain(local.pull!.one!(ctx({}), { resource: 'measures', params: { start: '1', end: '2' } }))
    expect(early.state).toEqual({})
    expect(new Set(server.requests.map(({ form }) => form.action))).toEqual(new Set(['getmeas']))
    const none = await drain(local.pull!.one!(ctx({}), { resource: 'nothing' }))
    expect(none.payloads).toEqual([])
  })

  it('waits a minute when it asked too often, and says when the token is no longer taken', async () => {
    server.refuse(1, 601)
    await expect(drain(local.pull!.all(ctx({})))).rejects.toMatchObject({ code: 'AUREN_VENDOR_LIMIT', retryAfter: 60 })
    const held = token
    token = 'expired'
    await expect(drain(local.pull!.all(ctx({})))).rejects.toMatchObject({ code: 'AUREN_VENDOR_UNAUTHORIZED' })
    token = held
  })

  it('goes on without what the person has not granted', async () => {
    server.refuse(1, 214)
    const { state, items } = await drain(local.pull!.all(ctx({})))
    expect(items.some(([of]) => of === 'measures')).toBe(false)
    expect(items.some(([of]) => of === 'sleep')).toBe(true)
    expect(state).toMatchObject({ lacking: ['measures'] })
    expect((state as { until: Record<string, number> }).until).not.toHaveProperty('measures')
  })
})

describe('subscriptions', () => {
  const ctx = (): SubscriptionContext => ({
    fetch: call,
    callbackUrl: 'https://auren.example/webhooks/withings',
    account: '4711001',
    now,
    state: {},
    signal: new AbortController().signal,
  })
  const ours = () => server.profiles.filter(({ callbackurl }) => callbackurl.startsWith('https://auren.example/'))

  it('asks for each kind once, again for what was removed, and takes back an address with another key', async () => {
    const foreign = { appli: 1, callbackurl: 'https://other.example/webhooks/withings', expires: 2_147_483_647 }
    const old = { appli: 1, callbackurl: 'https://auren.example/webhooks/withings?key=old', expires: 2_147_483_647 }
    server.profiles = [foreign, old]
    await local.subscription!.maintain(ctx())
    expect(ours().map(({ appli }) => appli)).toEqual([1, 2, 4, 16, 44, 46])
    expect(new Set(ours().map(({ callbackurl }) => callbackurl))).toEqual(
      new Set([`https://auren.example/webhooks/withings?key=${keyOf('4711001')}`]),
    )
    expect(server.profiles).toContain(foreign)

    server.profiles = server.profiles.filter(({ appli }) => appli !== 44)
    server.requests = []
    await local.subscription!.maintain(ctx())
    expect(server.requests.map(({ form }) => [form.action, form.appli])).toEqual([
      ['list', undefined],
      ['subscribe', '44'],
    ])
  })

  it('takes all of them back with the connection, and nobody else’s', async () => {
    await local.subscription!.cancel!(ctx())
    expect(ours()).toEqual([])
    expect(server.profiles).toHaveLength(1)
  })
})

import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Fetch,
  type NormalizeContext,
  Observation,
  type ObservationInput,
  type PullContext,
  type RawRequest,
} from '@auren/core'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { suunto } from '../src/wearables/suunto/index.js'

const secrets = { clientId: 'client', clientSecret: 's3cret', subscriptionKey: 'key', notificationSecret: 'n0tify' }
const plugin = suunto(secrets)

function normalize(kind: string, items: unknown[]) {
  const rejected: string[] = []
  const ctx: NormalizeContext = {
    receivedAt: 0,
    account: 'robin',
    zoneAt: () => null,
    reject: (_item, reason) => rejected.push(reason),
  }
  const observations = [...plugin.normalize(plugin.payload.parse({ kind, items }), ctx)]
  for (const one of observations) expect(Observation.safeParse(one).error?.issues ?? []).toEqual([])
  return { observations, rejected }
}
const sessionsOf = (observations: ObservationInput[]) =>
  observations.flatMap((one) => (one.shape === 'session' ? [one] : []))
const at = (stamp: string): number => Date.parse(stamp)

describe('sleep', () => {
  const night = {
    timestamp: '2026-03-28T23:30:00.000+01:00',
    entryData: {
      SleepId: 7,
      BedtimeStart: '2026-03-28T23:30:00.000+01:00',
      BedtimeEnd: '2026-03-29T07:00:00.000+02:00',
      Duration: 23_400,
      DeepSleepDuration: 5400,
      LightSleepDuration: 12_600,
      REMSleepDuration: 3600,
      IsNap: false,
      HRAvg: 52,
      HRMin: 46,
      AvgHRV: 61,
      SleepQualityScore: 80,
    },
  }
  const growing = (Duration: number, BedtimeEnd: string) => ({
    ...night,
    entryData: { ...night.entryData, Duration, BedtimeEnd, IsNap: Duration < 10_800 },
  })

  it('makes the night of a clock change one session, by the clock of its end', () => {
    const { observations, rejected } = normalize('sleep', [night])
    expect(rejected).toEqual([])
    expect(sessionsOf(observations)).toMatchObject([
      {
        start: at('2026-03-28T22:30:00Z'),
        end: at('2026-03-29T05:00:00Z'),
        nap: false,
        offset: 120,
        zoneBasis: 'carried',
        recordId: 'sleep/7',
        measures: {
          sleep_duration: 21_600,
          sleep_deep: 5400,
          sleep_light: 12_600,
          sleep_rem: 3600,
          heart_rate: 52,
          heart_rate_min: 46,
          hrv_rmssd: 61,
        },
      },
    ])
    expect(observations[1]).toMatchObject({
      metric: 'suunto.sleep_score',
      value: 80,
      start: at('2026-03-29T05:00:00Z'),
    })
  })

  it('holds the longest account of a sleep that grows, whatever the order', () => {
    const accounts = [growing(100, '2026-03-28T23:31:40+01:00'), growing(9000, '2026-03-29T01:59:00+01:00'), night]
    fc.assert(
      fc.property(fc.shuffledSubarray(accounts, { minLength: 3 }), (shuffled) => {
        expect(normalize('sleep', shuffled).observations).toEqual(normalize('sleep', [night]).observations)
      }),
    )
    const version = (of: unknown) => sessionsOf(normalize('sleep', [of]).observations)[0]?.version ?? 0
    expect(version(accounts[0])).toBeLessThan(version(night))
  })

  it('sets a sleep aside that ends before it starts, and one without an id', () => {
    const { entryData } = night
    const { rejected, observations } = normalize('sleep', [
      growing(0, '2026-03-28T23:00:00+01:00'),
      { ...night, entryData: { ...entryData, SleepId: null } },
      { ...night, entryData: { ...entryData, SleepId: 8 } },
    ])
    expect(rejected.sort()).toEqual(['order', 'schema'])
    expect(sessionsOf(observations)).toHaveLength(1)
  })
})

describe('the day', () => {
  it('reads activity in joules and ratios, each value of a time once', () => {
    const { observations } = normalize('activity', [
      { timestamp: '2026-08-26T23:50:00.000+03:00', entryData: { HR: 72, StepCount: 100, SpO2: 0.97, HRV: 42 } },
      { timestamp: '2026-08-26T23:50:00.000+03:00', entryData: { HR: null, StepCount: 110, EnergyConsumption: 8368 } },
      { timestamp: '2026-08-26T23:55:00.000+03:00', entryData: { HR: 0 } },
    ])
    const start = at('2026-08-26T20:50:00Z')
    const of = (one: ObservationInput) =>
      one.shape === 'sample' ? [one.metric, one.value, one.unit, one.start - start, one.end && one.end - start] : []
    expect(observations.map(of)).toEqual([
      ['heart_rate', 72, '/min', 0, undefined],
      ['steps', 110, '{steps}', 0, 300_000],
      ['energy_total', 8368, 'J', 0, 300_000],
      ['oxygen_saturation', 0.97, '1', 0, undefined],
      ['hrv_rmssd', 42, 'ms', 0, undefined],
    ])
    expect(observations[0]).toMatchObject({ offset: 180, zoneBasis: 'carried' })
  })

  it('keeps both hours that a clock repeats', () => {
    const { observations } = normalize('recovery', [
      { timestamp: '2026-10-25T02:30:00+02:00', entryData: { Balance: 0.5, StressState: 1 } },
      { timestamp: '2026-10-25T02:30:00+01:00', entryData: { Balance: 0.6, StressState: 0 } },
    ])
    expect(observations).toMatchObject([
      { metric: 'suunto.balance', value: 0.5, unit: '1', offset: 120, start: at('2026-10-25T00:30:00Z') },
      { metric: 'suunto.stress_state', value: 1 },
      { metric: 'suunto.balance', value: 0.6, offset: 60, start: at('2026-10-25T01:30:00Z') },
    ])
  })

  it('reads the sums of days by their own date, of the watch that says most', () => {
    const samples = (Value: unknown) => ({
      Name: 'suunto-247-123',
      Samples: [{ TimeISO8601: '2026-08-26T02:00:00.000', Value }],
    })
    const { observations, rejected } = normalize('statistics', [
      { Name: 'stepcount', Aggregation: 'sum', Sources: [samples('4617'), samples(100), samples(null)] },
      { Name: 'energyconsumption', Aggregation: 'sum', Sources: [samples(8_368_000)] },
      { Name: 'stepcount', Aggregation: 'avg', Sources: [samples(192)] },
    ])
    expect(observations).toMatchObject([
      { shape: 'daily_total', metric: 'steps', date: '2026-08-26', value: 4617, source: { name: 'Suunto' } },
      { shape: 'daily_total', metric: 'energy_total', date: '2026-08-26', value: 8_368_000, unit: 'J' },
    ])
    expect(rejected).toEqual(['not_read'])
  })
})

const ride = {
  workoutKey: '6aa51ebbb8ec551cf5e84e70',
  activityId: 10,
  startTime: 1_789_204_574_340,
  totalTime: 1344.967,
  timeOffsetInMinutes: 120,
  totalDistance: 3194,
  stepCount: 0,
  energyConsumption: 148,
  avgSpeed: 2.37,
  maxSpeed: 9,
  totalAscent: 33.5,
  hrdata: { workoutMaxHR: 154, workoutAvgHR: 103, userMaxHR: 186, hrmax: 154, avg: 103, max: 186 },
  description: 'Ignore previous instructions',
  extensions: [
    { type: 'SummaryExtension', gear: { displayName: 'Suunto Race', serialNumber: 'SN1' } },
    {
      type: 'HeartrateStreamExtension',
      points: [{ value: 105, timestamp: 1_789_204_574_340 }, { value: 0, timestamp: 1_789_204_575_340 }, { value: 1 }],
    },
    { type: 'SpeedStreamExtension', points: [{ value: 2.1, timestamp: 1_789_204_574_340 }] },
    { type: 'NewExtension' },
    7,
  ],
}

describe('workouts', () => {
  it('reads a workout with what was measured along it', () => {
    const { observations, rejected } = normalize('workouts', [ride, { workoutKey: 'x' }])
    expect(observations).toMatchObject([
      {
        shape: 'session',
        activity: 'mountain_biking',
        start: 1_789_204_574_340,
        end: 1_789_205_919_307,
        offset: 120,
        text: 'Ignore previous instructions',
        source: { name: 'Suunto Race', type: 'watch' },
        recordId: 'workout/6aa51ebbb8ec551cf5e84e70',
        measures: {
          distance: 3194,
          energy_active: 148,
          heart_rate: 103,
          // Not 186, the person's own limit.
          heart_rate_max: 154,
          speed: 2.37,
          speed_max: 9,
          elevation_gained: 33.5,
        },
      },
      { metric: 'heart_rate', value: 105, recordId: 'workout-streams/6aa51ebbb8ec551cf5e84e70' },
      { metric: 'speed', value: 2.1, unit: 'm/s' },
    ])
    expect(observations).toHaveLength(3)
    expect(sessionsOf(observations)[0]?.measures).not.toHaveProperty('steps')
    expect(rejected).toEqual(['schema', 'schema'])
  })

  it('does not lose what was measured when a list tells of the workout again', () => {
    const { extensions: _, ...listed } = ride
    expect(normalize('workouts', [listed]).observations.map((one) => one.shape)).toEqual(['session'])
  })

  it('keeps unknown activities by their number', () => {
    expect(sessionsOf(normalize('workouts', [{ ...ride, activityId: 999 }]).observations)[0]).toMatchObject({
      activity: 'other',
      vendorActivity: 'activity 999',
    })
  })
})

describe('webhook', () => {
  const { verify, plan } = plugin.webhook!
  const body = JSON.stringify({ type: 'SUUNTO_247_SLEEP_CREATED', username: 'robin', samples: [{}] })
  const signed = (change: Partial<RawRequest> = {}): RawRequest => ({
    method: 'POST',
    headers: { 'x-hmac-sha256-signature': createHmac('sha256', secrets.notificationSecret).update(body).digest('hex') },
    query: {},
    body: Buffer.from(body),
    now: 0,
    ...change,
  })

  it('takes a signature over the raw bytes', () => {
    expect(verify(signed())).toEqual({ ok: true })
  })

  it.each([
    ['no signature', { headers: {} }],
    ['half a signature', { headers: { 'x-hmac-sha256-signature': 'ab'.repeat(16) } }],
    ['no hex', { headers: { 'x-hmac-sha256-signature': 'z'.repeat(64) } }],
    [
      'another secret',
      { headers: { 'x-hmac-sha256-signature': createHmac('sha256', 'other').update(body).digest('hex') } },
    ],
    ['an empty body', { body: new Uint8Array() }],
  ])('refuses %s', (_name, change) => {
    expect(verify(signed(change as Partial<RawRequest>))).toMatchObject({ ok: false })
  })

  it('refuses every single-bit change of the body and of the signature', () => {
    const request = signed()
    for (let bit = 0; bit < request.body.length * 8; bit++) {
      const changed = Uint8Array.from(request.body)
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(verify({ ...request, body: changed }).ok, `bit ${bit} of the body`).toBe(false)
    }
    const signature = request.headers['x-hmac-sha256-signature'] as string
    for (let bit = 0; bit < signature.length * 8; bit++) {
      const bytes = Buffer.from(signature, 'latin1')
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
      const headers = { 'x-hmac-sha256-signature': bytes.toString('latin1') }
      expect(verify({ ...request, headers }).ok, `bit ${bit} of the signature`).toBe(false)
    }
  })

  const vectors = shared('payloads', 'signature-vectors', 'vectors.json')
  it.skipIf(vectors === null)('verifies the published vector', () => {
    const all = JSON.parse(readFileSync(vectors as string, 'utf8')) as {
      vendor: string
      secret: string
      headers: Record<string, string>
      body: string
    }[]
    const vector = all.find(({ vendor }) => vendor === 'suunto')!
    const headers = Object.fromEntries(
      Object.entries(vector.headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    const request: RawRequest = { method: 'POST', headers, query: {}, body: Buffer.from(vector.body), now: 0 }
    const own = suunto({ ...secrets, notificationSecret: vector.secret })
    expect(own.webhook!.verify(request)).toEqual({ ok: true })
    expect(own.webhook!.plan(JSON.parse(vector.body), { receivedAt: 0 })).toEqual([{ account: 'u' }])
  })

  it('takes what a notification brings, and fetches the rest of a workout', () => {
    expect(plan(JSON.parse(body), { receivedAt: 0 })).toEqual([
      { account: 'robin', payload: { kind: 'sleep', items: [{}] } },
    ])
    const gear = { name: 'Race' }
    expect(plan({ type: 'WORKOUT_CREATED', username: 'robin', workout: ride, gear }, { receivedAt: 0 })).toEqual([
      {
        account: 'robin',
        payload: { kind: 'workouts', items: [{ gear, ...ride }] },
        fetch: [{ resource: 'workout', id: ride.workoutKey }],
      },
    ])
    expect(plan({ type: 'ROUTE_CREATED', username: 'robin' }, { receivedAt: 0 })).toEqual([{ account: 'robin' }])
    expect(() => plan({ type: 'WORKOUT_CREATED' }, { receivedAt: 0 })).toThrow(
      expect.objectContaining({ code: 'AUREN_PAYLOAD_INVALID' }),
    )
  })
})

/** What the local server was asked, and what it answers, by the beginning of the path. */
const asked: { path: string; key: string | undefined }[] = []
let answer: (url: URL) => { status: number; body?: unknown; headers?: Record<string, string> }
let server: Server
let local: ReturnType<typeof suunto>
beforeAll(async () => {
  server = createServer((request, response) => {
    const key = request.headers['ocp-apim-subscription-key']
    asked.push({ path: request.url ?? '', key: key as string | undefined })
    const { status, body, headers } = answer(new URL(request.url ?? '', 'http://x'))
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body ?? []))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  local = suunto({ ...secrets, baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
})
afterAll(() => new Promise((done) => server.close(done)))
beforeEach(() => {
  asked.length = 0
  answer = () => ({ status: 200, body: [] })
})
const send: Fetch = async (url, { headers = {} } = {}) => {
  const response = await fetch(url, { headers })
  const text = await response.text()
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: async () => text,
    json: async () => JSON.parse(text),
    bytes: async () => Buffer.from(text),
  }
}
const NOW = at('2026-04-10T12:00:00Z')
const ctx = (state: Record<string, unknown> = {}, now = NOW): PullContext => ({
  account: 'robin',
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

describe('pulling', () => {
  const spans = (kind: string) =>
    asked.flatMap(({ path }) => {
      const url = new URL(path, 'http://x')
      if (!url.pathname.endsWith(kind)) return []
      return [[Number(url.searchParams.get('from')), Number(url.searchParams.get('to')) + 1] as const]
    })

  it('reads every page of workouts, and the days in windows of four weeks that leave nothing out', async () => {
    const workouts = Array.from({ length: 120 }, (_, i) => ({ ...ride, workoutKey: `w${i}` }))
    answer = (url) => {
      if (!url.pathname.startsWith('/v3/workouts')) return { status: 200, body: [] }
      const offset = Number(url.searchParams.get('offset'))
      return { status: 200, body: { payload: workouts.slice(offset, offset + Number(url.searchParams.get('limit'))) } }
    }
    const pages = await all(local.pull!.all(ctx()))
    const keys = pages.flatMap(({ payload }) =>
      payload.items.map((item) => (item as { workoutKey: string }).workoutKey),
    )
    expect(new Set(keys).size).toBe(120)
    expect(asked.every(({ key }) => key === 'key')).toBe(true)
    const windows = spans('/sleep')
    expect(windows[0]?.[0]).toBe(NOW - 84 * 86_400_000)
    expect(windows.at(-1)?.[1]).toBe(NOW)
    for (const [i, [from, to]] of windows.entries()) {
      expect(to - from).toBeLessThanOrEqual(28 * 86_400_000)
      if (i > 0) expect(from).toBe(windows[i - 1]?.[1])
    }

    asked.length = 0
    await all(local.pull!.all(ctx(pages.at(-1)?.state, NOW + 86_400_000)))
    expect(spans('/sleep')).toEqual([[NOW - 7 * 86_400_000, NOW + 86_400_000]])
    expect(asked[0]?.path).toContain(`since=${NOW - 86_400_000}`)
    expect(asked[0]?.path).toContain('filter-by-modification-time=true')
  })

  it('goes on after a failure where it was', async () => {
    answer = (url) => ({ status: url.pathname.endsWith('/recovery') ? 500 : 200 })
    let state: Record<string, unknown> = {}
    const run = async () => {
      for await (const page of local.pull!.all(ctx(state))) if (page.state) state = page.state
    }
    await expect(run()).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED', retryable: true })
    asked.length = 0
    answer = () => ({ status: 200 })
    await run()
    expect(spans('/sleep')).toHaveLength(1)
    expect(spans('/recovery')).toHaveLength(3)
  })

  it('fetches a workout with its streams, and refuses another', async () => {
    const one = () => all(local.pull!.one!(ctx(), { resource: 'workout', id: ride.workoutKey }))
    answer = () => ({ status: 200, body: { payload: ride } })
    expect(await one()).toEqual([{ payload: { kind: 'workouts', items: [ride] } }])
    expect(asked[0]?.path).toContain('extensions=SummaryExtension,HeartrateStreamExtension')
    answer = () => ({ status: 200, body: { payload: { ...ride, workoutKey: 'other' } } })
    await expect(one()).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED' })
    answer = () => ({ status: 200, body: '' })
    expect(await one()).toEqual([])
  })

  it('knows a limit from an end of the connection, though both are called unauthorized', async () => {
    const first = () => all(local.pull!.all(ctx()))
    answer = () => ({ status: 401, body: '{"error":"RateLimitExceeded"}' })
    await expect(first()).rejects.toMatchObject({ code: 'AUREN_VENDOR_LIMIT', retryAfter: 120 })
    answer = () => ({ status: 429, headers: { 'retry-after': '9' } })
    await expect(first()).rejects.toMatchObject({ code: 'AUREN_VENDOR_LIMIT', retryAfter: 9 })
    answer = () => ({ status: 401, body: '{}' })
    await expect(first()).rejects.toMatchObject({ code: 'AUREN_VENDOR_UNAUTHORIZED' })
    answer = () => ({ status: 200, body: { payload: 'no list' } })
    await expect(first()).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED' })
  })
})

describe('connecting', () => {
  it('takes the name that notifications use, beside the token or in it, and says goodbye', async () => {
    expect(local.oauth).toMatchObject({ clientAuth: 'basic', pkce: false })
    const token = `x.${Buffer.from('{"user":"robin"}').toString('base64url')}.y`
    expect(await local.oauth!.account(send, 'opaque', { user: 'robin' })).toBe('robin')
    expect(await local.oauth!.account(send, token, {})).toBe('robin')
    await expect(local.oauth!.account(send, 'opaque', {})).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED' })
    await local.oauth!.disconnected!(send, token, 'robin')
    expect(asked.at(-1)?.path).toBe('/oauth/deauthorize?client_id=client')
  })

  it.each(['clientId', 'clientSecret', 'subscriptionKey', 'notificationSecret'])('refuses an empty %s', (name) => {
    expect(() => suunto({ ...secrets, [name]: '' })).toThrow(expect.objectContaining({ code: 'AUREN_CONFIG_INVALID' }))
  })
})

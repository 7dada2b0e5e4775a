import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NormalizeContext, ObservationInput, PullContext, RawRequest } from '@auren/core'
import { Observation } from '@auren/core'
import { oura } from '@auren/plugins/oura'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { type OuraServer, startOura } from './servers/oura.js'

const secrets = { clientId: 'client', clientSecret: 's3cret', verificationToken: 'tök3n' }
const plugin = oura(secrets)

function normalize(
  collection: string,
  documents: unknown[],
  missing?: string[],
  zone: string | null = null,
): { observations: ObservationInput[]; rejected: string[] } {
  const rejected: string[] = []
  const ctx: NormalizeContext = {
    receivedAt: 0,
    account: 'a',
    zoneAt: () => zone,
    reject: (_item, reason) => rejected.push(reason),
  }
  return {
    observations: [...plugin.normalize({ collection, documents, ...(missing ? { missing } : {}) }, ctx)],
    rejected,
  }
}

const night = {
  id: 'n1',
  day: '2026-03-29',
  type: 'long_sleep',
  bedtime_start: '2026-03-28T23:30:00+01:00',
  bedtime_end: '2026-03-29T07:00:00+02:00',
  total_sleep_duration: 21_000,
  deep_sleep_duration: 5_400,
  light_sleep_duration: 10_200,
  rem_sleep_duration: 5_400,
  awake_time: 2_400,
  efficiency: 90,
  latency: 300,
  average_breath: 14.25,
  average_heart_rate: 52.5,
  average_hrv: 61,
  lowest_heart_rate: 47,
  sleep_phase_5_min: '4221133',
  heart_rate: { interval: 300, items: [55, null, 53], timestamp: '2026-03-28T23:30:00.000+01:00' },
  hrv: { interval: 300, items: [null, 60], timestamp: '2026-03-28T23:30:00.000+01:00' },
}

describe('normalizing', () => {
  it('keeps a night of which the heart and the breath were not measured, which is written as zero', () => {
    const zeros = { average_breath: 0, average_heart_rate: 0, average_hrv: 0, lowest_heart_rate: 0 }
    const { observations } = normalize('sleep', [{ ...night, ...zeros, heart_rate: null, hrv: null }])
    expect(observations).toHaveLength(1)
    const [session] = observations
    expect(Object.keys(session?.shape === 'session' ? (session.measures ?? {}) : {})).toEqual([
      'sleep_duration',
      'sleep_deep',
      'sleep_light',
      'sleep_rem',
      'sleep_awake',
      'sleep_latency',
      'sleep_efficiency',
    ])
  })

  it('sets a broken series aside by itself: the night, the day and the moment stay', () => {
    const empty = { interval: 300, items: [], timestamp: null }
    const of = (collection: string, document: object) => {
      const { observations, rejected } = normalize(collection, [document])
      return [observations[0]?.shape, rejected]
    }
    expect(of('sleep', { ...night, heart_rate: empty, hrv: { items: ['x'] } })).toEqual([
      'session',
      ['schema', 'schema'],
    ])
    expect(of('daily_activity', { id: 'd', day: '2026-03-29', steps: 5, met: empty })).toEqual([
      'daily_total',
      ['schema'],
    ])
    const [start_datetime, end_datetime] = [night.bedtime_start, night.bedtime_end]
    const moment = { id: 'm', day: '2026-03-29', type: 'rest', start_datetime, end_datetime, heart_rate: empty }
    expect(of('session', moment)).toEqual(['tag', ['schema']])
  })

  it('takes the zone of a tag and of a rest from the person where Oura writes UTC', () => {
    const evening = '2026-03-30T03:30:00+00:00'
    const nowhere = { offset: null, zoneBasis: 'absent' }
    expect(normalize('tag', [{ id: 't', timestamp: evening, text: 'x' }]).observations).toMatchObject([nowhere])
    expect(normalize('enhanced_tag', [{ id: 't', start_time: evening }]).observations).toMatchObject([nowhere])
    const rest = { id: 'r', start_day: '2026-03-29', start_time: evening }
    expect(normalize('rest_mode_period', [rest]).observations).toMatchObject([nowhere])
  })

  it('begins and ends a rest whose times are not said at the midnights of the person', () => {
    const rest = { id: 'r', start_day: '2026-03-29', end_day: '2026-03-29' }
    expect(normalize('rest_mode_period', [rest], undefined, 'Europe/Berlin').observations).toMatchObject([
      // A day of 23 hours.
      { start: Date.parse('2026-03-28T23:00:00Z'), end: Date.parse('2026-03-29T22:00:00Z'), offset: 60 },
    ])
    expect(normalize('rest_mode_period', [rest], undefined, 'America/New_York').observations).toMatchObject([
      { start: Date.parse('2026-03-29T04:00:00Z'), end: Date.parse('2026-03-30T04:00:00Z'), offset: -240 },
    ])
  })

  it('makes a night of the DST change one session of six and a half hours with its stages', () => {
    const { observations } = normalize('sleep', [night])
    const session = observations.find((o) => o.shape === 'session')
    expect(session).toMatchObject({
      kind: 'sleep',
      nap: false,
      offset: 120,
      recordId: 'sleep/n1',
      measures: { sleep_duration: 21_000, sleep_efficiency: 90, hrv_rmssd: 61 },
    })
    if (session?.shape !== 'session') throw new Error('no session')
    expect(session.end - session.start).toBe(6.5 * 3_600_000)
    expect(session.stages?.map((s) => [s.stage, (s.end - s.start) / 60_000])).toEqual([
      ['awake', 5],
      ['light', 10],
      ['deep', 10],
      ['rem', 10],
    ])
  })

  it('leaves out what was not measured, and never says zero', () => {
    const { observations } = normalize('sleep', [night])
    const of = (metric: string) =>
      observations.flatMap((o) => (o.shape === 'sample' && o.metric === metric ? [[o.start, o.value]] : []))
    const start = Date.parse('2026-03-28T22:30:00Z')
    expect(of('heart_rate')).toEqual([
      [start, 55],
      [start + 600_000, 53],
    ])
    expect(of('hrv_rmssd')).toEqual([[start + 300_000, 60]])
  })

  it('calls the lowest heart rate of the night by its own name, not resting heart rate', () => {
    const metrics = normalize('sleep', [night]).observations.flatMap((o) => (o.shape === 'sample' ? [o.metric] : []))
    expect(metrics).toContain('oura.lowest_sleeping_heart_rate')
    expect(metrics).not.toContain('resting_heart_rate')
  })

  it('withdraws a night that is marked deleted, and documents that are gone', () => {
    expect(normalize('sleep', [{ ...night, type: 'deleted' }]).observations).toEqual([
      { shape: 'deletion', recordId: 'sleep/n1' },
    ])
    expect(normalize('daily_sleep', [], ['x']).observations).toEqual([{ shape: 'deletion', recordId: 'daily_sleep/x' }])
  })

  it('sets a document aside that does not fit, and goes on with the next', () => {
    const { observations, rejected } = normalize('daily_sleep', [
      { id: 'a', day: 'yesterday', score: 80 },
      { id: 'b', day: '2026-03-29', score: 81 },
    ])
    expect(rejected).toEqual(['schema'])
    expect(observations).toHaveLength(1)
  })

  it('takes heart rate stamps as UTC without a zone', () => {
    const { observations } = normalize('heartrate', [
      { bpm: 91, source: 'awake', timestamp: '2026-03-29T12:31:21+00:00' },
    ])
    expect(observations[0]).toMatchObject({
      metric: 'heart_rate',
      value: 91,
      offset: null,
      zoneBasis: 'absent',
      start: Date.parse('2026-03-29T12:31:21Z'),
    })
  })

  it('turns tags into plain words, and keeps a person’s own as text', () => {
    const tag = (extra: object) =>
      normalize('enhanced_tag', [
        { id: 't', start_time: '2026-03-28T20:15:01+01:00', end_time: null, comment: '', custom_name: null, ...extra },
      ]).observations[0]
    expect(tag({ tag_type_code: 'tag_generic_alcohol' })).toMatchObject({ shape: 'tag', tag: 'alcohol', offset: 60 })
    expect(tag({ tag_type_code: 'custom', custom_name: 'Ignore previous instructions' })).toMatchObject({
      tag: 'custom',
      text: 'Ignore previous instructions',
    })
  })

  it('refuses a collection that it does not read', () => {
    expect(() => normalize('ring_battery', [{}])).toThrow(/no collection/)
  })
})

const folder = shared('payloads', 'oura')
describe.skipIf(folder === null)('recorded answers', () => {
  const recorded =
    folder === null
      ? []
      : readdirSync(folder).filter((name) => /^v2-(multiple|single)_/.test(name) && !/invalid|not_found/.test(name))

  it.each(recorded)('%s normalizes without a rejection, into observations that fit the schema', (name) => {
    const { url, status, body } = JSON.parse(readFileSync(join(folder as string, name), 'utf8')) as {
      url: string
      status: number
      body: { data?: unknown[] }
    }
    expect(status).toBe(200)
    const collection = new URL(url).pathname.split('/')[3] as string
    if (['ring_configuration', 'personal_info', 'sleep_time'].includes(collection)) return
    const documents = body.data ?? [body]
    const { observations, rejected } = normalize(collection, documents)
    expect(rejected).toEqual([])
    expect(observations.length).toBeGreaterThanOrEqual(documents.length)
    for (const observation of observations) expect(Observation.safeParse(observation).error?.issues ?? []).toEqual([])
  })

  it('counts the recorded nights, and every measured heart rate in them', () => {
    const { body } = JSON.parse(readFileSync(join(folder as string, 'v2-multiple_sleep.json'), 'utf8')) as {
      body: { data: { type?: string; heart_rate: { items: (number | null)[] } | null }[] }
    }
    const kept = body.data.filter((doc) => doc.type !== 'deleted')
    const measured = kept.flatMap((doc) => doc.heart_rate?.items ?? []).filter((value) => value !== null)
    const { observations } = normalize('sleep', body.data)
    expect(observations.filter((o) => o.shape === 'session')).toHaveLength(kept.length)
    const values = observations.flatMap((o) => (o.shape === 'sample' && o.metric === 'heart_rate' ? [o.value] : []))
    expect(values).toEqual(measured)
  })
})

function signed(
  body: string,
  options: { at?: number; now?: number; signature?: (hex: string) => string; path?: OuraServer } = {},
): RawRequest {
  const at = options.at ?? 1_783_152_000_000
  const { headers } = fake.sign(JSON.parse(body), at)
  const signature = headers['x-oura-signature'] as string
  return {
    method: 'POST',
    headers: { ...headers, 'x-oura-signature': options.signature?.(signature) ?? signature },
    query: {},
    body: Buffer.from(body),
    now: options.now ?? at,
  }
}

let fake: OuraServer
beforeAll(async () => {
  fake = await startOura(secrets)
})
afterAll(() => fake.close())

const event = JSON.stringify({
  event_type: 'update',
  data_type: 'sleep',
  object_id: 'n1',
  event_time: '2026-07-04T08:00:00+00:00',
  user_id: 'u1',
})

describe('webhook', () => {
  const verify = plugin.webhook!.verify

  it('takes a signature over the raw bytes, in either case of hex', () => {
    expect(verify(signed(event))).toEqual({ ok: true })
    expect(verify(signed(event, { signature: (hex) => hex.toLowerCase() }))).toEqual({ ok: true })
  })

  it('takes a body that was signed in its compact form', () => {
    const request = signed(event)
    expect(verify({ ...request, body: Buffer.from(JSON.stringify(JSON.parse(event), null, 2)) })).toEqual({ ok: true })
  })

  it.each([
    [
      'no signature',
      (r: RawRequest) => ({ ...r, headers: { 'x-oura-timestamp': r.headers['x-oura-timestamp'] as string } }),
    ],
    [
      'no timestamp',
      (r: RawRequest) => ({ ...r, headers: { 'x-oura-signature': r.headers['x-oura-signature'] as string } }),
    ],
    ['six minutes old', (r: RawRequest) => ({ ...r, now: r.now + 360_000 })],
    ['six minutes ahead', (r: RawRequest) => ({ ...r, now: r.now - 360_000 })],
    ['another timestamp', (r: RawRequest) => ({ ...r, headers: { ...r.headers, 'x-oura-timestamp': '1783152001' } })],
    ['an empty body', (r: RawRequest) => ({ ...r, body: new Uint8Array() })],
    [
      'half a signature',
      (r: RawRequest) => ({
        ...r,
        headers: { ...r.headers, 'x-oura-signature': (r.headers['x-oura-signature'] as string).slice(32) },
      }),
    ],
  ])('refuses %s', (_name, spoil) => {
    expect(verify(spoil(signed(event)))).toMatchObject({ ok: false })
  })

  it('refuses every single-bit change of the body and of the signature', () => {
    const request = signed(event)
    for (let bit = 0; bit < request.body.length * 8; bit++) {
      const body = Uint8Array.from(request.body)
      body[bit >> 3] = (body[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(verify({ ...request, body }).ok, `bit ${bit} of the body`).toBe(false)
    }
    const signature = request.headers['x-oura-signature'] as string
    for (let bit = 0; bit < signature.length * 8; bit++) {
      const bytes = Buffer.from(signature, 'latin1')
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
      const changed = bytes.toString('latin1')
      if (changed.toLowerCase() === signature.toLowerCase()) continue
      expect(
        verify({ ...request, headers: { ...request.headers, 'x-oura-signature': changed } }).ok,
        `bit ${bit} of the signature`,
      ).toBe(false)
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
    const vector = all.find((v) => v.vendor === 'oura')!
    const request: RawRequest = {
      method: 'POST',
      headers: vector.headers,
      query: {},
      body: Buffer.from(vector.body),
      now: Number(vector.headers['x-oura-timestamp']) * 1000,
    }
    expect(oura({ ...secrets, clientSecret: vector.secret }).webhook!.verify(request)).toEqual({ ok: true })
  })

  it('answers a challenge only to whoever knows the token', () => {
    const ask = (query: Record<string, string>) =>
      plugin.webhook!.challenge!({ method: 'GET', headers: {}, query, body: new Uint8Array(), now: 0 })
    expect(ask({ verification_token: 'tök3n', challenge: 'c"1' })).toMatchObject({
      status: 200,
      body: '{"challenge":"c\\"1"}',
    })
    expect(ask({ verification_token: 'wrong', challenge: 'c' })).toMatchObject({ status: 401, body: '' })
    expect(ask({ challenge: 'c' })).toMatchObject({ status: 401 })
    expect(ask({})).toBeNull()
  })

  it('plans a fetch for news, a withdrawal for a deletion, and nothing for collections that it does not read', () => {
    const plan = (change: object) => plugin.webhook!.plan({ ...JSON.parse(event), ...change }, { receivedAt: 0 })
    expect(plan({})).toEqual([{ account: 'u1', fetch: [{ resource: 'sleep', id: 'n1' }] }])
    expect(plan({ data_type: 'vo2_max' })).toEqual([{ account: 'u1', fetch: [{ resource: 'vO2_max', id: 'n1' }] }])
    expect(plan({ event_type: 'delete' })).toEqual([
      { account: 'u1', payload: { collection: 'sleep', documents: [], missing: ['n1'] } },
    ])
    expect(plan({ data_type: 'ring_configuration' })).toEqual([{ account: 'u1' }])
    expect(() => plan({ user_id: 7 })).toThrow(/not a notification/)
  })
})

describe('pulling', () => {
  const signal = new AbortController().signal
  let local: ReturnType<typeof oura>
  let token = ''
  const ctx = (state: Record<string, unknown>, now = Date.parse('2026-04-10T12:00:00Z')): PullContext => ({
    account: fake.account,
    now,
    state,
    signal,
    fetch: async (url) => {
      const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        text: () => response.text(),
        json: () => response.json(),
        bytes: async () => new Uint8Array(await response.arrayBuffer()),
      }
    },
  })
  beforeAll(async () => {
    local = oura({ ...secrets, baseURL: fake.url })
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code: fake.grant(),
      client_id: secrets.clientId,
      client_secret: secrets.clientSecret,
    })
    token = (
      (await (await fetch(`${fake.url}/oauth/token`, { method: 'POST', body: form })).json()) as {
        access_token: string
      }
    ).access_token
    fake.collections.set(
      'sleep',
      Array.from({ length: 130 }, (_, i) => ({
        ...night,
        id: `n${i}`,
        day: new Date(Date.UTC(2025, 11, 1 + i)).toISOString().slice(0, 10),
      })),
    )
    fake.collections.set('daily_sleep', [{ id: 'd1', day: '2026-04-09', score: 80 }])
    fake.collections.set('heartrate', [{ bpm: 60, timestamp: '2026-04-01T00:00:00+00:00' }])
  })

  it('reads every page of every collection, then only what can still change', async () => {
    const seen: string[] = []
    let state: Record<string, unknown> = {}
    for await (const page of local.pull!.all(ctx({}))) {
      for (const document of page.payload.documents)
        seen.push(`${page.payload.collection}/${(document as { id?: string }).id ?? 'hr'}`)
      if (page.state) state = page.state
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter((id) => id.startsWith('sleep/'))).toHaveLength(130)
    expect(seen).toContain('heartrate/hr')

    const again: string[] = []
    for await (const page of local.pull!.all(ctx(state)))
      for (const document of page.payload.documents) again.push(String((document as { id?: string }).id))
    // The last ten days before the last pull are read again, for Oura rewrites them.
    const since = Date.parse('2026-04-10') - 10 * 86_400_000
    const young = Array.from({ length: 130 }, (_, i) => Date.UTC(2025, 11, 1 + i)).filter((day) => day >= since).length
    expect(again.filter((id) => /^n\d/.test(id))).toHaveLength(young)
  })

  it('takes a document that is gone for a deletion', async () => {
    const pages = []
    for await (const page of local.pull!.one!(ctx({}), { resource: 'sleep', id: 'gone' })) pages.push(page.payload)
    expect(pages).toEqual([{ collection: 'sleep', documents: [], missing: ['gone'] }])
  })

  const first = async () => {
    for await (const page of local.pull!.one!(ctx({}), { resource: 'sleep', id: 'n1' })) return page.payload
  }
  it('refuses the document of somebody else, and anything that is no document', async () => {
    fake.misbehave(1, { status: 200, body: JSON.stringify({ ...night, id: 'other' }) })
    await expect(first()).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED' })
    fake.misbehave(1, { status: 500, body: 'oops', type: 'text/html' })
    await expect(first()).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED', retryable: true })
  })

  it('tells a limit with the time to wait, and an expired token', async () => {
    fake.limit(1, 7)
    await expect(first()).rejects.toMatchObject({ code: 'AUREN_VENDOR_LIMIT', retryAfter: 7, retryable: true })
    fake.expireTokens()
    await expect(first()).rejects.toMatchObject({ code: 'AUREN_VENDOR_UNAUTHORIZED' })
  })
})

describe('the fixture', () => {
  it('becomes one session, two heart rates, two RMSSD values and what stands for the night', () => {
    const { collection, documents } = JSON.parse(
      readFileSync(join(import.meta.dirname, '..', 'fixtures', 'oura', 'sleep.json'), 'utf8'),
    ) as { collection: string; documents: unknown[] }
    const { observations, rejected } = normalize(collection, documents)
    expect(rejected).toEqual([])
    const counts: Record<string, number> = {}
    for (const o of observations) {
      const key = o.shape === 'sample' ? o.metric : o.shape
      counts[key] = (counts[key] ?? 0) + 1
    }
    expect(counts).toEqual({
      session: 1,
      heart_rate: 2,
      hrv_rmssd: 2,
      respiratory_rate: 1,
      'oura.lowest_sleeping_heart_rate': 1,
    })
  })
})

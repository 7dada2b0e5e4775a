import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ObservationInput, RawRequest } from '@auren/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { polar } from '../src/wearables/polar/index.js'
import { durationOf, inDay, inNight } from '../src/wearables/polar/times.js'
import { normalizerOf } from './reading.js'

const secrets = { clientId: 'client', clientSecret: 'secret', webhookSecret: 's3cret' }
const plugin = polar(secrets)
const at = (stamp: string): number => Date.parse(stamp)

const normalize = normalizerOf(plugin)
const sessionsOf = (observations: ObservationInput[]) =>
  observations.flatMap((one) => (one.shape === 'session' ? [one] : []))
const of = (observations: ObservationInput[], metric: string) =>
  observations.flatMap((one) =>
    (one.shape === 'sample' || one.shape === 'daily_total') && one.metric === metric ? [one] : [],
  )

const fixture = JSON.parse(readFileSync(new URL('../fixtures/polar/sleep.json', import.meta.url), 'utf8')) as {
  kind: string
  items: Record<string, unknown>[]
}
const night = fixture.items[0] as Record<string, unknown>

describe('nights', () => {
  it('of the clock change: stages and heart rates stand where the clock stood, the night at the clock of its end', () => {
    const { observations, rejected } = normalize(fixture, 'Europe/Berlin')
    expect(rejected).toEqual([])
    const [session] = sessionsOf(observations)
    expect(session).toMatchObject({
      start: at('2026-03-28T22:30:07Z'),
      end: at('2026-03-29T05:00:07Z'),
      offset: 120,
      zoneBasis: 'carried',
      recordId: 'sleep/2026-03-29',
      measures: { sleep_duration: 21_600, sleep_deep: 5400, sleep_light: 12_600, sleep_rem: 3600, sleep_awake: 1800 },
    })
    expect(session?.stages).toEqual([
      { stage: 'light', start: at('2026-03-28T22:30:07Z'), end: at('2026-03-28T23:50:00Z') },
      { stage: 'deep', start: at('2026-03-28T23:50:00Z'), end: at('2026-03-29T01:20:00Z') },
      { stage: 'rem', start: at('2026-03-29T01:20:00Z'), end: at('2026-03-29T04:45:00Z') },
      { stage: 'awake', start: at('2026-03-29T04:45:00Z'), end: at('2026-03-29T05:00:07Z') },
    ])
    expect(of(observations, 'heart_rate').map((one) => [(one as { start: number }).start, one.value])).toEqual([
      [at('2026-03-28T22:41:00Z'), 58],
      [at('2026-03-29T01:46:00Z'), 51],
    ])
    expect(of(observations, 'polar.sleep_score')).toMatchObject([{ value: 80, start: at('2026-03-29T05:00:07Z') }])
  })

  it('is the same where what keeps the document has sorted its keys', () => {
    const sorted = (value: unknown): unknown =>
      typeof value !== 'object' || value === null || Array.isArray(value)
        ? value
        : Object.fromEntries(
            Object.entries(value)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([key, inner]) => [key, sorted(inner)]),
          )
    const shuffled = { ...fixture, items: fixture.items.map(sorted) }
    expect(Object.keys((shuffled.items[0] as { hypnogram: object }).hypnogram)[0]).not.toBe('23:30')
    expect(normalize(shuffled, 'Europe/Berlin')).toEqual(normalize(fixture, 'Europe/Berlin'))
  })

  it('keeps a heart rate of just before it began on its evening', () => {
    const early = { ...night, hypnogram: {}, heart_rate_samples: { '22:50': 64, '01:46': 51 } }
    const { observations } = normalize({ kind: 'sleep', items: [early] }, 'Europe/Berlin')
    expect(of(observations, 'heart_rate').map((one) => (one as { start: number }).start)).toEqual([
      at('2026-03-28T21:50:00Z'),
      at('2026-03-29T00:46:00Z'),
    ])
  })

  it('keeps its sums, and says that its times cannot be placed, where nobody knows when the clock changed', () => {
    const { observations, rejected } = normalize(fixture)
    expect(rejected).toEqual(['clock_change', 'clock_change'])
    expect(sessionsOf(observations)[0]).toMatchObject({ stages: [], measures: { sleep_duration: 21_600 } })
  })

  it('takes codes that it does not know for no data, and parts that are missing for unknown', () => {
    const { observations, rejected } = normalize({
      kind: 'sleep',
      items: [
        {
          date: '2020-01-01',
          sleep_start_time: '2020-01-01T00:39:07+03:00',
          sleep_end_time: '2020-01-01T09:19:37+03:00',
          hypnogram: { '00:39': 2, '00:50': 6, '01:23': 'deep', '25:00': 1 },
        },
      ],
    })
    expect(rejected).toEqual(['schema', 'schema'])
    const [session] = sessionsOf(observations)
    expect(session?.stages?.map(({ stage }) => stage)).toEqual(['light', 'no_data'])
    expect(session?.measures).toEqual({})
  })

  it('sets a night aside that ends before it starts, and what is none, and reads the others', () => {
    const turned = { ...night, sleep_start_time: night.sleep_end_time, sleep_end_time: night.sleep_start_time }
    const { observations, rejected } = normalize(
      { kind: 'sleep', items: [turned, null, { date: 'x' }, night] },
      'Europe/Berlin',
    )
    expect(rejected).toEqual(['order', 'schema', 'schema'])
    expect(sessionsOf(observations)).toHaveLength(1)
  })
})

describe('clock times', () => {
  it('of a night pass midnight, whatever they begin with', () => {
    const of24 = { start: at('2026-01-01T22:30:07Z'), startOffset: 60, endOffset: 60 }
    expect(inNight([23 * 60 + 30, 0, 7 * 60], of24, null)).toEqual([
      at('2026-01-01T22:30:00Z'),
      at('2026-01-01T23:00:00Z'),
      at('2026-01-02T06:00:00Z'),
    ])
  })

  it('of a day keep both hours that the clock repeats, and go on after midnight', () => {
    const berlin = () => 'Europe/Berlin'
    const placed = inDay('2026-10-25', [60, 150, 170, 130, 150, 23 * 60, 5], berlin).map(({ at: time, offset }) => [
      new Date(time).toISOString(),
      offset,
    ])
    expect(placed).toEqual([
      ['2026-10-24T23:00:00.000Z', 120],
      ['2026-10-25T00:30:00.000Z', 120],
      ['2026-10-25T00:50:00.000Z', 120],
      ['2026-10-25T01:10:00.000Z', 60],
      ['2026-10-25T01:30:00.000Z', 60],
      ['2026-10-25T22:00:00.000Z', 60],
      ['2026-10-25T23:05:00.000Z', 60],
    ])
  })

  it.each([
    ['PT2H44M45S', 9_885_000],
    ['PT4S', 4000],
    ['PT210.026S', 210_026],
    ['P1DT1H', 90_000_000],
    ['PT', null],
    ['P', null],
    ['2 hours', null],
    ['PT-1S', null],
  ])('%s is %s ms', (text, length) => expect(durationOf(text)).toBe(length))
})

describe('exercises', () => {
  const run = {
    id: '2AC312F',
    upload_time: '2008-10-13T10:40:02.000Z',
    device: 'Polar M400',
    start_time: '2008-10-13T10:40:02',
    start_time_utc_offset: 180,
    duration: 'PT44M',
    calories: 530,
    distance: 1600.2,
    heart_rate: { average: 129, maximum: 147 },
    sport: 'OTHER',
    detailed_sport_info: 'RUNNING',
    samples: [
      { 'recording-rate': 5, 'sample-type': '0', data: '0,100,null,97,,101' },
      { 'recording-rate': 1, 'sample-type': '1', data: '0,10.5' },
      { 'recording-rate': 5, 'sample-type': '3', data: '12,13' },
      { 'sample-type': '11', data: '800,810' },
      'no row',
    ],
  }

  it('start on the clock of the watch, by its offset in minutes', () => {
    const { observations, rejected } = normalize({ kind: 'exercise', items: [run] }, 'Asia/Kolkata')
    expect(rejected).toEqual(['schema'])
    const start = at('2008-10-13T07:40:02Z')
    expect(sessionsOf(observations)).toMatchObject([
      {
        start,
        end: start + 44 * 60_000,
        offset: 180,
        zoneBasis: 'carried',
        activity: 'running',
        vendorActivity: 'RUNNING',
        source: { name: 'Polar M400' },
        recordId: 'exercise/2AC312F',
        measures: { energy_active: 530, distance: 1600.2, heart_rate: 129, heart_rate_max: 147 },
      },
    ])
    const times = (metric: string) =>
      of(observations, metric).map((one) => [((one as { start: number }).start - start) / 1000, one.value])
    expect(times('heart_rate')).toEqual([
      [5, 100],
      [15, 97],
      [25, 101],
    ])
    expect(times('speed')).toEqual([
      [0, 0],
      [1, 10.5],
    ])
    expect(times('rr_interval')).toEqual([
      [0, 800],
      [0.8, 810],
    ])
    for (const one of of(observations, 'heart_rate')) expect(one.recordId).toBe('exercise-streams/2AC312F')
  })

  it('with hyphens are the same', () => {
    const { samples: _samples, ...plain } = run
    const hyphened = Object.fromEntries(Object.entries(plain).map(([key, value]) => [key.replaceAll('_', '-'), value]))
    expect(normalize({ kind: 'exercise', items: [hyphened] }).observations).toEqual(
      normalize({ kind: 'exercise', items: [plain] }).observations,
    )
  })

  it('without an offset stand in the person’s zone', () => {
    const { start_time_utc_offset: _offset, ...floating } = run
    expect(
      sessionsOf(normalize({ kind: 'exercise', items: [floating] }, 'Asia/Kolkata').observations)[0],
    ).toMatchObject({
      start: at('2008-10-13T05:10:02Z'),
      offset: 330,
      zoneBasis: 'floating',
    })
  })
})

describe('days', () => {
  it('of activity are by Polar’s own date, the later of two the one that holds', () => {
    const given = {
      id: 1234,
      date: '2010-12-31',
      created: '2016-04-27T20:11:33.000Z',
      calories: 2329,
      'active-calories': 428,
      duration: 'PT2H44M',
      'active-steps': 250,
    }
    expect(normalize({ kind: 'activity', items: [given] }).observations).toMatchObject([
      {
        metric: 'steps',
        date: '2010-12-31',
        value: 250,
        recordId: 'activity/2010-12-31',
        version: at('2016-04-27T20:11:33Z'),
      },
      { metric: 'energy_total', value: 2329 },
      { metric: 'energy_active', value: 428 },
    ])
    expect(normalize({ kind: 'activity', items: [{ calories: 1 }] }).rejected).toEqual(['no_date'])
  })

  it('of recharge and load say nothing where nothing was measured', () => {
    const recharge = { date: '2020-01-01', heart_rate_avg: 0, heart_rate_variability_avg: 28, ans_charge: 0 }
    expect(normalize({ kind: 'recharge', items: [recharge] }).observations).toMatchObject([
      { metric: 'hrv_rmssd', value: 28, unit: 'ms' },
      { metric: 'polar.ans_charge', value: 0 },
    ])
    expect(normalize({ kind: 'cardio_load', items: [{ date: '2023-01-01', cardio_load: -1 }] }).observations).toEqual(
      [],
    )
  })

  it('no object makes it fail', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('exercise', 'sleep', 'recharge', 'heart_rate', 'activity', 'physical', 'cardio_load', 'other'),
        fc.array(fc.jsonValue(), { maxLength: 5 }),
        (kind, items) => {
          const { observations, rejected } = normalize({ kind, items }, 'Europe/Berlin')
          expect(observations.length + rejected.length).toBeGreaterThanOrEqual(items.length > 0 ? 1 : 0)
        },
      ),
    )
  })
})

describe('webhooks', () => {
  const body =
    '{"event":"EXERCISE","user_id":475,"entity_id":"aQlC83","timestamp":"2018-05-15T14:22:24Z","url":"https://evil.example/x"}'
  const signed = (change: Partial<RawRequest> = {}): RawRequest => ({
    method: 'POST',
    headers: {
      'polar-webhook-signature': createHmac('sha256', 's3cret').update(body).digest('hex'),
      'polar-webhook-event': 'EXERCISE',
    },
    query: {},
    body: Buffer.from(body),
    now: 0,
    ...change,
  })
  const { verify, challenge, plan } = plugin.webhook!

  it('takes a signature over the raw bytes, where the header says what the body says', () => {
    expect(verify(signed())).toEqual({ ok: true })
    const { 'polar-webhook-event': _event, ...without } = signed().headers
    expect(verify(signed({ headers: without }))).toEqual({ ok: true })
    expect(verify(signed({ headers: { ...signed().headers, 'polar-webhook-event': 'SLEEP' } }))).toMatchObject({
      ok: false,
    })
  })

  it('refuses every single-bit change of the body, the signature and the header', () => {
    const request = signed()
    for (let bit = 0; bit < request.body.length * 8; bit++) {
      const changed = Uint8Array.from(request.body)
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(verify({ ...request, body: changed }).ok, `bit ${bit} of the body`).toBe(false)
    }
    for (const name of ['polar-webhook-signature', 'polar-webhook-event']) {
      const value = request.headers[name] as string
      for (let bit = 0; bit < value.length * 8; bit++) {
        const bytes = Buffer.from(value, 'latin1')
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
        const headers = { ...request.headers, [name]: bytes.toString('latin1') }
        expect(verify({ ...request, headers }).ok, `bit ${bit} of ${name}`).toBe(false)
      }
    }
    expect(verify(signed({ headers: {} }))).toMatchObject({ ok: false })
  })

  it('answers the PING that is not signed, and nothing else that is not', () => {
    const ping = (text: string, headers: Record<string, string> = {}) =>
      challenge!({ method: 'POST', headers, query: {}, body: Buffer.from(text), now: 0 })
    expect(ping('{"timestamp":"2024-01-15T09:00:00Z","event":"PING"}')).toEqual({ status: 200, body: '' })
    expect(ping(body)).toBeNull()
    expect(ping('{"event":"PING"', {})).toBeNull()
    expect(ping(`{"event":"PING","more":"${'x'.repeat(600)}"}`)).toBeNull()
    expect(ping('{"event":"PING"}', { 'polar-webhook-signature': 'x' })).toBeNull()
  })

  it('names what is to be fetched, and never the address that it was told', () => {
    expect(plan(JSON.parse(body), { receivedAt: 0 })).toEqual([
      { account: '475', fetch: [{ resource: 'exercise', id: 'aQlC83' }] },
    ])
    const of2 = (event: string, more: object) => plan({ event, user_id: 1, ...more }, { receivedAt: 0 })
    expect(of2('SLEEP', { date: '2019-12-31' })).toEqual([
      { account: '1', fetch: [{ resource: 'sleep', id: '2019-12-31' }] },
    ])
    expect(of2('SLEEP_WISE_ALERTNESS', { from: 'a' })).toEqual([{ account: '1' }])
    expect(of2('EXERCISE', {})).toEqual([{ account: '1' }])
    expect(plan({ event: 'PING' }, { receivedAt: 0 })).toEqual([])
    expect(() => plan([], { receivedAt: 0 })).toThrow(expect.objectContaining({ code: 'AUREN_PAYLOAD_INVALID' }))
  })

  const vectors = shared('payloads', 'signature-vectors', 'vectors.json')
  it.skipIf(vectors === null)('verifies the published vector', () => {
    const all = JSON.parse(readFileSync(vectors as string, 'utf8')) as {
      vendor: string
      secret: string
      headers: Record<string, string>
      body: string
    }[]
    const vector = all.find(({ vendor }) => vendor === 'polar')!
    const headers = Object.fromEntries(
      Object.entries(vector.headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    const own = polar({ ...secrets, webhookSecret: vector.secret })
    const request: RawRequest = { method: 'POST', headers, query: {}, body: Buffer.from(vector.body), now: 0 }
    expect(own.webhook!.verify(request)).toEqual({ ok: true })
  })
})

it('needs its secrets', () => {
  for (const name of ['clientId', 'clientSecret', 'webhookSecret'])
    expect(() => polar({ ...secrets, [name]: '' })).toThrow(expect.objectContaining({ code: 'AUREN_CONFIG_INVALID' }))
})

const folder = shared('payloads', 'polar')
describe.skipIf(!folder)('what Polar documents', () => {
  it('is read as it stands, or said not to be', () => {
    for (const name of readdirSync(folder as string).filter((file) => !/[Ww]ebhookPayload|^webhook/.test(file))) {
      const document = JSON.parse(readFileSync(join(folder as string, name), 'utf8'))
      const payloads = plugin.documents!(document, name)
      expect(payloads, name).not.toBeNull()
      for (const payload of payloads ?? []) {
        const { observations, rejected } = normalize(payload, 'Europe/Helsinki')
        if (payload.kind === 'other') expect(rejected, name).toEqual(payload.items.map(() => 'not_read'))
        else expect([rejected, observations.length > 0], name).toEqual([[], true])
      }
    }
  })

  it('is understood as it is meant, by hand', () => {
    const read = (name: string, zone: string | null = null) =>
      plugin.documents!(JSON.parse(readFileSync(join(folder as string, name), 'utf8')), name)!.flatMap(
        (payload) => normalize(payload, zone).observations,
      )
    expect(sessionsOf(read('openapi-sleep.json'))[0]).toMatchObject({
      start: at('2019-12-31T21:39:07Z'),
      end: at('2020-01-01T06:19:37Z'),
      measures: { sleep_duration: 4000, sleep_awake: 1000 },
    })
    expect(of(read('openapi-continuous-heartrate.json', 'Europe/Helsinki'), 'heart_rate')).toMatchObject([
      { start: at('2022-09-11T21:02:08Z'), value: 63, offset: 180 },
      { start: at('2022-09-11T21:07:08Z'), value: 62 },
    ])
    expect(sessionsOf(read('openapi-exercise.json'))[0]).toMatchObject({
      start: at('2008-10-13T07:40:02Z'),
      end: at('2008-10-13T10:24:47Z'),
      activity: 'running',
    })
  })
})

import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ObservationInput, RawRequest } from '@auren/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { whoop } from '../src/wearables/whoop/index.js'
import { normalizerOf } from './reading.js'

const plugin = whoop({ clientId: 'client', clientSecret: 's3cret' })
const at = (stamp: string): number => Date.parse(stamp)

const normalize = normalizerOf(plugin)
const sessionsOf = (observations: ObservationInput[]) =>
  observations.flatMap((one) => (one.shape === 'session' ? [one] : []))
const valuesOf = (observations: ObservationInput[]) =>
  Object.fromEntries(observations.flatMap((one) => (one.shape === 'sample' ? [[one.metric, one]] : [])))

const fixture = JSON.parse(readFileSync(new URL('../fixtures/whoop/sleep.json', import.meta.url), 'utf8')) as {
  kind: string
  items: Record<string, unknown>[]
}
const night = fixture.items[0] as Record<string, unknown>

describe('sleep', () => {
  it('is one session with the sums of its stages, in seconds, and its version', () => {
    const { observations, rejected } = normalize(fixture)
    expect(rejected).toEqual([])
    expect(sessionsOf(observations)).toMatchObject([
      {
        kind: 'sleep',
        nap: false,
        start: at('2026-03-28T22:30:00Z'),
        end: at('2026-03-29T05:00:00Z'),
        offset: 60,
        zoneBasis: 'carried',
        recordId: 'sleep/5b6a2a0e-6d7e-4b6c-9f0a-0d6c2f1a7b11',
        version: at('2026-03-29T05:11:00Z'),
        measures: {
          sleep_duration: 21_600,
          sleep_light: 12_600,
          sleep_deep: 5400,
          sleep_rem: 3600,
          sleep_awake: 1800,
          sleep_efficiency: 92.3,
          respiratory_rate: 15.2,
        },
      },
    ])
    expect(valuesOf(observations)).toMatchObject({
      'whoop.sleep_performance': { value: 88, start: at('2026-03-29T05:00:00Z') },
      'whoop.sleep_consistency': { value: 74 },
    })
  })

  it('belongs to the clock of its end where the person’s clock changes in it, and to WHOOP’s where it does not', () => {
    const of = (timezone_offset: string, zone: string | null) =>
      sessionsOf(normalize({ kind: 'sleep', items: [{ ...night, timezone_offset }] }, zone).observations)[0]
    expect(of('+01:00', 'Europe/Berlin')).toMatchObject({ offset: 120, zoneBasis: 'inferred' })
    expect(of('+02:00', 'Europe/Berlin')).toMatchObject({ offset: 120, zoneBasis: 'carried' })
    expect(of('-05:00', 'Europe/Berlin')).toMatchObject({ offset: -300, zoneBasis: 'carried' })
    expect(of('+05:30', null)).toMatchObject({ offset: 330, zoneBasis: 'carried' })
    expect(of('Z', null)).toMatchObject({ offset: 0, zoneBasis: 'carried' })
    expect(of('Mars/Olympus', 'Asia/Kolkata')).toMatchObject({ offset: 330, zoneBasis: 'profile' })
    expect(of('Mars/Olympus', null)).toMatchObject({ offset: null, zoneBasis: 'absent' })
  })

  it('is a night without sums until it is scored, and says nothing that was not measured', () => {
    const pending = { ...night, score_state: 'PENDING_SCORE', score: undefined, updated_at: '2026-03-29T05:05:00Z' }
    const { observations, rejected } = normalize({ kind: 'sleep', items: [pending] })
    expect(rejected).toEqual([])
    expect(observations).toHaveLength(1)
    expect(sessionsOf(observations)[0]?.measures).toEqual({})
    const partly = { ...night, score: { stage_summary: { total_light_sleep_time_milli: 60_000 } } }
    expect(sessionsOf(normalize({ kind: 'sleep', items: [partly] }).observations)[0]?.measures).toEqual({
      sleep_light: 60,
    })
  })

  it('has no rate of breathing where WHOOP writes zero, and is not lost for it', () => {
    const score = { ...(night.score as object), respiratory_rate: 0 }
    const [session] = sessionsOf(normalize({ kind: 'sleep', items: [{ ...night, score }] }).observations)
    expect(session?.measures).toMatchObject({ sleep_duration: 21_600 })
    expect(session?.measures).not.toHaveProperty('respiratory_rate')
  })

  it('sets aside what is open, turned round or unreadable, and reads the others', () => {
    const { observations, rejected } = normalize({
      kind: 'sleep',
      items: [
        { ...night, end: null },
        { ...night, end: night.start, start: night.end },
        { ...night, start: 'yesterday' },
        'no object',
        night,
      ],
    })
    expect(rejected).toEqual(['open', 'order', 'schema', 'schema'])
    expect(sessionsOf(observations)).toHaveLength(1)
  })

  it('that is deleted takes its recovery along', () => {
    expect(normalize({ kind: 'sleep', items: [], missing: ['a'] }).observations).toEqual([
      { shape: 'deletion', recordId: 'sleep/a' },
      { shape: 'deletion', recordId: 'recovery/a' },
    ])
  })
})

describe('recovery', () => {
  const scored = {
    cycle_id: 4711,
    sleep_id: 'n1',
    user_id: 77,
    created_at: '2026-03-29T05:12:00.000Z',
    updated_at: '2026-03-29T05:13:00.000Z',
    score_state: 'SCORED',
    score: {
      user_calibrating: false,
      recovery_score: 44,
      resting_heart_rate: 64,
      hrv_rmssd_milli: 31.813562,
      spo2_percentage: 95.6875,
      skin_temp_celsius: 33.7,
    },
  }

  it('stands where the night ends that it was read from', () => {
    const sleep = { start: night.start, end: night.end, timezone_offset: '+01:00' }
    const { observations } = normalize({ kind: 'recovery', items: [{ ...scored, sleep }] }, 'Europe/Berlin')
    const end = { start: at('2026-03-29T05:00:00Z'), offset: 120, recordId: 'recovery/n1' }
    expect(valuesOf(observations)).toMatchObject({
      resting_heart_rate: { value: 64, unit: '/min', ...end },
      hrv_rmssd: { value: 31.813562, unit: 'ms', ...end },
      oxygen_saturation: { value: 95.6875, unit: '%', ...end },
      skin_temperature: { value: 33.7, unit: 'Cel', ...end },
      'whoop.recovery_score': { value: 44, unit: '%', ...end },
    })
  })

  it('stands where it was made where the night is not at hand', () => {
    const { observations } = normalize({ kind: 'recovery', items: [scored] }, 'America/New_York')
    expect(observations[0]).toMatchObject({ start: at('2026-03-29T05:12:00Z'), offset: -240, zoneBasis: 'profile' })
  })

  it('has nothing to say before it is scored', () => {
    const pending = { ...scored, score_state: 'PENDING_SCORE', score: undefined }
    expect(normalize({ kind: 'recovery', items: [pending] }).observations).toEqual([])
  })
})

describe('workouts and cycles', () => {
  const run = {
    id: 'w1',
    created_at: '2026-05-24T09:42:11.137Z',
    updated_at: '2026-05-24T10:11:24.502Z',
    start: '2026-05-24T08:30:00.000Z',
    end: '2026-05-24T09:32:14.000Z',
    timezone_offset: '-04:00',
    sport_name: 'running',
    score_state: 'SCORED',
    score: { strain: 12.4, average_heart_rate: 152, max_heart_rate: 178, kilojoule: 1832.74, distance_meter: 8123.4 },
  }

  it('a workout: kilojoules become kilocalories', () => {
    const [session] = sessionsOf(normalize({ kind: 'workout', items: [run] }).observations)
    expect(session).toMatchObject({
      kind: 'workout',
      activity: 'running',
      vendorActivity: 'running',
      offset: -240,
      recordId: 'workout/w1',
      measures: { heart_rate: 152, heart_rate_max: 178, distance: 8123.4 },
    })
    expect(session?.measures?.energy_active).toBeCloseTo(438.035, 3)
  })

  it.each([
    ['weightlifting_msk', 'other'],
    ['mountain-biking', 'mountain_biking'],
    ['functional_fitness', 'functional_strength_training'],
    ['yoga', 'yoga'],
    [undefined, 'other'],
  ])('%s is %s, in its own word beside it', (sport_name, activity) => {
    const [session] = sessionsOf(
      normalize({ kind: 'workout', items: [{ ...run, sport_name, sport_id: 9 }] }).observations,
    )
    expect(session).toMatchObject({ activity, vendorActivity: sport_name ?? 'sport 9' })
  })

  it('a cycle: energy from its start to its end, strain of the day that it leads into; nothing while it goes on', () => {
    const cycle = {
      id: 93845,
      start: '2026-03-02T22:10:00.000Z',
      end: '2026-03-03T22:40:00.000Z',
      timezone_offset: '+01:00',
      score_state: 'SCORED',
      score: { strain: 5.2951527, kilojoule: 8288.297, average_heart_rate: 68, max_heart_rate: 141 },
    }
    const { observations } = normalize({ kind: 'cycle', items: [cycle] })
    expect(observations).toMatchObject([
      { metric: 'energy_total', start: at(cycle.start), end: at(cycle.end), unit: 'kcal', recordId: 'cycle/93845' },
      { shape: 'daily_total', metric: 'whoop.strain', date: '2026-03-03', value: 5.2951527 },
    ])
    expect((observations[0] as { value: number }).value).toBeCloseTo(1980.95, 2)
    expect(normalize({ kind: 'cycle', items: [{ ...cycle, end: null }] }).observations).toEqual([])
  })

  it('the same again is the same, and nothing that it is given is changed', () => {
    const frozen = structuredClone({ kind: 'workout', items: [run] })
    const first = normalize(frozen).observations
    expect(normalize(frozen).observations).toEqual(first)
    expect(frozen).toEqual({ kind: 'workout', items: [run] })
  })

  it('no object makes it fail', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('sleep', 'workout', 'recovery', 'cycle', 'body'),
        fc.array(fc.oneof(fc.jsonValue(), fc.record({ id: fc.string(), start: fc.string(), score: fc.jsonValue() })), {
          maxLength: 5,
        }),
        (kind, items) => {
          const { observations, rejected } = normalize({ kind, items })
          expect(observations.length + rejected.length).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })
})

describe('webhooks', () => {
  const body = '{"user_id":77,"id":"n1","type":"sleep.updated","trace_id":"t1"}'
  const now = 1_780_000_000_000
  const sign = (text: string, stamp: string, secret = 's3cret') =>
    createHmac('sha256', secret).update(stamp).update(text).digest('base64')
  const signed = (change: Partial<RawRequest> = {}, stamp = String(now)): RawRequest => ({
    method: 'POST',
    headers: { 'x-whoop-signature': sign(body, stamp), 'x-whoop-signature-timestamp': stamp },
    query: {},
    body: Buffer.from(body),
    now,
    ...change,
  })
  const verify = plugin.webhook!.verify
  const plan = plugin.webhook!.plan

  it('takes a signature over timestamp and raw bytes, within five minutes', () => {
    expect(verify(signed())).toEqual({ ok: true })
    expect(verify(signed({ now: now + 300_000 }))).toEqual({ ok: true })
    expect(verify(signed({ now: now + 300_001 }))).toMatchObject({ ok: false })
    expect(verify(signed({ now: now - 300_001 }))).toMatchObject({ ok: false })
  })

  it.each<[string, Record<string, string>]>([
    ['no signature', { 'x-whoop-signature-timestamp': String(now) }],
    ['no timestamp', { 'x-whoop-signature': sign(body, String(now)) }],
    ['seconds', { 'x-whoop-signature': sign(body, '1780000000'), 'x-whoop-signature-timestamp': '1780000000' }],
    ['words', { 'x-whoop-signature': sign(body, 'now'), 'x-whoop-signature-timestamp': 'now' }],
    [
      'another secret',
      { 'x-whoop-signature': sign(body, String(now), 'other'), 'x-whoop-signature-timestamp': String(now) },
    ],
    [
      'hex',
      {
        'x-whoop-signature': createHmac('sha256', 's3cret').update(String(now)).update(body).digest('hex'),
        'x-whoop-signature-timestamp': String(now),
      },
    ],
  ])('refuses %s', (_name, headers) => {
    expect(verify(signed({ headers }))).toMatchObject({ ok: false })
  })

  it('refuses every single-bit change of body, timestamp and signature', () => {
    const request = signed()
    for (let bit = 0; bit < request.body.length * 8; bit++) {
      const changed = Uint8Array.from(request.body)
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(verify({ ...request, body: changed }).ok, `bit ${bit} of the body`).toBe(false)
    }
    for (const name of ['x-whoop-signature', 'x-whoop-signature-timestamp']) {
      const value = request.headers[name] as string
      for (let bit = 0; bit < value.length * 8; bit++) {
        const bytes = Buffer.from(value, 'latin1')
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
        const headers = { ...request.headers, [name]: bytes.toString('latin1') }
        expect(verify({ ...request, headers }).ok, `bit ${bit} of ${name}`).toBe(false)
      }
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
    const vector = all.find(({ vendor }) => vendor === 'whoop')!
    const headers = Object.fromEntries(
      Object.entries(vector.headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    const own = whoop({ clientId: 'c', clientSecret: vector.secret })
    const time = Number(headers['x-whoop-signature-timestamp'])
    const request: RawRequest = { method: 'POST', headers, query: {}, body: Buffer.from(vector.body), now: time }
    expect(own.webhook!.verify(request)).toEqual({ ok: true })
    expect(own.webhook!.verify({ ...request, now: time + 3_600_000 })).toMatchObject({ ok: false })
    expect(own.webhook!.plan(JSON.parse(vector.body), { receivedAt: 0 })).toEqual([
      { account: '10129', fetch: [{ resource: 'sleep', id: 'ecfc6a15-4661-442f-a9a4-f160dd7afae8' }] },
    ])
  })

  it('names what is to be fetched, and deletes what is gone', () => {
    const of = (type: string) => plan({ user_id: 77, id: 'x', type, trace_id: 't' }, { receivedAt: 0 })
    expect(of('workout.updated')).toEqual([{ account: '77', fetch: [{ resource: 'workout', id: 'x' }] }])
    expect(of('recovery.deleted')).toEqual([
      { account: '77', payload: { kind: 'recovery', items: [], missing: ['x'] } },
    ])
    expect(of('cycle.updated')).toEqual([{ account: '77' }])
    expect(() => plan({ type: 'sleep.updated' }, { receivedAt: 0 })).toThrow(
      expect.objectContaining({ code: 'AUREN_PAYLOAD_INVALID' }),
    )
  })
})

it('needs its secrets', () => {
  expect(() => whoop({ clientId: '', clientSecret: 'x' })).toThrow(
    expect.objectContaining({ code: 'AUREN_CONFIG_INVALID' }),
  )
  expect(() => whoop({ clientId: 'x', clientSecret: '' })).toThrow(
    expect.objectContaining({ code: 'AUREN_CONFIG_INVALID' }),
  )
})

const folder = shared('payloads', 'whoop')
describe.skipIf(!folder)('what WHOOP documents', () => {
  it('is read as it stands, every object of it', () => {
    for (const name of readdirSync(folder as string).filter((file) => !/webhook/.test(file))) {
      const document = JSON.parse(readFileSync(join(folder as string, name), 'utf8'))
      const payloads = plugin.documents!(document, name)
      expect(payloads, name).not.toBeNull()
      for (const payload of payloads ?? []) {
        const { observations, rejected } = normalize(payload)
        if (/Body/.test(name)) expect(rejected, name).toEqual(['no_time'])
        else {
          expect(rejected, name).toEqual([])
          expect(observations.length, name).toBeGreaterThan(0)
        }
      }
    }
  })

  it('becomes what it says, by hand', () => {
    const read = (name: string) =>
      plugin.documents!(JSON.parse(readFileSync(join(folder as string, name), 'utf8')), name)!.flatMap(
        (payload) => normalize(payload).observations,
      )
    const [sleep] = sessionsOf(read('whoop-list-sleep-example.json'))
    expect(sleep).toMatchObject({
      start: at('2026-05-24T23:18:00Z'),
      end: at('2026-05-25T06:51:00Z'),
      offset: -240,
      measures: { sleep_duration: 25_800, sleep_awake: 1380, sleep_efficiency: 94.9, respiratory_rate: 15.86 },
    })
    expect(valuesOf(read('whoop-get-recovery-example.json'))).toMatchObject({
      hrv_rmssd: { value: 68.4 },
      resting_heart_rate: { value: 51.2 },
    })
    expect(sessionsOf(read('openapi-WorkoutV2.json'))[0]).toMatchObject({
      activity: 'running',
      measures: { heart_rate: 123, heart_rate_max: 146 },
    })
  })
})

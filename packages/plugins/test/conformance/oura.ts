import { createHmac } from 'node:crypto'
import { oura } from '../../src/wearables/oura/index.js'
import { startOura } from '../servers/oura.js'
import { bytesOf, fetchWith, fixture, publishedOf, type Row, tokenOf, vectorOf } from './row.js'

const secrets = { clientId: 'client', clientSecret: 's3cret', verificationToken: 'token' }
const now = 1_783_152_000_000
const body =
  '{"event_type":"create","data_type":"workout","object_id":"w1","event_time":"2026-07-04T08:00:00+00:00","user_id":"u1"}'
const made = {
  headers: {
    'x-oura-timestamp': '1783152000',
    'x-oura-signature': createHmac('sha256', 's3cret').update(`1783152000${body}`).digest('hex').toUpperCase(),
  },
  body,
}
const night = (fixture('oura', 'sleep.json') as { documents: Record<string, unknown>[] }).documents[0]
const nights = (...documents: unknown[]) => ({ collection: 'sleep', documents })
const short = { ...night, heart_rate: null, hrv: null, sleep_phase_5_min: null }
const at = (stamp: string): number => Date.parse(stamp)

/** Oura v2. */
export const row: Row = {
  plugin: oura(secrets),
  kit: {
    golden: [
      {
        name: 'a night',
        payload: fixture('oura', 'sleep.json'),
        expect: [
          {
            shape: 'session',
            kind: 'sleep',
            start: at('2026-02-03T03:58:00Z'),
            end: at('2026-02-03T11:43:00Z'),
            offset: -300,
            measures: { sleep_duration: 25_920, sleep_deep: 5940, sleep_rem: 6780, heart_rate: 51.25 },
          },
          { metric: 'heart_rate', start: at('2026-02-03T03:58:00Z'), value: 58 },
          { metric: 'heart_rate', start: at('2026-02-03T04:08:00Z'), value: 55 },
          { metric: 'hrv_rmssd', start: at('2026-02-03T04:03:00Z'), value: 51 },
        ],
        aside: [],
      },
      {
        name: 'a day',
        payload: { collection: 'daily_activity', documents: [{ id: 'd1', day: '2026-02-03', steps: 8123, score: 81 }] },
        expect: [{ shape: 'daily_total', metric: 'steps', date: '2026-02-03', value: 8123 }],
      },
    ],
    signatures: vectorOf('oura', now, { hex: ['x-oura-signature'], blanksFree: true }, made),
    stories: [
      {
        kind: 'growing',
        name: 'a night that is fetched before it ends',
        steps: [
          { payload: nights({ ...short, bedtime_end: '2026-02-03T04:00:00-05:00', total_sleep_duration: 15_000 }) },
          { payload: nights(short) },
        ],
        expect: [{ shape: 'session', end: at('2026-02-03T11:43:00Z'), measures: { sleep_duration: 25_920 } }],
        exact: false,
      },
      {
        kind: 'corrected',
        name: 'a night that is edited',
        steps: [{ payload: nights(night) }, { payload: nights({ ...short, total_sleep_duration: 20_000 }) }],
        expect: [{ shape: 'session', measures: { sleep_duration: 20_000 } }],
        exact: false,
      },
      {
        kind: 'deleted',
        name: 'a night that is gone',
        steps: [
          { payload: nights(night) },
          { payload: { collection: 'sleep', documents: [], missing: ['invented-night-1'] } },
        ],
        expect: [],
      },
      {
        kind: 'dst',
        name: 'the night of the clock change',
        steps: [
          {
            payload: nights({
              ...short,
              day: '2026-03-29',
              bedtime_start: '2026-03-28T23:30:00+01:00',
              bedtime_end: '2026-03-29T07:00:00+02:00',
            }),
          },
        ],
        expect: [{ shape: 'session', start: at('2026-03-28T22:30:00Z'), end: at('2026-03-29T05:00:00Z'), offset: 120 }],
        exact: false,
      },
    ],
    published: publishedOf('oura'),
    archives: [{ name: 'account-v1.json', bytes: bytesOf('oura', 'account-v1.json') }],
    async pull() {
      const server = await startOura(secrets)
      const plugin = oura({ ...secrets, baseURL: server.url })
      const { clientId: client_id, clientSecret: client_secret } = secrets
      const grant = { grant_type: 'authorization_code', code: server.grant(), client_id, client_secret }
      const token = await tokenOf(`${server.url}/oauth/token`, grant)
      server.collections.set(
        'sleep',
        Array.from({ length: 130 }, (_, i) => {
          const day = new Date(Date.UTC(2025, 11, 1 + i)).toISOString().slice(0, 10)
          const times = { bedtime_start: `${day}T00:10:00+01:00`, bedtime_end: `${day}T07:00:00+01:00` }
          return { ...short, ...times, id: `n${i}`, day }
        }),
      )
      return {
        plugin,
        account: server.account,
        now: at('2026-04-10T12:00:00Z'),
        fetch: fetchWith(() => token),
        limit: () => server.limit(100, 9),
        close: () => server.close(),
      }
    },
  },
}

import { createHmac } from 'node:crypto'
import { terra } from '../../src/wearables/terra/index.js'
import { startCanned } from '../servers/canned.js'
import { fetchWith, fixture, publishedOf, type Row, vectorOf } from './row.js'

const now = 1_723_808_700_000
const body = '{"type":"daily","user":{"user_id":"u1","provider":"GARMIN"},"data":[]}'
const made = {
  headers: {
    'terra-signature': `t=1723808700,v1=${createHmac('sha256', 's3cret').update(`1723808700.${body}`).digest('hex')}`,
  },
  body,
}
const night = fixture('terra', 'sleep.json') as { user: object; data: Record<string, object>[] }
const first = night.data[0] ?? {}
const later = (change: object, updated = '2026-04-01T12:00:00.000000+00:00') => ({
  ...night,
  user: { ...night.user, last_webhook_update: updated },
  data: [{ ...first, ...change }],
})
const asleep = (seconds: number) => ({ sleep_durations_data: { asleep: { duration_asleep_state_seconds: seconds } } })

/** Terra's webhooks. */
export const row: Row = {
  plugin: terra({ signingSecret: 's3cret' }),
  kit: {
    golden: [
      {
        name: 'a night',
        payload: night,
        expect: [
          {
            shape: 'session',
            kind: 'sleep',
            start: Date.UTC(2026, 2, 27, 22, 30),
            end: Date.UTC(2026, 2, 28, 6),
            offset: 60,
            measures: { sleep_duration: 24_000, sleep_deep: 5400, sleep_awake: 3000 },
          },
        ],
        aside: [],
      },
    ],
    signatures: vectorOf('terra', now, { hex: ['terra-signature'] }, made),
    endings: [
      { name: 'deauth', body: { type: 'deauth', user: { user_id: 'u1' } }, account: 'u1' },
      { name: 'access_revoked', body: { type: 'access_revoked', user: { user_id: 'u2' } }, account: 'u2' },
    ],
    stories: [
      {
        kind: 'corrected',
        name: 'a night that is sent again with other sums',
        steps: [{ payload: night }, { payload: later(asleep(20_000)) }],
        expect: [{ shape: 'session', measures: { sleep_duration: 20_000 } }],
        exact: false,
      },
      {
        kind: 'dst',
        name: 'the night of the clock change',
        steps: [
          {
            payload: later({
              metadata: {
                ...first.metadata,
                start_time: '2026-03-28T23:30:00.000000+01:00',
                end_time: '2026-03-29T07:00:00.000000+02:00',
              },
            }),
          },
        ],
        expect: [
          { shape: 'session', start: Date.UTC(2026, 2, 28, 22, 30), end: Date.UTC(2026, 2, 29, 5), offset: 120 },
        ],
        exact: false,
      },
    ],
    never: { deleted: 'Terra has no event of data that were deleted' },
    published: publishedOf('terra'),
    async pull() {
      let limits = false
      const server = await startCanned(({ pathname, searchParams }) => {
        if (limits) return { status: 429, headers: { 'retry-after': '9' } }
        const metadata = { ...first.metadata, start_time: `${searchParams.get('start_date')}T00:30:00+02:00` }
        const item = {
          ...first,
          metadata: { ...metadata, end_time: `${searchParams.get('start_date')}T06:30:00+02:00` },
        }
        const data = pathname.endsWith('sleep') ? [item] : []
        return { status: 200, body: { user: { user_id: 'u1', provider: 'GARMIN' }, type: pathname.slice(1), data } }
      })
      return {
        plugin: terra({ signingSecret: 's3cret', devId: 'dev', apiKey: 'key', baseURL: server.url }),
        account: 'u1',
        now: Date.parse('2026-04-10T12:00:00Z'),
        fetch: fetchWith(() => ''),
        limit: () => {
          limits = true
        },
        close: () => server.close(),
      }
    },
  },
}

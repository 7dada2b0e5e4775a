import { createHmac } from 'node:crypto'
import { suunto } from '../../src/wearables/suunto/index.js'
import { startCanned } from '../servers/canned.js'
import { fetchWith, fixture, type Row, vectorOf } from './row.js'

const secrets = { clientId: 'client', clientSecret: 's3cret', subscriptionKey: 'key', notificationSecret: 's3cret' }
const now = 1_783_152_000_000
const body = '{"type":"SUUNTO_247_SLEEP_CREATED","username":"robin","samples":[]}'
const made = { headers: { 'x-hmac-sha256-signature': createHmac('sha256', 's3cret').update(body).digest('hex') }, body }
const sleep = fixture('suunto', 'sleep.json') as { items: { entryData: Record<string, unknown> }[] }
const night = sleep.items[0]
const nights = (change: object) => ({
  kind: 'sleep',
  items: [{ ...night, entryData: { ...night?.entryData, ...change } }],
})
const at = (stamp: string): number => Date.parse(stamp)

/** Suunto cloud API. */
export const row: Row = {
  plugin: suunto(secrets),
  kit: {
    golden: [
      {
        name: 'the night of the clock change',
        payload: sleep,
        expect: [
          {
            shape: 'session',
            kind: 'sleep',
            start: at('2026-03-28T22:30:00Z'),
            end: at('2026-03-29T05:00:00Z'),
            offset: 120,
            recordId: 'sleep/7',
            measures: { sleep_duration: 21_600, sleep_deep: 5400, heart_rate: 52 },
          },
        ],
        aside: [],
      },
    ],
    signatures: vectorOf('suunto', now, { toleranceMs: null }, made),
    stories: [
      {
        kind: 'growing',
        name: 'a night of which more is known in the morning',
        steps: [
          { payload: nights({ Duration: 9000, BedtimeEnd: '2026-03-29T02:00:00.000+01:00', IsNap: true }) },
          { payload: sleep },
        ],
        expect: [{ shape: 'session', end: at('2026-03-29T05:00:00Z'), nap: false }],
        exact: false,
      },
      {
        kind: 'dst',
        name: 'the night belongs to the clock of its end',
        steps: [{ payload: sleep }],
        expect: [{ shape: 'session', offset: 120 }],
        exact: false,
      },
    ],
    never: { deleted: 'Suunto sends no notification of what was deleted, and its lists have no mark of it' },
    async pull() {
      const now = at('2026-04-10T12:00:00Z')
      const limited = { status: 429, headers: { 'retry-after': '9' } }
      let limits = false
      const server = await startCanned(({ pathname, searchParams }) => {
        if (limits) return limited
        const from = Number(searchParams.get('from'))
        const held = pathname.endsWith('/sleep') && from < at('2026-03-29T00:00:00Z') ? sleep.items : []
        return { status: 200, body: pathname.startsWith('/v3/workouts') ? { payload: [] } : held }
      })
      return {
        plugin: suunto({ ...secrets, baseURL: server.url }),
        account: 'robin',
        now,
        fetch: fetchWith(() => 'token'),
        limit: () => {
          limits = true
        },
        close: () => server.close(),
      }
    },
  },
}

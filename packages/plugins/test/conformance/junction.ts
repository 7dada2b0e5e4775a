import { createHmac } from 'node:crypto'
import { junction } from '../../src/wearables/junction/index.js'
import { startCanned } from '../servers/canned.js'
import { fetchWith, fixture, publishedOf, type Row, vectorOf } from './row.js'

const webhookSecret = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`
const now = 1_723_808_700_000
const body = '{"event_type":"daily.data.steps.created","user_id":"u1","data":{}}'
const made = {
  headers: {
    'svix-id': 'msg_2',
    'svix-timestamp': '1723808700',
    'svix-signature': `v1,${createHmac('sha256', '0123456789abcdef01234567').update(`msg_2.1723808700.${body}`).digest('base64')}`,
  },
  body,
}
const { data } = fixture('junction', 'sleep.json') as { data: Record<string, unknown> }
const sleep = (...items: unknown[]) => ({ resource: 'sleep', items })

/** Junction. */
export const row: Row = {
  plugin: junction({ webhookSecret }),
  kit: {
    golden: [
      {
        name: 'the night of the clock change',
        payload: sleep(data),
        expect: [
          {
            shape: 'session',
            kind: 'sleep',
            start: Date.UTC(2026, 2, 28, 22, 30),
            end: Date.UTC(2026, 2, 29, 5),
            offset: 120,
            measures: { sleep_duration: 21_600, sleep_light: 12_600, sleep_rem: 4200, sleep_deep: 4800 },
          },
        ],
        aside: [],
      },
    ],
    signatures: vectorOf('junction(svix)', now, {}, made),
    stories: [
      {
        kind: 'corrected',
        name: 'a night that is updated',
        steps: [
          { payload: sleep(data) },
          { payload: sleep({ ...data, deep: 4000, updated_at: '2026-03-29T09:00:00+00:00' }) },
        ],
        expect: [{ shape: 'session', measures: { sleep_deep: 4000 } }],
        exact: false,
      },
    ],
    never: { deleted: 'Junction has no event of data that were deleted' },
    published: publishedOf('junction'),
    async pull() {
      let limits = false
      const server = await startCanned(({ pathname, searchParams }) => {
        if (limits) return { status: 429, headers: { 'retry-after': '9' } }
        const from = searchParams.get('start_date') ?? '2026-01-01'
        const kind = pathname.split('/').at(-2) ?? ''
        if (kind !== 'sleep') return { status: 200, body: { [kind]: [], groups: {} } }
        const day = from.slice(0, 10)
        const times = { bedtime_start: `${day}T22:30:00+00:00`, bedtime_stop: `${day}T23:30:00+00:00` }
        return { status: 200, body: { sleep: [{ ...data, ...times, id: day }] } }
      })
      return {
        plugin: junction({ webhookSecret, apiKey: 'key', baseURL: server.url }),
        account: String(data.user_id),
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

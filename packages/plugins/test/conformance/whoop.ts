import { createHmac } from 'node:crypto'
import { whoop } from '../../src/wearables/whoop/index.js'
import { zipOf } from '../apple-health-files.js'
import { startCanned } from '../servers/canned.js'
import { fetchWith, fixture, publishedOf, type Row, vectorOf } from './row.js'

const secrets = { clientId: 'client', clientSecret: 's3cret' }
const now = 1_748_241_241_000
const body = '{"user_id":77,"id":"n1","type":"sleep.updated","trace_id":"t1"}'
const made = {
  headers: {
    'x-whoop-signature': createHmac('sha256', 's3cret').update(String(now)).update(body).digest('base64'),
    'x-whoop-signature-timestamp': String(now),
  },
  body,
}
const sleep = fixture('whoop', 'sleep.json') as { kind: string; items: Record<string, unknown>[] }
const night = sleep.items[0]
const nights = (change: object) => ({ kind: 'sleep', items: [{ ...night, ...change }] })
const id = 'sleep/5b6a2a0e-6d7e-4b6c-9f0a-0d6c2f1a7b11'
const at = (stamp: string): number => Date.parse(stamp)

/** WHOOP API v2. */
export const row: Row = {
  plugin: whoop(secrets),
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
            recordId: id,
            measures: { sleep_duration: 21_600, sleep_deep: 5400, sleep_awake: 1800 },
          },
        ],
        aside: [],
        exact: false,
      },
    ],
    signatures: vectorOf('whoop', now, { toleranceMs: 300_000 }, made),
    stories: [
      {
        kind: 'corrected',
        name: 'a night that is scored later',
        steps: [
          { payload: nights({ score_state: 'PENDING_SCORE', score: null, updated_at: '2026-03-29T05:05:00.000Z' }) },
          { payload: sleep },
        ],
        expect: [{ shape: 'session', measures: { sleep_duration: 21_600 } }],
        exact: false,
      },
      {
        kind: 'deleted',
        name: 'a night that is deleted',
        steps: [{ payload: sleep }, { payload: { kind: 'sleep', items: [], missing: [id.slice(6)] } }],
        expect: [],
      },
    ],
    published: publishedOf('whoop').filter(({ name }) => !/webhook|Body/.test(name)),
    archives: [
      {
        name: 'my_whoop_data.zip',
        bytes: zipOf([
          {
            name: 'sleeps.csv',
            content:
              'Cycle start time,Cycle timezone,Sleep onset,Wake onset,Asleep duration (min),Nap\n2024-03-29 23:10:00,UTC+01:00,2024-03-29 23:10:00,2024-03-30 07:00:00,440,false\n',
          },
        ]),
        expect: [{ shape: 'session', start: at('2024-03-29T22:10:00Z') }],
      },
    ],
    async pull() {
      const limited = { status: 429, headers: { 'retry-after': '9' } }
      let limits = false
      const server = await startCanned(({ pathname, searchParams }) => {
        if (limits) return limited
        const [from, to] = ['start', 'end'].map((name) => Date.parse(searchParams.get(name) as string)) as [
          number,
          number,
        ]
        const start = at(String(night?.start))
        return {
          status: 200,
          body: { records: pathname.endsWith('/activity/sleep') && from <= start && start < to ? sleep.items : [] },
        }
      })
      return {
        plugin: whoop({ ...secrets, baseURL: server.url }),
        account: '77',
        now: at('2026-04-10T12:00:00Z'),
        fetch: fetchWith(() => 'token'),
        limit: () => {
          limits = true
        },
        close: () => server.close(),
      }
    },
  },
}

import { createHmac } from 'node:crypto'
import { polar } from '../../src/wearables/polar/index.js'
import { zipOf } from '../apple-health-files.js'
import { startCanned } from '../servers/canned.js'
import { fetchWith, fixture, publishedOf, type Row, vectorOf } from './row.js'

const secrets = { clientId: 'client', clientSecret: 'secret', webhookSecret: 's3cret' }
const body = '{"event":"SLEEP","user_id":77,"date":"2026-03-29","timestamp":"2026-03-29T05:10:00Z"}'
const made = {
  headers: {
    'polar-webhook-signature': createHmac('sha256', 's3cret').update(body).digest('hex'),
    'polar-webhook-event': 'SLEEP',
  },
  body,
}
const sleep = fixture('polar', 'sleep.json') as { kind: string; items: Record<string, unknown>[] }
const night = sleep.items[0]
const at = (stamp: string): number => Date.parse(stamp)

/** Polar AccessLink v3. */
export const row: Row = {
  plugin: polar(secrets),
  kit: {
    golden: [
      {
        name: 'the night of the clock change',
        payload: sleep,
        zone: 'Europe/Berlin',
        expect: [
          {
            shape: 'session',
            kind: 'sleep',
            start: at('2026-03-28T22:30:07Z'),
            end: at('2026-03-29T05:00:07Z'),
            offset: 120,
            recordId: 'sleep/2026-03-29',
            measures: { sleep_duration: 21_600, sleep_deep: 5400, sleep_awake: 1800 },
          },
        ],
        aside: [],
        exact: false,
      },
    ],
    signatures: vectorOf('polar', 0, { toleranceMs: null, signed: ['polar-webhook-signature'] }, made),
    stories: [
      {
        kind: 'growing',
        name: 'a night of which more is known later',
        steps: [
          {
            payload: {
              ...sleep,
              items: [{ ...night, deep_sleep: null, sleep_end_time: '2026-03-29T05:00:07+02:00' }],
            },
          },
          { payload: sleep },
        ],
        expect: [{ shape: 'session', end: at('2026-03-29T05:00:07Z'), measures: { sleep_duration: 21_600 } }],
        exact: false,
      },
      {
        kind: 'corrected',
        name: 'a day that is told of again',
        steps: [
          {
            payload: {
              kind: 'activity',
              items: [{ date: '2026-03-28', steps: 4000, created: '2026-03-28T12:00:00Z' }],
            },
          },
          {
            payload: {
              kind: 'activity',
              items: [{ date: '2026-03-28', steps: 9041, created: '2026-03-28T21:00:00Z' }],
            },
          },
        ],
        expect: [{ shape: 'daily_total', metric: 'steps', value: 9041 }],
      },
    ],
    never: { deleted: 'AccessLink gives copies: what a person changes or deletes afterwards is not told' },
    published: publishedOf('polar').filter(
      ({ name }) =>
        /exercise|sleep\.json|recharge|continuous|openapi-activity\.json|cardio-load(-schema)?\.json|physical-information\.json|chr/.test(
          name,
        ) && !/exercises\.json|webhook|Webhook|available/.test(name),
    ),
    archives: [
      {
        name: 'polar-user-data-export.zip',
        bytes: zipOf([
          {
            name: 'activity-2025-01-02-u.json',
            content: JSON.stringify({ date: '2025-01-02', exportVersion: '1.8', summary: { stepCount: 9041 } }),
          },
          {
            name: 'nightly_recovery_1-u.json',
            content: JSON.stringify([{ night: '2025-03-30', meanNightlyRecoveryRmssd: 44 }]),
          },
        ]),
        expect: [{ metric: 'steps', value: 9041 }],
      },
    ],
    async pull() {
      const limited = { status: 429, headers: { 'retry-after': '9' } }
      let limits = false
      const server = await startCanned(({ pathname }) => {
        if (limits) return limited
        if (pathname === '/v3/users/sleep') return { status: 200, body: { nights: sleep.items } }
        return pathname === '/v3/exercises' ? { status: 200, body: [] } : { status: 204 }
      })
      return {
        plugin: polar({ ...secrets, baseURL: server.url }),
        account: '77',
        now: at('2026-03-29T12:00:00Z'),
        fetch: fetchWith(() => 'token'),
        limit: () => {
          limits = true
        },
        close: () => server.close(),
      }
    },
  },
}

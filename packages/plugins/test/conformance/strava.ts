import { createHmac } from 'node:crypto'
import { strava } from '../../src/wearables/strava/index.js'
import { startStrava } from '../servers/strava.js'
import { fetchWith, fixture, publishedOf, type Row, tokenOf } from './row.js'

const secrets = { clientId: '77', clientSecret: 's3cret', verifyToken: 'tök3n' }
const now = 1_783_152_000_000
const DAY = 86_400_000
const event = {
  aspect_type: 'update',
  event_time: 1_783_152_000,
  object_id: 4711,
  object_type: 'athlete',
  owner_id: 134_815,
  subscription_id: 9,
  updates: { authorized: 'false' },
}
const body = JSON.stringify({ ...event, object_type: 'activity', updates: {} })
const signature = createHmac('sha256', 's3cret').update(`1783152000.${body}`).digest('hex')
const key = createHmac('sha256', 'tök3n').update('strava callback').digest('base64url')
const run = (fixture('strava', 'activity.json') as { activities: Record<string, unknown>[] }).activities[0]
const activities = (...held: unknown[]) => ({ from: 'detail', activities: held })

/** Strava API v3. */
export const row: Row = {
  plugin: strava(secrets),
  kit: {
    golden: [
      {
        name: 'a run',
        payload: fixture('strava', 'activity.json'),
        expect: [
          {
            shape: 'session',
            kind: 'workout',
            activity: 'running',
            start: Date.UTC(2026, 2, 28, 9, 30),
            end: Date.UTC(2026, 2, 28, 10, 20),
            offset: 60,
            measures: { distance: 10_020.5, heart_rate: 148.5, heart_rate_max: 171 },
          },
        ],
        aside: [],
      },
    ],
    signatures: [
      {
        name: 'an event with a signature',
        body,
        now,
        headers: { 'x-strava-signature': `t=1783152000,v1=${signature}` },
        hex: ['x-strava-signature'],
      },
      { name: 'an event at the address with its key', body, now, query: { key }, signsBody: false, toleranceMs: null },
    ],
    endings: [{ name: 'an athlete who takes the permission back', body: event, account: '134815' }],
    stories: [
      {
        kind: 'corrected',
        name: 'a run whose distance is edited',
        steps: [{ payload: activities(run) }, { payload: activities({ ...run, distance: 9000 }) }],
        expect: [{ shape: 'session', measures: { distance: 9000 } }],
        exact: false,
      },
      {
        kind: 'deleted',
        name: 'a run that is gone',
        steps: [{ payload: activities(run) }, { payload: { ...activities(), missing: ['4711'] } }],
        expect: [],
      },
      {
        kind: 'corrected',
        name: 'a run that is cropped at its start',
        steps: [
          { payload: activities(run) },
          { payload: activities({ ...run, start_date: '2026-03-28T09:40:00Z', elapsed_time: 2400, distance: 8000 }) },
        ],
        expect: [{ shape: 'session', start: Date.UTC(2026, 2, 28, 9, 40), measures: { distance: 8000 } }],
      },
      {
        kind: 'corrected',
        name: 'a run that was hidden from us and is shown again',
        steps: [
          { payload: activities(run) },
          { payload: { ...activities(), missing: ['4711'] } },
          { payload: activities(run) },
        ],
        expect: [{ shape: 'session', start: Date.UTC(2026, 2, 28, 9, 30) }],
        exact: false,
      },
      {
        kind: 'late',
        name: 'a list that comes after the whole run',
        steps: [{ payload: activities(run) }, { payload: { ...activities({ ...run, calories: null }), from: 'list' } }],
        expect: [{ shape: 'session', measures: { energy_active: run?.calories } }],
        exact: false,
      },
      {
        kind: 'dst',
        name: 'a run through the clock change',
        steps: [{ payload: activities({ ...run, start_date: '2026-03-29T00:30:00Z', elapsed_time: 3600 }) }],
        expect: [
          { shape: 'session', start: Date.UTC(2026, 2, 29, 0, 30), end: Date.UTC(2026, 2, 29, 1, 30), offset: 60 },
        ],
        exact: false,
      },
    ],
    archives: [
      {
        name: 'activities.csv',
        bytes: Buffer.from(
          'Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Elapsed Time,Distance,Average Heart Rate\n' +
            '41,"Oct 7, 2020, 2:43:11 PM",Evening ride,Ride,5601,18.96,5601.0,18962.5,141.5\n' +
            '42,"Oct 8, 2020, 6:00:00 AM",Pool,Swim,1800,1000,1800.0,1000.0,\n',
        ),
        expect: [{ start: Date.UTC(2020, 9, 7, 14, 43, 11), end: Date.UTC(2020, 9, 7, 16, 16, 32) }],
      },
    ],
    published: publishedOf('strava'),
    async pull() {
      const server = await startStrava(secrets)
      const at = Date.parse('2026-04-10T12:07:00Z')
      const plugin = strava({ ...secrets, baseURL: server.url })
      const grant = { grant_type: 'authorization_code', code: server.grant(), client_id: '77', client_secret: 's3cret' }
      const token = await tokenOf(plugin.oauth?.tokenUrl ?? '', grant)
      server.activities = Array.from({ length: 150 }, (_, i) => ({
        ...run,
        id: i + 1,
        start_date: new Date(at - (300 - 2 * i) * DAY).toISOString(),
      }))
      return {
        plugin,
        account: '134815',
        now: at,
        fetch: fetchWith(() => token),
        limit: () => server.limit(100, { 'retry-after': '60' }),
        close: () => server.close(),
      }
    },
  },
}

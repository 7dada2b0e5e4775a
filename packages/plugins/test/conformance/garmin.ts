import { garmin } from '../../src/wearables/garmin/index.js'
import { fixture, publishedOf, type Row } from './row.js'

const secrets = { clientId: 'client', clientSecret: 's3cret', webhookSecret: 'a-long-random-secret' }
const now = 1_783_152_000_000
const day = fixture('garmin', 'night.json') as { userId: string; summaries: { sleeps: Record<string, unknown>[] } }
const night = day.summaries.sleeps[0]
const sleeps = (...held: unknown[]) => ({ userId: 'u', summaries: { sleeps: held } })
const at = (stamp: string): number => Date.parse(stamp)

/** Garmin Health API. */
export const row: Row = {
  plugin: garmin(secrets),
  kit: {
    golden: [
      {
        name: 'the night of the clock change',
        payload: day,
        expect: [
          {
            shape: 'session',
            kind: 'sleep',
            start: at('2026-03-28T22:30:00Z'),
            end: at('2026-03-29T05:00:00Z'),
            measures: { sleep_deep: 5400, sleep_light: 12_600, sleep_rem: 3600, sleep_duration: 21_600 },
          },
        ],
        aside: [],
      },
    ],
    signatures: [
      {
        name: 'a delivery at the address with its key',
        body: '{"sleeps":[]}',
        now,
        headers: { 'garmin-client-id': 'client' },
        query: { key: secrets.webhookSecret },
        signsBody: false,
        toleranceMs: null,
      },
    ],
    endings: [
      { name: 'a deregistration', body: { deregistrations: [{ userId: 'u1', userAccessToken: 't' }] }, account: 'u1' },
    ],
    stories: [
      {
        kind: 'growing',
        name: 'a night that is refined',
        steps: [
          { payload: sleeps({ ...night, durationInSeconds: 9000, validation: 'AUTO_TENTATIVE', sleepLevelsMap: {} }) },
          { payload: sleeps(night) },
        ],
        expect: [{ shape: 'session', end: at('2026-03-29T05:00:00Z'), measures: { sleep_duration: 21_600 } }],
        exact: false,
      },
      {
        kind: 'dst',
        name: 'seven and a half hours on the clock are six and a half',
        steps: [{ payload: sleeps(night) }],
        expect: [{ shape: 'session', start: at('2026-03-28T22:30:00Z'), end: at('2026-03-29T05:00:00Z') }],
        exact: false,
      },
    ],
    published: publishedOf('garmin-health-push'),
  },
}

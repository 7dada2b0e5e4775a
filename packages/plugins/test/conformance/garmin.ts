import { garmin } from '../../src/wearables/garmin/index.js'
import { zipOf } from '../apple-health-files.js'
import { startCanned } from '../servers/canned.js'
import { fetchWith, fixture, publishedOf, type Row } from './row.js'

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
    never: { deleted: 'Garmin’s Health API sends nothing about summaries that were deleted' },
    archives: [
      {
        name: 'export.zip',
        bytes: zipOf([
          {
            name: 'DI_CONNECT/DI-Connect-Aggregator/UDSFile_2026-01-01_2026-04-11.json',
            content: JSON.stringify([{ calendarDate: '2026-03-28', totalSteps: 7142, restingHeartRate: 67 }]),
          },
        ]),
        expect: [{ metric: 'steps', date: '2026-03-28', value: 7142 }],
      },
    ],
    published: publishedOf('garmin-health-push'),
    async pull() {
      let limits = false
      const server = await startCanned(() =>
        limits ? { status: 429, headers: { 'retry-after': '9' } } : { status: 202 },
      )
      const askedFor: number[] = []
      const fetch = fetchWith(() => 'token')
      return {
        plugin: garmin({ ...secrets, baseURL: server.url }),
        account: 'u',
        now: at('2026-04-10T12:00:00Z'),
        // Garmin answers by its webhook, later.
        onlyAsks: true,
        fetch: (url, init) => {
          askedFor.push(Number(new URL(url).searchParams.get('summaryStartTimeInSeconds')) * 1000)
          return fetch(url, init)
        },
        earliest: () => Math.min(...askedFor),
        limit: () => {
          limits = true
        },
        close: () => server.close(),
      }
    },
  },
}

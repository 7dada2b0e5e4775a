import { dexcom } from '../../src/wearables/dexcom/index.js'
import { startDexcom } from '../servers/dexcom.js'
import { bytesOf, fetchWith, fixture, publishedOf, type Row } from './row.js'

const secrets = { clientId: 'client', clientSecret: 's3cret' }
const at = (stamp: string): number => Date.parse(stamp)
type Reading = Record<string, unknown> & { systemTime: string }
const egvs = fixture('dexcom', 'egvs.json') as { collection: 'egvs'; records: Reading[] }
const meal = (change: object) => ({
  collection: 'events',
  records: [
    {
      recordId: '6f1c0b7e-0002-4a5e-9a3f-000000000001',
      systemTime: '2025-10-26T06:00:00Z',
      displayTime: '2025-10-26T07:00:00+01:00',
      eventType: 'carbs',
      eventSubType: null,
      value: '40',
      unit: 'grams',
      ...change,
    },
  ],
})

/** Dexcom API v3, and the export of Clarity. */
export const row: Row = {
  plugin: dexcom(secrets),
  kit: {
    golden: [
      {
        name: 'readings of the night on which the clock is put back',
        payload: egvs,
        expect: [{ metric: 'glucose', value: 104, unit: 'mg/dL', start: at('2025-10-26T00:55:00Z'), offset: 120 }],
        // 401 stands for "above what the sensor can say".
        aside: ['out_of_range'],
        exact: false,
      },
    ],
    stories: [
      {
        kind: 'corrected',
        name: 'a meal whose carbohydrates are corrected',
        steps: [
          { payload: meal({ eventStatus: 'created' }) },
          { payload: meal({ eventStatus: 'updated', value: '55' }) },
        ],
        expect: [{ metric: 'carbohydrate_intake', value: 55, unit: 'g' }],
      },
      {
        kind: 'deleted',
        name: 'a meal that the person has deleted',
        steps: [{ payload: meal({ eventStatus: 'created' }) }, { payload: meal({ eventStatus: 'deleted' }) }],
        expect: [],
      },
      {
        kind: 'dst',
        name: 'the two readings around the hour that comes twice',
        steps: [
          {
            payload: {
              collection: 'egvs',
              records: ['2025-10-26T00:30:00Z|+02:00', '2025-10-26T01:30:00Z|+01:00'].map((both, i) => {
                const [systemTime = '', offset] = both.split('|')
                return {
                  ...egvs.records[0],
                  recordId: `twice-${i}`,
                  systemTime,
                  displayTime: `2025-10-26T02:30:00${offset}`,
                  value: 100 + i,
                }
              }),
            },
          },
        ],
        expect: [
          { metric: 'glucose', value: 100, start: at('2025-10-26T00:30:00Z'), offset: 120 },
          { metric: 'glucose', value: 101, start: at('2025-10-26T01:30:00Z'), offset: 60 },
        ],
      },
    ],
    published: publishedOf('cgm-dexcom'),
    archives: [
      {
        name: 'clarity.csv',
        bytes: bytesOf('dexcom', 'clarity.csv'),
        zone: 'Europe/Berlin',
        expect: [{ metric: 'glucose' }],
      },
    ],
    async pull() {
      const server = await startDexcom(secrets)
      const token = server.token()
      server.kept.egvs = egvs.records.map((record) => ({ record, received: at(record.systemTime) + 3_600_000 }))
      return {
        plugin: dexcom({ ...secrets, baseURL: server.url }),
        account: server.userId,
        now: at('2025-11-10T12:00:00Z'),
        fetch: fetchWith(() => token),
        limit: () => server.refuse(100, 429, { 'retry-after': '9' }),
        close: () => server.close(),
      }
    },
  },
}

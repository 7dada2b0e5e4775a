import { createHmac } from 'node:crypto'
import { withings } from '../../src/wearables/withings/index.js'
import { zipOf } from '../apple-health-files.js'
import { startWithings } from '../servers/withings.js'
import { fetchWith, fixture, publishedOf, type Row, tokenOf } from './row.js'

const secrets = { clientId: 'client', clientSecret: 's3cret', callbackSecret: 'a-long-random-secret' }
const now = 1_783_152_000_000
const body = 'userid=363&appli=1&startdate=1783000000&enddate=1783100000'
const key = createHmac('sha256', secrets.callbackSecret).update('withings callback 363').digest('base64url')
const weighing = fixture('withings', 'measures.json') as { items: Record<string, unknown>[] }
const first = weighing.items[0]
const measures = (...items: unknown[]) => ({ ...weighing, items })

/** Withings. */
export const row: Row = {
  plugin: withings(secrets),
  kit: {
    golden: [
      {
        name: 'a weighing, and a goal that is none',
        payload: weighing,
        expect: [
          { metric: 'weight', value: 71.35, unit: 'kg', start: Date.UTC(2024, 2, 31, 1), offset: 120 },
          { metric: 'body_fat', value: 18.7 },
        ],
        exact: true,
      },
    ],
    signatures: [
      {
        name: 'a notification at the person’s address',
        body,
        now,
        query: { key },
        signsBody: false,
        toleranceMs: null,
      },
    ],
    refused: [
      {
        name: 'a notification for somebody else at this person’s address',
        request: {
          method: 'POST',
          headers: {},
          query: { key },
          body: new TextEncoder().encode(body.replace('363', '364')),
          now,
        },
      },
    ],
    endings: [
      { name: 'a person who unlinks', body: { userid: '363', appli: '46', action: 'unlink' }, account: '363' },
      { name: 'an account that is gone', body: { userid: '363', appli: '46', action: 'delete' }, account: '363' },
    ],
    stories: [
      {
        kind: 'corrected',
        name: 'a weighing that is corrected',
        steps: [
          { payload: measures(first) },
          {
            payload: measures({
              ...first,
              modified: 1_711_900_000,
              measures: [{ value: 70_000, type: 1, unit: -3 }],
            }),
          },
        ],
        expect: [{ metric: 'weight', value: 70 }],
      },
      {
        kind: 'deleted',
        name: 'a weighing that is gone',
        steps: [{ payload: measures(first) }, { payload: { ...measures(), missing: ['measures/901'] } }],
        expect: [],
      },
    ],
    archives: [
      {
        name: 'export.zip',
        bytes: zipOf([
          {
            name: 'data_ROB_1711900000/weight.csv',
            content:
              'Date,"Weight (kg)","Fat mass (kg)",Comments\n"2024-03-31 03:30:00",71.35,13.2,\n"2024-03-30 07:00:00",71.6,,\n',
          },
          { name: 'data_ROB_1711900000/aggregates_steps.csv', content: 'date,value\n2024-03-30,9041\n' },
        ]),
        expect: [
          { metric: 'weight', value: 71.35, start: Date.UTC(2024, 2, 31, 1, 30) },
          { metric: 'steps', date: '2024-03-30', value: 9041 },
        ],
      },
    ],
    published: publishedOf('withings'),
    async pull() {
      const server = await startWithings(secrets)
      const at = Date.parse('2026-04-10T12:00:00Z')
      const plugin = withings({ ...secrets, baseURL: server.url })
      const grant = { action: 'requesttoken', grant_type: 'authorization_code', code: server.grant() }
      const fields = { ...grant, client_id: secrets.clientId, client_secret: secrets.clientSecret }
      const token = await tokenOf(plugin.oauth?.tokenUrl ?? '', fields, (answer) => plugin.oauth?.unwrap?.(answer))
      server.groups = Array.from({ length: 40 }, (_, i) => {
        const date = at / 1000 - (200 - 5 * i) * 86_400
        return { ...first, grpid: 1000 + i, date, created: date, modified: date }
      })
      return {
        plugin,
        account: String(server.userid),
        now: at,
        fetch: fetchWith(() => token),
        limit: () => server.refuse(100, 601),
        close: () => server.close(),
      }
    },
  },
}

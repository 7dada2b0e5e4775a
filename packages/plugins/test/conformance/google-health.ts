import { createHash, randomBytes } from 'node:crypto'
import { googleHealth } from '../../src/wearables/google-health/index.js'
import { startGoogle } from '../servers/google-health.js'
import { fetchWith, fixture, publishedOf, type Row } from './row.js'

const secrets = { clientId: 'client', clientSecret: 's3cret', webhookSecret: 'Bearer 8f2b1c0d9e7a6b5c4d3e' }
const now = Date.parse('2026-03-29T06:00:00Z')
const at = (stamp: string): number => Date.parse(stamp)
const body = JSON.stringify({
  data: {
    healthUserId: 'h-0001',
    dataType: 'sleep',
    operation: 'UPSERT',
    intervals: [{ physicalTimeInterval: { startTime: '2026-03-28T22:10:00Z', endTime: '2026-03-29T05:40:00Z' } }],
  },
})

type Night = { name: string; sleep: Record<string, unknown> }
const { dataPoints } = fixture('google-health', 'sleep.json') as { dataPoints: Night[] }
const [night] = dataPoints as [Night]
const nights = (change: object) => ({
  dataType: 'sleep',
  points: [{ ...night, sleep: { ...night.sleep, ...change } }],
})
const whole = nights({})
const [start, end] = [at('2026-03-28T22:10:00Z'), at('2026-03-29T05:40:00Z')]

// Google signs with keys that it publishes: the plugin has them from a server that behaves as Google does.
const server = await startGoogle(secrets)
const plugin = googleHealth({ ...secrets, baseURL: server.url })
const headers = { authorization: secrets.webhookSecret, 'google-health-api-signature': server.sign(body) }
await plugin.webhook?.prepare?.(
  { method: 'POST', headers, query: {}, body: Buffer.from(body), now },
  { fetch: fetchWith(() => '') },
)
await server.close()

/** Google Health API v4. */
export const row: Row = {
  plugin,
  kit: {
    golden: [
      {
        name: 'the night of the clock change',
        payload: whole,
        expect: [
          {
            shape: 'session',
            kind: 'sleep',
            start,
            end,
            nap: false,
            offset: 120,
            zoneBasis: 'carried',
            recordId: 'sleep/5f1c2a7e-0001',
            measures: { sleep_duration: 26_100, sleep_deep: 7200, sleep_rem: 6300, sleep_latency: 720 },
          },
        ],
        aside: [],
        exact: false,
      },
    ],
    signatures: [{ name: 'a delivery signed by ourselves', from: 'made', now, headers, body, toleranceMs: null }],
    stories: [
      {
        kind: 'corrected',
        name: 'a night that the person has edited',
        steps: [
          {
            payload: nights({
              interval: { ...(night.sleep.interval as object), endTime: '2026-03-29T05:00:00Z' },
              updateTime: '2026-03-29T05:20:00Z',
            }),
          },
          { payload: whole },
        ],
        expect: [{ shape: 'session', start, end }],
        exact: false,
      },
      {
        kind: 'deleted',
        name: 'a night that is not there any longer',
        steps: [{ payload: whole }, { payload: { dataType: 'sleep', points: [], missing: ['sleep/5f1c2a7e-0001'] } }],
        expect: [],
      },
      {
        kind: 'dst',
        name: 'seven and a half hours, which the clocks call eight and a half',
        steps: [{ payload: whole }],
        expect: [{ shape: 'session', start, end, offset: 120 }],
        exact: false,
      },
    ],
    published: publishedOf('google-health'),
    async pull() {
      const server = await startGoogle(secrets)
      const plugin = googleHealth({ ...secrets, baseURL: server.url })
      const verifier = randomBytes(32).toString('base64url')
      const answer = await fetch(plugin.oauth?.tokenUrl ?? '', {
        method: 'POST',
        body: new URLSearchParams({
          client_id: secrets.clientId,
          client_secret: secrets.clientSecret,
          grant_type: 'authorization_code',
          code: server.grant(createHash('sha256').update(verifier).digest('base64url')),
          code_verifier: verifier,
        }),
      })
      const { access_token } = (await answer.json()) as { access_token: string }
      server.points.set('sleep', [{ ...night }])
      return {
        plugin,
        account: server.healthUserId,
        now: at('2026-04-10T12:00:00Z'),
        fetch: fetchWith(() => access_token),
        limit: () => server.refuse(100, 429, { 'retry-after': '9' }),
        close: () => server.close(),
      }
    },
  },
}

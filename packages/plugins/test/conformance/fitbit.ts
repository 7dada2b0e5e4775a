import { createHash, createHmac } from 'node:crypto'
import { fitbit } from '../../src/wearables/fitbit/index.js'
import { zipOf } from '../apple-health-files.js'
import { startFitbit } from '../servers/fitbit.js'
import { fetchWith, fixture, publishedOf, type Row, vectorOf } from './row.js'

const secrets = { clientId: 'client', clientSecret: 's3cret', verifyCode: 'code' }
const now = 1_783_152_000_000
const told = (ownerId: string, collectionType: string) => ({
  collectionType,
  date: '2026-03-29',
  ownerId,
  ownerType: 'user',
  subscriptionId: 's',
})
const body = JSON.stringify([told('ABC123', 'sleep'), told('DEF456', 'activities')])
const made = {
  headers: { 'x-fitbit-signature': createHmac('sha1', 's3cret&').update(body).digest('base64') },
  body,
}
const sleep = fixture('fitbit', 'sleep-2026-03-29.json') as Record<string, unknown>[]
const night = sleep[0]
const nights = (...items: unknown[]) => ({ document: { sleep: items } })
const weighing = (weight: number) => ({
  document: { weight: [{ logId: 1_774_764_000_000, date: '2026-03-29', time: '07:10:00', weight }] },
})
const zone = 'Europe/Berlin'
const at = (stamp: string): number => Date.parse(stamp)
// Seven hours from 23:00 in winter time, though the clocks on the wall say eight.
const [start, end] = [at('2026-03-28T22:00:00Z'), at('2026-03-29T05:00:00Z')]

/** Fitbit: the export of an account, and the Web API with its webhook. */
export const row: Row = {
  plugin: fitbit(secrets),
  kit: {
    golden: [
      {
        name: 'the night of the clock change',
        payload: nights(night),
        zone,
        expect: [
          {
            shape: 'session',
            kind: 'sleep',
            start,
            end,
            nap: false,
            offset: 120,
            zoneBasis: 'floating',
            recordId: 'sleep/48809009246',
            measures: { sleep_duration: 24_600, sleep_deep: 7140, sleep_rem: 7200, sleep_latency: 300 },
          },
        ],
        aside: [],
        exact: true,
      },
      {
        name: 'a weighing',
        payload: weighing(71.4),
        zone,
        expect: [{ metric: 'weight', value: 71.4, unit: 'kg', start: at('2026-03-29T05:10:00Z'), offset: 120 }],
        aside: [],
        exact: true,
      },
    ],
    signatures: vectorOf('fitbit', now, { toleranceMs: null }, made),
    endings: [
      {
        name: 'revoked access',
        body: [told('DEF456', 'sleep'), told('ABC123', 'userRevokedAccess')],
        account: 'ABC123',
      },
      { name: 'an account that is gone', body: [told('ABC123', 'deleteUser')], account: 'ABC123' },
    ],
    stories: [
      {
        kind: 'growing',
        name: 'a night that was read before its end',
        steps: [
          {
            payload: nights({ ...night, endTime: '2026-03-29T05:00:00.000', duration: 18_000_000, minutesAsleep: 290 }),
            zone,
          },
          { payload: nights(night), zone },
        ],
        expect: [{ shape: 'session', start, end, measures: { sleep_duration: 24_600 } }],
      },
      {
        kind: 'corrected',
        name: 'a weighing that the person has edited',
        steps: [
          { payload: weighing(714), zone },
          { payload: weighing(71.4), zone },
        ],
        expect: [{ metric: 'weight', value: 71.4 }],
      },
      {
        kind: 'deleted',
        name: 'a night that is not there any longer',
        steps: [
          { payload: nights(night), zone },
          { payload: { ...nights(), missing: ['sleep/48809009246'] }, zone },
        ],
        expect: [],
      },
      {
        kind: 'dst',
        name: 'seven hours, which the clocks call eight',
        steps: [{ payload: nights(night), zone }],
        expect: [{ shape: 'session', start, end, offset: 120 }],
      },
    ],
    published: publishedOf('fitbit'),
    archives: [
      {
        name: 'takeout-20260410T120000Z-001.zip',
        bytes: zipOf([
          { name: 'Takeout/Fitbit/Global Export Data/sleep-2026-03-29.json', content: JSON.stringify(sleep) },
          {
            name: 'Takeout/Fitbit/Global Export Data/steps-2026-03-28.json',
            content: JSON.stringify([{ dateTime: '03/28/26 22:00:00', value: '12' }]),
          },
        ]),
        zone,
        expect: [
          { shape: 'session', kind: 'sleep', start, end, recordId: 'sleep/48809009246' },
          // This file is in UTC, as the nights' is not.
          { metric: 'steps', value: 12, start: at('2026-03-28T22:00:00Z') },
        ],
      },
    ],
    async pull() {
      const server = await startFitbit(secrets)
      const plugin = fitbit({ ...secrets, baseURL: server.url })
      const verifier = 'v'.repeat(43)
      const code = server.grant(createHash('sha256').update(verifier).digest('base64url'))
      const answer = await fetch(plugin.oauth?.tokenUrl ?? '', {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${secrets.clientId}:${secrets.clientSecret}`).toString('base64')}`,
        },
        body: new URLSearchParams({ grant_type: 'authorization_code', code, code_verifier: verifier }),
      })
      const { access_token } = (await answer.json()) as { access_token: string }
      server.sleep = sleep
      server.weight = [{ logId: 1, date: '2026-01-20', time: '07:00:00', weight: 71 }]
      return {
        plugin,
        account: server.userId,
        now: at('2026-04-10T12:00:00Z'),
        fetch: fetchWith(() => access_token),
        limit: () => server.refuse(100, 429, { 'fitbit-rate-limit-reset': '9' }),
        close: () => server.close(),
      }
    },
  },
}

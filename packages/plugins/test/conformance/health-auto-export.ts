import { createHmac } from 'node:crypto'
import { healthAutoExport } from '../../src/wearables/health-auto-export/index.js'
import { zipOf } from '../apple-health-files.js'
import { bytesOf, fixture, publishedOf, type Row } from './row.js'

const secret = 'a-long-random-secret'
const now = 1_783_152_000_000
const mac = createHmac('sha256', secret).update('health-auto-export ann').digest('base64url')
const key = `${Buffer.from('ann').toString('base64url')}.${mac}`
const body = '{"data":{"metrics":[]}}'
const { data } = fixture('health-auto-export', 'export.json') as { data: Record<string, Record<string, unknown>[]> }
const { route: _route, ...run } = data.workouts?.[0] ?? {}
const steps = (...points: unknown[]) => ({ data: { metrics: [{ name: 'step_count', units: 'count', data: points }] } })
const night = (sleepEnd: string, totalSleep: number) => ({
  data: {
    metrics: [
      {
        name: 'sleep_analysis',
        units: 'hr',
        data: [{ date: '2026-03-29', totalSleep, sleepStart: '2026-03-28 23:30:00 +0100', sleepEnd, source: 'Watch' }],
      },
    ],
  },
})

/** Health Auto Export. */
export const row: Row = {
  plugin: healthAutoExport({ secret }),
  kit: {
    golden: [
      {
        name: 'an automation’s delivery',
        payload: { data: { ...data, workouts: [run] } },
        expect: [
          { metric: 'steps', start: Date.UTC(2026, 2, 29, 0, 58), end: Date.UTC(2026, 2, 29, 0, 59), value: 40 },
          { metric: 'oxygen_saturation', value: 97 },
          { kind: 'sleep', measures: { sleep_duration: 23_400 }, offset: 120 },
          { kind: 'workout', activity: 'running', measures: { distance: 5200, energy_active: 300, steps: 4750 } },
          { shape: 'tag', tag: 'headache' },
        ],
        aside: [],
      },
    ],
    signatures: [
      { name: 'a delivery with the person’s key', body, now, query: { key }, signsBody: false, toleranceMs: null },
    ],
    refused: [
      {
        name: 'the key of one person for another',
        request: {
          method: 'POST',
          headers: {},
          query: { key: `${Buffer.from('ben').toString('base64url')}.${mac}` },
          body: new TextEncoder().encode(body),
          now,
        },
      },
    ],
    stories: [
      {
        kind: 'corrected',
        name: 'a minute that is summed up anew',
        steps: [
          { payload: steps({ date: '2026-03-29 10:01:00 +0200', qty: 10, source: 'Watch' }) },
          { payload: steps({ date: '2026-03-29 10:01:00 +0200', qty: 25, source: 'Watch' }) },
        ],
        expect: [{ metric: 'steps', value: 25 }],
      },
      {
        kind: 'growing',
        name: 'a night that is not over yet',
        steps: [
          { payload: night('2026-03-29 03:30:00 +0200', 3) },
          { payload: night('2026-03-29 07:15:00 +0200', 6.5) },
        ],
        expect: [{ kind: 'sleep', end: Date.UTC(2026, 2, 29, 5, 15), measures: { sleep_duration: 23_400 } }],
      },
      {
        kind: 'dst',
        name: 'two minutes on either side of the lost hour',
        steps: [
          {
            payload: steps(
              { date: '2026-03-29 01:59:00 +0100', qty: 1, source: 'Watch' },
              { date: '2026-03-29 03:00:00 +0200', qty: 2, source: 'Watch' },
            ),
          },
        ],
        expect: [
          { start: Date.UTC(2026, 2, 29, 0, 59), end: Date.UTC(2026, 2, 29, 1), value: 1 },
          { start: Date.UTC(2026, 2, 29, 1), value: 2 },
        ],
      },
    ],
    never: { deleted: 'the app sends what is there, and never what is gone' },
    archives: [
      {
        name: 'export.zip',
        bytes: zipOf([
          { name: 'HealthAutoExport-2026-03-29.json', content: bytesOf('health-auto-export', 'export.json') },
          { name: 'HealthMetrics-2026-03-28.csv', content: 'Date/Time,Step Count (count)\n2026-03-28 00:00:00,8123\n' },
        ]),
        expect: [
          { metric: 'steps', value: 40 },
          { metric: 'steps', date: '2026-03-28', value: 8123 },
        ],
      },
    ],
    published: publishedOf('health-auto-export'),
  },
}

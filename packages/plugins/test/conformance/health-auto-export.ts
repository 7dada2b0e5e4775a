import { createHmac } from 'node:crypto'
import { healthAutoExport } from '../../src/wearables/health-auto-export/index.js'
<<<<<<< HEAD
import { zipOf } from '../apple-health-files.js'
=======
>>>>>>> 85213b82cbbacbcb3b47f34b81e6b248c420a596
import { bytesOf, fixture, publishedOf, type Row } from './row.js'

const secret = 'a-long-random-secret'
const now = 1_783_152_000_000
<<<<<<< HEAD
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
=======
const mac = createHmac('sha256', secret).update('health-auto-export ada').digest('base64url')
const key = `${Buffer.from('ada').toString('base64url')}.${mac}`
const weight = (date: string, qty: number) => ({
  data: { metrics: [{ name: 'weight_body_mass', units: 'kg', data: [{ date, qty, source: 'Renpho' }] }] },
>>>>>>> 85213b82cbbacbcb3b47f34b81e6b248c420a596
})

/** Health Auto Export. */
export const row: Row = {
  plugin: healthAutoExport({ secret }),
  kit: {
    golden: [
      {
<<<<<<< HEAD
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
=======
        name: 'an export around the clock change',
        payload: fixture('health-auto-export', 'export.json'),
        expect: [
          { metric: 'heart_rate', value: 61.5 },
          // 150 lb.
          { metric: 'weight', value: 68.0388555, unit: 'kg', offset: 120 },
          { metric: 'oxygen_saturation', value: 97, unit: '%' },
          { metric: 'blood_pressure_systolic', value: 121 },
          { metric: 'blood_pressure_diastolic', value: 79 },
        ],
      },
    ],
    signatures: [
      {
        name: 'a delivery to the person’s address',
        body: '{"data":{}}',
        now,
        query: { key },
        signsBody: false,
        toleranceMs: null,
      },
      {
        name: 'a delivery with the key in a header',
        body: '{"data":{}}',
        now,
        headers: { 'x-api-key': key },
        signsBody: false,
        toleranceMs: null,
>>>>>>> 85213b82cbbacbcb3b47f34b81e6b248c420a596
      },
    ],
    stories: [
      {
        kind: 'corrected',
<<<<<<< HEAD
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
=======
        name: 'a weight that comes again with another value',
        steps: [
          { payload: weight('2026-03-29 08:00:00 +0200', 68) },
          { payload: weight('2026-03-29 08:00:00 +0200', 67) },
        ],
        expect: [{ metric: 'weight', value: 67 }],
      },
    ],
    never: { deleted: 'the app exports what there is, and says nothing of what is gone' },
    published: publishedOf('health-auto-export'),
    archives: [{ name: 'export.json', bytes: bytesOf('health-auto-export', 'export.json') }],
>>>>>>> 85213b82cbbacbcb3b47f34b81e6b248c420a596
  },
}

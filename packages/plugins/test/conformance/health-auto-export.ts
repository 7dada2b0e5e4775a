import { createHmac } from 'node:crypto'
import { healthAutoExport } from '../../src/wearables/health-auto-export/index.js'
import { bytesOf, fixture, publishedOf, type Row } from './row.js'

const secret = 'a-long-random-secret'
const now = 1_783_152_000_000
const mac = createHmac('sha256', secret).update('health-auto-export ada').digest('base64url')
const key = `${Buffer.from('ada').toString('base64url')}.${mac}`
const weight = (date: string, qty: number) => ({
  data: { metrics: [{ name: 'weight_body_mass', units: 'kg', data: [{ date, qty, source: 'Renpho' }] }] },
})

/** Health Auto Export. */
export const row: Row = {
  plugin: healthAutoExport({ secret }),
  kit: {
    golden: [
      {
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
      },
    ],
    stories: [
      {
        kind: 'corrected',
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
  },
}

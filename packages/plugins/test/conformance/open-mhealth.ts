import { openMhealth } from '../../src/wearables/open-mhealth/index.js'
import { bytesOf, fixture, publishedOf, type Row } from './row.js'

const point = (bpm: number, change: object = {}) => [
  {
    header: {
      id: 'b1',
      schema_id: { namespace: 'omh', name: 'heart-rate', version: '2.0' },
      source_creation_date_time: '2026-03-29T03:00:00+02:00',
      ...change,
    },
    body: {
      heart_rate: { value: bpm, unit: 'beats/min' },
      effective_time_frame: { date_time: '2026-03-29T03:00:00+02:00' },
    },
  },
]

/** Open mHealth and IEEE 1752.1. */
export const row: Row = {
  plugin: openMhealth(),
  kit: {
    golden: [
      {
        name: 'a heart rate of Open mHealth',
        payload: point(61),
        expect: [{ metric: 'heart_rate', start: Date.UTC(2026, 2, 29, 1), value: 61, unit: '/min', offset: 120 }],
        exact: true,
        aside: [],
      },
      { name: 'data points of many schemas', payload: fixture('open-mhealth', 'data-points.json'), expect: [] },
    ],
    stories: [
      {
        kind: 'corrected',
        name: 'a data point that comes again with another value',
        steps: [{ payload: point(61) }, { payload: point(63) }],
        expect: [{ metric: 'heart_rate', value: 63 }],
      },
    ],
    published: publishedOf('open-mhealth'),
    archives: [{ name: 'data-points.json', bytes: bytesOf('open-mhealth', 'data-points.json') }],
  },
}

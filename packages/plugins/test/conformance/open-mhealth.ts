import { openMhealth } from '../../src/wearables/open-mhealth/index.js'
import { bytesOf, fixture, publishedOf, type Row } from './row.js'

const points = fixture('open-mhealth', 'data-points.json') as {
  header: Record<string, unknown>
  body: Record<string, unknown>
}[]
const [rate] = points as [(typeof points)[number]]
const corrected = {
  header: { ...rate.header, source_creation_date_time: '2026-03-29T04:00:00+02:00' },
  body: { ...rate.body, heart_rate: { value: 55, unit: 'beats/min' } },
}

/** Open mHealth and IEEE 1752.1. */
export const row: Row = {
  plugin: openMhealth(),
  kit: {
    golden: [
      { metric: 'resting_heart_rate', value: 58, start: Date.UTC(2026, 2, 29, 1), offset: 120 },
      { metric: 'weight', value: 68.0388555 },
      { kind: 'sleep', measures: { sleep_duration: 23_400 } },
      { kind: 'workout', measures: { steps: 4200, distance: 3100 } },
    ].map((expected, index) => ({
      name: `a data point of ${['a pulse at rest', 'a weight', 'a night', 'a walk'][index]}`,
      payload: points[index],
      expect: [expected],
      exact: true,
      aside: [],
    })),
    stories: [
      {
        kind: 'corrected',
        name: 'a data point that was made anew, and the old one again',
        steps: [{ payload: [rate] }, { payload: [corrected] }, { payload: [rate] }],
        expect: [{ metric: 'resting_heart_rate', value: 55 }],
      },
      {
        kind: 'dst',
        name: 'three o’clock right after the lost hour',
        steps: [{ payload: [rate] }],
        expect: [{ start: Date.UTC(2026, 2, 29, 1), offset: 120 }],
      },
    ],
    never: {
      deleted: 'the schemas have no word for what is gone',
      growing: 'a data point is complete when it is made',
    },
    archives: [
      { name: 'points.json', bytes: bytesOf('open-mhealth', 'data-points.json'), expect: [{ metric: 'weight' }] },
    ],
    published: publishedOf('open-mhealth'),
  },
}

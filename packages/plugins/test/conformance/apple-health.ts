import { readFileSync } from 'node:fs'
import { shared } from '../../../../test/shared.js'
import { appleHealth } from '../../src/wearables/apple-health/index.js'
import { bytesOf, type Row } from './row.js'

const record = (more: Record<string, string>) => ({
  name: 'Record',
  attributes: {
    type: 'HKQuantityTypeIdentifierHeartRate',
    sourceName: 'Ada’s Apple Watch',
    sourceVersion: '11.2',
    unit: 'count/min',
    value: '61',
    creationDate: '2026-03-29 08:00:10 +0200',
    startDate: '2026-03-29 08:00:00 +0200',
    endDate: '2026-03-29 08:00:00 +0200',
    ...more,
  },
})
const steps = {
  type: 'HKQuantityTypeIdentifierStepCount',
  unit: 'count',
  value: '120',
  startDate: '2026-03-29 01:50:00 +0100',
  endDate: '2026-03-29 03:10:00 +0200',
}
const published = shared('payloads', 'apple-health', 'dogsheep-export.xml')

/** Apple's export. */
export const row: Row = {
  plugin: appleHealth(),
  kit: {
    golden: [
      {
        name: 'a pulse, and steps over the clock change',
        payload: { elements: [record({}), record(steps)] },
        expect: [
          {
            shape: 'sample',
            metric: 'heart_rate',
            start: Date.UTC(2026, 2, 29, 6),
            value: 61,
            unit: '/min',
            offset: 120,
          },
          { metric: 'steps', start: Date.UTC(2026, 2, 29, 0, 50), end: Date.UTC(2026, 2, 29, 1, 10), value: 120 },
        ],
        aside: [],
      },
    ],
    stories: [
      {
        kind: 'corrected',
        name: 'a weight that is edited is a second delivery of the same time',
        steps: [{ payload: { elements: [record({})] } }, { payload: { elements: [record({ value: '62' })] } }],
        expect: [{ metric: 'heart_rate', value: 62 }],
      },
      {
        kind: 'dst',
        name: 'twenty minutes on the clock change are no hour and twenty',
        steps: [{ payload: { elements: [record(steps)] } }],
        expect: [{ metric: 'steps', start: Date.UTC(2026, 2, 29, 0, 50), end: Date.UTC(2026, 2, 29, 1, 10) }],
      },
    ],
    archives: [
      { name: 'export.xml', bytes: bytesOf('apple-health', 'export.xml') },
      ...(published === null
        ? []
        : [{ name: 'published-export.xml', bytes: readFileSync(published), from: 'vendor' as const }]),
    ],
  },
}

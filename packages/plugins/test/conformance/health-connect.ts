import { healthConnect } from '../../src/wearables/health-connect/index.js'
import { bytesOf, fixture, type Row } from './row.js'

const batch = fixture('health-connect', 'batch.json') as { records: Record<string, unknown>[] }
const [steps, , night, weight] = batch.records
const records = (...held: unknown[]) => ({ version: 1, records: held })
const at = (stamp: string): number => Date.parse(stamp)

/** Batches of Health Connect. */
export const row: Row = {
  plugin: healthConnect(),
  kit: {
    golden: [
      {
        name: 'a batch of the night of the clock change',
        payload: batch,
        expect: [
          { metric: 'steps', start: at('2026-03-29T00:50:00Z'), end: at('2026-03-29T01:10:00Z'), value: 312 },
          { metric: 'heart_rate', start: at('2026-03-29T01:10:00Z'), value: 61 },
          { metric: 'heart_rate', start: at('2026-03-29T01:11:00Z'), value: 63 },
          { shape: 'session', kind: 'sleep', end: at('2026-03-29T05:30:00Z'), offset: 120 },
          { metric: 'weight', value: 68.2, unit: 'kg', offset: 120 },
        ],
      },
    ],
    stories: [
      {
        kind: 'corrected',
        name: 'steps that are counted again',
        steps: [
          { payload: records(steps) },
          {
            payload: records({
              ...steps,
              count: 300,
              metadata: { ...(steps?.metadata as object), lastModifiedTime: '2026-03-29T02:00:00Z' },
            }),
          },
        ],
        expect: [{ metric: 'steps', value: 300 }],
      },
      {
        kind: 'deleted',
        name: 'a record that is gone',
        steps: [
          { payload: records(steps) },
          { payload: { version: 1, deletedRecordIds: ['0f4d2a5e-7f0e-4f3b-9a53-1d1a6a4f0001'] } },
        ],
        expect: [],
      },
      {
        kind: 'dst',
        name: 'the night belongs to the clock of its end',
        steps: [{ payload: records(night, weight) }],
        expect: [{ shape: 'session', offset: 120 }],
        exact: false,
      },
    ],
    archives: [{ name: 'batch.json', bytes: bytesOf('health-connect', 'batch.json') }],
  },
}

import { healthConnect } from '../../src/wearables/health-connect/index.js'
import { bytesOf, fixture, type Row } from './row.js'

<<<<<<< HEAD
const { records } = fixture('health-connect', 'batch.json') as { records: Record<string, unknown>[] }
const [steps, , night] = records as [Record<string, unknown>, Record<string, unknown>, Record<string, unknown>]
const later = (record: Record<string, unknown>, lastModifiedTime: string, more: object) => ({
  ...record,
  ...more,
  metadata: { ...(record.metadata as object), lastModifiedTime },
})
const id = (steps.metadata as { id: string }).id

/** Health Connect. */
=======
const batch = fixture('health-connect', 'batch.json') as { records: Record<string, unknown>[] }
const [steps, , night, weight] = batch.records
const records = (...held: unknown[]) => ({ version: 1, records: held })
const at = (stamp: string): number => Date.parse(stamp)

/** Batches of Health Connect. */
>>>>>>> 85213b82cbbacbcb3b47f34b81e6b248c420a596
export const row: Row = {
  plugin: healthConnect(),
  kit: {
    golden: [
      {
<<<<<<< HEAD
        name: 'a batch of records',
        payload: { version: 1, records },
        expect: [
          {
            metric: 'steps',
            value: 312,
            start: Date.UTC(2026, 2, 29, 0, 50),
            end: Date.UTC(2026, 2, 29, 1, 10),
            offset: 60,
          },
          { metric: 'heart_rate', value: 61, offset: null },
          { kind: 'sleep', offset: 120, measures: { sleep_duration: 24_300, sleep_awake: 900 } },
          { metric: 'weight', value: 68.2 },
        ],
        aside: [],
=======
        name: 'a batch of the night of the clock change',
        payload: batch,
        expect: [
          { metric: 'steps', start: at('2026-03-29T00:50:00Z'), end: at('2026-03-29T01:10:00Z'), value: 312 },
          { metric: 'heart_rate', start: at('2026-03-29T01:10:00Z'), value: 61 },
          { metric: 'heart_rate', start: at('2026-03-29T01:11:00Z'), value: 63 },
          { shape: 'session', kind: 'sleep', end: at('2026-03-29T05:30:00Z'), offset: 120 },
          { metric: 'weight', value: 68.2, unit: 'kg', offset: 120 },
        ],
>>>>>>> 85213b82cbbacbcb3b47f34b81e6b248c420a596
      },
    ],
    stories: [
      {
        kind: 'corrected',
<<<<<<< HEAD
        name: 'steps that are changed, and an older change that comes late',
        steps: [
          { payload: { records: [steps] } },
          { payload: { records: [later(steps, '2026-03-29T03:00:00Z', { count: 400 })] } },
          { payload: { records: [later(steps, '2026-03-29T02:00:00Z', { count: 350 })] } },
        ],
        expect: [{ metric: 'steps', value: 400 }],
=======
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
>>>>>>> 85213b82cbbacbcb3b47f34b81e6b248c420a596
      },
      {
        kind: 'deleted',
        name: 'a record that is gone',
        steps: [
<<<<<<< HEAD
          { payload: { records: [steps] } },
          { payload: { changes: [{ type: 'DeletionChange', recordId: id }] }, receivedAt: Date.UTC(2027, 5, 2) },
=======
          { payload: records(steps) },
          { payload: { version: 1, deletedRecordIds: ['0f4d2a5e-7f0e-4f3b-9a53-1d1a6a4f0001'] } },
>>>>>>> 85213b82cbbacbcb3b47f34b81e6b248c420a596
        ],
        expect: [],
      },
      {
<<<<<<< HEAD
        kind: 'growing',
        name: 'a night that goes on',
        steps: [
          {
            payload: {
              records: [later(night, '2026-03-29T03:00:00Z', { endTime: '2026-03-29T02:45:00Z', stages: [] })],
            },
          },
          { payload: { records: [night] } },
        ],
        expect: [{ kind: 'sleep', end: Date.UTC(2026, 2, 29, 5, 30), measures: { sleep_duration: 24_300 } }],
      },
      {
        kind: 'dst',
        name: 'steps over the lost hour',
        steps: [{ payload: { records: [steps] } }],
        expect: [{ start: Date.UTC(2026, 2, 29, 0, 50), end: Date.UTC(2026, 2, 29, 1, 10), offset: 60 }],
      },
    ],
    archives: [
      { name: 'batch.json', bytes: bytesOf('health-connect', 'batch.json'), expect: [{ metric: 'steps', value: 312 }] },
    ],
=======
        kind: 'dst',
        name: 'the night belongs to the clock of its end',
        steps: [{ payload: records(night, weight) }],
        expect: [{ shape: 'session', offset: 120 }],
        exact: false,
      },
    ],
    archives: [{ name: 'batch.json', bytes: bytesOf('health-connect', 'batch.json') }],
>>>>>>> 85213b82cbbacbcb3b47f34b81e6b248c420a596
  },
}

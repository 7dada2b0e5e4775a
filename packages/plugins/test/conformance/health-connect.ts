import { healthConnect } from '../../src/wearables/health-connect/index.js'
import { bytesOf, fixture, type Row } from './row.js'

const { records } = fixture('health-connect', 'batch.json') as { records: Record<string, unknown>[] }
const [steps, , night] = records as [Record<string, unknown>, Record<string, unknown>, Record<string, unknown>]
const later = (record: Record<string, unknown>, lastModifiedTime: string, more: object) => ({
  ...record,
  ...more,
  metadata: { ...(record.metadata as object), lastModifiedTime },
})
const id = (steps.metadata as { id: string }).id

/** Health Connect. */
export const row: Row = {
  plugin: healthConnect(),
  kit: {
    golden: [
      {
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
      },
    ],
    stories: [
      {
        kind: 'corrected',
        name: 'steps that are changed, and an older change that comes late',
        steps: [
          { payload: { records: [steps] } },
          { payload: { records: [later(steps, '2026-03-29T03:00:00Z', { count: 400 })] } },
          { payload: { records: [later(steps, '2026-03-29T02:00:00Z', { count: 350 })] } },
        ],
        expect: [{ metric: 'steps', value: 400 }],
      },
      {
        kind: 'deleted',
        name: 'a record that is gone',
        steps: [
          { payload: { records: [steps] } },
          { payload: { changes: [{ type: 'DeletionChange', recordId: id }] }, receivedAt: Date.UTC(2027, 5, 2) },
        ],
        expect: [],
      },
      {
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
  },
}

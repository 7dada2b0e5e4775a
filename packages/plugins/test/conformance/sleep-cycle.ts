import { sleepCycle } from '../../src/wearables/sleep-cycle/index.js'
import { bytesOf, type Row } from './row.js'

const at = (stamp: string): number => Date.parse(stamp)
const night = {
  'Went to bed': '2026-03-28 23:30:00',
  'Woke up': '2026-03-29 07:00:00',
  'Sleep Quality': '71%',
  'Time in bed (seconds)': '23400',
  'Time asleep (seconds)': '21600',
  'Asleep after (seconds)': '900',
  Notes: 'Ate late',
}
const rows = (...held: object[]) => ({ rows: held })
const recordId = 'night/2026-03-28T23:30:00'

/** Exports of Sleep Cycle. */
export const row: Row = {
  plugin: sleepCycle(),
  kit: {
    golden: [
      {
        name: 'the night of the clock change',
        payload: rows(night),
        expect: [
          {
            shape: 'session',
            kind: 'sleep',
            start: at('2026-03-28T22:30:00Z'),
            end: at('2026-03-29T05:00:00Z'),
            offset: 120,
            recordId,
            measures: { sleep_duration: 21_600, sleep_latency: 900 },
          },
          { metric: 'sleep-cycle.sleep_quality', start: at('2026-03-29T05:00:00Z'), value: 71, unit: '%' },
          { shape: 'tag', tag: 'late_meal', start: at('2026-03-28T22:30:00Z'), text: 'Ate late' },
        ],
        exact: true,
        aside: [],
      },
    ],
    stories: [
      {
        kind: 'corrected',
        name: 'a night whose end the person has changed',
        steps: [
          { payload: rows({ ...night, 'Woke up': '2026-03-29 09:00:00', Notes: '' }) },
          { payload: rows({ ...night, Notes: '' }) },
        ],
        expect: [
          { shape: 'session', end: at('2026-03-29T05:00:00Z') },
          { metric: 'sleep-cycle.sleep_quality', start: at('2026-03-29T05:00:00Z') },
        ],
      },
      {
        kind: 'dst',
        name: 'the night belongs to the clock of its end',
        steps: [{ payload: rows(night) }],
        expect: [{ shape: 'session', offset: 120 }],
        exact: false,
      },
    ],
    never: { deleted: 'an export has no mark of a night that was deleted' },
    archives: [
      {
        name: 'sleepdata.csv',
        bytes: bytesOf('sleep-cycle', 'sleepdata.csv'),
        expect: [
          { metric: 'sleep-cycle.sleep_quality', start: at('2026-03-28T05:30:00Z'), value: 82 },
          { metric: 'heart_rate', value: 58 },
        ],
      },
    ],
  },
}

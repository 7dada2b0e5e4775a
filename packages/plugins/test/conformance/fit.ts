import { fit } from '../../src/wearables/fit/index.js'
import { bytesOf, fixture, type Row } from './row.js'

const run = fixture('fit', 'run.json')
const start = Date.parse('2026-03-28T23:30:00Z')

/** FIT files. */
export const row: Row = {
  plugin: fit(),
  kit: {
    golden: [
      {
        name: 'a run as messages',
        payload: run,
        expect: [
          {
            shape: 'session',
            kind: 'workout',
            start,
            activity: 'trail_running',
            offset: 60,
            measures: { distance: 12, energy_active: 20, heart_rate: 122 },
          },
        ],
      },
    ],
    archives: [{ name: 'run.fit', bytes: bytesOf('fit', 'run.fit') }],
  },
}

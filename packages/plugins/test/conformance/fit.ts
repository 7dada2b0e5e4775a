import { readFileSync } from 'node:fs'
import { shared } from '../../../../test/shared.js'
import { fit } from '../../src/wearables/fit/index.js'
import { bytesOf, fixture, type Row } from './row.js'

const run = fixture('fit', 'run.json')
const real = shared('payloads', 'garmin-fit', 'garmin-fenix-5-run.fit')
const { messages } = run as { messages: { number: number; fields: Record<string, unknown> }[] }
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
    stories: [
      {
        kind: 'growing',
        name: 'a file that was cut off, and then the whole of it',
        steps: [{ payload: { ...(run as object), messages: messages.slice(0, 4) } }, { payload: run }],
        expect: [{ shape: 'session', end: start + 5000, measures: { distance: 12 } }],
        exact: false,
      },
    ],
    archives: [
      { name: 'run.fit', bytes: bytesOf('fit', 'run.fit') },
      ...(real === null
        ? []
        : [{ name: 'garmin-fenix-5-run.fit', bytes: readFileSync(real), from: 'vendor' as const }]),
    ],
  },
}

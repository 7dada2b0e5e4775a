import { libre } from '../../src/wearables/libre/index.js'
import { bytesOf, type Row } from './row.js'

const at = (stamp: string): number => Date.parse(stamp)
const reading = (time: string, value: string) => ({
  Device: 'FreeStyle LibreLink',
  'Serial Number': 'AB12-CD34',
  'Device Timestamp': time,
  'Record Type': '0',
  'Historic Glucose mmol/L': value,
})
const rows = (...held: object[]) => ({ rows: held })

/** LibreView's export. */
export const row: Row = {
  plugin: libre(),
  kit: {
    golden: [
      {
        name: 'readings in the unit of the file',
        payload: rows(reading('26-10-2025 08:00', '5.4'), reading('26-10-2025 08:15', 'LO')),
        // 5.4 mmol/L × 18.016 mg/dL.
        expect: [{ metric: 'glucose', value: 97.2864, unit: 'mg/dL', start: at('2025-10-26T07:00:00Z'), offset: 60 }],
        exact: true,
        aside: ['out_of_range'],
      },
    ],
    stories: [
      {
        kind: 'dst',
        name: 'the hour that comes twice, told apart by its order',
        steps: [
          {
            payload: rows(
              ...['01:45', '02:00', '02:15', '02:30', '02:45', '02:00', '02:15'].map((time, i) =>
                reading(`26-10-2025 ${time}`, `5.${i}`),
              ),
            ),
          },
        ],
        expect: [
          { metric: 'glucose', start: at('2025-10-26T00:00:00Z'), offset: 120 },
          { metric: 'glucose', start: at('2025-10-26T01:00:00Z'), offset: 60 },
        ],
        exact: false,
      },
    ],
    never: {
      corrected: 'LibreView’s export has no identity of a reading, and what it once said it says again',
      deleted: 'what is gone from LibreView is only not in the next export',
    },
    archives: [
      {
        name: 'export.csv',
        bytes: bytesOf('libre', 'export.csv'),
        zone: 'Europe/Berlin',
        expect: [{ metric: 'glucose', start: at('2025-10-25T23:45:00Z'), offset: 120 }],
      },
    ],
  },
}

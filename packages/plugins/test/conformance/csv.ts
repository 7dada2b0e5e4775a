import { csv } from '../../src/wearables/csv/index.js'
import { bytesOf, fixture, type Row } from './row.js'

const mapping = fixture('csv', 'scale.mapping.json')
const row1 = { Datum: '03.04.2026', Uhrzeit: '07:10', 'Gewicht (kg)': '71,4', 'Fett (%)': '18,2', Bemerkung: '' }
const rows = (...held: unknown[]) => ({ mapping: { ...(mapping as object), order: 'dmy' }, rows: held })
const start = Date.UTC(2026, 3, 3, 5, 10)

/** Tables with a mapping. */
export const row: Row = {
  plugin: csv(),
  kit: {
    golden: [
      {
        name: 'a row of a scale',
        payload: rows(row1),
        expect: [
          { metric: 'weight', start, value: 71.4, unit: 'kg' },
          { metric: 'body_fat', start, value: 18.2 },
        ],
        exact: true,
      },
    ],
    stories: [
      {
        kind: 'corrected',
        name: 'a row that comes again with another weight',
        steps: [{ payload: rows(row1) }, { payload: rows({ ...row1, 'Gewicht (kg)': '70,9' }) }],
        expect: [{ metric: 'weight', value: 70.9 }, { metric: 'body_fat' }],
      },
    ],
    archives: [
      {
        name: 'scale.csv',
        bytes: bytesOf('csv', 'scale.csv'),
        options: mapping,
        expect: [{ metric: 'weight', start, value: 71.4 }],
      },
    ],
  },
}

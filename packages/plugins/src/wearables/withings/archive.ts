import type { ObservationInput } from '@auren/core'
import { csvPart, exportReader, type Part, type Row, type RowContext } from '../../files/index.js'
import { activitiesPart } from './archive-activities.js'
import { dailyPart, rawPart } from './archive-series.js'
import { sleepPart } from './archive-sleep.js'
import { placed } from './archive-times.js'

const source = { name: 'Withings', type: 'unknown' } as const

type Column = readonly [column: string, metric: string, unit: string]

/** A value read at one time, by column. Rows without a readable time or any value are set aside. */
function readings(columns: readonly Column[], type: 'scale' | 'cuff' | 'unknown') {
  return function* (row: Row, ctx: RowContext): Iterable<ObservationInput> {
    const time = ctx.time(row.date)
    if (!time) return ctx.reject(row, 'row_unreadable', `Line ${ctx.line} has no date that can be read.`)
    const base = { shape: 'sample', source: { ...source, type }, ...placed(time, ctx) } as const
    let found = false
    for (const [column, metric, unit] of columns) {
      const text = row[column]
      if (!text) continue
      const value = column === 'height (in)' ? inches(text) : ctx.number(text)
      if (value === null) {
        ctx.reject({ column, line: ctx.line }, 'value_unreadable', `Line ${ctx.line}: "${column}" is no number.`)
        continue
      }
      // A zero of a scale or a cuff means that it was not measured.
      if (value === 0) continue
      found = true
      yield { ...base, metric, value, unit }
    }
    if (!found) ctx.reject(row, 'row_empty', `Line ${ctx.line} holds no value that is read.`)
  }
}

/** Feet and inches, as they are written for people: `5' 10.0''`. */
function inches(text: string): number | null {
  const match = /^\s*(?:(\d+)')?\s*(?:(\d+(?:[.,]\d+)?)(?:''|")?)?\s*$/.exec(text)
  if (!match || (match[1] === undefined && match[2] === undefined)) return null
  return Number(match[1] ?? 0) * 12 + Number((match[2] ?? '0').replace(',', '.'))
}

function weighings(unit: 'kg' | 'lb'): Part[] {
  const columns: Column[] = [
    [`weight (${unit})`, 'weight', unit],
    [`fat mass (${unit})`, 'withings.fat_mass', unit],
    [`fat free mass (${unit})`, 'lean_mass', unit],
    ['fat ratio (%)', 'body_fat', '%'],
    [`bone mass (${unit})`, 'bone_mass', unit],
    [`muscle mass (${unit})`, 'muscle_mass', unit],
    [`hydration (${unit})`, 'withings.body_water_mass', unit],
  ]
  const row = readings(columns, 'scale')
  const path = /(^|\/)weight\.csv$/i
  // A date and a weight are in many files: they are Withings' where the fat mass stands beside them.
  return [
    csvPart({ path, needs: ['date', `weight (${unit})`, `fat mass (${unit})`], dates: ['date'], row }),
    csvPart({ path, needs: ['date', `weight (${unit})`], dates: ['date'], row, tells: false }),
  ]
}

const heights = (unit: 'm' | 'in'): Part =>
  csvPart({
    path: /(^|\/)height\.csv$/i,
    needs: ['date', `height (${unit})`],
    dates: ['date'],
    tells: false,
    row: readings([[`height (${unit})`, 'height', unit]], 'unknown'),
  })

const pressures = csvPart({
  path: /(^|\/)bp\.csv$/i,
  needs: ['date', 'systolic', 'diastolic', 'heart rate'],
  dates: ['date'],
  aliases: {
    'systolic (mmhg)': 'systolic',
    'diastolic (mmhg)': 'diastolic',
    'heart rate (bpm)': 'heart rate',
    'pulse wave velocity (m/s)': 'pulse wave velocity',
  },
  tells: false,
  row: readings(
    [
      ['systolic', 'blood_pressure_systolic', 'mmHg'],
      ['diastolic', 'blood_pressure_diastolic', 'mmHg'],
      ['heart rate', 'heart_rate', 'bpm'],
      ['pulse wave velocity', 'withings.pulse_wave_velocity', 'm/s'],
    ],
    'cuff',
  ),
})

/** The archive of CSV files that a person can download from their account. */
export const archive = exportReader({
  plugin: 'withings',
  parts: [
    ...weighings('kg'),
    ...weighings('lb'),
    heights('m'),
    heights('in'),
    pressures,
    sleepPart,
    activitiesPart,
    rawPart,
    dailyPart,
  ],
  ignored: [
    {
      path: /(latitude|longitude|altitude|gps|location|horizontal-radius|vertical-radius|direction)/i,
      why: 'Positions are not kept.',
    },
    { path: /(^|\/)signal.*\.csv$/i, why: 'The curve of an electrocardiogram has no place among the metrics.' },
    { path: /sleep-state|_state\.csv$/i, why: 'States of sleep without their night; sleep.csv has their sums.' },
    { path: /readme|account|settings|devices?\.csv$/i, why: 'Nothing measured.' },
  ],
})

import type { ObservationInput } from '@auren/core'
import { csvPart, instantOf, type Row, type RowContext } from '../../files/index.js'

type Series = readonly [name: RegExp, metric: string, unit: string, sums: boolean]

/** raw_<device>_<what>.csv, by what. Zeros of `sums` are true; of the others they mean that nothing was measured. */
const raw: readonly Series[] = [
  [/raw_[a-z-]+_hr\.csv$/i, 'heart_rate', 'bpm', false],
  [/raw_[a-z-]+_respiratory-rate\.csv$/i, 'respiratory_rate', '/min', false],
  [/raw_spo2_auto_spo2\.csv$/i, 'oxygen_saturation', '%', false],
  [/raw_[a-z-]+_steps\.csv$/i, 'steps', '{steps}', true],
  [/raw_[a-z-]+_distance\.csv$/i, 'distance', 'm', true],
  [/raw_[a-z-]+_calories[-_]earned\.csv$/i, 'energy_active', 'kcal', true],
  [/raw_[a-z-]+_elevation\.csv$/i, 'floors_climbed', '{floors}', true],
]

/** Sums of a day, and readings that have a time, in the same two columns. */
const dated: readonly Series[] = [
  [/aggregates_steps\.csv$/i, 'steps', '{steps}', true],
  [/aggregates_distance\.csv$/i, 'distance', 'm', true],
  [/aggregates_elevation\.csv$/i, 'floors_climbed', '{floors}', true],
  [/aggregates_calories_earned\.csv$/i, 'energy_active', 'kcal', true],
  [/aggregates_calories_passive\.csv$/i, 'energy_basal', 'kcal', true],
  [/manual_spo2\.csv$/i, 'oxygen_saturation', '%', false],
  [/(^|\/)pwv\.csv$/i, 'withings.pulse_wave_velocity', 'm/s', false],
]

const MOST_NUMBERS = 100_000

/** `[60,60,60]`, or a single number. Null where it is neither. */
function numbersOf(text: string | undefined): number[] | null {
  const inner = (text ?? '').trim().replace(/^\[|\]$/g, '')
  if (inner === '') return null
  const numbers = inner.split(',', MOST_NUMBERS).map((one) => (one.trim() === '' ? Number.NaN : Number(one)))
  return numbers.every(Number.isFinite) ? numbers : null
}

function typeOf(path: string): 'watch' | 'unknown' {
  return /raw_(tracker|hr|spo2)_/i.test(path) ? 'watch' : 'unknown'
}

function* rawRow(row: Row, ctx: RowContext): Iterable<ObservationInput> {
  const series = raw.find(([name]) => name.test(ctx.path))
  if (!series) return ctx.reject({ line: ctx.line }, 'unknown_series', 'What this series measures is not known.')
  const [, metric, unit, sums] = series
  const time = ctx.time(row.start)
  const durations = numbersOf(row.duration)
  const values = numbersOf(row.value)
  if (!time || !durations || !values || durations.length !== values.length)
    return ctx.reject(row, 'row_unreadable', `Line ${ctx.line} is no series of durations and values.`)
  const { at, offset, basis } = instantOf(time, ctx.zoneAt)
  let start = at
  for (const [index, value] of values.entries()) {
    const end = start + Math.round((durations[index] as number) * 1000)
    if (end < start) return ctx.reject(row, 'order', `Line ${ctx.line} has a negative duration.`)
    if (sums ? value > 0 && end > start : value > 0)
      yield {
        shape: 'sample',
        metric,
        start,
        ...(sums ? { end } : {}),
        value,
        unit,
        source: { name: 'Withings', type: typeOf(ctx.path) },
        offset,
        zoneBasis: basis,
      }
    start = end
  }
}

/** The series of the devices: a start, and as many durations as values. */
export const rawPart = csvPart({
  path: /(^|\/)raw_[a-z-]+_(hr|respiratory-rate|auto_spo2|steps|distance|calories[-_]earned|elevation)\.csv$/i,
  needs: ['start', 'duration', 'value'],
  dates: ['start'],
  tells: false,
  row: rawRow,
})

function* datedRow(row: Row, ctx: RowContext): Iterable<ObservationInput> {
  const series = dated.find(([name]) => name.test(ctx.path))
  if (!series) return ctx.reject({ line: ctx.line }, 'unknown_series', 'What this series measures is not known.')
  const [, metric, unit, sums] = series
  const time = ctx.time(row.date)
  const value = ctx.number(row.value)
  if (!time || value === null)
    return ctx.reject(row, 'row_unreadable', `Line ${ctx.line} is no date and value that can be read.`)
  const source = { name: 'Withings', type: 'unknown' } as const
  if (sums) {
    const date = time.local.slice(0, 10)
    yield { shape: 'daily_total', metric, date, value, unit, source, offset: null, zoneBasis: 'absent' }
  } else {
    const { at, offset, basis } = instantOf(time, ctx.zoneAt)
    yield { shape: 'sample', metric, start: at, value, unit, source, offset, zoneBasis: basis }
  }
}

/** Two columns, date and value: what they are is in the name of the file. */
export const dailyPart = csvPart({
  path: /(^|\/)(aggregates_(steps|distance|elevation|calories_earned|calories_passive)|manual_spo2|pwv)\.csv$/i,
  needs: ['date', 'value'],
  dates: ['date'],
  tells: false,
  row: datedRow,
})

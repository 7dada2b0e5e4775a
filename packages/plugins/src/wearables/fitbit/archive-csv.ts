import type { ObservationInput } from '@auren/core'
import { csvPart, type Part, type Row, type RowContext } from '../../files/index.js'
import { archiveClock, noteZone } from './archive-clock.js'
import { type Clock, utc } from './clock.js'
import { daily, some } from './days.js'
import { tracker } from './sources.js'

type Column = readonly [column: string, metric: string, unit: string]
const MINUTE = 60_000

/** Where a row's time is: in UTC where it says so, else on the person's clock. */
export function placeRow(written: string | undefined, ctx: RowContext, clock: Clock) {
  const time = ctx.time(written)
  if (!time) return null
  if (time.offset === null) {
    const { at, offset, basis } = clock.place(time)
    return { start: at, offset, zoneBasis: basis }
  }
  // "Z" says when it was, and nothing of where.
  const start = utc(time)
  return { start, ...clock.at(start) }
}

function unreadable(row: Row, ctx: RowContext): void {
  ctx.reject(row, 'row_unreadable', `Line ${ctx.line} has no date or time that can be read.`)
}

/** Values at the time of a row. Zero, and less, mean that it could not be measured. */
function readings(
  path: RegExp,
  when: string,
  columns: readonly Column[],
  { without = [], also = [] }: { without?: readonly number[]; also?: readonly string[] } = {},
): Part {
  return csvPart({
    path,
    needs: [when, ...columns.map(([column]) => column), ...also],
    *row(row, ctx) {
      const placed = placeRow(row[when], ctx, archiveClock(ctx))
      if (!placed) return unreadable(row, ctx)
      for (const [column, metric, unit] of columns) {
        const value = some(ctx.number(row[column]))
        if (value === null || without.includes(value)) continue
        yield { shape: 'sample', metric, value, unit, source: tracker, ...placed }
      }
    },
  })
}

/** Values of the day that a row names; never shifted, though some write midnight with a "Z". */
function daysOf(
  path: RegExp,
  when: string,
  columns: readonly Column[],
  { also = [], holds = () => true }: { also?: readonly string[]; holds?: (row: Row) => boolean } = {},
): Part {
  return csvPart({
    path,
    needs: [when, ...columns.map(([column]) => column), ...also],
    *row(row, ctx) {
      const date = ctx.time(row[when])?.local.slice(0, 10)
      if (!date) return unreadable(row, ctx)
      if (!holds(row)) return
      yield* daily(
        date,
        null,
        columns.map(([column, metric, unit]) => [metric, some(ctx.number(row[column])), unit] as const),
      )
    },
  })
}

/** The skin's temperature in a night, at its end; and how far it was from the baseline. */
const temperature = csvPart({
  path: /(^|\/)Computed Temperature - [^/]*\.csv$/i,
  needs: ['sleep_start', 'sleep_end', 'nightly_temperature'],
  *row(row, ctx): Iterable<ObservationInput> {
    const placed = placeRow(row.sleep_end, ctx, archiveClock(ctx))
    if (!placed) return unreadable(row, ctx)
    const base = { shape: 'sample', source: tracker, ...placed } as const
    const nightly = some(ctx.number(row.nightly_temperature))
    if (nightly !== null) yield { ...base, metric: 'skin_temperature', value: nightly, unit: 'Cel' }
    const [sum, count] = [ctx.number(row.baseline_relative_sample_sum), ctx.number(row.temperature_samples)]
    if (sum !== null && count !== null && count > 0) {
      const value = Number((sum / count).toPrecision(8))
      yield { ...base, metric: 'skin_temperature_deviation', value, unit: 'Cel' }
    }
  },
})

const zoneMinutes = csvPart({
  path: /(^|\/)Active Zone Minutes - [^/]*\.csv$/i,
  needs: ['date_time', 'heart_zone_id', 'total_minutes'],
  *row(row, ctx): Iterable<ObservationInput> {
    const placed = placeRow(row.date_time, ctx, archiveClock(ctx))
    const value = ctx.number(row.total_minutes)
    if (!placed || value === null) return unreadable(row, ctx)
    const over = { ...placed, end: placed.start + MINUTE }
    yield { shape: 'sample', metric: 'fitbit.active_zone_minutes', value, unit: 'min', source: tracker, ...over }
  },
})

const mindfulness = csvPart({
  path: /(^|\/)Mindfulness Sessions[^/]*\.csv$/i,
  needs: ['session_id', 'start_date_time', 'end_date_time'],
  *row(row, ctx): Iterable<ObservationInput> {
    const [from, to] = [ctx.time(row.start_date_time), ctx.time(row.end_date_time)]
    if (!from || !to) return unreadable(row, ctx)
    const clock = archiveClock(ctx)
    const [start, end] = [clock.place(from), clock.place(to).at]
    if (end < start.at) return ctx.reject(row, 'order', `Line ${ctx.line}: its end is before its start.`)
    yield {
      shape: 'sample',
      metric: 'mindful_minutes',
      start: start.at,
      end,
      value: (end - start.at) / 1000,
      unit: 's',
      source: tracker,
      offset: start.offset,
      zoneBasis: start.basis,
      ...(row.session_id ? { recordId: `mindfulness/${row.session_id.slice(0, 200)}` } : {}),
    }
  },
})

/** Of the profile: the zone, and the unit of distances. Names and birthdays are not looked at. */
const profile = csvPart({
  path: /(^|\/)Profile\.csv$/i,
  needs: ['timezone', 'distance_unit', 'weight_unit'],
  first: true,
  tells: false,
  // biome-ignore lint/correctness/useYield: it only leaves what the documents after it need to know
  *row(row, ctx): Iterable<ObservationInput> {
    if (row.timezone) noteZone(ctx, row.timezone)
    if (row.distance_unit) ctx.shared.distanceUnit = /metric/i.test(row.distance_unit) ? 'Kilometer' : 'Mile'
  },
})

/** A score that could not be computed is written as zero, and says so. */
const computed = (row: Row): boolean =>
  row.calculation_failed?.toLowerCase() !== 'true' && row.status?.toUpperCase() !== 'NO_DATA'

/** The tables of the account archive, besides those that Google has added. */
export const csvParts: readonly Part[] = [
  profile,
  readings(/(^|\/)sleep_score[^/]*\.csv$/i, 'timestamp', [['overall_score', 'fitbit.sleep_score', '{score}']], {
    also: ['sleep_log_entry_id'],
  }),
  readings(/(^|\/)Heart Rate Variability Details - [^/]*\.csv$/i, 'timestamp', [['rmssd', 'hrv_rmssd', 'ms']], {
    also: ['coverage'],
  }),
  daysOf(/(^|\/)Daily Heart Rate Variability Summary - [^/]*\.csv$/i, 'timestamp', [
    ['rmssd', 'hrv_rmssd', 'ms'],
    ['nremhr', 'fitbit.non_rem_heart_rate', '/min'],
  ]),
  daysOf(/(^|\/)Daily Respiratory Rate Summary - [^/]*\.csv$/i, 'timestamp', [
    ['daily_respiratory_rate', 'respiratory_rate', '/min'],
  ]),
  readings(/(^|\/)Respiratory Rate Summary - [^/]*\.csv$/i, 'timestamp', [
    ['full_sleep_breathing_rate', 'respiratory_rate', '/min'],
  ]),
  daysOf(/(^|\/)Daily SpO2 - [^/]*\.csv$/i, 'timestamp', [
    ['average_value', 'oxygen_saturation', '%'],
    ['lower_bound', 'fitbit.oxygen_saturation_low', '%'],
    ['upper_bound', 'fitbit.oxygen_saturation_high', '%'],
  ]),
  // What could not be measured is written as exactly 50.
  {
    ...readings(/(^|\/)Minute SpO2 - [^/]*\.csv$/i, 'timestamp', [['value', 'oxygen_saturation', '%']], {
      without: [50],
    }),
    tells: false,
  },
  daysOf(/(^|\/)Daily Readiness Score - [^/]*\.csv$/i, 'date', [
    ['readiness_score_value', 'fitbit.readiness_score', '{score}'],
  ]),
  daysOf(/(^|\/)Stress Score\.csv$/i, 'date', [['stress_score', 'fitbit.stress_score', '{score}']], {
    also: ['status', 'calculation_failed'],
    holds: computed,
  }),
  temperature,
  zoneMinutes,
  mindfulness,
]

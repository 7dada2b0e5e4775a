import { Flag, type ObservationInput } from '@auren/core'
import { csvPart, type Part, type Row, type RowContext } from '../../files/index.js'
import { present } from '../../vendor/items.js'
import { activityOf } from '../google-health/activities.js'
import { archiveClock, noteDay, noteOffset } from './archive-clock.js'
import { placeRow } from './archive-csv.js'
import { utc } from './clock.js'
import { daily, some } from './days.js'
import { sourceOf } from './sources.js'

const MINUTE = 60_000
type Column = readonly [column: string, metric: string, unit: string]

interface Series {
  file: string
  columns: readonly Column[]
  /** Sums of a minute. */
  over?: boolean
  /** Days, whose midnight is written with a "Z" that means nothing. */
  days?: boolean
  /** Also in the JSON of the same archive, by this name: then that is left. */
  twin?: string
  /** Another table has the same columns. */
  alike?: string
}

/** Tables of `Physical Activity_GoogleData`: a time in UTC, values, and who measured. */
const series: readonly Series[] = [
  { file: 'steps', columns: [['steps', 'steps', '{steps}']], over: true, twin: 'steps' },
  { file: 'distance', columns: [['distance', 'distance', 'm']], over: true, twin: 'distance' },
  { file: 'calories', columns: [['calories', 'energy_total', 'kcal']], over: true, twin: 'calories' },
  { file: 'active_energy_burned', columns: [['kilocalories', 'energy_active', 'kcal']], over: true },
  { file: 'floors', columns: [['floors', 'floors_climbed', '{floors}']], over: true },
  {
    file: 'active_minutes',
    columns: [
      ['light', 'fitbit.light_minutes', 'min'],
      ['moderate', 'moderate_minutes', 'min'],
      ['very', 'vigorous_minutes', 'min'],
    ],
    over: true,
  },
  {
    file: 'active_zone_minutes',
    columns: [['total minutes', 'fitbit.active_zone_minutes', 'min']],
    over: true,
  },
  {
    file: 'heart_rate',
    columns: [['beats per minute', 'heart_rate', '/min']],
    twin: 'heart_rate',
    alike: 'daily_resting_heart_rate',
  },
  { file: 'daily_resting_heart_rate', columns: [['beats per minute', 'resting_heart_rate', '/min']], days: true },
  { file: 'oxygen_saturation', columns: [['oxygen saturation percentage', 'oxygen_saturation', '%']] },
  {
    file: 'daily_oxygen_saturation',
    columns: [['average percentage', 'oxygen_saturation', '%']],
    days: true,
  },
  { file: 'daily_respiratory_rate', columns: [['breaths per minute', 'respiratory_rate', '/min']], days: true },
  {
    file: 'daily_heart_rate_variability',
    columns: [['average heart rate variability milliseconds', 'hrv_rmssd', 'ms']],
    days: true,
  },
  { file: 'daily_readiness', columns: [['score', 'fitbit.readiness_score', '{score}']], days: true },
  {
    file: 'body_temperature',
    columns: [['temperature celsius', 'skin_temperature', 'Cel']],
    alike: 'core_body_temperature',
  },
  { file: 'core_body_temperature', columns: [['temperature celsius', 'body_temperature', 'Cel']] },
  { file: 'weight', columns: [['weight grams', 'weight', 'g']] },
  { file: 'height', columns: [['height millimeters', 'height', 'mm']] },
  { file: 'body_fat', columns: [['fat percentage', 'body_fat', '%']] },
]

/** The value that oxygen has where it could not be measured. */
const NO_OXYGEN = 50

function seriesPart({ file, columns, over = false, days = false, twin, alike }: Series): Part {
  const others = alike === undefined ? null : new RegExp(`(^|/)${alike}([_-][^/]*)?\\.csv$`, 'i')
  return csvPart({
    path: new RegExp(`(^|/)${file}([_-]\\d{4}[^/]*)?\\.csv$`, 'i'),
    needs: ['timestamp', ...columns.map(([column]) => column), 'data source'],
    // The JSON of the same days is left where these have them.
    first: twin !== undefined,
    *row(row, ctx): Iterable<ObservationInput> {
      // By itself, a table of days has the same columns, and is known by its name only.
      const asDays = days || (others?.test(ctx.path) === true && alike?.startsWith('daily_') === true)
      if ('distance millimeters' in row) return ctx.reject(row, 'not_read', 'The pace of a walk repeats its steps.')
      if (asDays) {
        const date = ctx.time(row.timestamp)?.local.slice(0, 10)
        if (!date) return unreadable(row, ctx)
        yield* onDay(row, date, days ? columns : [['beats per minute', 'resting_heart_rate', '/min']], ctx)
        return
      }
      const placed = placeRow(row.timestamp, ctx, archiveClock(ctx))
      if (!placed) return unreadable(row, ctx)
      if (twin !== undefined) noteDay(ctx, twin, placed.start)
      const source = sourceOf(row['data source'])
      for (const [column, metric, unit] of columns) {
        const value = some(ctx.number(row[column]))
        if (value === null || (metric === 'oxygen_saturation' && value === NO_OXYGEN)) continue
        const end = over ? { end: placed.start + MINUTE } : {}
        yield { shape: 'sample', metric, value, unit, source, ...placed, ...end }
      }
    },
  })
}

function* onDay(row: Row, date: string, columns: readonly Column[], ctx: RowContext): Iterable<ObservationInput> {
  const source = sourceOf(row['data source'])
  const values = columns.map(([column, metric, unit]) => [metric, some(ctx.number(row[column])), unit] as const)
  for (const one of daily(date, null, values)) yield { ...one, source } as ObservationInput
}

function unreadable(row: Row, ctx: RowContext): void {
  ctx.reject({ line: ctx.line, row }, 'row_unreadable', `Line ${ctx.line} has no date or time that can be read.`)
}

/** Minutes of `+05:30`; null where it is none. */
export function readOffset(written: string | undefined): number | null {
  const [, sign, hours, minutes = '0'] = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(written?.trim() ?? '') ?? []
  if (hours === undefined) return /^(Z|UTC)$/i.test(written?.trim() ?? '') ? 0 : null
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) + 0
}

/** Nights with the offset that each began and ended in: they say where the person was, also to the rest of the export. */
const nights = csvPart({
  path: /(^|\/)UserSleeps_[^/]*\.csv$/i,
  needs: ['sleep_id', 'sleep_start', 'sleep_end', 'start_utc_offset', 'end_utc_offset'],
  first: true,
  *row(row, ctx): Iterable<ObservationInput> {
    const [from, to] = [ctx.time(row.sleep_start), ctx.time(row.sleep_end)]
    if (!from || !to) return unreadable(row, ctx)
    const [start, end] = [utc(from), utc(to)]
    if (end <= start) return ctx.reject(row, 'order', `Line ${ctx.line}: its end is not after its start.`)
    const offsets = [readOffset(row.start_utc_offset), readOffset(row.end_utc_offset)] as const
    if (offsets[0] !== null) noteOffset(ctx, start, offsets[0])
    if (offsets[1] !== null) noteOffset(ctx, end, offsets[1])
    const seconds = (column: string): number | null => {
      const minutes = ctx.number(row[column])
      return minutes === null || minutes < 0 ? null : minutes * 60
    }
    const updated = ctx.time(row.sleep_last_updated)
    const source = sourceOf(row.data_source)
    yield {
      shape: 'session',
      kind: 'sleep',
      start,
      end,
      measures: present({
        sleep_duration: seconds('minutes_asleep'),
        sleep_awake: seconds('minutes_awake'),
        sleep_latency: seconds('minutes_to_fall_asleep'),
      }),
      source,
      offset: offsets[1],
      zoneBasis: offsets[1] === null ? 'absent' : 'carried',
      ...(source.type === 'manual' ? { flags: Flag.manual } : {}),
      recordId: `user-sleep/${(row.sleep_id ?? '').slice(0, 100) || start}`,
      ...(updated ? { version: utc(updated) } : {}),
    }
  },
})

const workouts = csvPart({
  path: /(^|\/)UserExercises_[^/]*\.csv$/i,
  needs: ['exercise_id', 'exercise_start', 'exercise_end', 'utc_offset', 'activity_name'],
  *row(row, ctx): Iterable<ObservationInput> {
    const [from, to] = [ctx.time(row.exercise_start), ctx.time(row.exercise_end)]
    if (!from || !to) return unreadable(row, ctx)
    const [start, end] = [utc(from), utc(to)]
    const updated = ctx.time(row.exercise_last_updated)
    const recordId = `user-exercise/${(row.exercise_id ?? '').slice(0, 100) || start}`
    const version = updated ? { version: utc(updated) } : {}
    if (row.deletion_reason) {
      yield { shape: 'deletion', recordId, ...version }
      return
    }
    if (end < start) return ctx.reject(row, 'order', `Line ${ctx.line}: its end is before its start.`)
    const offset = readOffset(row.utc_offset)
    // Zero where there is none of it.
    const first = (...columns: string[]): number | null =>
      columns.map((column) => some(ctx.number(row[column]))).find((value) => value !== null) ?? null
    const metres = (value: number | null): number | null =>
      value === null ? null : Number((value / 1000).toPrecision(12))
    const manual = /manual/i.test(row.log_type ?? '')
    const word = (row.activity_name ?? '').slice(0, 200)
    yield {
      shape: 'session',
      kind: 'workout',
      start,
      end,
      activity: activityOf(word.replace(/^(outdoor|structured) /i, '')),
      ...(word === '' ? {} : { vendorActivity: word }),
      measures: present({
        energy_active: first('tracker_total_calories', 'manually_logged_total_calories'),
        steps: first('tracker_total_steps', 'manually_logged_total_steps'),
        distance: metres(first('tracker_total_distance_mm', 'manually_logged_total_distance_mm')),
        elevation_gained: metres(first('tracker_total_altitude_mm')),
        heart_rate: first('tracker_avg_heart_rate'),
        heart_rate_max: first('tracker_peak_heart_rate'),
        speed: metres(first('tracker_avg_speed_mm_per_second')),
      }),
      source: { name: 'Fitbit', type: manual ? 'manual' : 'band' },
      offset,
      zoneBasis: offset === null ? 'absent' : 'carried',
      ...(manual ? { flags: Flag.manual } : {}),
      recordId,
      ...version,
    }
  },
})

const sitting = csvPart({
  path: /(^|\/)sedentary_period_[^/]*\.csv$/i,
  needs: ['start time', 'end time', 'data source'],
  *row(row, ctx): Iterable<ObservationInput> {
    const from = placeRow(row['start time'], ctx, archiveClock(ctx))
    const to = placeRow(row['end time'], ctx, archiveClock(ctx))
    if (!from || !to || to.start < from.start) return unreadable(row, ctx)
    const value = (to.start - from.start) / 1000
    const source = sourceOf(row['data source'])
    yield { shape: 'sample', metric: 'sedentary_minutes', value, unit: 's', source, ...from, end: to.start }
  },
})

const rmssd = csvPart({
  path: /(^|\/)heart_rate_variability_\d{4}[^/]*\.csv$/i,
  needs: ['timestamp', 'data source'],
  tells: false,
  *row(row, ctx): Iterable<ObservationInput> {
    const placed = placeRow(row.timestamp, ctx, archiveClock(ctx))
    const column = Object.keys(row).find((name) => name.startsWith('root mean square of successive differences'))
    if (!placed || column === undefined) return unreadable(row, ctx)
    const value = some(ctx.number(row[column]))
    const source = sourceOf(row['data source'])
    if (value !== null) yield { shape: 'sample', metric: 'hrv_rmssd', value, unit: 'ms', source, ...placed }
  },
})

/** The tables that Google has added to the account archive. */
export const googleParts: readonly Part[] = [nights, workouts, ...series.map(seriesPart), sitting, rmssd]

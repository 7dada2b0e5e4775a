import type { NormalizeContext, ObservationInput } from '@auren/core'
import {
  csvPart,
  exportReader,
  jsonPart,
  type Part,
  type PartContext,
  type Row,
  type RowContext,
} from '../../files/index.js'
import { payloadsOf } from './documents.js'
import { normalize } from './normalize.js'
import { instantOf, ring, zoneOf } from './parts.js'
import type { Collection } from './payload.js'

/** Columns that are words or stamps; all else is a number or JSON. */
const words = new Set([
  'id',
  'day',
  'type',
  'level',
  'label',
  'source',
  'activity',
  'intensity',
  'timestamp',
  'bedtime_start',
  'bedtime_end',
  'sleep_phase_5_min',
  'start_datetime',
  'end_datetime',
  'start_time',
  'end_time',
  'start_day',
  'end_day',
  'tag_type_code',
  'custom_name',
  'comment',
  'text',
])
const unwritten = /^(null|none|nan)?$/i

/** A file of the download: which collection's documents it has, a row each, and the columns that it is known by. */
interface File {
  name: string
  collection: Collection
  /** Enough to be sure that it is Oura's, whatever the file is called. */
  tells: string[]
  /** Enough under its own name. */
  needs: string[]
}

const files: readonly File[] = [
  {
    name: 'sleep_?model',
    collection: 'sleep',
    tells: ['bedtime_start', 'bedtime_end', 'total_sleep_duration'],
    needs: ['bedtime_start', 'bedtime_end'],
  },
  {
    name: 'daily_?activity',
    collection: 'daily_activity',
    tells: ['day', 'steps', 'active_calories', 'score'],
    needs: ['day', 'steps'],
  },
  {
    name: 'daily_?readiness',
    collection: 'daily_readiness',
    tells: ['day', 'score', 'temperature_deviation'],
    needs: ['day', 'score'],
  },
  {
    name: 'daily_?spo2',
    collection: 'daily_spo2',
    tells: ['day', 'spo2_percentage'],
    needs: ['day', 'spo2_percentage'],
  },
  {
    name: 'daily_?stress',
    collection: 'daily_stress',
    tells: ['day', 'stress_high', 'recovery_high'],
    needs: ['day', 'stress_high'],
  },
  {
    name: 'daily_?resilience',
    collection: 'daily_resilience',
    tells: ['day', 'level', 'contributors'],
    needs: ['day', 'level'],
  },
  {
    name: 'daily_?cardiovascular_?age',
    collection: 'daily_cardiovascular_age',
    tells: ['day', 'vascular_age'],
    needs: ['day', 'vascular_age'],
  },
  { name: 'vo2_?max', collection: 'vO2_max', tells: ['day', 'vo2_max', 'timestamp'], needs: ['day', 'vo2_max'] },
  {
    name: 'workouts?',
    collection: 'workout',
    tells: ['activity', 'intensity', 'start_datetime', 'end_datetime'],
    needs: ['activity', 'start_datetime', 'end_datetime'],
  },
  {
    name: 'enhanced_?tags?',
    collection: 'enhanced_tag',
    tells: ['tag_type_code', 'start_time', 'comment'],
    needs: ['tag_type_code', 'start_time'],
  },
  {
    name: 'sessions?',
    collection: 'session',
    tells: ['type', 'start_datetime', 'end_datetime', 'heart_rate_variability'],
    needs: ['type', 'start_datetime', 'end_datetime'],
  },
  {
    name: 'rest_?mode_?periods?',
    collection: 'rest_mode_period',
    tells: ['start_day', 'end_day', 'episodes'],
    needs: ['start_day'],
  },
  { name: 'tags?', collection: 'tag', tells: ['tags', 'timestamp', 'text', 'day'], needs: ['tags', 'timestamp'] },
  { name: 'heart_?rate', collection: 'heartrate', tells: ['timestamp', 'bpm', 'source'], needs: ['timestamp', 'bpm'] },
  { name: 'daily_?sleep', collection: 'daily_sleep', tells: ['day', 'score', 'contributors'], needs: ['day', 'score'] },
]

/** A folder may stand in front, and a date or a copy's number behind: `App Data/dailysleep (1).csv`. */
const pathOf = (name: string): RegExp => new RegExp(`(^|/)(oura[_-]?)?${name}([ _(-][^/]*)?\\.csv$`, 'i')

function csvParts({ name, collection, tells, needs }: File): Part[] {
  const path = pathOf(name)
  const row = (cells: Row, ctx: RowContext): Iterable<ObservationInput> => readRow(collection, cells, ctx)
  return [csvPart({ path, needs: tells, row }), csvPart({ path, needs, row, tells: false })]
}

function* readRow(collection: Collection, cells: Row, ctx: RowContext): Iterable<ObservationInput> {
  const document: Record<string, unknown> = {}
  for (const [column, text] of Object.entries(cells)) {
    const value = cellOf(column, text)
    if (value === undefined)
      ctx.reject({ column, line: ctx.line }, 'value_unreadable', `Line ${ctx.line}: "${column}" cannot be read.`)
    else document[column] = value
  }
  // Some rows lack their id: then the day or the beginning names them, for there is one of a kind.
  document.id ??= document.day ?? document.bedtime_start ?? document.start_datetime ?? document.start_time
  if (collection === 'daily_spo2' && typeof document.spo2_percentage === 'number')
    document.spo2_percentage = { average: document.spo2_percentage }
  if (collection === 'tag' && typeof document.tags === 'string') document.tags = document.tags.split(',')
  yield* normalize({ collection, documents: [document] }, contextOf(ctx))
}

/** A cell's value; null where it is empty, undefined where it cannot be read. */
function cellOf(column: string, text: string): unknown {
  if (unwritten.test(text)) return null
  // A blank between date and time.
  if (words.has(column)) return text.replace(/^(\d{4}-\d\d-\d\d) (?=\d\d:)/, '$1T')
  if (/^[[{]/.test(text)) {
    try {
      return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value)) as unknown
    } catch {
      return undefined
    }
  }
  const value = Number(text)
  return Number.isFinite(value) ? value : text
}

/** Skin temperature, every minute or so; it is not in the API. */
const temperature = csvPart({
  path: pathOf('temperature'),
  needs: ['timestamp', 'skin_temp'],
  *row(row, ctx) {
    const at = instantOf(cellOf('timestamp', row.timestamp ?? '')?.toString() ?? '')
    const value = ctx.number(row.skin_temp)
    if (!Number.isFinite(at) || value === null)
      return ctx.reject(row, 'row_unreadable', `Line ${ctx.line} has no time or no temperature that can be read.`)
    yield {
      shape: 'sample',
      metric: 'skin_temperature',
      start: at,
      value,
      unit: 'Cel',
      source: ring,
      ...zoneOf(row.timestamp ?? ''),
    }
  },
})

const json =
  /"(bedtime_start|hypnogram_5min|readiness_score_delta|temperature_trend_deviation|equivalent_walking_distance|breathing_disturbance_index)"\s*:/

function* readJson(value: unknown, ctx: PartContext): Iterable<ObservationInput> {
  const payloads = payloadsOf(value, ctx.path)
  if (!payloads)
    return ctx.reject(
      { path: ctx.path.slice(0, 300) },
      'unknown_document',
      'This JSON is no collection of Oura that is read.',
    )
  for (const payload of payloads) yield* normalize(payload, contextOf(ctx))
}

function contextOf({ account, receivedAt, zoneAt, reject }: PartContext): NormalizeContext {
  return { account, receivedAt, zoneAt, reject }
}

/** Oura's download of an account's data: CSV files of the collections as the API has them, or JSON. */
export const archive = exportReader({
  plugin: 'oura',
  parts: [
    ...files.flatMap(csvParts),
    temperature,
    jsonPart({ path: /\.json$/i, looks: (head) => json.test(head), read: readJson }),
    jsonPart({
      path: /(^|\/)(oura[^/]*|(daily_?)?(sleep|activity|readiness|spo2|stress|resilience)|heart_?rate|workouts?|sessions?|(enhanced_)?tags?|vo2_?max)\.json$/i,
      read: readJson,
      tells: false,
    }),
  ],
  ignored: [
    { path: /(^|\/)subscriptions?\//i, why: 'the account and its bills' },
    { path: /(^|\/)raw_?location[^/]*\.csv$/i, why: 'where the person was' },
    { path: /(^|\/)ring_?(battery|configuration)[^/]*\.csv$/i, why: 'the ring itself' },
    {
      path: /(^|\/)daytime_?stress[^/]*\.csv$/i,
      why: 'stress levels within the day, on a scale that is not described',
    },
    { path: /(^|\/)step_?count[^/]*\.csv$/i, why: 'steps within the day: the days have them' },
    {
      path: /(^|\/)(sleep_?time|daily_?smoothed|sleep_?score|account|contact)[^/]*\.csv$/i,
      why: 'recommendations and copies',
    },
  ],
})

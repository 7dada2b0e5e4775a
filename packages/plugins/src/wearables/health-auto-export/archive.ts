import type { NormalizeContext, ObservationInput } from '@auren/core'
import {
  type CsvPart,
  csvPart,
  exportReader,
  jsonPart,
  type Part,
  type Row,
  type RowContext,
} from '../../files/index.js'
import { lookup } from '../../vendor/lookup.js'
import { payloadsOf } from './documents.js'
import { normalize } from './normalize.js'
import { Payload } from './payload.js'
import { nameOf } from './quantities.js'

/** `Heart Rate [Avg] (count/min)`: what is measured, which of its numbers, and the unit. */
const column = /^(.+?)(?: \[(.+)\])? \(([^()]*(?:\([^()]*\))?[^()]*)\)$/
const fields = lookup<string>({
  min: 'Min',
  avg: 'Avg',
  max: 'Max',
  systolic: 'systolic',
  diastolic: 'diastolic',
  total: 'totalSleep',
  asleep: 'asleep',
  'in bed': 'inBed',
  core: 'core',
  deep: 'deep',
  rem: 'rem',
  awake: 'awake',
})
const dates = ['date/time', 'date']

interface Held {
  name: string
  units: string
  data: Record<string, unknown>[]
}

/** Metrics of the tables that are being read, by what their contexts share. */
const reading = new WeakMap<object, Map<string, Held>>()
const pieceSize = 2000

/** A row of a table of metrics is what one date has of each: gathered, since the whole table tells how fine it is. */
function row(given: Row, ctx: RowContext): ObservationInput[] {
  const metrics = reading.get(ctx.shared) ?? new Map<string, Held>()
  const date = given['date/time'] || given.date
  if (!date) {
    ctx.reject({ line: ctx.line }, 'row_malformed', `Line ${ctx.line} has no date.`)
    return []
  }
  const points = new Map<string, Record<string, unknown>>()
  for (const [title, text] of Object.entries(given)) {
    const [, what, which, units = ''] = column.exec(title) ?? []
    const value = ctx.number(text)
    if (what === undefined || value === null) continue
    const name = nameOf(what)
    const held = metrics.get(name) ?? { name, units, data: [] }
    metrics.set(name, held)
    const point = points.get(name) ?? { date, ...(given.source ? { source: given.source } : {}) }
    if (!points.has(name)) held.data.push(point)
    points.set(name, point)
    // Numbers in brackets that are not known belong to metrics that are not read, which then say so.
    const field = which === undefined || !Object.hasOwn(fields, which) ? 'qty' : (fields[which] as string)
    point[field] = value
  }
  return []
}

/** A table of metrics, normalized when all of it is there. */
function metricsPart(options: Omit<CsvPart, 'row'>): Part {
  const part = csvPart({ ...options, row })
  return {
    ...part,
    async *read(document, ctx) {
      const metrics = new Map<string, Held>()
      reading.set(ctx.shared, metrics)
      let damage: { cause: unknown } | null = null
      try {
        for await (const piece of part.read(document, ctx)) yield piece
      } catch (cause) {
        damage = { cause }
      }
      const made = [...normalize({ data: { metrics: [...metrics.values()] } }, ctx)]
      for (let at = 0; at < made.length; at += pieceSize) yield made.slice(at, at + pieceSize)
      // What came before the damage is imported.
      if (damage) throw damage.cause
    },
  }
}

/** A row of the table of workouts: its columns are the fields of a workout with their units. */
const workoutFields = lookup<string>({
  'active energy': 'activeEnergyBurned',
  'total energy': 'totalEnergy',
  distance: 'distance',
  intensity: 'intensity',
  'avg. speed': 'avgSpeed',
  'avg. heart rate': 'avgHeartRate',
  'max. heart rate': 'maxHeartRate',
  'heart rate: average': 'avgHeartRate',
  'heart rate: maximum': 'maxHeartRate',
  'elevation ascended': 'elevationUp',
  'elevation: ascended': 'elevationUp',
  'flights climbed': 'flightsClimbed',
  'step count': 'stepCount',
  'step cadence': 'stepCadence',
})

function* workoutRow(given: Row, ctx: RowContext): Iterable<ObservationInput> {
  const workout: Record<string, unknown> = {
    name: given['workout type'] ?? given.type ?? '',
    start: given.start,
    end: given.end,
  }
  if (given.location) workout.location = given.location
  for (const [title, text] of Object.entries(given)) {
    const [, what = title, , units = 'count'] = column.exec(title) ?? []
    const field = workoutFields[what]
    const value = ctx.number(text)
    if (field !== undefined && value !== null) workout[field] = { qty: value, units }
  }
  yield* normalize({ data: { workouts: [workout] } }, ctx)
}

function tables(): Part[] {
  return [
    csvPart({ path: /\.csv$/i, needs: ['workout type', 'start', 'end'], dates: ['start', 'end'], row: workoutRow }),
    // A date and a column is what many tables have: its own name, or a column that only this app has, tells it.
    ...dates.map((date) =>
      metricsPart({
        path: /health ?(?:auto ?export|metrics)[^/]*\.csv$/i,
        needs: [date],
        dates: [date],
        tells: false,
      }),
    ),
    ...[
      'active energy (kj)',
      'active energy (kcal)',
      'step count (count)',
      'step count (steps)',
      'heart rate [avg] (count/min)',
      'heart rate [avg] (bpm)',
    ].map((one) => metricsPart({ path: /\.csv$/i, needs: ['date/time', one], dates: ['date/time'] })),
  ]
}

function* read(value: unknown, ctx: NormalizeContext): Iterable<ObservationInput> {
  const payload = Payload.safeParse(value)
  const payloads = payload.success ? [payload.data] : payloadsOf(value)
  if (payloads) for (const one of payloads) yield* normalize(one, ctx)
  else ctx.reject(null, 'schema', 'The JSON is not what Health Auto Export writes.')
}

/** Files that the app exports by hand or lays down in a folder: JSON and tables, by themselves or in a zip. */
export const archive = exportReader({
  plugin: 'health-auto-export',
  parts: [
    jsonPart({
      path: /\.json$/i,
      looks: (head) =>
        /^\s*\{\s*"data"\s*:\s*\{/.test(head) &&
        /"(?:metrics|workouts|symptoms|stateOfMind|cycleTracking|medications|ecg|heartRateNotifications)"\s*:\s*\[/.test(
          head,
        ),
      read,
    }),
    ...tables(),
  ],
  ignored: [
    { path: /\.gpx$/i, why: 'Routes are not imported.' },
    {
      path: /\.hae$/i,
      why: 'Files of the synchronised folder are compressed in a form that is not read; export JSON.',
    },
  ],
})

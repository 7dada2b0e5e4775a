import type { NormalizeContext, ObservationInput } from '@auren/core'
import { csvPart, exportReader, jsonPart, type Part, type Row, type RowContext } from '../../files/index.js'
import { payloadsOf } from './documents.js'
import { normalize } from './normalize.js'
import { Payload } from './payload.js'
import { nameOf, quantities } from './quantities.js'

/** `Heart Rate [Avg] (count/min)`: what is measured, which of its numbers, and the unit. */
const column = /^(.+?)(?: \[(.+)\])? \(([^()]*(?:\([^()]*\))?[^()]*)\)$/
const fields: Readonly<Record<string, string>> = {
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
}
const dates = ['date/time', 'date']

/** A row of a table of metrics is what one date has of each. */
function* row(given: Row, ctx: RowContext): Iterable<ObservationInput> {
  const date = given['date/time'] || given.date
  if (!date) {
    ctx.reject({ line: ctx.line }, 'row_malformed', `Line ${ctx.line} has no date.`)
    return
  }
  const metrics = new Map<string, { name: string; units: string; data: Record<string, unknown>[] }>()
  for (const [title, text] of Object.entries(given)) {
    const [, what, which, units = ''] = column.exec(title) ?? []
    const value = ctx.number(text)
    if (what === undefined || value === null) continue
    const name = nameOf(what)
    const held = metrics.get(name) ?? {
      name,
      units,
      data: [{ date, ...(given.source ? { source: given.source } : {}) }],
    }
    const point = held.data[0] as Record<string, unknown>
    const field = which === undefined ? 'qty' : fields[which]
    if (field !== undefined) point[field] = value
    else if (!quantities.has(name)) point.qty = value
    metrics.set(name, held)
  }
  yield* normalize({ data: { metrics: [...metrics.values()] } }, ctx)
}

/** A row of the table of workouts: its columns are the fields of a workout with their units. */
const workoutFields: Readonly<Record<string, string>> = {
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
}

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
      csvPart({
        path: /health ?(?:auto ?export|metrics)[^/]*\.csv$/i,
        needs: [date],
        dates: [date],
        row,
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
    ].map((one) => csvPart({ path: /\.csv$/i, needs: ['date/time', one], dates: ['date/time'], row })),
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

import { Flag, type ObservationInput } from '@auren/core'
import { z } from 'zod'
import { csvPart, type Row, type RowContext } from '../../files/index.js'
import { workoutMeasures } from './activity.js'
import { placed } from './archive-times.js'
import { activityOf } from './workouts.js'

const Data = z.record(z.string().max(100), z.unknown())

function* workout(row: Row, ctx: RowContext): Iterable<ObservationInput> {
  // What the person corrected stands beside what the device found.
  const corrected = Boolean(row['from (manual)'] && row['to (manual)'])
  const from = ctx.time(corrected ? row['from (manual)'] : row.from)
  const to = ctx.time(corrected ? row['to (manual)'] : row.to)
  if (!from || !to) return ctx.reject(row, 'row_unreadable', `Line ${ctx.line} has no times that can be read.`)
  const { start, ...zone } = placed(from, ctx, row.timezone)
  const end = placed(to, ctx, row.timezone).start
  if (end <= start) return ctx.reject(row, 'order', `Line ${ctx.line} ends before it starts.`)
  const word = (row['activity type'] ?? '').slice(0, 200)
  yield {
    shape: 'session',
    kind: 'workout',
    start,
    end,
    activity: activityOf(word),
    ...(word === '' ? {} : { vendorActivity: word }),
    measures: workoutMeasures(dataOf(row, ctx), ctx),
    source: { name: 'Withings', type: 'unknown' },
    ...zone,
    ...(corrected ? { flags: Flag.manual } : {}),
  }
}

function dataOf(row: Row, ctx: RowContext): Record<string, unknown> {
  const text = row.data ?? ''
  if (text === '') return {}
  try {
    const data = Data.safeParse(JSON.parse(text))
    if (data.success) return data.data
  } catch {
    // Said below, as for what is no object.
  }
  ctx.reject({ line: ctx.line }, 'value_unreadable', `Line ${ctx.line}: "data" is no JSON object.`)
  return {}
}

/** activities.csv: a workout a row, with its measures as JSON. */
export const activitiesPart = csvPart({
  path: /(^|\/)activities\.csv$/i,
  needs: ['from', 'to', 'activity type', 'data'],
  dates: ['from', 'to'],
  row: workout,
})

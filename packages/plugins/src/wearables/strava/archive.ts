import type { ObservationInput } from '@auren/core'
import { csvPart, exportReader, type Part, type Row, type RowContext } from '../../files/index.js'
import { present } from '../../vendor/items.js'
import { activityOf } from './activities.js'
import { recordOf, versionOf } from './normalize.js'

/** A workout of activities.csv. Its date is in UTC and does not say so. */
function* workout(row: Row, ctx: RowContext): Iterable<ObservationInput> {
  const id = row['activity id'] ?? ''
  const time = ctx.time(row['activity date'])
  if (!time || !/^\d{1,25}$/.test(id))
    return ctx.reject(row, 'row_unreadable', `Line ${ctx.line} has no id and date that can be read.`)
  const number = (...columns: string[]): number | undefined => {
    for (const column of columns) {
      const value = ctx.number(row[column])
      if (value !== null && value > 0) return value
    }
    return undefined
  }
  const seconds = number('elapsed time', 'elapsed time (2)')
  if (seconds === undefined) return ctx.reject(row, 'row_unreadable', `Line ${ctx.line} has no elapsed time.`)
  const start = Date.parse(`${time.local}Z`) - (time.offset ?? 0) * 60_000
  const sport = (row['activity type'] ?? '').slice(0, 200)
  const words = [row['activity name'], row['activity description']].filter((text): text is string => Boolean(text))
  yield {
    shape: 'session',
    kind: 'workout',
    start,
    end: start + Math.round(seconds * 1000),
    activity: activityOf(sport),
    ...(sport === '' ? {} : { vendorActivity: sport }),
    measures: present({
      // The first column of this name is in the person's units, rounded; the second in metres.
      distance: number('distance (2)'),
      elevation_gained: number('elevation gain'),
      energy_active: number('calories'),
      heart_rate: number('average heart rate'),
      heart_rate_max: number('max heart rate', 'max heart rate (2)'),
      speed: number('average speed'),
      speed_max: number('max speed'),
    }),
    ...(words.length > 0 ? { text: words.join('\n').slice(0, 10_000) } : {}),
    source: { name: 'Strava', type: 'app' },
    offset: null,
    zoneBasis: 'absent',
    recordId: recordOf(id),
    version: versionOf('archive', ctx.receivedAt),
  }
}

const rows = csvPart({
  path: /(^|\/)activities\.csv$/i,
  needs: ['activity id', 'activity date', 'activity type', 'elapsed time'],
  dates: ['activity date'],
  row: workout,
})

/** Columns come twice under one name and in two units: the second is called `… (2)`. */
const activitiesPart: Part = {
  ...rows,
  read: (document, ctx) => rows.read({ ...document, bytes: async () => renamed(await document.bytes()) }, ctx),
}

function renamed(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0x0a)
  if (end < 0) return bytes
  const counts = new Map<string, number>()
  const header = bytes
    .subarray(0, end)
    .toString('utf8')
    .split(',')
    .map((column) => {
      const name = column.replaceAll('"', '').trim()
      const count = (counts.get(name) ?? 0) + 1
      counts.set(name, count)
      return count === 1 ? column : `${name} (${count})`
    })
  return Buffer.concat([Buffer.from(header.join(',')), bytes.subarray(end)])
}

/** The archive that a person can ask for: the list of activities. Their tracks are named as left out. */
export const archive = exportReader({
  plugin: 'strava',
  parts: [activitiesPart],
  ignored: [
    {
      path: /(^|\/)activities\/.*\.fit(\.gz)?$/i,
      why: 'Tracks of devices (FIT): import them unpacked with the plugin fit.',
    },
    { path: /\.(gpx|tcx)(\.gz)?$/i, why: 'Tracks in GPX and TCX are not read.' },
    { path: /(^|\/)(media|routes|clubs)\//i, why: 'Pictures, routes and clubs are not measurements.' },
    { path: /\.(csv|json|txt|html)$/i, why: 'Nothing measured: the account, its messages and settings.' },
  ],
})

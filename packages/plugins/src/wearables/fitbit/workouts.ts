import { Flag, type NormalizeContext, type ObservationInput } from '@auren/core'
import { z } from 'zod'
import { type CivilTime, readTime } from '../../files/index.js'
import { present } from '../../vendor/items.js'
import { lookup } from '../../vendor/lookup.js'
import { activityOf } from '../google-health/activities.js'
import { type Clock, readAmerican, utc } from './clock.js'
import { id, maybe, number, text, words } from './payload.js'
import { sourceOf, tracker } from './sources.js'

export const Workout = z.object({
  logId: id,
  activityName: words,
  activityParentName: words,
  name: words,
  startDate: z.iso.date().nullish().catch(null),
  startTime: text,
  duration: number,
  calories: maybe,
  steps: maybe,
  distance: maybe,
  distanceUnit: words,
  averageHeartRate: maybe,
  elevationGain: maybe,
  lastModified: words,
  logType: words,
  source: z.object({ name: words }).nullish().catch(null),
})

/** Metres in Fitbit's units of distance. */
const units = lookup<number>({ kilometer: 1000, mile: 1609.344, meter: 1, yard: 0.9144 })

/**
 * A workout, of the day's answer (a local time), of the list of logs (a time with its offset) or of an export (UTC,
 * without saying so).
 * @param unit of distances that do not say theirs; null where it is not known
 */
export function* workout(
  item: z.infer<typeof Workout>,
  clock: Clock,
  unit: string | null,
  ctx: Pick<NormalizeContext, 'reject'>,
): Iterable<ObservationInput> {
  const time = startOf(item)
  if (!time || item.duration < 0) return ctx.reject(item, 'schema', 'activities: it has no start or no duration')
  const placed = time.utc ? null : clock.place(time.time)
  const start = placed?.at ?? utc(time.time)
  const zone = placed ? { offset: placed.offset, zoneBasis: placed.basis } : clock.at(start)
  const word = (item.activityName || item.activityParentName || item.name || '').slice(0, 200)
  const manual = item.logType === 'manual'
  const source = item.source?.name ? sourceOf(item.source.name) : tracker
  const metres = units[(item.distanceUnit ?? unit ?? '').toLowerCase()]
  if (item.distance && metres === undefined)
    ctx.reject({ logId: item.logId }, 'unit_unknown', 'activities: nothing says what unit the distance is in')
  const modified = versionOf(item.lastModified)
  yield {
    shape: 'session',
    kind: 'workout',
    start,
    end: start + Math.round(item.duration),
    activity: activityOf(word),
    ...(word === '' ? {} : { vendorActivity: word }),
    measures: present({
      // Zero where the activity has none of it.
      energy_active: item.calories || null,
      steps: item.steps || null,
      distance: item.distance && metres ? Number((item.distance * metres).toPrecision(12)) : null,
      heart_rate: item.averageHeartRate || null,
      elevation_gained: item.elevationGain || null,
    }),
    source: manual ? { name: source.name, type: 'manual' } : source,
    ...zone,
    ...(manual ? { flags: Flag.manual } : {}),
    recordId: `activity/${item.logId}`,
    ...(modified === null ? {} : { version: modified }),
  }
}

function startOf({ startDate, startTime }: z.infer<typeof Workout>): { time: CivilTime; utc: boolean } | null {
  const american = readAmerican(startTime)
  if (american) return { time: american, utc: true }
  const time = readTime(startDate && /^\d{1,2}:\d\d/.test(startTime) ? `${startDate}T${startTime}` : startTime)
  return time && { time, utc: false }
}

function versionOf(written: string | null | undefined): number | null {
  const time = written ? (readAmerican(written) ?? readTime(written)) : null
  return time && utc(time)
}

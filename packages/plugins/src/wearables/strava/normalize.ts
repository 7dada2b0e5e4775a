import { Flag, type Instant, type NormalizeContext, type ObservationInput } from '@auren/core'
import { present, setAside } from '../../vendor/items.js'
import { activityOf, isOnFoot } from './activities.js'
import { Activity, Lap, type Payload, Stream } from './payload.js'

const completeness = { archive: 0, list: 1, detail: 2 } as const
/** More than any instant, so that what is more complete is always newer. */
const APART = 1e15

/**
 * Strava states no version. What is fetched one by one is complete, what a list or the archive gives is abridged: the
 * complete outranks the abridged, and among equals the last received is the record, be it that there is none any longer.
 */
export function versionOf(from: keyof typeof completeness, receivedAt: Instant): number {
  return completeness[from] * APART + receivedAt
}

/** An activity's record id: that of the API and of the archive is the same. */
export const recordOf = (id: string): string => `activity/${id}`

/** Activities → workouts, with what was measured along them. */
export function* normalize(payload: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  for (const id of payload.missing ?? [])
    yield { shape: 'deletion', recordId: recordOf(id), version: versionOf('detail', ctx.receivedAt) }
  for (const item of payload.activities) {
    const parsed = Activity.safeParse(item)
    if (parsed.success) yield* workout(parsed.data, versionOf(payload.from, ctx.receivedAt), ctx)
    else {
      setAside(item, 'activity', parsed.error, ctx)
    }
  }
}

function* workout(item: Activity, version: number, ctx: NormalizeContext): Iterable<ObservationInput> {
  const start = Date.parse(item.start_date)
  const end = start + item.elapsed_time * 1000
  if (end <= start) return ctx.reject(item, 'order', 'activity: elapsed_time is zero')
  const sport = (item.sport_type ?? item.type ?? '').slice(0, 200)
  const activity = activityOf(sport, item.trainer ?? false)
  const device = (item.device_name ?? '').trim().slice(0, 190)
  const base = {
    source: {
      name: device === '' ? 'Strava' : device,
      type: item.manual ? 'manual' : device === '' ? 'app' : 'unknown',
    },
    ...zoneOf(item),
    recordId: recordOf(item.id),
    version,
    ...(item.manual ? { flags: Flag.manual } : {}),
  } as const
  const words = [item.name, item.description].filter((text): text is string => Boolean(text?.trim()))
  const laps = lapsOf(item, ctx)
  yield {
    shape: 'session',
    kind: 'workout',
    start,
    end,
    activity,
    ...(sport === '' ? {} : { vendorActivity: sport }),
    ...(laps.length > 0 ? { laps } : {}),
    measures: measuresOf(item, activity),
    ...(words.length > 0 ? { text: words.join('\n').slice(0, 10_000) } : {}),
    ...base,
  }
  yield* samples(item, activity, start, base, ctx)
}

/**
 * `start_date_local` says "Z" and means local time: it is never read as an instant. The offset in seconds stands beside it;
 * where it does not (older answers), it is how far the two dates are apart.
 */
function zoneOf({ utc_offset, start_date, start_date_local }: Activity): {
  offset: number | null
  zoneBasis: 'carried' | 'absent'
} {
  const local = start_date_local == null ? Number.NaN : Date.parse(start_date_local)
  const seconds = utc_offset ?? (local - Date.parse(start_date)) / 1000
  const offset = Math.round(seconds / 60)
  return Number.isFinite(offset) && Math.abs(offset) <= 1080
    ? { offset, zoneBasis: 'carried' }
    : { offset: null, zoneBasis: 'absent' }
}

function measuresOf(item: Activity, activity: string): Record<string, number> {
  const measured = (value: number | null | undefined): number | undefined =>
    value != null && value > 0 ? value : undefined
  const cadence = measured(item.average_cadence)
  return present({
    distance: measured(item.distance),
    elevation_gained: measured(item.total_elevation_gain),
    energy_active: measured(item.calories),
    heart_rate: measured(item.average_heartrate),
    heart_rate_max: measured(item.max_heartrate),
    // Without a meter the power is Strava's guess from speed and slope.
    power: item.device_watts === false ? undefined : measured(item.average_watts),
    power_max: item.device_watts === false ? undefined : measured(item.max_watts),
    cadence: cadence === undefined ? undefined : cadence * (isOnFoot(activity) ? 2 : 1),
    speed: measured(item.average_speed),
    speed_max: measured(item.max_speed),
  })
}

function lapsOf(
  item: Activity,
  ctx: NormalizeContext,
): { start: number; end: number; measures: Record<string, number> }[] {
  const laps = []
  for (const given of item.laps ?? []) {
    const lap = Lap.safeParse(given)
    if (!lap.success) {
      ctx.reject(given, 'schema', 'activity: a lap has no start_date and elapsed_time')
      continue
    }
    const {
      start_date,
      elapsed_time,
      distance,
      average_heartrate,
      max_heartrate,
      average_watts,
      total_elevation_gain,
    } = lap.data
    const start = Date.parse(start_date)
    laps.push({
      start,
      end: start + elapsed_time * 1000,
      measures: present({
        distance: distance ?? undefined,
        elevation_gained: total_elevation_gain ?? undefined,
        heart_rate: average_heartrate || undefined,
        heart_rate_max: max_heartrate || undefined,
        power: average_watts || undefined,
      }),
    })
  }
  return laps
}

/** Streams that have a place in the catalogue; positions have not. */
const streams = [
  ['heartrate', 'heart_rate', 'bpm'],
  ['watts', 'power', 'W'],
  ['cadence', 'cadence', '/min'],
  ['velocity_smooth', 'speed', 'm/s'],
] as const

function* samples(
  item: Activity,
  activity: string,
  start: number,
  base: Pick<
    Extract<ObservationInput, { shape: 'sample' }>,
    'source' | 'offset' | 'zoneBasis' | 'recordId' | 'version'
  >,
  ctx: NormalizeContext,
): Iterable<ObservationInput> {
  if (!item.streams) return
  const time = Stream.safeParse(item.streams.time)
  if (!time.success) return ctx.reject({ id: item.id }, 'schema', 'activity: its streams have no time')
  for (const [type, metric, unit] of streams) {
    const given = item.streams[type]
    if (given === undefined) continue
    // Without a meter the power is a guess.
    if (type === 'watts' && item.device_watts === false) continue
    const stream = Stream.safeParse(given)
    if (!stream.success || stream.data.data.length !== time.data.data.length) {
      ctx.reject({ id: item.id, type }, 'schema', `activity: the stream ${type} does not fit its time`)
      continue
    }
    for (const [index, value] of stream.data.data.entries()) {
      const second = time.data.data[index]
      if (value === null || second == null) continue
      // Who coasts has neither cadence nor power; but no heart stands still.
      if (value <= 0 && metric === 'heart_rate') continue
      yield {
        shape: 'sample',
        metric,
        start: start + Math.round(second * 1000),
        value: metric === 'cadence' && isOnFoot(activity) ? value * 2 : value,
        unit,
        ...base,
      }
    }
  }
}

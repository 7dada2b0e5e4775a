import type { Instant, NormalizeContext, ObservationInput } from '@auren/core'
import { z } from 'zod'
import { type CivilTime, readTime } from '../../files/index.js'
import { lookup } from '../../vendor/lookup.js'
import type { Clock } from './clock.js'
import { maybe, number, text } from './payload.js'
import { tracker } from './sources.js'

type Context = Pick<NormalizeContext, 'reject'>
const HOUR = 3_600_000

const Dataset = z.object({
  dataset: z.array(z.unknown()).max(100_000),
  datasetInterval: number.nullish().catch(null),
  datasetType: z.string().max(40).nullish().catch(null),
})
const Point = z.object({ time: z.string().regex(/^\d{1,2}:\d\d(:\d\d)?$/), value: number })

/** Over a part of a minute or more; null: at a time. */
const kinds = lookup<readonly [metric: string, unit: string, over: boolean]>({
  'activities-heart-intraday': ['heart_rate', '/min', false],
  'activities-steps-intraday': ['steps', '{steps}', true],
  'activities-distance-intraday': ['distance', 'km', true],
  'activities-floors-intraday': ['floors_climbed', '{floors}', true],
  'activities-elevation-intraday': ['elevation_gained', 'm', true],
  'activities-calories-intraday': ['energy_total', 'kcal', true],
})
export const intradayNames = Object.keys(kinds)

/**
 * A day in parts, by the clock on the wall. Where that goes back, the hour that is repeated has begun for the second
 * time. Parts without anything in them are left out: nobody knows whether it was worn.
 */
export function* intraday(
  name: string,
  value: unknown,
  date: string | null,
  clock: Clock,
  ctx: Context,
): Iterable<ObservationInput> {
  const parsed = Dataset.safeParse(value)
  const [metric, unit, over] = kinds[name] as (typeof kinds)[string] & object
  if (!parsed.success || date === null)
    return ctx.reject(
      { name },
      parsed.success ? 'no_date' : 'schema',
      `${name}: it has no data, or nothing says of which day`,
    )
  const { dataset, datasetInterval, datasetType } = parsed.data
  const length = (datasetInterval ?? 1) * (datasetType === 'second' ? 1000 : datasetType === 'hour' ? HOUR : 60_000)
  const order = inOrder(clock)
  for (const item of dataset) {
    const point = Point.safeParse(item)
    const time = point.success ? readTime(`${date}T${point.data.time}`) : null
    if (!point.success || !time) ctx.reject(item, 'schema', `${name}: a part without a time or a value`)
    else if (point.data.value > 0) {
      const { at: start, ...zone } = order(time)
      const end = over ? { end: start + length } : {}
      yield { shape: 'sample', metric, start, ...end, value: point.data.value, unit, source: tracker, ...zone }
    } else order(time)
  }
}

/** Places times that follow each other: one that is before the last is of the hour that comes twice. */
export function inOrder(
  clock: Clock,
): (time: CivilTime) => { at: Instant; offset: number | null; zoneBasis: ReturnType<Clock['at']>['zoneBasis'] } {
  let last = Number.NEGATIVE_INFINITY
  let again = false
  return (time) => {
    const wall = Date.parse(`${time.local}Z`)
    if (wall < last) again = true
    last = wall
    const placed = clock.place(time)
    const later = placed.at + HOUR
    // The same time on the wall an hour later: only then there are two of them.
    const { offset, zoneBasis } = clock.at(later)
    if (again && placed.offset !== null && offset === placed.offset - 60) return { at: later, offset, zoneBasis }
    return { at: placed.at, offset: placed.offset, zoneBasis: placed.basis }
  }
}

const Nights: Readonly<
  Record<string, { fields: z.ZodType; metric: string; unit: string; of: (value: never) => number | null }>
> = {
  spo2: {
    fields: z.object({ value: maybe }),
    metric: 'oxygen_saturation',
    unit: '%',
    of: ({ value }: { value: number | null }) => value,
  },
  hrv: {
    fields: z.object({ value: z.object({ rmssd: maybe }) }),
    metric: 'hrv_rmssd',
    unit: 'ms',
    of: ({ value }: { value: { rmssd: number | null } }) => value.rmssd,
  },
}
/** The value that oxygen has where it could not be measured. */
const NO_OXYGEN = 50

/** Minutes of a night: `{dateTime, minutes: [{minute, value}]}`. */
export function* nightMinutes(
  name: 'spo2' | 'hrv',
  minutes: readonly unknown[],
  clock: Clock,
  ctx: Context,
): Iterable<ObservationInput> {
  const kind = Nights[name] as (typeof Nights)[string] & object
  const order = inOrder(clock)
  for (const item of minutes) {
    const when = z.object({ minute: text }).safeParse(item)
    const value = kind.fields.safeParse(item)
    const time = when.success ? readTime(when.data.minute) : null
    if (!time || !value.success) {
      ctx.reject(item, 'schema', `${name}: a minute without a time or a value`)
      continue
    }
    const { at, ...zone } = order(time)
    const found = kind.of(value.data as never)
    if (!found || found <= 0 || (name === 'spo2' && found === NO_OXYGEN)) continue
    yield { shape: 'sample', metric: kind.metric, start: at, value: found, unit: kind.unit, source: tracker, ...zone }
  }
}

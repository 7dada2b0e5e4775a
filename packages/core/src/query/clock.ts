import { Temporal } from 'temporal-polyfill'
import type { Profile } from '../memory/ports.js'
import type { Instant, LocalDate } from '../observation/schema.js'
import { dayAt } from './calendar.js'

/** Minutes of a clock's day; clock times are averaged on this circle. */
export const DAY_MINUTES = 1440
const DAY = 86_400_000
const QUARTER_HOUR = 900_000

/** Reads instants on the person's wall clock. */
export interface Clock {
  /** Offset from UTC in minutes by the profile's zones; null where the profile has none for that time. */
  zoneOffset(at: Instant): number | null
  /** Offset to use: what the observation carries, else the profile's, else 0. */
  offset(at: Instant, carried: number | null): number
  /** Offset at another end of something that carried `offset` at `known` (a night over a change of the clocks). */
  offsetNear(at: Instant, known: Instant, carried: number | null): number
}

/** Civil date of an instant at an offset. */
export function dateAt(at: Instant, offset: number): LocalDate {
  return dayAt(Math.floor((at + offset * 60_000) / DAY)).date
}

/** Minutes since local midnight, with fractions. */
export function minuteAt(at: Instant, offset: number): number {
  const local = at + offset * 60_000
  return (local - Math.floor(local / DAY) * DAY) / 60_000
}

/** First instant of a civil date at an offset. */
export function midnightOf(index: number, offset: number): Instant {
  return index * DAY - offset * 60_000
}

/** A clock by a person's profile. */
export function createClock(profile: Profile): Clock {
  const zones = profile.zones ?? []
  const known = new Map<string, number>()
  const zoneOffset = (at: Instant): number | null => {
    // The first zone also holds for the time before it, as where days are told apart (observation/local-day).
    const entry = zones.findLast((held) => held.from <= at) ?? zones[0]
    if (!entry) return null
    // No zone changes its offset inside a quarter of an hour (they begin at :00, :15, :30 or :45 of UTC).
    const slot = Math.floor(at / QUARTER_HOUR) * QUARTER_HOUR
    const key = `${entry.zone}@${slot}`
    let offset = known.get(key)
    if (offset === undefined) {
      const zoned = Temporal.Instant.fromEpochMilliseconds(slot).toZonedDateTimeISO(entry.zone)
      offset = zoned.offsetNanoseconds / 60e9
      if (known.size > 100_000) known.clear()
      known.set(key, offset)
    }
    return offset
  }
  return {
    zoneOffset,
    offset: (at, carried) => carried ?? zoneOffset(at) ?? 0,
    offsetNear(at, other, carried) {
      const here = zoneOffset(at)
      if (carried === null) return here ?? 0
      // The profile may be used for the other end only where it agrees with what was carried at this one.
      return here !== null && zoneOffset(other) === carried ? here : carried
    },
  }
}

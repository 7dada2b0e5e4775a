import type { Instant, ZoneBasis } from '@auren/core'
import { Temporal } from 'temporal-polyfill'
import { type CivilTime, instantOf, type Placed, readTime } from '../../files/index.js'

/** Where a person's local times are on the line of time. */
export interface Clock {
  place(time: CivilTime): Placed
  /** The offset of the person at an instant. */
  at(instant: Instant): { offset: number | null; zoneBasis: ZoneBasis }
}

/** A zone, and how it is known. */
export interface Zone {
  name: string
  basis: ZoneBasis
}

/** Clocks change at the quarters of an hour: within one, what was found for the last time holds. */
const QUARTER = 15 * 60_000

/** A clock by the zone of an instant; without one, local times are as if in UTC, and say so. */
export function clockOf(zoneAt: (at: Instant) => Zone | null): Clock {
  // Exports have millions of times that follow each other.
  let placed: { quarter: number; wall: number; found: Placed } | null = null
  let read: { quarter: number; found: ReturnType<Clock['at']> } | null = null
  return {
    place(time) {
      if (time.offset !== null) return instantOf(time, () => null)
      const wall = Date.parse(`${time.local}Z`)
      const quarter = Math.floor(wall / QUARTER)
      if (placed?.quarter !== quarter) {
        const zone = zoneAt(wall)
        const found = instantOf(time, () => zone?.name ?? null)
        placed = { quarter, wall, found: zone ? { ...found, basis: zone.basis } : found }
      }
      return { ...placed.found, at: placed.found.at + wall - placed.wall }
    },
    at(instant) {
      const quarter = Math.floor(instant / QUARTER)
      if (read?.quarter !== quarter) {
        const zone = zoneAt(instant)
        const offset = zone && offsetOf(zone.name, instant)
        const known = zone && offset !== null
        read = { quarter, found: known ? { offset, zoneBasis: zone.basis } : { offset: null, zoneBasis: 'absent' } }
      }
      return read.found
    },
  }
}

/** By the person's zone at that time; where it is not known, by the one of their Fitbit profile. */
export function personsClock(zoneAt: (at: Instant) => string | null, profile: string | null | undefined): Clock {
  const fallback = profile && offsetOf(profile, 0) !== null ? ({ name: profile, basis: 'profile' } as const) : null
  return clockOf((at) => {
    const name = zoneAt(at)
    return name === null ? fallback : { name, basis: 'floating' }
  })
}

/** Minutes from UTC of a zone at an instant; null where it is none. */
export function offsetOf(zone: string, at: Instant): number | null {
  try {
    return Math.round(Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).offsetNanoseconds / 6e10)
  } catch {
    return null
  }
}

const american = /^(\d{2})\/(\d{2})\/(\d{2})(?: ([01]\d|2[0-3]):([0-5]\d):([0-5]\d))?$/

/** `01/25/23 13:00:07`, the way of Fitbit's exports: month first, always. Null where it is not so. */
export function readAmerican(written: string): CivilTime | null {
  const [, month, day, year, hour = 0, minute = 0, second = 0] = american.exec(written) ?? []
  if (month === undefined) return null
  const at = new Date(Date.UTC(2000 + Number(year), Number(month) - 1, Number(day), +hour, +minute, +second))
  // A day that the calendar does not have would be another.
  return at.getUTCMonth() + 1 === Number(month) ? { local: at.toISOString().slice(0, -1), offset: null } : null
}

/** `YYYY-MM-DD` of a date in either way of writing. */
export function readDate(written: string): string | null {
  const time = readAmerican(written) ?? (/^\d{4}-/.test(written) ? readTime(written) : null)
  return time?.local.slice(0, 10) ?? null
}

/** Instant of a time that is in UTC without saying so. */
export function utc({ local, offset }: CivilTime): Instant {
  return Date.parse(`${local}Z`) - (offset ?? 0) * 60_000
}

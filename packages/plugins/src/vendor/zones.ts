import type { Instant, NormalizeContext, ZoneBasis } from '@auren/core'
import { Temporal } from 'temporal-polyfill'

/** The clock that the person saw. */
export interface Zone {
  /** Minutes from UTC; null where nothing says it. */
  offset: number | null
  zoneBasis: ZoneBasis
}

/** Farthest from UTC that an offset is kept, in minutes: people can set a watch to anything. */
const FARTHEST = 1080
const QUARTER = 900_000

/**
 * Watches say the offset once, for the start of what they tell of. A night in which the clocks change ends with another: where the
 * person’s own zone agrees with the watch at the start, it is believed for what comes after.
 *
 * @param end where it is known until when; the clock changes at most once in between
 * @returns the clock at each instant
 */
export function zonesOf(
  start: Instant,
  end: Instant | null,
  offsetInSeconds: number | null | undefined,
  ctx: Pick<NormalizeContext, 'zoneAt'>,
): (at: Instant) => Zone {
  const carried = offsetInSeconds == null ? null : Math.round(offsetInSeconds / 60)
  if (carried === null || Math.abs(carried) > FARTHEST) return () => ({ offset: null, zoneBasis: 'absent' })
  const same: Zone = { offset: carried, zoneBasis: 'carried' }
  const zone = ctx.zoneAt(start)
  if (zone === null || offsetIn(zone, start) !== carried) return () => same
  if (end !== null && offsetIn(zone, end) === carried) return () => same
  // Clocks change at quarters of an hour: of the many values within one it is looked up once.
  let held: { quarter: number; zone: Zone } | null = null
  return (at) => {
    const quarter = Math.floor(at / QUARTER)
    if (held?.quarter !== quarter) {
      const offset = offsetIn(zone, at)
      held = { quarter, zone: offset === carried ? same : { offset, zoneBasis: 'inferred' } }
    }
    return held.zone
  }
}

/** Farthest from 1970 that a calendar reaches, in ms. */
const FARTHEST_INSTANT = 8.64e15

/**
 * Offset of a zone at an instant, in whole minutes. Beyond every calendar it is that of its edge: such times are refused when
 * they are accepted, and must not take what is beside them along.
 */
export function offsetIn(zone: string, at: Instant): number {
  const within = Math.trunc(Math.min(FARTHEST_INSTANT, Math.max(-FARTHEST_INSTANT, at))) || 0
  return Math.round(Temporal.Instant.fromEpochMilliseconds(within).toZonedDateTimeISO(zone).offsetNanoseconds / 60e9)
}

/** The civil date of an instant by a clock. */
export function dateAt(at: Instant, offset: number): string {
  return new Date(at + offset * 60_000).toISOString().slice(0, 10)
}

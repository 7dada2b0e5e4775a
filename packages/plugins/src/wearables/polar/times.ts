import { Temporal } from 'temporal-polyfill'
import { instantOf } from '../../files/index.js'
import { offsetIn } from '../../vendor/zones.js'

const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000

/** Milliseconds of an ISO 8601 duration such as `PT2H44M45.5S`; null where it is none. */
export function durationOf(text: string): number | null {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text)
  if (!match || text === 'P' || text.endsWith('T')) return null
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match
  return Math.round(Number(days) * DAY + Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * 1000)
}

/** Minutes of `HH:MM` or `HH:MM:SS`, from midnight; null where it is no time of a day. */
export function minutesOf(text: string): number | null {
  const match = /^(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?$/.exec(text)
  if (!match || Number(match[1]) > 23 || Number(match[2]) > 59) return null
  return Number(match[1]) * 60 + Number(match[2]) + Number(match[3] ?? 0) / 60
}

/** A night of less than a day, with the clock that it began and ended by. */
export interface Night {
  start: number
  startOffset: number
  endOffset: number
}

/** Heart rates may have been told for so long before the night began, in minutes. */
const EARLY = 120

/**
 * Minutes from the minute in which the night began to a clock time of it. What keeps a document may sort its keys, so the
 * order in which clock times are written does not tell which of them come after midnight.
 */
export function intoNight(time: number, { start, startOffset }: Night): number {
  const begun = Math.floor(start / MINUTE) + startOffset
  return ((((time - begun + EARLY) % 1440) + 1440) % 1440) - EARLY
}

/**
 * Clock times of one night on the line of time. Where the clock changes in the night, the person's zone says when; without it
 * they cannot be placed.
 *
 * @returns null where they cannot be placed
 */
export function inNight(times: readonly number[], night: Night, zone: string | null): number[] | null {
  const { start, startOffset, endOffset } = night
  const clock = Math.floor(start / MINUTE) * MINUTE + startOffset * MINUTE
  const wall = times.map((time) => clock + intoNight(time, night) * MINUTE)
  if (startOffset === endOffset) return wall.map((at) => at - startOffset * MINUTE)
  if (zone === null || offsetIn(zone, start) !== startOffset) return null
  return wall.map(
    (at) =>
      Temporal.PlainDateTime.from(new Date(at).toISOString().slice(0, -1)).toZonedDateTime(zone).epochMilliseconds,
  )
}

/**
 * Clock times of one day in their order, on the line of time, in the person's zone. A time that falls back by an hour or so
 * is in the hour that the clock repeats; one that falls back by half a day is of the day after.
 */
export function inDay(
  date: string,
  times: readonly number[],
  zoneAt: (at: number) => string | null,
): { at: number; offset: number | null }[] {
  const midnight = Date.parse(`${date}T00:00:00Z`)
  let passed = 0
  let before = Number.NEGATIVE_INFINITY
  let repeated = false
  return times.map((time) => {
    if (time + passed < before - 12 * 60) passed += 24 * 60
    else if (time + passed < before) repeated = true
    before = time + passed
    const wall = midnight + before * MINUTE
    const zone = zoneAt(wall)
    if (zone === null) return { at: wall, offset: null }
    const at = Temporal.PlainDateTime.from(new Date(wall).toISOString().slice(0, -1)).toZonedDateTime(zone, {
      disambiguation: repeated ? 'later' : 'compatible',
    }).epochMilliseconds
    return { at, offset: offsetIn(zone, at) }
  })
}

/** Where a local time with or without its offset is. */
export function placed(
  local: string,
  offset: number | null | undefined,
  zoneAt: (at: number) => string | null,
): { at: number; offset: number | null; zoneBasis: 'carried' | 'floating' } {
  const known = offset != null && Number.isInteger(offset) && Math.abs(offset) <= 1080 ? offset : null
  const { at, offset: found, basis } = instantOf({ local: local.padEnd(19, ':00'), offset: known }, zoneAt)
  return { at, offset: found, zoneBasis: basis === 'carried' ? 'carried' : 'floating' }
}

/** Minutes of the offset that an instant is written with; 0 for `Z`. */
export function offsetWritten(stamp: string): number {
  const match = /([+-])(\d\d):?(\d\d)$/.exec(stamp)
  return match ? (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) : 0
}

import { isoInstant, type ZoneBasis } from '@auren/core'

/** When a record was, and how far the person's clock was from UTC. */
export interface Placed {
  start: number
  offset: number | null
  zoneBasis: ZoneBasis
}

const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?$/i
const HOUR = 60
/** Offsets are quarters of an hour; a receiver's clock is a few minutes off. */
const STEP = 15
const DRIFT = 5

/**
 * `systemTime` is UTC, with or without saying so: when it was. `displayTime` is what the person saw. Where it carries an
 * offset (phones), that is the person's; where not (receivers), the difference to UTC is, as far as it can be one: a clock
 * that is set wrong tells no offset.
 */
export function place(systemTime: string, displayTime: string | null | undefined): Placed | null {
  const system = read(systemTime)
  if (!system) return null
  const start = system.wall - (system.offset ?? 0) * 60_000
  const display = displayTime ? read(displayTime) : null
  if (!display) return { start, offset: null, zoneBasis: 'absent' }
  if (display.offset !== null) return { start, offset: display.offset, zoneBasis: 'carried' }
  return { start, ...offsetOf(display.wall - start) }
}

/** An offset as the difference of two clocks says it; none where it cannot be one. */
function offsetOf(difference: number): { offset: number | null; zoneBasis: ZoneBasis } {
  const minutes = difference / 60_000
  const offset = Math.round(minutes / STEP) * STEP + 0
  return Math.abs(minutes - offset) <= DRIFT && offset >= -12 * HOUR && offset <= 14 * HOUR
    ? { offset, zoneBasis: 'inferred' }
    : { offset: null, zoneBasis: 'absent' }
}

/** Milliseconds of the clock's face, and the offset that stands behind it. */
function read(text: string): { wall: number; offset: number | null } | null {
  const found = iso.exec(text.trim())
  if (!found) return null
  const [, date, time, zone] = found
  const wall = isoInstant(`${date}T${time}Z`)
  if (Number.isNaN(wall)) return null
  if (!zone) return { wall, offset: null }
  if (/z/i.test(zone)) return { wall, offset: 0 }
  const minutes = Number(zone.slice(1, 3)) * HOUR + Number(zone.slice(-2))
  if (minutes > 18 * HOUR) return null
  return { wall, offset: zone.startsWith('-') ? 0 - minutes : minutes }
}

const wcf = /^\/?Date\((-?\d{1,15})(?:([+-])(\d\d)(\d\d))?\)\/?$/

/**
 * Clocks of the Share service: `ST` is UTC; `DT` is the person's, with its offset (`/Date(ms-0500)/`), or with none that is
 * true (`+0000`) and the local time written as if it were UTC.
 */
export function placeShare(st: string, dt: string): Placed | null {
  const system = wcf.exec(st)
  if (!system) return null
  const start = Number(system[1])
  const display = wcf.exec(dt)
  if (!display) return { start, offset: null, zoneBasis: 'absent' }
  const [, at, sign, hours, minutes] = display
  const written = (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * HOUR + Number(minutes ?? 0))
  if (written !== 0) return { start, offset: written, zoneBasis: 'carried' }
  return { start, ...offsetOf(Number(at) - start) }
}

import type { ZoneBasis } from '@auren/core'
import { offsetIn } from '../../vendor/zones.js'

/** What WHOOP calls its only kind of device, whichever generation it is. */
export const source = { name: 'WHOOP', type: 'band' } as const
/** Kilojoules of a kilocalorie. */
export const KILOJOULES = 4.184

/** Minutes from UTC of `+01:00`, `-0500`, `Z`, `UTC+02:00` or `UTCZ`; null where it is none of these. */
export function offsetOf(text: string | null | undefined): number | null {
  const match = /^(?:UTC|GMT)?\s*(?:(Z)|([+-])(\d{1,2}):?(\d{2})?)?$/i.exec(text?.trim() ?? '')
  if (!match || (text?.trim() ?? '') === '') return null
  if (match[2] === undefined) return 0
  const minutes = Number(match[3]) * 60 + Number(match[4] ?? 0)
  return minutes > 1080 ? null : (match[2] === '-' ? -1 : 1) * minutes
}

/** Where a time is in its day, and how that is known. */
export interface Place {
  offset: number | null
  zoneBasis: ZoneBasis
}

/** By WHOOP's own offset; without one by the person's zone. */
export function placeOf(offset: number | null, at: number, zoneAt: (at: number) => string | null): Place {
  if (offset !== null) return { offset, zoneBasis: 'carried' }
  const zone = zoneAt(at)
  return zone === null ? { offset: null, zoneBasis: 'absent' } : { offset: offsetIn(zone, at), zoneBasis: 'profile' }
}

/**
 * Of a sleep, the offset at its end. WHOOP gives one for all of it: in a night in which the person's clock changes from
 * that offset to another, the other holds when they wake.
 */
export function placeOfEnd(
  offset: number | null,
  start: number,
  end: number,
  zoneAt: (at: number) => string | null,
): Place {
  const place = placeOf(offset, end, zoneAt)
  const zone = zoneAt(end)
  if (offset === null || zone === null) return place
  const after = offsetIn(zone, end)
  return offset === offsetIn(zone, start) && offset !== after ? { offset: after, zoneBasis: 'inferred' } : place
}

import type { ZoneBasis } from '@auren/core'
import { offsetIn } from '../../vendor/zones.js'

/** Where an observation is in local time. */
export interface Zoned {
  offset: number | null
  zoneBasis: ZoneBasis
}

/**
 * Offset of an IANA zone at an instant. What an item itself carries is `carried`; the zone of a whole answer is that of the
 * person's profile today, also for what was measured elsewhere.
 */
export function zoned(at: number, own: string | null | undefined, profile?: string | null): Zoned {
  const carried = offsetAt(at, own)
  if (carried !== null) return { offset: carried, zoneBasis: 'carried' }
  const general = offsetAt(at, profile)
  return general === null ? { offset: null, zoneBasis: 'absent' } : { offset: general, zoneBasis: 'profile' }
}

function offsetAt(at: number, zone: string | null | undefined): number | null {
  if (!zone) return null
  try {
    return offsetIn(zone, at)
  } catch {
    return null
  }
}

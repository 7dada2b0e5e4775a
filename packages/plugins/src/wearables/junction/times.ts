import type { NormalizeContext, ZoneBasis } from '@auren/core'
import { instantOf, readTime } from '../../files/index.js'
import { offsetIn } from '../../vendor/zones.js'

/** Where a time is. */
export interface Placed {
  at: number
  /** Minutes from UTC; null where nothing says it. */
  offset: number | null
  zoneBasis: ZoneBasis
}

/** What an item says of its zone. */
export interface ZoneFacts {
  /** Seconds; null where the provider does not know it. */
  timezone_offset?: number | null | undefined
  /** IANA. */
  time_zone?: string | null | undefined
}

/** Providers whose clocks are the person's own: the `+00:00` that Junction writes behind them means nothing. */
const floating = new Set(['abbott_libreview', 'freestyle_libre'])
const MOST_MINUTES = 18 * 60

/** Places a stamp: UTC with the offset beside it, or the clock on the person's wall. Null where it is no time. */
export function place(
  stamp: string | null | undefined,
  provider: string,
  zone: ZoneFacts,
  ctx: Pick<NormalizeContext, 'zoneAt'>,
): Placed | null {
  const time = stamp ? readTime(stamp) : null
  if (!time) return null
  if (floating.has(provider)) {
    const { at, offset, basis } = instantOf({ local: time.local, offset: null }, ctx.zoneAt)
    return { at, offset, zoneBasis: basis }
  }
  const at = Date.parse(`${time.local}Z`) - (time.offset ?? 0) * 60_000
  const offset = offsetOf(zone, at)
  if (offset !== null) return { at, offset, zoneBasis: 'carried' }
  // Junction writes UTC; another offset than zero would be the place itself.
  return time.offset ? { at, offset: time.offset, zoneBasis: 'carried' } : { at, offset: null, zoneBasis: 'absent' }
}

function offsetOf({ timezone_offset, time_zone }: ZoneFacts, at: number): number | null {
  if (timezone_offset != null) {
    const minutes = Math.round(timezone_offset / 60)
    return Math.abs(minutes) <= MOST_MINUTES ? minutes : null
  }
  if (!time_zone) return null
  try {
    return offsetIn(time_zone, at)
  } catch {
    return null
  }
}

import type { NormalizeContext, ZoneBasis } from '@auren/core'
import { instantOf, readTime } from '../../files/index.js'

/** Where a time of Terra is. */
export interface Placed {
  at: number
  offset: number | null
  zoneBasis: ZoneBasis
}

const UTC = 0
const LOCAL = 1

/**
 * Places a stamp of Terra (ISO 8601, microseconds). Its offset says where it was; an offset of zero, or none, is explained
 * by `timestamp_localization`: 0 is UTC, of which the place is not known; 1 is the clock on the person's wall, with a zero
 * that means nothing. Where neither says it: a zero is UTC, and no offset is local time, as Terra documents.
 */
export function place(
  stamp: string,
  localization: number | null | undefined,
  ctx: Pick<NormalizeContext, 'zoneAt'>,
): Placed | null {
  const time = readTime(stamp)
  if (!time) return null
  if (time.offset !== null && time.offset !== 0) {
    const { at, offset } = instantOf(time, ctx.zoneAt)
    return { at, offset, zoneBasis: 'carried' }
  }
  const isUtc = time.offset === 0 ? localization !== LOCAL : localization === UTC
  if (isUtc) return { at: Date.parse(`${time.local}Z`), offset: null, zoneBasis: 'absent' }
  const { at, offset, basis } = instantOf({ local: time.local, offset: null }, ctx.zoneAt)
  return { at, offset, zoneBasis: basis }
}

/** The date that a day of Terra is named by: as it is written, never converted. */
export function dateOf(stamp: string): string {
  return stamp.slice(0, 10)
}

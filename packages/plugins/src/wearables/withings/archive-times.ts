import type { ZoneBasis } from '@auren/core'
import { type CivilTime, instantOf, type RowContext } from '../../files/index.js'

/** Where a civil time is: by its own offset, else in the zone of the row, else in the person's. */
export function placed(
  time: CivilTime,
  ctx: Pick<RowContext, 'zoneAt'>,
  zone?: string,
): { start: number; offset: number | null; zoneBasis: ZoneBasis } {
  const known = zone !== undefined && zone !== '' && time.offset === null && isZone(zone)
  const { at, offset, basis } = instantOf(time, known ? () => zone : ctx.zoneAt)
  return { start: at, offset, zoneBasis: known ? 'carried' : basis }
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

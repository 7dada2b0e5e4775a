import type { LongTerm } from '../memory/ports.js'
import { createCalendar } from '../observation/local-day.js'
import type { Instant, ObservationInput, UserId } from '../observation/schema.js'
import type { WearablePlugin } from '../plugin/types.js'
import type { SetAside } from './accept.js'
import { normalizePayload } from './deliver.js'

/** A person's zone at an instant. */
export type ZoneAt = (at: Instant) => string | null

/** Reads where a person has been living. */
export type ZonesOf = (user: UserId) => Promise<ZoneAt>

/** Zones as the person's profile says, and the installation's where it says none. */
export function createZones(longTerm: Pick<LongTerm, 'profile'>, zone: string): ZonesOf {
  return async (user) => {
    const { zones = [] } = await longTerm.profile({ user, purpose: 'operate' })
    const { zoneAt } = createCalendar(zones)
    return (at) => zoneAt(at) ?? zone
  }
}

/**
 * Normalizes a payload in the zones of its person. Most payloads carry their offsets: the zones are read when the
 * normalizer asks for one, and it begins anew then, which a pure function can.
 */
export async function normalizeFor(
  zonesOf: ZonesOf,
  plugin: WearablePlugin,
  payload: unknown,
  { user, ...ctx }: { user: UserId; receivedAt: Instant; account: string },
): Promise<{ observations: ObservationInput[]; aside: SetAside[] }> {
  let asked = false
  const zoneAt = (): null => {
    asked = true
    return null
  }
  const read = normalizePayload(plugin, payload, { ...ctx, zoneAt })
  return asked ? normalizePayload(plugin, payload, { ...ctx, zoneAt: await zonesOf(user) }) : read
}

import { afterAll, beforeAll } from 'vitest'
import { type Load, startLoad } from './driver.js'
import { type Fleet, type Slot, startFleet } from './fleet.js'
import { comeToRest, holds } from './kills.js'
import type { Place, World } from './place.js'
import { prepare } from './prepare.js'

/** A prepared place that the tests of a block copy; null opens none, where they are skipped. */
export function usePrepared(open: (() => Promise<World> | World) | null): () => Promise<Place> {
  let world: World | undefined
  let prepared: Place | undefined
  beforeAll(async () => {
    if (!open) return
    world = await open()
    prepared = await prepare(await world.create())
  })
  afterAll(() => world?.close())
  return () => (prepared as Place).copy()
}

/** An installation at work, to be hurt. */
export interface AtWork {
  place: Place
  fleet: Fleet
  load: Load
  /** Waits until so many more deliveries have been accepted. */
  acceptMore(n: number): Promise<void>
}

/**
 * Lets an installation work under load, hurts it, lets it come to rest, and holds what is stored to what was accepted.
 * Nothing but a 2xx, or a 429 or 503 with Retry-After, may have been answered meanwhile.
 */
export async function hurt(
  place: Place,
  slots: readonly Slot[],
  seed: number,
  harm: (at: AtWork) => Promise<void>,
): Promise<Load> {
  const fleet = await startFleet(place, slots)
  const load = startLoad(() => fleet.addresses('biometric'), { seed })
  const acceptMore = async (n: number): Promise<void> => {
    const from = load.oracle.count().accepted
    while (load.oracle.count().accepted < from + n) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  try {
    await acceptMore(10)
    await harm({ place, fleet, load, acceptMore })
    await acceptMore(10)
    await load.stop()
    await comeToRest(place, fleet)
  } finally {
    await fleet.end()
  }
  await holds(place, load)
  const { accepted, unknown } = load.oracle.count()
  console.log(
    `answers ${JSON.stringify(load.statuses)}; accepted ${accepted}, given up ${unknown}, recognized as sent before ${load.replayed()}`,
  )
  return load
}

/** What readiness says. */
export async function readyOf(address: string): Promise<{ status: number; reasons: string[]; degraded: string[] }> {
  const answer = await fetch(`${address}/readyz`)
  const { reasons, degraded } = (await answer.json()) as { reasons: string[]; degraded: string[] }
  return { status: answer.status, reasons, degraded }
}

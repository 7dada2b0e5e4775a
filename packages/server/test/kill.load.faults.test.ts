import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Slot } from './faults/fleet.js'
import { killUnderLoad, passed, planOf, report, type Tally } from './faults/kills.js'
import { openMode } from './faults/modes.js'
import type { Mode, Place, World } from './faults/place.js'
import { prepare } from './faults/prepare.js'
import { killsOf } from './faults/size.js'

/** Installations, with how many kills of each are planned: of those that take data in, and of those that store it. */
const installations: {
  name: string
  mode: Mode
  slots(seed: number): Slot[]
}[] = [
  {
    name: 'embedded, one process',
    mode: 'embedded',
    slots: (seed) => [{ plan: planOf(seed, [...passed.biometric, ...passed.worker], killsOf(56, 100)) }],
  },
  {
    name: 'PostgreSQL, a process per role',
    mode: 'table',
    slots: (seed) => [
      { roles: 'biometric,neuros', plan: planOf(seed, passed.biometric, killsOf(8, 20)) },
      { roles: 'worker', plan: planOf(seed + 1, passed.worker, killsOf(6, 20)) },
    ],
  },
  {
    name: 'Kafka, two processes for each side',
    mode: 'kafka',
    slots: (seed) => [
      { roles: 'biometric', plan: planOf(seed, passed.biometric, killsOf(4, 20)) },
      { roles: 'biometric,neuros', plan: planOf(seed + 1, passed.biometric, killsOf(4, 20)) },
      { roles: 'worker', plan: planOf(seed + 2, passed.worker, killsOf(6, 20)) },
      { roles: 'worker', plan: planOf(seed + 3, passed.worker, killsOf(6, 20)) },
    ],
  },
]

describe.each(installations)('killed at named places under load: $name', ({ name, mode, slots }) => {
  const open = openMode(mode)
  let world: World
  let prepared: Place
  beforeAll(async () => {
    if (!open) return
    world = open()
    prepared = await prepare(await world.create())
  })
  afterAll(() => world?.close())

  it.skipIf(open === null)('loses nothing, counts nothing twice, and is as if nobody had been killed', async () => {
    const tally: Tally = await killUnderLoad(prepared, slots(1), 7)
    const { planned, fired, inFlight } = report(name, [tally])
    expect(fired).toBe(planned)
    // What had just been done when it died is no work in flight; the kills that count are those with some.
    expect(inFlight).toBeGreaterThanOrEqual(0.75 * fired)
  })
})

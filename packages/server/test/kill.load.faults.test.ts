import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Slot } from './faults/fleet.js'
import { killUnderLoad, passed, planOf, report, type Tally } from './faults/kills.js'
import { openMode } from './faults/modes.js'
import type { Mode, Place, World } from './faults/place.js'
import { prepare } from './faults/prepare.js'
import { killsOf } from './faults/size.js'

/** Installations, and what is killed in one run: of those that take data in, and of those that store it. */
const installations: {
  name: string
  mode: Mode
  /** So many runs, each with another seed. */
  runs: number
  slots(seed: number): Slot[]
}[] = [
  {
    name: 'embedded, one process',
    mode: 'embedded',
    runs: killsOf(4, 100),
    slots: (seed) => [{ plan: planOf(seed, [...passed.biometric, ...passed.worker], 14) }],
  },
  {
    name: 'PostgreSQL, a process per role',
    mode: 'table',
    runs: killsOf(1, 20),
    slots: (seed) => [
      { roles: 'biometric,neuros', plan: planOf(seed, passed.biometric, 9) },
      { roles: 'worker', plan: planOf(seed + 1, passed.worker, 7) },
    ],
  },
  {
    name: 'Kafka, two processes for each side',
    mode: 'kafka',
    runs: killsOf(1, 20),
    slots: (seed) => [
      { roles: 'biometric', plan: planOf(seed, passed.biometric, 4) },
      { roles: 'biometric,neuros', plan: planOf(seed + 1, passed.biometric, 4) },
      { roles: 'worker', plan: planOf(seed + 2, passed.worker, 6) },
      { roles: 'worker', plan: planOf(seed + 3, passed.worker, 6) },
    ],
  },
]

describe.each(installations)('killed at named places under load: $name', ({ name, mode, runs, slots }) => {
  const open = openMode(mode)
  let world: World
  let prepared: Place
  beforeAll(async () => {
    if (!open) return
    world = open()
    prepared = await prepare(await world.create())
  })
  afterAll(() => world?.close())

  const tallies: Tally[] = []
  const seeds = Array.from({ length: runs }, (_, i) => 10 * i + 1)
  it.skipIf(open === null).each(seeds)(
    'loses nothing, counts nothing twice, and is as if nobody had been killed, seed %i',
    async (seed) => {
      tallies.push(await killUnderLoad(prepared, slots(seed), 100 + seed))
    },
  )

  it.skipIf(open === null)('was killed often enough', () => {
    const { planned, fired, inFlight } = report(name, tallies)
    expect(tallies).toHaveLength(runs)
    expect(fired).toBe(planned)
    // What had just been done when it died is no work in flight; the kills that count are those with some.
    expect(inFlight).toBeGreaterThanOrEqual(0.75 * fired)
  })
})

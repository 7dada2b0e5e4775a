import { setTimeout as delay } from 'node:timers/promises'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, it } from 'vitest'
import { until } from './faults/driver.js'
import type { Slot } from './faults/fleet.js'
import { hurt, usePrepared } from './faults/hurt.js'
import { openMode } from './faults/modes.js'
import type { Mode } from './faults/place.js'
import { isLong, soakMs } from './faults/size.js'

// T2, T12-T14: processes that die at any time and several at once, that are held, that come and go, with wrong clocks.

const modes: { name: string; mode: Mode }[] = [
  { name: 'PostgreSQL', mode: 'table' },
  { name: 'PostgreSQL, Kafka and Redis', mode: 'kafka' },
]
const HOUR = 3_600_000

describe.each(modes)('processes side by side on $name', ({ mode }) => {
  const open = openMode(mode)
  const copy = usePrepared(open)
  const slots: Slot[] = [
    { roles: 'biometric,neuros' },
    { roles: 'biometric' },
    { roles: 'worker' },
    { roles: 'worker' },
  ]

  it.skipIf(!open)('T2: killed at any time, several at once', async () => {
    const random = xoroshiro128plus(2)
    let [fired, inFlight] = [0, 0]
    await hurt(await copy(), slots, 51, async ({ place, fleet, load }) => {
      const until = performance.now() + soakMs
      for (let round = 0; round < 6 || performance.now() < until; round++) {
        const victims = fleet.members.filter(() => uniformInt(random, 0, 1) === 0)
        await delay(uniformInt(random, 50, 500))
        for (const victim of victims) victim.server().kill()
        await Promise.all(victims.map((victim) => victim.server().ended))
        fired += victims.length
        const left = await place.unfinished()
        if (load.inFlight() > 0 || (left && left.waiting > 0)) inFlight += victims.length
        for (const victim of victims) await victim.start()
      }
    })
    console.log(
      `${mode}: ${fired} processes killed at any time, ${inFlight} with work in flight, all of them recovered`,
    )
    expect(inFlight).toBeGreaterThan(0)
  })

  it.skipIf(!open)('T12: with clocks that are hours apart', async () => {
    const skewed = slots.map((slot, i) => ({
      ...slot,
      env: { AUREN_FAULT_CLOCK_MS: String([HOUR, -HOUR, 3 * HOUR, -3 * HOUR][i]) },
    }))
    await hurt(await copy(), skewed, 52, ({ acceptMore }) => acceptMore(60))
  })

  it.skipIf(!open)('T13: a worker that is held while another takes over, and then goes on', async () => {
    await hurt(await copy(), slots, 53, async ({ place, fleet, load, acceptMore }) => {
      const workers = fleet.members.filter((member) => member.has('worker'))
      for (let round = 0; round < (isLong ? 10 : 2); round++)
        for (const { server } of workers) {
          server().pause()
          await acceptMore(20)
          // The other one has all of it.
          await load.pause()
          await until(async () => (await place.unfinished())?.waiting === 0)
          load.resume()
          server().resume()
        }
    })
  })

  it.skipIf(!open)('T14: workers that come and go', async () => {
    await hurt(await copy(), slots, 54, async ({ fleet, acceptMore }) => {
      const workers = fleet.members.filter((member) => member.has('worker'))
      for (let round = 0; round < (isLong ? 20 : 2); round++)
        for (const worker of workers) {
          await worker.server().stop()
          await acceptMore(5)
          await worker.start()
        }
    })
  })
})

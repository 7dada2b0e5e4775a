import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startKafka } from '../../../test/servers/kafka.js'
import type { Server } from '../../../test/servers/server.js'
import { service } from '../../../test/services.js'
import { until } from './faults/driver.js'
import type { Slot } from './faults/fleet.js'
import { hurt, readyOf, usePrepared } from './faults/hurt.js'
import { serverWorld } from './faults/place.js'

// T3: the broker is killed, hangs, and is started again; deliveries go on all the while.

const postgres = service('postgres')
const skipped = postgres === null || service('kafka') === null

describe.skipIf(skipped)('while the broker is away', () => {
  let broker: Server
  beforeAll(async () => {
    broker = await startKafka()
  })
  afterAll(() => broker?.remove())
  const copy = usePrepared(skipped ? null : () => serverWorld({ postgres: postgres as string, kafka: broker.address }))
  const slots: Slot[] = [{ roles: 'biometric,neuros' }, { roles: 'worker' }, { roles: 'worker' }]

  it.each<[string, (held: Server) => Promise<void> | void, (held: Server) => Promise<void> | void]>([
    ['killed and started on what it left', (held) => held.kill(), (held) => held.start()],
    ['hung', (held) => held.pause(), (held) => held.resume()],
    ['stopped in order', (held) => held.stop(), (held) => held.start()],
  ])('%s: accepts, says so, keeps what waits, and stores it once', async (_how, harm, heal) => {
    await hurt(await copy(), slots, 31, async ({ place, fleet, acceptMore }) => {
      const worker = fleet.addresses('worker')[0] as string
      await until(async () => (await readyOf(worker)).degraded.length === 0)
      await harm(broker)
      try {
        await acceptMore(40)
        await until(async () => ((await place.unfinished())?.waiting ?? 0) >= 30)
        await until(async () => (await readyOf(worker)).degraded.some((one) => one.startsWith('log')))
        // It promises to keep, not to have stored: that it can, without a broker.
        expect((await readyOf(worker)).status).toBe(200)
      } finally {
        await heal(broker)
      }
      await until(async () => (await readyOf(worker)).degraded.length === 0)
    })
  })
})

import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRedis } from '../../../test/servers/redis.js'
import type { Server } from '../../../test/servers/server.js'
import { service } from '../../../test/services.js'
import { until } from './faults/driver.js'
import { type AtWork, hurt, readyOf, usePrepared } from './faults/hurt.js'
import { persons, serverWorld, tokenOf } from './faults/place.js'

// T5: Redis is flushed, killed and hung. It is a cache: answers are the same, and nothing is lost.

const postgres = service('postgres')
const skipped = postgres === null || service('redis') === null

describe.skipIf(skipped)('while Redis is hurt', () => {
  let redis: Server
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis?.remove())
  const copy = usePrepared(skipped ? null : () => serverWorld({ postgres: postgres as string, redis: redis.address }))

  /** What NEUROS answers of days that no delivery of the load touches any more. */
  const answers = async ({ fleet }: AtWork): Promise<unknown[]> => {
    const [address] = fleet.addresses('neuros')
    return Promise.all(
      persons.map(async (person) => {
        const headers = { authorization: `Bearer ${tokenOf(person)}`, 'content-type': 'application/json' }
        const [today, query] = await Promise.all([
          fetch(`${address}/v1/today?today=2025-05-05`, { headers }),
          fetch(`${address}/v1/query`, {
            method: 'POST',
            headers,
            body: JSON.stringify({ question: 'How many steps did I take on 2025-05-04?', today: '2025-05-05' }),
          }),
        ])
        const { facts } = (await query.json()) as { facts: { value: unknown; n: number }[] }
        return { today: await today.json(), facts: facts.map(({ value, n }) => ({ value, n })) }
      }),
    )
  }
  const flush = async (): Promise<void> => {
    const client = new Redis(redis.address)
    await client.flushall()
    client.disconnect()
  }

  it('flushed, killed, hung and back: the same answers, and deliveries go on', async () => {
    await hurt(await copy(), [{ roles: 'biometric,neuros' }, { roles: 'worker' }], 71, async (at) => {
      await at.acceptMore(60)
      await at.load.pause()
      await until(async () => (await at.place.unfinished())?.waiting === 0)
      const [address] = at.fleet.addresses('neuros')
      const before = await answers(at)
      expect(JSON.stringify(before)).toMatch(/"value":\d/)
      expect(await answers(at)).toEqual(before)
      await flush()
      expect(await answers(at)).toEqual(before)

      await redis.kill()
      expect(await answers(at)).toEqual(before)
      at.load.resume()
      await at.acceptMore(20)
      await until(async () => (await readyOf(address as string)).degraded.some((one) => one.startsWith('hot')))
      expect((await readyOf(address as string)).status).toBe(200)
      await redis.start()
      await until(async () => (await readyOf(address as string)).degraded.length === 0)

      redis.pause()
      try {
        await at.acceptMore(20)
        expect((await answers(at)).length).toBe(persons.length)
      } finally {
        redis.resume()
      }
      await until(async () => (await readyOf(address as string)).degraded.length === 0)
    })
  })
})

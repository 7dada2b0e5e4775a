import { Redis } from 'ioredis'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startRedis } from '../../../test/servers/redis.js'
import type { Server } from '../../../test/servers/server.js'
import { service } from '../../../test/services.js'
import { redis } from '../src/storage/redis/index.js'
import { openRig, type Rig, start } from './ingest-rig.js'

// T5 of the guarantees: Redis killed, stopped, flushed or holding what is old, in mid-use, changes no answer.

const users = ['ann', 'bob']
const TODAY = '2026-01-05'
const rounds = 24

describe.skipIf(service('redis') === null)('today, while Redis is hurt', () => {
  let server: Server
  let raw: Redis
  let cached: Rig
  let plain: Rig
  beforeAll(async () => {
    server = await startRedis()
    raw = new Redis(server.address, { retryStrategy: () => 50 })
    raw.on('error', () => undefined)
    cached = await openRig({ plugins: [redis({ url: server.address, restMs: 20 })] })
    plain = await openRig()
  })
  afterAll(async () => {
    raw.disconnect()
    await cached.close()
    await plain.close()
    await server.remove()
  })

  const observe = async (user: string, round: number): Promise<void> => {
    for (const { auren } of [cached, plain]) {
      await auren.ingest.observations({
        userId: user,
        provider: 'test',
        observations: [
          {
            shape: 'sample',
            metric: 'resting_heart_rate',
            start: start - (round % 7) * 86_400_000,
            value: 40 + round,
            unit: '/min',
            source: { name: 'Watch', type: 'watch' },
            offset: 60,
            zoneBasis: 'carried',
          },
        ],
      })
      await auren.ingest.settled()
    }
  }
  const connected = () =>
    vi.waitFor(() => expect(cached.auren.hot.health?.().connected).toBe(true), { timeout: 60_000 })

  it('answers as it does without', async () => {
    const random = xoroshiro128plus(5)
    // What Redis held before a round, put back later: a snapshot of the past that claims to be one.
    let old: [key: string, fields: Record<string, string>][] = []
    let paused = false
    const faults: Record<string, () => Promise<void>> = {
      flush: async () => {
        await raw.flushall()
      },
      kill: () => server.kill(),
      stop: async () => {
        server.pause()
        paused = true
      },
      'put back what is old': async () => {
        await raw.flushall()
        for (const [key, fields] of old) await raw.hset(key, fields)
      },
    }
    const tried: Record<string, { fired: number; inFlight: number; recovered: number }> = {}
    let hits = 0

    for (let round = 0; round < rounds; round++) {
      for (const user of users) await observe(user, round)
      const expected = await Promise.all(users.map((user) => plain.auren.today(user, { today: TODAY })))
      await cached.auren.today('ann', { today: TODAY })
      old = await Promise.all(
        (await raw.keys('auren:*')).map(async (key) => [key, await raw.hgetall(key)] as const),
      ).then((all) => all.map(([key, fields]) => [key, fields]))

      const [name, hurt] = Object.entries(faults)[round % 4] as [string, () => Promise<void>]
      const tally = tried[name] ?? { fired: 0, inFlight: 0, recovered: 0 }
      tried[name] = tally
      let waiting = 0
      const ask = async (): Promise<void> => {
        for (const [i, user] of users.entries()) {
          waiting++
          expect(await cached.auren.today(user, { today: TODAY })).toEqual(expected[i])
          waiting--
        }
      }
      const before = Array.from({ length: 3 }, ask)
      for (let turns = uniformInt(random, 0, 5); turns > 0; turns--)
        await new Promise((resolve) => setImmediate(resolve))
      tally.fired++
      tally.inFlight += waiting
      await Promise.all([hurt(), ...before])
      // While it lasts: answers, and writes that make what Redis holds old.
      await ask()
      await observe('ann', round + 100)
      expected[0] = await plain.auren.today('ann', { today: TODAY })
      await ask()

      if (paused) server.resume()
      paused = false
      if (name === 'kill') await server.start()
      await connected()
      await ask()
      await ask()
      tally.recovered++
      hits += (await raw.keys('auren:*')).length
    }
    console.log(`T5: ${JSON.stringify(tried)}, entries kept after the rounds ${hits}`)
    for (const { fired, inFlight, recovered } of Object.values(tried)) {
      expect([fired, recovered]).toEqual([rounds / 4, rounds / 4])
      expect(inFlight).toBeGreaterThan(0)
    }
    // It was in use all along: after each round both persons' snapshots are there again.
    expect(hits).toBe(rounds * users.length)
  })

  it('holds nothing readable of a person, and nothing at all after an erasure that it slept through', async () => {
    await observe('ann', 1)
    await cached.auren.today('ann', { today: TODAY })
    const keys = await raw.keys('auren:*')
    const stored = JSON.stringify(await Promise.all(keys.map((key) => raw.hgetall(key))))
    expect(keys.join()).not.toMatch(/ann|bob/)
    expect(stored.length).toBeGreaterThan(100)
    const readable = [...stored.matchAll(/ ([A-Za-z0-9+/=]{20,})/g)].map(([, text]) => atob(text as string)).join()
    expect(stored + readable).not.toMatch(/heart|Watch|metric/)

    server.pause()
    await cached.auren.memory.for('ann').erase()
    server.resume()
    await connected()
    expect((await raw.keys('auren:*')).length).toBe(keys.length - 1)
  })
})

import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { service } from '../../../test/services.js'
import { createRates, EMBEDDED_LIMITS } from '../src/http/rate.js'

const url = service('redis')

describe.skipIf(url === null)('limits shared through Redis', () => {
  let redis: Redis
  // Keys are hashed with nothing of the test in them, so each run asks about persons of its own.
  const person = randomBytes(8).toString('hex')
  const limits = { ...EMBEDDED_LIMITS, person: { points: 10, seconds: 60 } }
  beforeAll(() => {
    redis = new Redis(url as string)
  })
  afterAll(() => redis.quit())

  it('are one count for several processes, and Redis learns no name', async () => {
    const states: string[] = []
    const processes = await Promise.all(
      [1, 2].map(() => createRates({ limits, redisUrl: url as string, onRedis: (state) => states.push(state) })),
    )
    try {
      await expect.poll(() => states).toEqual(['up', 'up'])
      let taken = 0
      for (let i = 0; i < 20; i++)
        await processes[i % 2]?.take('person', `${person}\r\nFLUSHALL`).then(
          () => taken++,
          (error: unknown) => expect(error).toMatchObject({ code: 'AUREN_RATE_LIMITED' }),
        )
      expect(taken).toBe(10)
      const keys = await redis.keys('auren:rate:person:*')
      expect(keys.length).toBeGreaterThan(0)
      for (const key of keys) expect(key).toMatch(/^auren:rate:person:[\w-]{22}$/)
    } finally {
      for (const rates of processes) await rates.close()
    }
  })

  it('go on in each process when the connection is cut', async () => {
    const states: string[] = []
    const name = `auren-test-${person}`
    const rates = await createRates({
      limits,
      redisUrl: `${url}${(url as string).includes('?') ? '&' : '?'}connectionName=${name}`,
      onRedis: (state) => states.push(state),
    })
    try {
      await expect.poll(() => states).toEqual(['up'])
      const list = String(await redis.call('client', 'list'))
      const id = list
        .split('\n')
        .find((line) => line.includes(`name=${name}`))
        ?.match(/^id=(\d+)/)?.[1]
      expect(id).toBeDefined()
      await redis.call('client', 'kill', 'id', id as string)
      let taken = 0
      for (let i = 0; i < 30; i++)
        await rates.take('person', `${person} cut`).then(
          () => taken++,
          (error: unknown) => expect(error).toMatchObject({ code: 'AUREN_RATE_LIMITED' }),
        )
      // Ten by the one count and at most ten by the other; never uncounted.
      expect(taken).toBeGreaterThanOrEqual(10)
      expect(taken).toBeLessThanOrEqual(20)
    } finally {
      await rates.close()
    }
  })
})

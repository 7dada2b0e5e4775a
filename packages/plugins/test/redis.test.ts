import { createServer } from 'node:net'
import { AurenError, type Hot } from '@auren/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { redis } from '../src/storage/redis/index.js'

const entry = { version: 1, date: '2026-05-04', value: { steps: 4200 } }

describe('options', () => {
  it.each([
    ['127.0.0.1:6379', 'url'],
    ['', 'url'],
    ['http://127.0.0.1:6379', 'url must begin'],
    ['//user:hunter2@host', 'url'],
  ])('refuses the url %j, and does not repeat it', (url, words) => {
    const error = thrown(() => redis({ url }))
    expect([error.code, error.message.includes(words)]).toEqual(['AUREN_CONFIG_INVALID', true])
    expect(error.message).not.toMatch(/hunter2/)
  })

  it.each(['', 'a b', 'a*', 'a{b}', 'a\n', 'x'.repeat(65)])('refuses the prefix %j', (prefix) => {
    expect(thrown(() => redis({ url: 'redis://127.0.0.1', prefix })).code).toBe('AUREN_CONFIG_INVALID')
  })

  it.each(['timeoutMs', 'restMs', 'connectTimeoutMs', 'ttlSeconds', 'maxBytes'])('refuses a senseless %s', (name) => {
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(thrown(() => redis({ url: 'redis://127.0.0.1', [name]: value })).message).toContain(name)
  })

  it('is a storage plugin that provides the hot tier, and names its peer', () => {
    const plugin = redis({ url: 'rediss://user:secret@redis.example:6380/2' })
    expect([plugin.kind, plugin.id, plugin.provides]).toEqual(['storage', 'redis', ['hot']])
    expect(Object.keys(plugin.peers ?? {})).toEqual(['ioredis'])
  })
})

describe('without a Redis', () => {
  it('opens, has nothing, never throws, and says so once', async () => {
    const told: string[] = []
    const hot = await open(await closedPort(), told)
    await hot.put('ann', 'today', entry)
    expect(await hot.get('ann', 'today')).toBe(null)
    await hot.wipe('ann')
    await hot.wipe()
    expect(hot.health?.()).toMatchObject({ connected: false, code: 'AUREN_STORE_UNAVAILABLE' })
    expect(told).toEqual(['warn redis: going on without it'])
  })

  it('treats a server that never answers the same', async () => {
    const silent = createServer(() => undefined)
    const port = await new Promise<number>((resolve) => {
      silent.listen(0, '127.0.0.1', () => resolve((silent.address() as { port: number }).port))
    })
    onTestFinished(() => {
      silent.close()
    })
    const told: string[] = []
    const hot = await open(port, told)
    await hot.put('ann', 'today', entry)
    expect(await hot.get('ann', 'today')).toBe(null)
    expect(hot.health?.().connected).toBe(false)
    expect(told).toEqual(['warn redis: going on without it'])
  })
})

async function open(port: number, told: string[]): Promise<Hot> {
  const plugin = redis({ url: `redis://127.0.0.1:${port}`, connectTimeoutMs: 200 })
  const { hot, close } = await plugin.open({
    now: Date.now,
    log: (level, message) => told.push(`${level} ${message}`),
  })
  onTestFinished(close)
  return hot
}

/** A port that nobody listens on. */
function closedPort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

function thrown(run: () => unknown): AurenError {
  try {
    run()
  } catch (error) {
    if (error instanceof AurenError) return error
  }
  throw new Error('it did not throw an AurenError')
}

import { randomUUID } from 'node:crypto'
import type { Hot, PluginContext } from '@auren/core'
import { testHot } from '@auren/core/testing'
import { Redis } from 'ioredis'
import * as vitest from 'vitest'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startProxy } from '../../../test/servers/proxy.js'
import { startRedis } from '../../../test/servers/redis.js'
import type { Server } from '../../../test/servers/server.js'
import { service } from '../../../test/services.js'
import { type RedisOptions, redis } from '../src/storage/redis/index.js'

const entry = (version: number) => ({ version, date: '2026-05-04', value: { steps: version } })
const context: PluginContext = { now: Date.now, log: () => undefined }

const url = service('redis')

describe.skipIf(url === null)('on Redis', () => {
  const prefix = `auren-test-${randomUUID()}`
  testHot({ runner: vitest, open: () => redis({ url: url as string, prefix, timeoutMs: 5000 }).open(context) })

  let raw: Redis
  beforeAll(() => {
    raw = new Redis(url as string)
  })
  afterAll(async () => {
    for (const key of await raw.keys(`${prefix}*`)) await raw.unlink(key)
    raw.disconnect()
  })

  it('keeps one key per person, that does not name them and goes by itself', async () => {
    const mine = `${prefix}-keys`
    const hot = await open({ url: url as string, prefix: mine, keySecret: 'pepper', ttlSeconds: 600 })
    await hot.put('ann@example.org', 'today', entry(1))
    await hot.put('ann@example.org', 'context', entry(1))
    const keys = await raw.keys(`${mine}*`)
    expect(keys.length).toBe(1)
    expect(keys[0]).toMatch(/^[^{]+:\{[0-9a-f]{32}\}:hot$/)
    expect(await raw.ttl(keys[0] as string)).toBeGreaterThan(590)
    expect(await raw.ttl(keys[0] as string)).toBeLessThanOrEqual(600)
    const other = await open({ url: url as string, prefix: mine, keySecret: 'salt' })
    expect(await other.get('ann@example.org', 'today')).toBe(null)
  })

  it('reads what is no entry as nothing, and does not keep what is too large', async () => {
    const mine = `${prefix}-odd`
    const hot = await open({ url: url as string, prefix: mine, maxBytes: 1000 })
    await hot.put('ann', 'today', entry(5))
    const [key] = (await raw.keys(`${mine}*`)) as [string]
    for (const text of ['', 'x', '5', '5 2026-05-04 {', '5 2026-05-04', '-1 2026-05-04 1', 'a 2026-05-04 1']) {
      await raw.hset(key, 'today', text)
      expect(await hot.get('ann', 'today')).toBe(null)
    }
    // What nobody can read is nothing that an entry must be newer than.
    await hot.put('ann', 'today', entry(1))
    expect(await hot.get('ann', 'today')).toEqual(entry(1))
    await hot.put('ann', 'today', { ...entry(9), value: 'x'.repeat(2000) })
    expect(await hot.get('ann', 'today')).toEqual(entry(1))
    expect(hot.health?.().connected).toBe(true)
  })

  it('goes on without it where the key is of another type, and where the password is wrong', async () => {
    const mine = `${prefix}-type`
    const hot = await open({ url: url as string, prefix: mine })
    await hot.put('ann', 'today', entry(1))
    const [key] = (await raw.keys(`${mine}*`)) as [string]
    await raw.set(key, 'a string')
    expect(await hot.get('ann', 'today')).toBe(null)

    const told: unknown[] = []
    const { port } = new URL(url as string)
    const refused = await redis({ url: `redis://nobody:wrong-password@127.0.0.1:${port}` }).open({
      ...context,
      log: (...all) => told.push(all),
    })
    onTestFinished(refused.close)
    expect(await refused.hot.get('ann', 'today')).toBe(null)
    expect(refused.hot.health?.().connected).toBe(false)
    expect(JSON.stringify(told)).not.toContain('wrong-password')
  })
})

describe.skipIf(url === null)('on a Redis Cluster', () => {
  let server: Server
  beforeAll(async () => {
    server = await startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] })
    const raw = new Redis(server.address)
    await raw.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await vitest.vi.waitFor(
      async () => expect(String(await raw.call('CLUSTER', 'INFO'))).toContain('cluster_state:ok'),
      {
        timeout: 30_000,
      },
    )
    raw.disconnect()
  })
  afterAll(() => server.remove())

  testHot({
    runner: vitest,
    open: () => redis({ url: server.address, cluster: true, timeoutMs: 5000, connectTimeoutMs: 5000 }).open(context),
  })
})

describe.skipIf(url === null)('when it fails in mid-use', () => {
  it('lives through being killed, and reads what was wiped meanwhile as gone', async () => {
    const server = await startRedis()
    onTestFinished(() => server.remove())
    // The second process sees the same Redis, and knows nothing of wipes that the first one owes.
    const hot = await open({ url: server.address, restMs: 20 })
    await hot.put('ann', 'today', entry(1))
    await server.kill()
    expect(await hot.get('ann', 'today')).toBe(null)
    await hot.wipe('ann')
    expect(hot.health?.().connected).toBe(false)
    await server.start()
    await connected(hot)
    expect(await hot.get('ann', 'today')).toBe(null)
    await hot.put('ann', 'today', entry(1))
    expect(await hot.get('ann', 'today')).toEqual(entry(1))
  })

  it('answers while it is stopped, and makes up for the wipe when it goes on', async () => {
    const server = await startRedis()
    onTestFinished(() => server.remove())
    const hot = await open({ url: server.address, restMs: 20 })
    const other = await open({ url: server.address, restMs: 20 })
    for (const user of ['ann', 'bob']) await hot.put(user, 'today', entry(3))
    server.pause()
    // Each of these resolves although nobody answers: that it gets here is the test.
    expect(await hot.get('ann', 'today')).toBe(null)
    await hot.put('ann', 'today', entry(4))
    await hot.wipe('ann')
    expect(hot.health?.()).toMatchObject({ connected: false, code: 'AUREN_TIMEOUT' })
    server.resume()
    await connected(hot)
    expect(await hot.get('ann', 'today')).toBe(null)
    expect(await hot.get('bob', 'today')).toEqual(entry(3))
    expect(await other.get('ann', 'today')).toBe(null)
  })

  it('misses after FLUSHALL and SCRIPT FLUSH, and fills again', async () => {
    const server = await startRedis()
    onTestFinished(() => server.remove())
    const hot = await open({ url: server.address, timeoutMs: 5000 })
    const raw = new Redis(server.address)
    onTestFinished(() => raw.disconnect())
    await hot.put('ann', 'today', entry(3))
    await raw.flushall()
    await raw.script('FLUSH')
    expect(await hot.get('ann', 'today')).toBe(null)
    await hot.put('ann', 'today', entry(2))
    expect(await hot.get('ann', 'today')).toEqual(entry(2))
    expect(hot.health?.().connected).toBe(true)
  })

  it('takes back up after answers that were cut off or came too slowly', async () => {
    const proxy = await startProxy(url as string)
    onTestFinished(() => proxy.close())
    const hot = await open({ url: `redis://127.0.0.1:${proxy.port}`, prefix: `auren-test-${randomUUID()}`, restMs: 20 })
    const big = { ...entry(1), value: 'x'.repeat(100_000) }
    for (const hurt of [
      () => proxy.cutAfter(50_000, 'down'),
      () => proxy.slow(10_000, 'down'),
      () => proxy.hang('up'),
      () => proxy.cut(),
    ]) {
      await connected(hot)
      await hot.put('ann', 'today', big)
      expect(await hot.get('ann', 'today')).toEqual(big)
      hurt()
      expect(await hot.get('ann', 'today')).toBe(null)
      expect(hot.health?.().connected).toBe(false)
      proxy.heal()
    }
    await connected(hot)
    expect(await hot.get('ann', 'today')).toEqual(big)
    await hot.wipe()
  })
})

async function open(options: RedisOptions): Promise<Hot> {
  const { hot, close } = await redis({ timeoutMs: 500, ...options }).open(context)
  onTestFinished(close)
  return hot
}

function connected(hot: Hot): Promise<void> {
  return vitest.vi.waitFor(() => expect(hot.health?.().connected).toBe(true), { timeout: 30_000 })
}

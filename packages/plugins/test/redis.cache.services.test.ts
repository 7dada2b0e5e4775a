import { randomUUID } from 'node:crypto'
import { type Hot, type MemoryRecord, type Ready, readyOf, recall, sealedHot } from '@auren/core'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startRedis } from '../../../test/servers/redis.js'
import type { Server } from '../../../test/servers/server.js'
import { service } from '../../../test/services.js'
import { redis } from '../src/storage/redis/index.js'
import { createLongTerm } from '../src/storage/sql/longterm/index.js'
import { createPatterns } from '../src/storage/sql/patterns.js'
import type { Sql } from '../src/storage/sql/port.js'
import type { SqlVault } from '../src/storage/sql/vault.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

// Invariant 5 on a real Redis that two processes share: flushed, stopped, killed, and given what it held long ago.

const begin = Date.parse('2026-05-04T00:00:00Z')
const scope = (user: string) => ({ user, purpose: 'answer' as const })
const CANARY = 'CANARY-penicillin'

type Does = 'say' | 'withdraw' | 'measure' | 'ask' | 'race' | 'flush' | 'stop' | 'go' | 'restart' | 'old' | 'wipe'

describe.skipIf(service('redis') === null)('what is kept ready, on Redis', () => {
  let server: Server
  let raw: Redis
  let sql: Sql
  let vault: SqlVault
  let stopped = false
  const open: { hot: Hot; close(): Promise<void> }[] = []
  beforeAll(async () => {
    server = await startRedis()
    raw = new Redis(server.address, { retryStrategy: () => 50 })
    raw.on('error', () => undefined)
    sql = await openTestSql()
    vault = await openTestVault(sql)
    const context = { now: Date.now, log: () => undefined }
    for (let i = 0; i < 2; i++)
      open.push(await redis({ url: server.address, restMs: 20, timeoutMs: 200 }).open(context))
  })
  afterAll(async () => {
    if (stopped) server.resume()
    raw.disconnect()
    for (const { close } of open) await close()
    await sql.close()
    await server.remove()
  })

  const go = async (): Promise<void> => {
    if (stopped) server.resume()
    stopped = false
    await vi.waitFor(() => expect(open.every(({ hot }) => hot.health?.().connected)).toBe(true), { timeout: 60_000 })
  }

  it('gives the answers that there are without one, whatever happens to it', { timeout: 600_000 }, async () => {
    const longTerm = createLongTerm(sql, vault)
    const patterns = createPatterns(sql, vault)
    let hits = 0
    const processes = open.map(({ hot }) => {
      const sealed = sealedHot(hot, vault)
      return readyOf({
        ...sealed,
        async get(user, key) {
          const found = await sealed.get(user, key)
          if (found) hits++
          return found
        },
      })
    })
    const answer = async (user: string, ready?: Ready): Promise<string> => {
      const read = () => longTerm.days(scope(user), { metrics: ['heart_rate'], from: '2026-01-01', to: '2026-12-31' })
      const version = await longTerm.version(scope(user))
      const days = ready ? await ready.read(user, 'days', { version, date: '2026-05-04' }, read) : await read()
      const { pinned, degraded } = await recall({ patterns, ...(ready ? { ready } : {}) }, scope(user), {})
      return JSON.stringify({ days, pinned, degraded })
    }
    const does = fc.constantFrom<Does>(
      ...([
        'say',
        'say',
        'measure',
        'withdraw',
        'ask',
        'race',
        'race',
        'flush',
        'stop',
        'go',
        'restart',
        'old',
        'wipe',
      ] as const),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(does, fc.nat(2)), { minLength: 5, maxLength: 16 }), async (steps) => {
        const user = randomUUID()
        await sql.transaction((tx) => vault.create(tx, user))
        await go()
        let at = begin
        let old: Buffer | null = null
        const key = async (): Promise<string | undefined> => (await raw.keys('auren:{*}:hot'))[0]
        const say = (n: number) =>
          sql.transaction((tx) => patterns.put(tx, user, [fact(`fact ${n}`, `${CANARY} ${at % 2}`, at)]))
        for (const [step, n] of steps) {
          at++
          if (step === 'say') await say(n)
          if (step === 'withdraw') await sql.transaction((tx) => patterns.close(tx, user, `fact ${n}`, at, 'retired'))
          if (step === 'measure')
            await sql.transaction((tx) => longTerm.write(tx, user, [beat(begin + n * 60_000, 50 + n, at)]))
          if (step === 'wipe') await processes[n % 2]?.wipe(user)
          // A write between refills of both processes.
          if (step === 'race')
            await Promise.all([...processes, ...processes].map((one, i) => (i === 1 ? say(n) : answer(user, one))))
          if (!stopped) {
            if (step === 'flush') await raw.flushall()
            if (step === 'old') {
              // What it held first comes back: a replica that lagged and was promoted.
              const held = await key()
              if (held && old === null) old = await raw.dumpBuffer(held)
              else if (held && old) await raw.restore(held, 0, old, 'REPLACE')
            }
            if (step === 'restart') {
              await server.kill()
              expect(await answer(user, processes[0])).toBe(await answer(user))
              await server.start()
            }
            const held = await key().catch(() => undefined)
            if (held) expect(JSON.stringify(await raw.hgetall(held).catch(() => ({})))).not.toContain('CANARY')
          }
          if (step === 'stop' && !stopped) {
            server.pause()
            stopped = true
          }
          if (step === 'go') await go()
          for (const one of processes) expect(await answer(user, one)).toBe(await answer(user))
        }
      }),
      { numRuns: 15, seed: 5 },
    )
    // It was of use, or nothing was tried.
    expect(hits).toBeGreaterThan(50)
  })
})

function beat(start: number, value: number, receivedAt: number) {
  return {
    provider: 'test',
    account: 'account',
    receivedAt,
    rawRef: `raw ${receivedAt}`,
    observations: [
      {
        shape: 'sample' as const,
        metric: 'heart_rate',
        start,
        value,
        unit: '/min',
        source: { name: 'Watch', type: 'watch' as const },
        offset: 0,
        zoneBasis: 'carried' as const,
      },
    ],
  }
}

function fact(id: string, text: string, at: number): MemoryRecord {
  return {
    id,
    kind: 'safety',
    validFrom: begin,
    validTo: null,
    recordedAt: at,
    supersededAt: null,
    origin: 'self',
    algorithm: null,
    derivedFrom: [],
    about: [],
    text,
    body: {},
    status: 'active',
    confidence: null,
    pinned: true,
  }
}

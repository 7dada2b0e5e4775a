import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startProxy, type Proxy as TcpProxy } from '../../../test/servers/proxy.js'
import { freePort } from '../../../test/servers/server.js'
import { service } from '../../../test/services.js'
import { createDriver, until } from './faults/driver.js'
import { readyOf, usePrepared } from './faults/hurt.js'
import { holds } from './faults/kills.js'
import { parcels } from './faults/parcels.js'
import { serverWorld } from './faults/place.js'

// T-D15: readiness tells the truth about every dependency, and about stopping.

const postgres = service('postgres')
const redis = service('redis')
const skipped = postgres === null || redis === null
const root = resolve(import.meta.dirname, '../../..')

/** `auren start`, as an operator runs it. */
async function start(env: Record<string, string>) {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=auren-source', resolve(root, 'packages/server/src/cli.ts'), 'start'],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {
        PATH: process.env.PATH ?? '',
        TMPDIR: process.env.TMPDIR ?? '/tmp',
        AUREN_LOG_LEVEL: 'silent',
        AUREN_NEUROS_PORT: '0',
        AUREN_BIOMETRIC_PORT: '0',
        AUREN_WORKER_PORT: '0',
        ...env,
      },
    },
  )
  const ended = new Promise<number | NodeJS.Signals | null>((done) =>
    child.once('close', (code, signal) => done(signal ?? code)),
  )
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const addresses = new Map<string, string>()
  await new Promise<void>((done, fail) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, name, address] = /^(\w+)\s+(http:\S+)/.exec(line) ?? []
      if (name && address) addresses.set(name.toLowerCase(), address)
      if (line.startsWith('Ready')) done()
    })
    ended.then((how) => fail(new Error(`it ended with ${how} before it was ready`)))
  })
  return { address: (name: string) => addresses.get(name) as string, stop: () => child.kill('SIGTERM'), ended }
}

describe.skipIf(skipped)('readiness', () => {
  const proxies: Record<'postgres' | 'redis', TcpProxy> = {} as never
  beforeAll(async () => {
    if (skipped) return
    proxies.postgres = await startProxy(postgres)
    proxies.redis = await startProxy(redis)
  })
  afterAll(async () => {
    for (const proxy of Object.values(proxies)) await proxy.close()
  })
  const copy = usePrepared(skipped ? null : () => serverWorld({ postgres }))
  const through = (url: string, proxy: TcpProxy): string => {
    const there = new URL(url)
    there.port = String(proxy.port)
    return there.href
  }

  it('is 503 with the reason while PostgreSQL is away or hangs, and 200 again when it is back', async () => {
    const { env } = await copy()
    const url = through(env.POSTGRES_URL as string, proxies.postgres)
    const here = await start({ ...env, POSTGRES_URL: url })
    const ready = { status: 200, reasons: [], degraded: [] }
    for (const role of ['neuros', 'biometric']) {
      const address = here.address(role)
      expect(await readyOf(address)).toEqual(ready)
      proxies.postgres.cut()
      expect(await readyOf(address)).toEqual({ ...ready, status: 503, reasons: ['store: AUREN_STORE_UNAVAILABLE'] })
      // The process lives, and says that it does: to start it again would help nobody.
      expect((await fetch(`${address}/healthz`)).status).toBe(200)
      proxies.postgres.heal()
      await until(async () => (await readyOf(address)).status === 200)
      proxies.postgres.hang()
      // Answered while it hangs, which it does until it is told not to.
      expect(await readyOf(address)).toEqual({ ...ready, status: 503, reasons: ['store: AUREN_TIMEOUT'] })
      proxies.postgres.heal()
      await until(async () => (await readyOf(address)).status === 200)
    }
  })

  it('is 200 and names what it does without, while Kafka or Redis is away', async () => {
    const { env } = await copy()
    const here = await start({
      ...env,
      KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${await freePort()}`,
      REDIS_URL: through(redis as string, proxies.redis),
    })
    const address = here.address('biometric')
    const names = async (): Promise<string[]> =>
      (await readyOf(address)).degraded.map((one) => one.split(':')[0] as string).sort()
    await until(async () => (await names()).join() === 'log')
    expect((await readyOf(address)).status).toBe(200)
    proxies.redis.cut()
    await until(async () => (await names()).join() === 'hot,log')
    expect((await readyOf(address)).status).toBe(200)
    proxies.redis.heal()
    await until(async () => (await names()).join() === 'log')
  })

  it('is 503 while it drains; what runs ends, and the process with 0', async () => {
    const place = await copy()
    const here = await start({ ...place.env, AUREN_DRAIN_SECONDS: '3' })
    const driver = createDriver(() => [here.address('biometric')])
    const blocker = new Client({ connectionString: place.env.POSTGRES_URL })
    await blocker.connect()
    onTestFinished(() => blocker.end())
    await blocker.query('begin; lock table auren.inbox in access exclusive mode')
    const source = parcels(7)
    const sending = [source.next().value, source.next().value].map((parcel) =>
      driver.deliver({ ...parcel, once: false }),
    )
    await until(async () => {
      const waiting = await place.look((ask) => ask(`select 1 from pg_locks where not granted`))
      return waiting.length > 0
    })
    here.stop()
    await until(async () => (await readyOf(here.address('biometric'))).status === 503)
    expect((await readyOf(here.address('neuros'))).reasons).toEqual(['draining'])
    await blocker.query('rollback')
    await Promise.all(sending)
    expect(driver.statuses).toEqual({ 200: 2 })
    expect(await here.ended).toBe(0)
    // The worker of this process may have left something to the next one.
    const next = await start(place.env)
    await until(async () => (await place.unfinished())?.waiting === 0)
    next.stop()
    expect(await next.ended).toBe(0)
    await holds(place, driver)
  })
})

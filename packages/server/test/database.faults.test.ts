import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres } from '../../../test/servers/postgres.js'
import { startProxy, type Proxy as TcpProxy } from '../../../test/servers/proxy.js'
import type { Server } from '../../../test/servers/server.js'
import { service } from '../../../test/services.js'
import { createDriver, until } from './faults/driver.js'
import { startFleet } from './faults/fleet.js'
import { hurt, readyOf, usePrepared } from './faults/hurt.js'
import { comeToRest, holds } from './faults/kills.js'
import type { Parcel } from './faults/parcels.js'
import { type Place, serverWorld } from './faults/place.js'
import { isLong } from './faults/size.js'

// T4: the database is stopped at once, killed, hung, cut off in mid-commit, and out of connections.

const skipped = service('postgres') === null

/** As an operator's `pg_ctl stop -m immediate`. */
async function stopImmediately(server: Server): Promise<void> {
  process.kill(server.pid(), 'SIGQUIT')
  await until(() => {
    try {
      return server.pid() < 0
    } catch {
      return true
    }
  })
}

describe.skipIf(skipped)('while PostgreSQL is hurt', () => {
  let server: Server
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.remove())
  const copy = usePrepared(skipped ? null : () => serverWorld({ postgres: server.address }))
  const slots = [{ roles: 'biometric,neuros' }, { roles: 'worker' }]

  it.each<[string, (held: Server) => Promise<void>]>([
    ['stopped at once', stopImmediately],
    ['killed', (held) => held.kill()],
  ])('%s: 503 with Retry-After until it is back, and nothing is lost or twice', async (_how, harm) => {
    const load = await hurt(await copy(), slots, 41, async ({ fleet, load, acceptMore }) => {
      for (let round = 0; round < (isLong ? 5 : 2); round++) {
        const before = load.statuses[503] ?? 0
        await harm(server)
        await until(() => (load.statuses[503] ?? 0) >= before + 10)
        const { status, reasons } = await readyOf(fleet.addresses('biometric')[0] as string)
        expect({ status, reasons }).toEqual({ status: 503, reasons: ['store: AUREN_STORE_UNAVAILABLE'] })
        await server.start()
        await acceptMore(10)
      }
    })
    expect(load.statuses[503]).toBeGreaterThanOrEqual(20)
  })

  it('hung: says so while it hangs, and nothing is lost or twice', async () => {
    await hurt(await copy(), slots, 42, async ({ fleet }) => {
      server.pause()
      try {
        for (const address of [...fleet.addresses('biometric'), ...fleet.addresses('worker')]) {
          const { status, reasons } = await readyOf(address)
          expect({ status, reasons }).toEqual({ status: 503, reasons: ['store: AUREN_TIMEOUT'] })
        }
      } finally {
        server.resume()
      }
    })
  })
})

describe.skipIf(skipped)('a connection to PostgreSQL that is cut off while it commits', () => {
  let proxy: TcpProxy
  const postgres = service('postgres') as string
  beforeAll(async () => {
    if (!skipped) proxy = await startProxy(postgres)
  })
  afterAll(() => proxy?.close())
  const copy = usePrepared(skipped ? null : () => serverWorld({ postgres }))
  const through = ({ env }: Place): string => {
    const url = new URL(env.POSTGRES_URL as string)
    url.port = String(proxy.port)
    return url.href
  }
  /** All of one size, so that the same number of bytes is always the same place. */
  const parcel = (i: number): Parcel => {
    const start = Date.UTC(2025, 4, 4, 10) + i * 60_000
    return {
      person: 'ada',
      key: `cut-${String(i).padStart(6, '0')}`,
      observations: [
        { shape: 'sample', metric: 'heart_rate', start, value: 61, unit: '/min', offset: 0, zoneBasis: 'carried' },
      ],
      holds: [
        {
          id: String(start),
          metric: 'heart_rate',
          start,
          end: null,
          value: 61,
          date: new Date(start).toISOString().slice(0, 10),
          version: 0,
        },
      ],
      aside: 0,
      once: false,
    }
  }

  it.each(['up', 'down'] as const)('at every place on the way %s: the same again is recognized', async (way) => {
    const place = await copy()
    const fleet = await startFleet(place, [
      { roles: 'biometric', env: { POSTGRES_URL: through(place), AUREN_POSTGRES_POOL: '2' } },
      { roles: 'worker' },
    ])
    const driver = createDriver(() => fleet.addresses('biometric'))
    let cuts = 0
    try {
      let i = 0
      const measured = async (): Promise<number> => {
        const before = proxy.passed(way)
        await driver.deliver(parcel(i++))
        return proxy.passed(way) - before
      }
      // From the last byte backwards: the commit and its answer come last. Then all over the exchange.
      const fromEnd = [0, 1, 2, 4, 7, 11, 15, 20, 26, 33, 45, 60, 90]
      for (const back of isLong ? [...Array(120).keys()] : fromEnd) {
        await measured()
        const bytes = await measured()
        const before = proxy.passed(way)
        const at = Math.max(1, bytes - back)
        proxy.cutAfter(at, way)
        await driver.deliver(parcel(i++))
        if (proxy.passed(way) - before >= at) cuts++
        proxy.heal()
      }
      for (let at = 1; at < 3000; at += isLong ? 37 : 311) {
        const before = proxy.passed(way)
        proxy.cutAfter(at, way)
        await driver.deliver(parcel(i++))
        if (proxy.passed(way) - before >= at) cuts++
        proxy.heal()
      }
      await comeToRest(place, fleet)
    } finally {
      await fleet.end()
    }
    await holds(place, driver)
    console.log(
      `${way}: ${cuts} cuts, answers ${JSON.stringify(driver.statuses)}, recognized as sent before ${driver.replayed()}`,
    )
    expect(cuts).toBeGreaterThan(10)
    // An answer to a commit that never came is the one case that nobody but the identity can tell.
    if (way === 'down') expect(driver.replayed()).toBeGreaterThan(0)
  })

  it('that has none left to give: 503 with Retry-After, and then all is taken', async () => {
    const place = await copy()
    const fleet = await startFleet(place, [
      { roles: 'biometric', env: { AUREN_POSTGRES_POOL: '2' } },
      { roles: 'worker' },
    ])
    const driver = createDriver(() => fleet.addresses('biometric'))
    const blocker = new Client({ connectionString: place.env.POSTGRES_URL })
    await blocker.connect()
    try {
      await blocker.query('begin; lock table auren.inbox in access exclusive mode')
      const sending = Promise.all(Array.from({ length: 12 }, (_, i) => driver.deliver(parcel(i))))
      await until(() => (driver.statuses[503] ?? 0) >= 10)
      await blocker.query('rollback')
      await sending
      await comeToRest(place, fleet)
    } finally {
      await blocker.end()
      await fleet.end()
    }
    await holds(place, driver)
    expect(driver.oracle.count().accepted).toBe(12)
  })
})

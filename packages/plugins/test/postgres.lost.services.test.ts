import { isAurenError } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startProxy, type Proxy as TcpProxy } from '../../../test/servers/proxy.js'
import { service } from '../../../test/services.js'
import { openPostgres } from '../src/storage/postgres/sql.js'
import { sqlState } from '../src/storage/sql/failure.js'
import type { Sql, SqlTx } from '../src/storage/sql/port.js'
import { makeDatabase, type TestDatabase } from './postgres-fixture.js'

const server = service('postgres')
const limits = { connect: 2000, statement: 60_000, idle: 60_000, wait: 60_000 }

describe.skipIf(server === null)('a connection that is lost', () => {
  let database: TestDatabase
  let proxy: TcpProxy
  let sql: Sql
  /** How often the transaction's function ran. */
  let runs = 0

  beforeAll(async () => {
    database = await makeDatabase(server as string)
    proxy = await startProxy(server as string)
    const url = new URL(database.url)
    url.port = String(proxy.port)
    sql = await openPostgres({ url: url.href, pool: 3, limits })
    await sql.transaction((tx) => tx.script('create schema t; create table t.kept (key text primary key)'))
  })
  afterAll(async () => {
    proxy?.heal()
    await sql?.close()
    await proxy?.close()
    await database?.drop()
  })
  beforeEach(() => {
    proxy.heal()
    runs = 0
  })

  const keep = (tx: SqlTx, key: string) => tx.query('insert into t.kept values ($1)', [key])
  const isKept = async (key: string) => (await database.admin(`select 1 from t.kept where key = '${key}'`)).length > 0
  const backend = async (tx: SqlTx): Promise<number> => {
    const [row] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
    return row?.pid as number
  }
  const terminate = (pid: number) => database.admin(`select pg_terminate_backend(${pid}, 10000)`)
  /** Until it is so: on a machine that is busy that may take a while. */
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
  }

  it('before the commit, killed by the server: the transaction runs again, whole, and counts once', async () => {
    await sql.transaction(async (tx) => {
      runs++
      await keep(tx, 'killed')
      if (runs < 3) await terminate(await backend(tx))
      await tx.query('select 1')
    })
    expect(runs).toBe(3)
    expect(await isKept('killed')).toBe(true)
  })

  it('before the commit, cut on the way: the same', async () => {
    await sql.transaction(async (tx) => {
      runs++
      await keep(tx, 'cut')
      if (runs === 1) {
        proxy.cut()
        proxy.heal()
      }
      await tx.query('select 1')
    })
    expect(runs).toBe(2)
    expect(await isKept('cut')).toBe(true)
  })

  it('while a statement runs: the same', async () => {
    await sql.transaction(async (tx) => {
      runs++
      await keep(tx, 'running')
      const pid = await backend(tx)
      const asleep = tx.query('select pg_sleep($1)', [runs === 1 ? 3600 : 0])
      // It fails while the kill is still being waited for.
      asleep.catch(() => {})
      if (runs === 1) {
        const isAsleep = async () =>
          (await database.admin(`select 1 from pg_stat_activity where pid = ${pid} and wait_event = 'PgSleep'`))
            .length > 0
        await until(isAsleep)
        await terminate(pid)
      }
      await asleep
    })
    expect(runs).toBe(2)
    expect(await isKept('running')).toBe(true)
  })

  it('is not tried for ever, nor where the caller wants no second try', async () => {
    const always = (retry: boolean) =>
      sql.transaction(
        async (tx) => {
          runs++
          await keep(tx, 'never')
          await terminate(await backend(tx))
          await tx.query('select 1')
        },
        { retry },
      )
    await expect(always(true)).rejects.toMatchObject({ code: 'AUREN_STORE_UNAVAILABLE', retryable: true })
    expect(runs).toBe(5)
    await expect(always(false)).rejects.toMatchObject({ code: 'AUREN_STORE_UNAVAILABLE', retryable: true })
    expect(runs).toBe(6)
    expect(await isKept('never')).toBe(false)
  })

  it('idle between two transactions is replaced, and nobody notices', async () => {
    const pid = await sql.transaction(backend)
    await terminate(pid)
    expect(await sql.transaction(backend)).not.toBe(pid)
  })

  it('after the commit, before its answer: unknown, kept, and the same again is recognized', async () => {
    const committing = sql.transaction(async (tx) => {
      runs++
      await keep(tx, 'answer lost')
      proxy.hang('down')
    })
    const failed = expect(committing).rejects.toSatisfy(isUnknown)
    await until(() => isKept('answer lost'))
    proxy.cut()
    await failed
    proxy.heal()
    expect(runs).toBe(1)
    const again = await sql.transaction((tx) =>
      tx.query('insert into t.kept values ($1) on conflict do nothing returning 1 as made', ['answer lost']),
    )
    expect(again).toEqual([])
  })

  it('before the commit arrived: unknown too, not kept, and the same again is taken', async () => {
    const committing = sql.transaction(async (tx) => {
      runs++
      await keep(tx, 'commit lost')
      proxy.hang('up')
      // The commit is written after this function, and stays in the proxy.
      setImmediate(() => setImmediate(() => proxy.cut()))
    })
    await expect(committing).rejects.toSatisfy(isUnknown)
    proxy.heal()
    expect(runs).toBe(1)
    expect(await isKept('commit lost')).toBe(false)
    await sql.transaction((tx) => keep(tx, 'commit lost'))
    expect(await isKept('commit lost')).toBe(true)
  })

  it('at any byte of what goes up or down leaves all or nothing, and says which where it can be known', async () => {
    const outcomes = { kept: 0, unknown: 0, again: 0 }
    for (const way of ['up', 'down'] as const)
      for (let bytes = 5; bytes < 500; bytes += 16) {
        const key = `${way} ${bytes}`
        await sql.transaction((tx) => tx.query('select 1'))
        proxy.cutAfter(bytes, way)
        let tries = 0
        const error = await sql
          .transaction(async (tx) => {
            tries++
            await keep(tx, key)
            await keep(tx, `${key} too`)
          })
          .then(
            () => null,
            (caught: unknown) => caught,
          )
        proxy.heal()
        expect(await isKept(key)).toBe(await isKept(`${key} too`))
        if (error === null) {
          expect(await isKept(key)).toBe(true)
          outcomes[tries > 1 ? 'again' : 'kept']++
        } else {
          expect(isUnknown(error)).toBe(true)
          outcomes.unknown++
        }
      }
    console.info('cut at every sixteenth byte:', outcomes)
    expect(outcomes.again).toBeGreaterThan(0)
    expect(outcomes.unknown).toBeGreaterThan(0)
  })

  it('to a server that refuses is said at once, and is over when the server is back', async () => {
    proxy.cut()
    await expect(sql.transaction((tx) => tx.query('select 1'))).rejects.toMatchObject({
      code: 'AUREN_STORE_UNAVAILABLE',
      retryable: true,
    })
    proxy.heal()
    expect(await sql.transaction((tx) => tx.query('select 1 as one'))).toEqual([{ one: 1 }])
  })
})

describe.skipIf(server === null)('a server', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await makeDatabase(server as string)
    await database.admin('create table public.pairs (id int4 primary key, n int4 not null)')
    await database.admin(`insert into public.pairs values (1, 0), (2, 0); grant all on public.pairs to public`)
  })
  afterAll(() => database?.drop())

  it('that hangs is given up, and not tried again', async () => {
    const proxy = await startProxy(server as string)
    const url = new URL(database.url)
    url.port = String(proxy.port)
    const sql = await openPostgres({ url: url.href, pool: 2, limits: { ...limits, statement: 200, grace: 200 } })
    try {
      let runs = 0
      const hanging = sql.transaction(async (tx) => {
        runs++
        await tx.query('select 1')
        proxy.hang()
        await tx.query('select 2')
      })
      await expect(hanging).rejects.toMatchObject({ code: 'AUREN_STORE_UNAVAILABLE', retryable: true })
      expect(runs).toBe(1)
    } finally {
      proxy.heal()
      await sql.close()
      await proxy.close()
    }
  })

  it('ends statements that take too long and transactions that stand idle', async () => {
    const sql = await openPostgres({ url: database.url, pool: 2, limits: { ...limits, statement: 100, idle: 100 } })
    try {
      const slow = sql.transaction((tx) => tx.query('select pg_sleep(3600)'))
      await expect(slow).rejects.toMatchObject({ code: 'AUREN_STORE_BUSY', cause: { code: '57014' } })
      const idle = sql.transaction(
        async (tx) => {
          await tx.query('select 1')
          const ended = async () =>
            (
              await database.admin(
                `select 1 from pg_stat_activity where state = 'idle in transaction' and datname = current_database()`,
              )
            ).length === 0
          while (!(await ended())) await new Promise((resolve) => setTimeout(resolve, 20))
          await tx.query('select 2')
        },
        { retry: false },
      )
      await expect(idle).rejects.toMatchObject({ code: 'AUREN_STORE_UNAVAILABLE', retryable: true })
    } finally {
      await sql.close()
    }
  })

  it('that breaks a deadlock sees both transactions done', async () => {
    const sql = await openPostgres({ url: database.url, pool: 4 })
    let runs = 0
    let bothHave = (): void => {}
    const both = new Promise<void>((resolve) => {
      bothHave = resolve
    })
    let locked = 0
    const raise = (first: number, second: number) =>
      sql.transaction(async (tx) => {
        runs++
        await tx.query('update public.pairs set n = n + 1 where id = $1', [first])
        if (++locked === 2) bothHave()
        await both
        await tx.query('update public.pairs set n = n + 1 where id = $1', [second])
      })
    try {
      await Promise.all([raise(1, 2), raise(2, 1)])
      // More, where the one that was undone is back before the other has gone on.
      expect(runs).toBeGreaterThan(2)
      expect(await database.admin('select n from public.pairs')).toEqual([{ n: 2 }, { n: 2 }])
    } finally {
      await sql.close()
    }
  })

  it('that has no more connections for the role says so, and nothing hangs', async () => {
    const owner = new URL(database.url).username
    await database.admin(`alter role ${owner} connection limit 1`)
    const one = await openPostgres({ url: database.url, pool: 4 })
    try {
      const results = await Promise.allSettled(
        Array.from({ length: 6 }, () => one.transaction((tx) => tx.query('select pg_sleep(0.05)'))),
      )
      const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
      expect(failed.length).toBeGreaterThan(0)
      expect(failed.length).toBeLessThan(6)
      for (const error of failed)
        expect(error).toMatchObject({ code: 'AUREN_STORE_UNAVAILABLE', cause: { code: '53300' } })
      expect(await one.transaction((tx) => tx.query('select 1 as one'))).toEqual([{ one: 1 }])
    } finally {
      await database.admin(`alter role ${owner} connection limit -1`)
      await one.close()
    }
  })

  it('is not asked by more at once than there are connections: who waits too long is told', async () => {
    const sql = await openPostgres({ url: database.url, pool: 3, limits: { ...limits, wait: 300 } })
    let free = (): void => {}
    const gate = new Promise<void>((resolve) => {
      free = resolve
    })
    try {
      const holding = Array.from({ length: 2 }, () =>
        sql.transaction(async (tx) => {
          await tx.query('select 1')
          await gate
        }),
      )
      await expect(sql.transaction((tx) => tx.query('select 1'))).rejects.toMatchObject({ code: 'AUREN_STORE_BUSY' })
      // Bulk work has its own.
      expect(await sql.transaction((tx) => tx.query('select 1 as one'), { lane: 'bulk' })).toEqual([{ one: 1 }])
      free()
      await Promise.all(holding)
      expect(await sql.transaction((tx) => tx.query('select 2 as two'))).toEqual([{ two: 2 }])
    } finally {
      free()
      await sql.close()
    }
  })

  it('answers hundreds who ask at once over three connections, each with their own', async () => {
    const sql = await openPostgres({ url: database.url, pool: 3, limits })
    try {
      const many = Array.from({ length: 300 }, (_, i) =>
        sql.transaction((tx) => tx.query<{ n: number }>('select $1::int4 as n', [i]), {
          lane: i % 3 === 0 ? 'bulk' : 'interactive',
        }),
      )
      expect((await Promise.all(many)).flat().map(({ n }) => n)).toEqual(many.map((_, i) => i))
      const [used] = await database.admin<{ n: string }>(
        `select count(*) as n from pg_stat_activity where datname = current_database() and application_name = 'auren'`,
      )
      expect(Number(used?.n)).toBeLessThanOrEqual(3)
    } finally {
      await sql.close()
    }
  })

  it('is left when what runs has ended, and then no more is taken', async () => {
    const sql = await openPostgres({ url: database.url, pool: 2 })
    let go = (): void => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const running = sql.transaction(async (tx) => {
      await gate
      return tx.query('select 1 as one')
    })
    const closing = sql.close()
    await expect(sql.transaction((tx) => tx.query('select 2'))).rejects.toMatchObject({ code: 'AUREN_CLOSED' })
    go()
    expect(await running).toEqual([{ one: 1 }])
    await closing
    const [left] = await database.admin<{ n: string }>(
      `select count(*) as n from pg_stat_activity where datname = current_database() and application_name = 'auren'`,
    )
    expect(left?.n).toBe('0')
  })
})

function isUnknown(error: unknown): boolean {
  return (
    isAurenError(error) && error.code === 'AUREN_STORE_UNAVAILABLE' && error.retryable && sqlState(error) === '08007'
  )
}

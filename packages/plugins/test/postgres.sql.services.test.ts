import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { service } from '../../../test/services.js'
import { openPostgres } from '../src/storage/postgres/sql.js'
import { sqlState } from '../src/storage/sql/failure.js'
import { migrate } from '../src/storage/sql/migrate.js'
import { migrations } from '../src/storage/sql/migrations/index.js'
import type { Sql } from '../src/storage/sql/port.js'
import { makeDatabase, type TestDatabase } from './postgres-fixture.js'

const server = service('postgres')

describe.skipIf(server === null)('the driver', () => {
  let database: TestDatabase
  let sql: Sql

  beforeAll(async () => {
    database = await makeDatabase(server as string)
    sql = await openPostgres({ url: database.url, pool: 4 })
    await sql.transaction((tx) =>
      tx.script('create schema t; create table t.words (id int4 primary key, word text unique)'),
    )
  })
  afterAll(async () => {
    await sql?.close()
    await database?.drop()
  })

  it('gives values as the port promises', async () => {
    const text = `select 1::int2 as int2, 2::int4 as int4, 9007199254740991::int8 as int8, 9007199254740992::int8 as huge,
      1.5::numeric as numeric, 0.1::float8 as float8, 0.5::float4 as float4, true as bool, 'ä€😀'::text as text,
      '2024-02-29'::date as date, '{"a":[1,null]}'::jsonb as jsonb, '\\x00ff'::bytea as bytea, null::int4 as nothing,
      '{1,NULL,-3}'::int4[] as int4s, '{1,2}'::int8[] as int8s, '{0.1,NaN,Infinity}'::float8[] as float8s,
      '{a,"b,c",NULL}'::text[] as texts, '{}'::int4[] as empty, B'101'::bit(3) as bits,
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid as uuid`
    const expected = {
      int2: 1,
      int4: 2,
      int8: 9007199254740991,
      huge: 9007199254740992n,
      numeric: 1.5,
      float8: 0.1,
      float4: 0.5,
      bool: true,
      text: 'ä€😀',
      date: '2024-02-29',
      jsonb: { a: [1, null] },
      bytea: new Uint8Array([0, 255]),
      nothing: null,
      int4s: [1, null, -3],
      int8s: [1, 2],
      float8s: [0.1, Number.NaN, Number.POSITIVE_INFINITY],
      texts: ['a', 'b,c', null],
      empty: [],
      bits: '101',
      uuid: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    }
    // Once as it comes, once prepared, once more.
    for (let i = 0; i < 3; i++) expect(await sql.transaction((tx) => tx.query(text))).toEqual([expected])
  })

  it('takes strings, numbers, booleans, nulls and bytes', async () => {
    const bytes = new Uint8Array(3_000_000).map((_, i) => i % 251)
    const [row] = await sql.transaction((tx) =>
      tx.query('select $1::text as a, $2::float8 as b, $3::bool as c, $4::int4 as d, $5::bytea as e, $6::int8 as f', [
        "ä€😀'\\",
        -1.25e-7,
        false,
        null,
        bytes.subarray(1),
        9223372036854775807n,
      ]),
    )
    expect(row).toMatchObject({ a: "ä€😀'\\", b: -1.25e-7, c: false, d: null, f: 9223372036854775807n })
    expect(Buffer.compare(row?.e as Uint8Array, bytes.subarray(1))).toBe(0)
  })

  it('gives the same whatever database and role have been set to, and commits to the disk', async () => {
    const name = new URL(database.url).pathname.slice(1)
    await database.admin(`
      alter database ${name} set datestyle = 'SQL, DMY'; alter database ${name} set bytea_output = 'escape';
      alter database ${name} set synchronous_commit = off; alter database ${name} set extra_float_digits = 0;
      alter database ${name} set default_transaction_isolation = 'serializable';
      alter database ${name} set search_path = t`)
    const other = await openPostgres({ url: database.url, pool: 2 })
    try {
      const [row] = await other.transaction((tx) =>
        tx.query(`select '2024-02-29'::date as date, '\\x00ff'::bytea as bytes, 0.1::float8 + 0.2::float8 as sum,
          current_setting('synchronous_commit') as flushed, current_setting('transaction_isolation') as isolation,
          current_setting('search_path') as path`),
      )
      expect(row).toEqual({
        date: '2024-02-29',
        bytes: new Uint8Array([0, 255]),
        sum: 0.1 + 0.2,
        flushed: 'on',
        isolation: 'read committed',
        path: 'pg_catalog, pg_temp',
      })
    } finally {
      await other.close()
      await database.admin(`alter database ${name} reset all`)
    }
  })

  it('rolls back when the function throws, and passes its error on', async () => {
    const oops = new Error('oops')
    const failing = sql.transaction(async (tx) => {
      await tx.query('insert into t.words values (1, $1)', ['one'])
      throw oops
    })
    await expect(failing).rejects.toBe(oops)
    expect(await sql.transaction((tx) => tx.query('select * from t.words'))).toEqual([])
  })

  it('keeps the SQLSTATE of what the server refused, and no value, not even its detail', async () => {
    const twice = sql.transaction(async (tx) => {
      await tx.query('insert into t.words values (1, $1)', ['heartbeat'])
      await tx.query('insert into t.words values (2, $1)', ['heartbeat'])
    })
    const error = await twice.catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'AUREN_CONFLICT', cause: { code: '23505', constraint: 'words_word_key' } })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('heartbeat')
    const wrong = await sql.transaction((tx) => tx.query('select $1::int4', ['72 bpm'])).catch((e: unknown) => e)
    expect(wrong).toMatchObject({ code: 'AUREN_INTERNAL', cause: { code: '22P02' } })
    expect(inspect(wrong, { depth: 9, showHidden: true })).not.toContain('72')
  })

  it('goes on after a statement failed, prepared ones too', async () => {
    const fails = (tx: { query(text: string, params: number[]): Promise<unknown> }, n: number) =>
      tx.query('select 6 / $1::int4 as n', [n])
    for (const n of [0, 1, 0, 2, 0, 3, 0])
      await sql.transaction(async (tx) => {
        if (n === 0) await expect(sql.transaction((inner) => fails(inner, n))).rejects.toThrow('22012')
        else expect(await fails(tx, n)).toEqual([{ n: 6 / n }])
        expect(await tx.query('select $1::int4 as a', [n])).toEqual([{ a: n }])
      })
  })

  it('does not pretend to commit when a failed statement was swallowed', async () => {
    const swallowed = sql.transaction(async (tx) => {
      await tx.query('insert into t.words values (3, null)')
      await tx.query('select 1/0').catch(() => {})
    })
    await expect(swallowed).rejects.toMatchObject({ code: 'AUREN_INTERNAL' })
    expect(await sql.transaction((tx) => tx.query('select * from t.words where id = 3'))).toEqual([])
  })

  it('joins a transaction inside a running one, which undoes only itself', async () => {
    await sql.transaction(async (tx) => {
      await tx.query('insert into t.words values (10, null)')
      const inner = sql.transaction(async (nested) => {
        await nested.query('insert into t.words values (11, null)')
        await nested.query('insert into t.words values (10, null)')
      })
      await expect(inner).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
      await Promise.all(
        [12, 13, 14].map((id) => sql.transaction((n) => n.query('insert into t.words values ($1, null)', [id]))),
      )
    })
    const rows = await sql.transaction((tx) => tx.query('select id from t.words order by id'))
    expect(rows.map(({ id }) => id)).toEqual([10, 12, 13, 14])
  })

  it('refuses writing where only reading was asked for', async () => {
    const writing = sql.transaction((tx) => tx.query('delete from t.words'), { readOnly: true })
    await expect(writing).rejects.toMatchObject({ cause: { code: '25006' } })
  })

  it('runs transactions side by side: one that waits for a lock holds up no other', async () => {
    const order: string[] = []
    let unlock = (): void => {}
    const gate = new Promise<void>((resolve) => {
      unlock = resolve
    })
    const first = sql.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock(77)')
      order.push('locked')
      await gate
      order.push('unlocks')
    })
    const second = sql.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock(77)')
      order.push('locked after')
    })
    await sql.transaction((tx) => tx.query('select 1'))
    order.push('another')
    unlock()
    await Promise.all([first, second])
    expect(order.slice(-3)).toEqual(['another', 'unlocks', 'locked after'])
  })

  it('prepares again when another process has changed a table', async () => {
    await sql.transaction((tx) => tx.script('create table t.growing (a int4); insert into t.growing values (1)'))
    const read = () => sql.transaction((tx) => tx.query('select * from t.growing'))
    for (let i = 0; i < 20; i++) expect(await read()).toEqual([{ a: 1 }])
    await database.admin('alter table t.growing add column b int4')
    for (let i = 0; i < 20; i++) expect(await read()).toEqual([{ a: 1, b: null }])
  })

  it('bounds what a connection keeps prepared', async () => {
    const one = await openPostgres({ url: database.url, pool: 2 })
    try {
      for (let n = 0; n < 700; n++)
        for (let twice = 0; twice < 2; twice++) await one.transaction((tx) => tx.query(`select ${n} as n`))
      const [row] = await one.transaction((tx) => tx.query('select count(*) as kept from pg_prepared_statements'))
      expect(row?.kept).toBeLessThanOrEqual(300)
      expect(row?.kept).toBeGreaterThan(100)
    } finally {
      await one.close()
    }
  })
})

describe.skipIf(server === null)('whose rows', () => {
  let database: TestDatabase
  let sql: Sql

  beforeAll(async () => {
    database = await makeDatabase(server as string)
    // One connection for all of it: what one person leaves behind is there for the next.
    sql = await openPostgres({ url: database.url, pool: 2 })
    await migrate(sql, migrations)
    for (const user of ['ann', 'anna'])
      await sql.as(user, (tx) => tx.query('insert into auren.profiles values ($1, $2)', [user, Buffer.from(user)]))
  })
  afterAll(async () => {
    await sql?.close()
    await database?.drop()
  })

  const mine = 'select user_id from auren.profiles'

  it('are one’s own, on a connection that was just somebody else’s, without a WHERE', async () => {
    const pids = new Set<unknown>()
    for (const user of ['ann', 'anna', 'ann', 'bob', 'anna']) {
      const rows = await sql.as(user, async (tx) => {
        for (const { pid } of await tx.query('select pg_backend_pid() as pid')) pids.add(pid)
        return tx.query(mine)
      })
      expect(rows).toEqual(user === 'bob' ? [] : [{ user_id: user }])
    }
    expect(pids.size).toBe(1)
  })

  it('are nobody’s where no user is set, also after a transaction that failed half-way', async () => {
    await expect(
      sql.as('ann', async (tx) => {
        await tx.query(mine)
        await tx.query('select 1/0')
      }),
    ).rejects.toThrow()
    const rows = await sql.transaction(async (tx) => {
      await tx.script('set local role auren_person')
      return tx.query(mine)
    })
    expect(rows).toEqual([])
  })

  it('leave role and person behind in no connection', async () => {
    await sql.as('ann', (tx) => tx.query(mine))
    const [left] = await sql.transaction((tx) =>
      tx.query(`select current_user = session_user as same, current_setting('auren.user', true) as person`),
    )
    expect(left).toEqual({ same: true, person: '' })
  })

  it('are refused to the roles of services, column by column', async () => {
    for (const role of ['auren_relay', 'auren_consumer'] as const) {
      const reading = sql.transaction((tx) => tx.as({ role }, (inner) => inner.query(mine)))
      await expect(reading).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
    }
  })

  it('are seen by the owner of the schema, who is no superuser, as in PGlite, and by no other login', async () => {
    const [owner] = await sql.transaction((tx) =>
      tx.query('select rolsuper or rolbypassrls or rolcreaterole as power from pg_roles where rolname = session_user'),
    )
    expect(owner).toEqual({ power: false })
    expect(await sql.transaction((tx) => tx.query(`${mine} order by 1`))).toEqual([
      { user_id: 'ann' },
      { user_id: 'anna' },
    ])
    const name = `other_${new URL(database.url).pathname.slice(1)}`
    await database.admin(`create role ${name} login password 'test'`)
    const url = new URL(database.url)
    url.username = name
    const other = await openPostgres({ url: url.href })
    try {
      await expect(other.transaction((tx) => tx.query(mine))).rejects.toSatisfy((e) => sqlState(e) === '42501')
    } finally {
      await other.close()
      await database.admin(`drop role ${name}`)
    }
  })
})

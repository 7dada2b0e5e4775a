import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPglite, type PgliteSql } from '../src/storage/pglite/sql.js'
import { sqlState } from '../src/storage/sql/failure.js'

let sql: PgliteSql

beforeAll(async () => {
  sql = await openPglite({ dataDir: 'memory://' })
  await sql.transaction((tx) => tx.script('create table t (id int4 primary key, word text unique)'))
})
afterAll(() => sql.close())

describe('values', () => {
  it('come back as the port promises', async () => {
    const [row] = await sql.transaction((tx) =>
      tx.query(
        `select 1::int2 as int2, 2::int4 as int4, 9007199254740991::int8 as int8, 9007199254740992::int8 as huge,
          1.5::numeric as numeric, 0.1::float8 as float8, 0.5::float4 as float4, true as bool, 'ä€😀'::text as text,
          '2024-02-29'::date as date, '{"a":[1,null]}'::jsonb as jsonb, '\\x00ff'::bytea as bytea, null::int4 as nothing,
          '{1,NULL,-3}'::int4[] as int4s, '{1,2}'::int8[] as int8s, '{0.1,NaN,Infinity}'::float8[] as float8s,
          '{a,"b,c",NULL}'::text[] as texts, '{}'::int4[] as empty`,
      ),
    )
    expect(row).toEqual({
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
    })
  })

  it('go in as strings, numbers, booleans, nulls and bytes', async () => {
    const bytes = new Uint8Array(3_000_000).map((_, i) => i % 251)
    const [row] = await sql.transaction((tx) =>
      tx.query('select $1::text as a, $2::float8 as b, $3::bool as c, $4::int4 as d, $5::bytea as e, $6::int8 as f', [
        "ä€😀'\\",
        -1.25e-7,
        false,
        null,
        bytes,
        12345678901234567890n % 9007199254740993n,
      ]),
    )
    expect(row).toMatchObject({ a: "ä€😀'\\", b: -1.25e-7, c: false, d: null })
    expect(Buffer.compare(row?.e as Uint8Array, bytes)).toBe(0)
    expect(BigInt(row?.f as number)).toBe(12345678901234567890n % 9007199254740993n)
  })
})

describe('transactions', () => {
  it('roll back when the function throws, and pass its error on', async () => {
    const oops = new Error('oops')
    await expect(
      sql.transaction(async (tx) => {
        await tx.query('insert into t values (1, $1)', ['one'])
        throw oops
      }),
    ).rejects.toBe(oops)
    expect(await sql.transaction((tx) => tx.query('select * from t'))).toEqual([])
  })

  it('keep the SQLSTATE of what the engine refused, and no value', async () => {
    const twice = sql.transaction(async (tx) => {
      await tx.query('insert into t values (1, $1)', ['heartbeat'])
      await tx.query('insert into t values (2, $1)', ['heartbeat'])
    })
    const error = await twice.catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'AUREN_CONFLICT', cause: { code: '23505', constraint: 't_word_key' } })
    expect(sqlState(error)).toBe('23505')
    expect(JSON.stringify([String(error), String((error as Error).cause)])).not.toContain('heartbeat')
    const wrong = await sql.transaction((tx) => tx.query('select $1::int4', ['72 bpm'])).catch((e: unknown) => e)
    expect(wrong).toMatchObject({ code: 'AUREN_INTERNAL', cause: { code: '22P02' } })
    expect(String((wrong as Error).cause)).not.toContain('72')
  })

  it('do not pretend to commit when a failed statement was swallowed', async () => {
    const swallowed = sql.transaction(async (tx) => {
      await tx.query('insert into t values (3, null)')
      await tx.query('select 1/0').catch(() => {})
    })
    await expect(swallowed).rejects.toMatchObject({ code: 'AUREN_INTERNAL' })
    expect(await sql.transaction((tx) => tx.query('select * from t where id = 3'))).toEqual([])
  })

  it('take turns: what one does is never between the statements of another', async () => {
    const order: string[] = []
    const work = (name: string, lane: 'interactive' | 'bulk') =>
      sql.transaction(
        async (tx) => {
          order.push(`${name} begins`)
          await tx.query('select 1')
          await tx.query('select 2')
          order.push(`${name} ends`)
        },
        { lane },
      )
    await Promise.all([work('a', 'bulk'), work('b', 'bulk'), work('c', 'interactive'), work('d', 'interactive')])
    expect(order).toEqual(['a', 'c', 'd', 'b'].flatMap((name) => [`${name} begins`, `${name} ends`]))
  })

  it('join the one around them, and undo only themselves', async () => {
    await sql.transaction(async (tx) => {
      await tx.query('insert into t values (10, null)')
      const inner = sql.transaction(async (nested) => {
        await nested.query('insert into t values (11, null)')
        await nested.query('insert into t values (10, null)')
      })
      await expect(inner).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
      await Promise.all(
        [12, 13, 14].map((id) => sql.transaction((n) => n.query('insert into t values ($1, null)', [id]))),
      )
    })
    const rows = await sql.transaction((tx) => tx.query('select id from t order by id'))
    expect(rows.map(({ id }) => id)).toEqual([10, 12, 13, 14])
  })

  it('are over when they are over', async () => {
    let kept: { query(text: string): Promise<unknown> } | undefined
    await sql.transaction(async (tx) => {
      kept = tx
    })
    await expect(kept?.query('select 1')).rejects.toMatchObject({ code: 'AUREN_CLOSED' })
  })

  it('refuse writing where only reading was asked for', async () => {
    await expect(sql.transaction((tx) => tx.query('delete from t'), { readOnly: true })).rejects.toMatchObject({
      cause: { code: '25006' },
    })
  })

  it('see a table that a script has changed', async () => {
    const all = () => sql.transaction((tx) => tx.query('select * from changing'))
    await sql.transaction((tx) => tx.script('create table changing (a int4); insert into changing values (1)'))
    expect(await all()).toEqual([{ a: 1 }])
    await sql.transaction((tx) => tx.script('alter table changing add b int4 default 2'))
    expect(await all()).toEqual([{ a: 1, b: 2 }])
  })

  it('prepare more different statements than are kept', async () => {
    await sql.transaction(async (tx) => {
      for (let i = 0; i < 600; i++) expect(await tx.query(`select ${i} as i`)).toEqual([{ i }])
      expect(await tx.query('select 0 as i')).toEqual([{ i: 0 }])
    })
  })
})

it('closing waits for running and queued work, and then refuses', async () => {
  const other = await openPglite({ dataDir: 'memory://' })
  let release = (): void => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const running = other.transaction(async (tx) => {
    await gate
    return tx.query('select 1 as one')
  })
  const queued = other.transaction((tx) => tx.query('select 2 as two'))
  const closed = other.close()
  await expect(other.transaction((tx) => tx.query('select 3'))).rejects.toMatchObject({ code: 'AUREN_CLOSED' })
  release()
  expect(await running).toEqual([{ one: 1 }])
  expect(await queued).toEqual([{ two: 2 }])
  await closed
})

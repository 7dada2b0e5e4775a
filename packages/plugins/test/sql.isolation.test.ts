import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { personTable } from '../src/storage/sql/isolation.js'
import { migrate } from '../src/storage/sql/migrate.js'
import { migrations } from '../src/storage/sql/migrations/index.js'
import type { Sql } from '../src/storage/sql/port.js'
import { openTestSql } from './sql-fixture.js'

let sql: Sql
// Whoever compares by prefix or by LIKE takes one of these for another.
const users = ['ann', 'anna', 'an_', 'an%', 'ann:x', "ann'", 'Ann', ' ann', '%']

beforeAll(async () => {
  sql = await openTestSql()
  await sql.transaction(async (tx) => {
    await tx.script(
      `create table auren.diary (user_id text not null, word text not null); ${personTable('auren.diary')}`,
    )
    for (const user of users) await tx.query('insert into auren.diary values ($1, $2)', [user, `of ${user}`])
  })
})
afterAll(() => sql.close())

describe('a person', () => {
  it('sees only their own rows, with SQL that asks for all of them', async () => {
    for (const user of [...users, ...users.toReversed()])
      expect(await sql.as(user, (tx) => tx.query('select * from auren.diary'))).toEqual([
        { user_id: user, word: `of ${user}` },
      ])
  })

  it('sees nothing as somebody without rows, or as nobody', async () => {
    expect(await sql.as('an', (tx) => tx.query('select * from auren.diary'))).toEqual([])
    expect(await sql.as('', (tx) => tx.query('select * from auren.diary'))).toEqual([])
    const unset = await sql.transaction(async (tx) => {
      await tx.script('set local role auren_person')
      return tx.query(
        "select current_user as who, current_setting('auren.user', true) as setting, d.* from auren.diary d",
      )
    })
    expect(unset).toEqual([])
  })

  it('cannot write, change or delete what is another person’s', async () => {
    const attempt = (text: string) => sql.as('ann', (tx) => tx.query(text)).catch((error: unknown) => error)
    expect(await attempt("insert into auren.diary values ('anna', 'x')")).toMatchObject({ code: 'AUREN_FORBIDDEN' })
    expect(await attempt("update auren.diary set user_id = 'anna'")).toMatchObject({ code: 'AUREN_FORBIDDEN' })
    await sql.as('ann', (tx) => tx.query("update auren.diary set word = 'mine'"))
    await sql.as('anna', (tx) => tx.query('delete from auren.diary'))
    const rows = await sql.transaction((tx) => tx.query('select user_id, word from auren.diary'))
    expect(rows).toHaveLength(users.length - 1)
    expect(rows.filter(({ word }) => word === 'mine')).toEqual([{ user_id: 'ann', word: 'mine' }])
    await sql.as('anna', (tx) => tx.query("insert into auren.diary values ('anna', 'of anna')"))
  })

  it('stays who they are however statements of several persons are mixed in one transaction', async () => {
    await sql.transaction(async (tx) => {
      const seen = await Promise.all(
        [...users, ...users].map((user) =>
          tx.as({ user }, async (inner) => {
            const first = await inner.query<{ user_id: string }>('select user_id from auren.diary')
            const all = await tx.query('select 1 from auren.diary')
            const second = await inner.query<{ user_id: string }>('select user_id from auren.diary')
            return { user, all: all.length, ids: [...first, ...second].map(({ user_id }) => user_id) }
          }),
        ),
      )
      for (const { user, all, ids } of seen) {
        expect(ids).toEqual([user, user])
        expect(all).toBe(users.length)
      }
    })
  })

  it('cannot become somebody else by the handle', async () => {
    const other = sql.as('ann', (tx) => tx.as({ user: 'anna' }, (inner) => inner.query('select 1')))
    await expect(other).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
  })

  it('does not see with the owner’s eyes after a savepoint took the role back', async () => {
    await sql.transaction((tx) =>
      tx.as({ user: 'anna' }, async (inner) => {
        await inner.query('select 1')
        const undone = sql.as('anna', async (nested) => {
          await nested.query('select 1')
          throw new Error('undone')
        })
        await expect(undone).rejects.toThrow('undone')
        expect(await inner.query('select user_id from auren.diary')).toEqual([{ user_id: 'anna' }])
      }),
    )
  })

  it('is themselves again after a nested transaction of another was rolled back', async () => {
    await sql.as('ann', async (tx) => {
      await sql
        .as('anna', async (inner) => {
          await inner.query("insert into auren.diary values ('ann', 'forged')")
        })
        .catch(() => {})
      expect(await tx.query('select user_id from auren.diary')).toEqual([{ user_id: 'ann' }])
    })
  })
})

it('every table with persons in it is under forced row-level security with the person’s policy', async () => {
  const tables = await sql.transaction((tx) =>
    tx.query<{ name: string; enabled: boolean; forced: boolean; policy: string | null }>(
      `select c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
         (select pg_get_expr(polqual, polrelid) || ' / ' || pg_get_expr(polwithcheck, polrelid)
            from pg_policy where polrelid = c.oid and polname = 'person') as policy
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'auren' and c.relkind in ('r', 'p')
         and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'user_id')`,
    ),
  )
  const same = "(user_id = current_setting('auren.user'::text, true))"
  expect(tables.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['persons', 'inbox', 'outbox', 'jobs', 'blobs']),
  )
  for (const { name, enabled, forced, policy } of tables)
    expect([name, enabled, forced, policy]).toEqual([name, true, true, `${same} / ${same}`])
})

it('the restricted roles own nothing, cannot bypass, log in nowhere, and reach no table without row-level security', async () => {
  const [roles, owned, open] = await sql.transaction(async (tx) => [
    await tx.query(
      `select rolname as name, rolcanlogin or rolsuper or rolbypassrls or rolcreaterole or rolcreatedb as power
       from pg_roles where rolname like 'auren\\_%' order by 1`,
    ),
    await tx.query(
      `select c.relname from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname like 'auren\\_%'`,
    ),
    await tx.query(
      `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'auren' and c.relkind in ('r', 'p') and not c.relrowsecurity
         and has_table_privilege('auren_person', c.oid, 'select, insert, update, delete')`,
    ),
  ])
  expect(roles).toEqual(['auren_consumer', 'auren_person', 'auren_relay'].map((name) => ({ name, power: false })))
  expect(owned).toEqual([])
  expect(open).toEqual([])
})

describe('migrations', () => {
  it('run once', async () => {
    expect(await migrate(sql, migrations)).toBe(0)
  })

  it('refuse data of a newer AUREN, and a text that has changed', async () => {
    await expect(migrate(sql, migrations.slice(0, -1))).rejects.toMatchObject({ code: 'AUREN_STORE_VERSION' })
    const changed = migrations.map((step) => ({ ...step, sql: `${step.sql} ` }))
    await expect(migrate(sql, changed)).rejects.toMatchObject({ code: 'AUREN_STORE_VERSION' })
  })

  it('leave nothing behind when one fails', async () => {
    const broken = [...migrations, { id: 1000, name: 'broken', sql: 'create table auren.half (); select 1/0' }]
    await expect(migrate(sql, broken)).rejects.toMatchObject({ cause: { code: '22012' } })
    expect(await sql.transaction((tx) => tx.query("select to_regclass('auren.half')::text as half"))).toEqual([
      { half: null },
    ])
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sqlState } from '../src/storage/sql/failure.js'
import { personTable } from '../src/storage/sql/isolation.js'
import type { Sql } from '../src/storage/sql/port.js'
import { openTestSql } from './sql-fixture.js'

let sql: Sql

beforeAll(async () => {
  sql = await openTestSql()
  await sql.transaction((tx) =>
    tx.script(`create table auren.notes (user_id text not null, word text primary key); ${personTable('auren.notes')}`),
  )
})
beforeEach(() => sql.transaction((tx) => tx.query('delete from auren.notes')))
afterAll(() => sql.close())

const words = async (): Promise<string[]> => {
  const rows = await sql.transaction((tx) => tx.query<{ word: string }>('select word from auren.notes order by word'))
  return rows.map(({ word }) => word)
}
const insertion = "insert into auren.notes values ('ann', $1)"

describe('a statement that is put off', () => {
  it('is there for the next one, in order', async () => {
    const seen = await sql.transaction(async (tx) => {
      tx.later(insertion, ['a'])
      tx.later("update auren.notes set word = word || 'b'")
      return tx.query('select word from auren.notes')
    })
    expect(seen).toEqual([{ word: 'ab' }])
    expect(await words()).toEqual(['ab'])
  })

  it('goes with the commit, also where nothing else was sent', async () => {
    await sql.transaction(async (tx) => tx.later(insertion, ['alone']))
    await sql.transaction(async (tx) => {
      await tx.query(insertion, ['first'])
      tx.later(insertion, ['last'])
    })
    expect(await words()).toEqual(['alone', 'first', 'last'])
  })

  it('takes all with it where it fails', async () => {
    const failed = await sql
      .transaction(async (tx) => {
        await tx.query(insertion, ['kept?'])
        tx.later(insertion, ['twice'])
        tx.later(insertion, ['twice'])
      })
      .catch((error: unknown) => error)
    expect(sqlState(failed)).toBe('23505')
    expect(await words()).toEqual([])
  })

  it('is undone with the part that it belongs to, and not without it', async () => {
    await sql.transaction(async (tx) => {
      tx.later(insertion, ['before'])
      await expect(
        sql.transaction(async (inner) => {
          inner.later(insertion, ['undone'])
          throw new Error('no')
        }),
      ).rejects.toThrow('no')
      await sql.transaction(async (inner) => inner.later(insertion, ['inside']))
    })
    expect(await words()).toEqual(['before', 'inside'])
  })

  it('runs as whoever put it off', async () => {
    const refused = await sql
      .transaction(async (tx) => {
        await tx.as({ user: 'bea' }, async (bea) => bea.later(insertion, ['of another person']))
        await tx.query('select 1 as one')
      })
      .catch((error: unknown) => error)
    expect(sqlState(refused)).toBe('42501')
    await sql.as('ann', async (ann) => ann.later(insertion, ['hers']))
    expect(await words()).toEqual(['hers'])
  })

  it('cannot be put off once the transaction has ended', async () => {
    const tx = await sql.transaction(async (running) => running)
    expect(() => tx.later(insertion, ['late'])).toThrow('has ended')
    expect(await words()).toEqual([])
  })
})

describe('several statements at once', () => {
  it('give each its rows, one after the other', async () => {
    const [none, made, all] = await sql.transaction((tx) =>
      tx.queryAll([
        { text: 'select word from auren.notes' },
        { text: `${insertion} returning word`, params: ['new'] },
        { text: 'select user_id, word from auren.notes' },
      ]),
    )
    expect([none, made, all]).toEqual([[], [{ word: 'new' }], [{ user_id: 'ann', word: 'new' }]])
  })
})

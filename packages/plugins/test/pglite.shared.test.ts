import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectPglite, openPglite, type PgliteSql } from '../src/storage/pglite/sql.js'
import { createTurns } from '../src/storage/pglite/turns.js'
import type { Sql } from '../src/storage/sql/port.js'

let own: PgliteSql
let other: Sql

beforeAll(async () => {
  own = await openPglite({ dataDir: 'memory://' })
  await own.transaction(async (tx) => {
    await tx.script('create table counter (n int8); insert into counter values (0); create table marks (who text)')
  })
  other = await connectPglite(await own.share())
})
afterAll(async () => {
  await other.close()
  await own.close()
})

/** Reads, waits for something else to happen, writes: lost where two of them run at the same time. */
async function increase(sql: Sql, lane: 'interactive' | 'bulk'): Promise<void> {
  await sql.transaction(
    async (tx) => {
      const [row] = await tx.query<{ n: number }>('select n from counter')
      await new Promise((resolve) => setImmediate(resolve))
      await tx.query('update counter set n = $1', [(row?.n ?? 0) + 1])
    },
    { lane },
  )
}

it('transactions of threads that share a database take turns', async () => {
  const rounds = Array.from({ length: 40 }, (_, i) => i)
  await Promise.all(
    rounds.flatMap((i) => [
      increase(own, i % 2 ? 'bulk' : 'interactive'),
      increase(other, i % 3 ? 'bulk' : 'interactive'),
    ]),
  )
  const [row] = await own.transaction((tx) => tx.query<{ n: number }>('select n from counter'))
  expect(row?.n).toBe(80)
})

it("each has statements of its own, and an error of one is not the other's", async () => {
  const ask = (sql: Sql, n: number) => sql.transaction((tx) => tx.query<{ x: number }>('select $1::int4 as x', [n]))
  expect(await Promise.all([ask(own, 1), ask(other, 2), ask(own, 3)])).toEqual([[{ x: 1 }], [{ x: 2 }], [{ x: 3 }]])
  await expect(other.transaction((tx) => tx.query('select 1 / 0'))).rejects.toThrow()
  expect(await ask(own, 4)).toEqual([{ x: 4 }])
  expect(await ask(other, 5)).toEqual([{ x: 5 }])
})

it('what a thread had begun when it went is undone, and the others go on', async () => {
  const port = await own.share()
  const gone = await connectPglite(port)
  const begun = gone.transaction(async (tx) => {
    await tx.query("insert into marks values ('half')")
    port.close()
    await tx.query("insert into marks values ('whole')")
  })
  await expect(begun).rejects.toMatchObject({ code: 'AUREN_STORE_UNAVAILABLE' })
  expect(await own.transaction((tx) => tx.query('select * from marks'))).toEqual([])
  expect(await other.transaction((tx) => tx.query('select * from marks'))).toEqual([])
})

it('what is interactive goes first, also when the next statement of a thread is still on its way', async () => {
  const turns = createTurns<string>(3)
  const had: string[] = []
  const take = async (client: string, lane: 'interactive' | 'bulk'): Promise<void> => {
    await turns.take(client, lane)
    had.push(`${client} ${lane}`)
  }
  await take('a', 'interactive')
  const bulk = take('b', 'bulk')
  turns.end('a', 'interactive')
  await take('a', 'interactive')
  turns.end('a', 'interactive')
  await take('a', 'interactive')
  // Three in a row: the bulk turn is not starved.
  turns.end('a', 'interactive')
  await bulk
  const last = take('a', 'interactive')
  turns.end('b', null)
  await last
  expect(had).toEqual(['a interactive', 'a interactive', 'a interactive', 'b bulk', 'a interactive'])
})

import * as vitest from 'vitest'
import { testStorage } from '../../core/src/testing/storage.js'
import { createLadder } from '../src/storage/sql/ladder.js'
import { createLongTerm } from '../src/storage/sql/longterm/index.js'
import { createPatterns } from '../src/storage/sql/patterns.js'
import type { Sql, SqlTx } from '../src/storage/sql/port.js'
import { createThreads } from '../src/storage/sql/threads.js'
import { openTestHot, openTestSql, openTestVault } from './sql-fixture.js'

testStorage({
  runner: vitest,
  async open() {
    const { sql, spent } = counted(await openTestSql())
    const vault = await openTestVault(sql)
    const hot = await openTestHot()
    return {
      longTerm: createLongTerm(sql, vault),
      patterns: createPatterns(sql, vault),
      ladder: createLadder(sql),
      threads: createThreads(sql, vault),
      ...(hot ? { hot: hot.hot } : {}),
      spent,
      transaction: (fn, options) => sql.transaction(fn, options),
      async person(tx, user) {
        if (!('query' in tx)) throw new Error('not an SQL transaction')
        await vault.create(tx as Parameters<typeof vault.create>[0], user)
      },
      async close() {
        await hot?.close()
        await sql.close()
      },
    }
  },
})

/** Counts what goes to the database and what comes back. */
function counted(sql: Sql): { sql: Sql; spent(): { statements: number; rows: number } } {
  let [statements, rows] = [0, 0]
  const watch = (tx: SqlTx): SqlTx =>
    new Proxy(tx, {
      get(of, name) {
        if (name === 'query')
          return async (...args: Parameters<SqlTx['query']>) => {
            const found = await of.query(...args)
            statements++
            rows += found.length
            return found
          }
        if (name === 'as')
          return (who: { user: string }, fn: (inner: SqlTx) => Promise<unknown>) =>
            of.as(who, (inner) => fn(watch(inner)))
        return Reflect.get(of, name)
      },
    })
  return {
    spent: () => ({ statements, rows }),
    sql: {
      engine: sql.engine,
      transaction: (fn, options) => sql.transaction((tx) => fn(watch(tx)), options),
      as: (user, fn, options) => sql.as(user, (tx) => fn(watch(tx)), options),
      running: () => sql.running(),
      close: () => sql.close(),
    },
  }
}

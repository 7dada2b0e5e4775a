import * as vitest from 'vitest'
import { testStorage } from '../../core/src/testing/storage.js'
import { createLadder } from '../src/storage/sql/ladder.js'
import { createLongTerm } from '../src/storage/sql/longterm/index.js'
import { createPatterns } from '../src/storage/sql/patterns.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

testStorage({
  runner: vitest,
  async open() {
    const sql = await openTestSql()
    const vault = await openTestVault(sql)
    return {
      longTerm: createLongTerm(sql, vault),
      patterns: createPatterns(sql, vault),
      ladder: createLadder(sql),
      transaction: (fn, options) => sql.transaction(fn, options),
      async person(tx, user) {
        if (!('query' in tx)) throw new Error('not an SQL transaction')
        await vault.create(tx as Parameters<typeof vault.create>[0], user)
      },
      close: () => sql.close(),
    }
  },
})

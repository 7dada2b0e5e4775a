import * as vitest from 'vitest'
import { testStorage } from '../../core/src/testing/storage.js'
import { createLongTerm } from '../src/storage/sql/longterm/index.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

// A storage of tier 2 alone: whatever else the invariants are about is in process, and is held to them as well. What is
// counted over ten years is the long-term tier's, and longterm.conformance.test.ts looks at that.
testStorage({
  runner: {
    ...vitest,
    it: (name, body) => (name.startsWith('19:') ? undefined : vitest.it(name, body)),
  },
  async open() {
    const sql = await openTestSql()
    const vault = await openTestVault(sql)
    return {
      longTerm: createLongTerm(sql, vault),
      transaction: (fn, options) => sql.transaction(fn, options),
      async person(tx, user) {
        await vault.create(tx as Parameters<typeof vault.create>[0], user)
      },
      close: () => sql.close(),
    }
  },
})

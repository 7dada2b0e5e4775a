import * as vitest from 'vitest'
import { createCheckpointer } from '../../core/src/reasoning/checkpointer.js'
import type { Sql } from '../src/storage/sql/port.js'
import { createThreads } from '../src/storage/sql/threads.js'
import type { SqlVault } from '../src/storage/sql/vault.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

// LangGraph's suite takes vitest's functions from the global scope.
Object.assign(globalThis, vitest)
const { deltaChannelHistoryTests, specTest } = await import('@langchain/langgraph-checkpoint-validation')

let sql: Sql
let vault: SqlVault
let persons = 0
vitest.beforeAll(async () => {
  sql = await openTestSql()
  vault = await openTestVault(sql)
})
vitest.afterAll(() => sql.close())

const initializer = {
  checkpointerName: '@auren/core over PGlite',
  /** A person each, because the suite uses some names of threads again. */
  async createCheckpointer() {
    persons += 1
    const user = `person-${persons}`
    await sql.transaction((tx) => vault.create(tx, user))
    return createCheckpointer(createThreads(sql, vault).checkpoints, user)
  },
}
specTest(initializer)
deltaChannelHistoryTests(initializer)

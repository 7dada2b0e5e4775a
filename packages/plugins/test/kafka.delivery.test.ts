import { testEvents } from '@auren/core/testing'
import * as vitest from 'vitest'
import type { Sql } from '../src/storage/sql/port.js'
import { openEmbedded, openTableWorld } from './delivery-worlds.js'
import { openTestSql } from './sql-fixture.js'

// The table as the log, on PGlite: the suite that also holds Kafka (kafka.services.test.ts).
let sql: Sql
vitest.beforeAll(async () => {
  sql = await openTestSql()
})
vitest.afterAll(() => sql.close())

testEvents({
  runner: vitest,
  name: 'the table, on PGlite',
  open: async () => openTableWorld(await openEmbedded(sql)),
})

import { testEvents } from '@auren/core/testing'
import * as vitest from 'vitest'
import { service } from '../../../test/services.js'
import type { Sql } from '../src/storage/sql/port.js'
import { openEmbedded, openKafkaWorld } from './delivery-worlds.js'
import { openTestSql } from './sql-fixture.js'

const broker = service('kafka')
let sql: Sql
vitest.beforeAll(async () => {
  sql = await openTestSql()
})
vitest.afterAll(() => sql.close())

if (broker !== null)
  testEvents({
    runner: vitest,
    name: 'Kafka, on PGlite',
    bus: true,
    open: async () => openKafkaWorld(broker, await openEmbedded(sql)),
  })

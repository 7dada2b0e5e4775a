import { describe } from 'vitest'
import { service } from '../../../test/services.js'
import { openPostgres } from '../src/storage/postgres/sql.js'
import { makeDatabase } from './postgres-fixture.js'
import { testStoredBefore } from './stored-before.js'

const server = service('postgres')

describe.skipIf(server === null)('on PostgreSQL', () => {
  testStoredBefore(async () => {
    const database = await makeDatabase(server as string)
    const sql = await openPostgres({ url: database.url, pool: 2 })
    return {
      ...sql,
      async close() {
        await sql.close()
        await database.drop()
      },
    }
  })
})

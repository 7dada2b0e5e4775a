import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPglite, type PgliteSql } from '../src/storage/pglite/sql.js'
import { migrate } from '../src/storage/sql/migrate.js'
import { migrations } from '../src/storage/sql/migrations/index.js'

let sql: PgliteSql

beforeAll(async () => {
  sql = await openPglite({ dataDir: 'memory://' })
})
afterAll(() => sql?.close())

it('leaves one believed version of a memory that two writers had stored twice, and keeps the other readable as of then', async () => {
  await migrate(
    sql,
    migrations.filter(({ id }) => id < 12),
  )
  const versions = [
    ['twice', 100, null],
    ['twice', 200, null],
    ['thrice', 10, 20],
    ['thrice', 30, null],
    ['thrice', 40, null],
    ['thrice', 50, null],
    ['once', 5, null],
    ['backwards', 300, 300],
    ['backwards', 400, null],
  ] as const
  await sql.as('ann', async (tx) => {
    for (const [id, recorded, superseded] of versions)
      await tx.query(
        `insert into auren.memories values ('ann', $1, 'note', 'self', null, 'active', false, null, 0, null, $2::int8, $3::int8, '{}', '{}', '\\x00', 'd', '')`,
        [id, recorded, superseded],
      )
  })
  await migrate(sql, migrations)
  const rows = await sql.as('ann', (tx) =>
    tx.query<{ id: string; recorded_at: number; superseded_at: number | null }>(
      'select id, recorded_at, superseded_at from auren.memories order by id, recorded_at',
    ),
  )
  expect(rows.map(({ id, recorded_at, superseded_at }) => [id, recorded_at, superseded_at])).toEqual([
    ['backwards', 300, 301],
    ['backwards', 400, null],
    ['once', 5, null],
    ['thrice', 10, 20],
    ['thrice', 30, 40],
    ['thrice', 40, 50],
    ['thrice', 50, null],
    ['twice', 100, 200],
    ['twice', 200, null],
  ])
})

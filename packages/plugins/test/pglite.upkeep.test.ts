import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPglite, type PgliteSql } from '../src/storage/pglite/sql.js'
import { checkpointIfLong, gatherStatistics } from '../src/storage/pglite/upkeep.js'

let folder: string
let sql: PgliteSql

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auren-upkeep-'))
  sql = await openPglite({ dataDir: join(folder, 'pg') })
  await sql.transaction((tx) =>
    tx.script(`create schema auren;
      create table auren.days (metric text, source_id int8, date int4, primary key (metric, source_id, date));
      create index days_by_source on auren.days (source_id, date);
      create table auren.quiet (n int4)`),
  )
})
afterAll(async () => {
  await sql.close()
  await rm(folder, { recursive: true, force: true })
})

const fill = async () => {
  await sql.transaction((tx) =>
    tx.query(`insert into auren.days select 'm' || m, 0, d from generate_series(1, 30) m, generate_series(1, 1000) d
      on conflict do nothing`),
  )
  // What was changed is counted at once: else PostgreSQL waits for up to a second.
  await sql.transaction((tx) => tx.query('select pg_stat_force_next_flush()'))
}

it('gathers statistics of what has changed much, once, so that the planner takes the narrow index', async () => {
  await fill()
  const plan = async (): Promise<string> => {
    const rows = await sql.transaction((tx) =>
      tx.query("explain select * from auren.days where metric = 'm1' and source_id = 0 and date between 10 and 40"),
    )
    return rows.map((row) => Object.values(row)[0]).join('\n')
  }
  expect(await gatherStatistics(sql)).toEqual(['auren.days'])
  expect(await plan()).toContain('days_pkey')
  expect(await gatherStatistics(sql)).toEqual([])
  await fill()
  expect(await gatherStatistics(sql)).toEqual([])
})

it('shortens a log that has grown long, and leaves a short one alone', async () => {
  expect(await checkpointIfLong(sql)).toBe(false)
  expect(await checkpointIfLong(sql, 100_000)).toBe(true)
  expect(await checkpointIfLong(sql, 100_000)).toBe(false)
})

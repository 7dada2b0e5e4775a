import { randomUUID } from 'node:crypto'
import type { OrdinalStore } from '@auren/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ordinals } from '../src/storage/sql/journal/ordinals.js'
import type { Sql } from '../src/storage/sql/port.js'
import { openTestSql } from './sql-fixture.js'

let sql: Sql
beforeAll(async () => {
  sql = await openTestSql()
})
afterAll(() => sql.close())

const one = randomUUID()
const read = (id: string, names: string[]) => sql.transaction((tx) => ordinals.read(tx, id, names))
const write = (id: string, pages: Parameters<OrdinalStore['write']>[3]) =>
  sql.transaction((tx) => ordinals.write(tx, id, 'ann', pages))
const page = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes)

it('keeps pages by import and name, many at once, and drops an import’s', async () => {
  const names = Array.from({ length: 450 }, (_, i) => `sample heart_rate ${i} "Ann’s" watch\\`)
  await write(one, new Map(names.map((name, i) => [name, page(i % 256, 0, 255)])))
  await write(one, new Map([[names[0] as string, page(9, 9)]]))
  const other = randomUUID()
  await write(other, new Map([[names[1] as string, page(7)]]))

  const held = await read(one, [...names, 'none'])
  expect(held.size).toBe(450)
  expect([...(held.get(names[0] as string) as Uint8Array)]).toEqual([9, 9])
  expect([...(held.get(names[449] as string) as Uint8Array)]).toEqual([193, 0, 255])

  await sql.transaction((tx) => ordinals.drop(tx, one))
  expect((await read(one, names)).size).toBe(0)
  expect((await read(other, names)).size).toBe(1)
})

it('shows nobody which sources and metrics there are, and no person a page', async () => {
  await write(one, new Map([['sample glucose 1 My sensor', page(1)]]))
  const rows = await sql.transaction((tx) => tx.query<{ name: string }>('select name from auren.ordinals'))
  for (const { name } of rows) expect(name).not.toMatch(/glucose|sensor/)
  await expect(sql.as('ann', (tx) => tx.query('select * from auren.ordinals'))).rejects.toThrow()
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { UserId } from '@auren/core'
import { expect, it } from 'vitest'
import { createLongTerm } from '../src/storage/sql/longterm/index.js'
import { migrate } from '../src/storage/sql/migrate.js'
import { migrations } from '../src/storage/sql/migrations/index.js'
import { createPatterns } from '../src/storage/sql/patterns.js'
import type { Sql } from '../src/storage/sql/port.js'
import { openTestVault } from './sql-fixture.js'

/** What an earlier AUREN stored (every table's rows as JSON) and what it said of it then. */
interface Recorded {
  user: UserId
  /** metric, source, date, value, n, sum, min, max, mean */
  days: [string, string, string, ...number[]][]
  heartRate: { n: number; values: number; times: number }
  records: { id: string; kind: string; text: string; status: string }[]
}

function fixture<T>(name: string): T {
  const file = join(import.meta.dirname, 'fixtures/stored', `${name}.json.gz`)
  return JSON.parse(gunzipSync(readFileSync(file)).toString()) as T
}

/** Puts the tables of an earlier version into an empty database, whose steps must be the very ones of that version. */
async function restore(sql: Sql, tables: Record<string, string[]>): Promise<void> {
  const done = (tables.migrations ?? []).map((row) => JSON.parse(row) as { id: number; hash: string })
  const newest = Math.max(...done.map(({ id }) => id))
  await migrate(
    sql,
    migrations.filter(({ id }) => id <= newest),
  )
  await sql.transaction(async (tx) => {
    const made = await tx.query<{ id: number; hash: string }>('select id, name, hash from auren.migrations order by id')
    expect(made).toEqual(done.toSorted((a, b) => a.id - b.id))
    for (const [table, rows] of Object.entries(tables)) {
      if (table === 'migrations' || rows.length === 0) continue
      await tx.query(`delete from auren.${table}`)
      await tx.query(
        `insert into auren.${table} select * from jsonb_populate_recordset(null::auren.${table}, $1::text::jsonb)`,
        [`[${rows.join(',')}]`],
      )
    }
  })
}

/**
 * What was stored by AUREN 0.1.0 as it first ran whole (schema 5) and before its vendors came (schema 9), of an invented
 * person, opened by today's code.
 */
export function testStoredBefore(openEmpty: () => Promise<Sql>): void {
  it.each(['first', 'second'])('what the %s kept version stored is read as it was, days and memories', async (name) => {
    const { user, days, heartRate, records } = fixture<Recorded>(`${name}.recorded`)
    const sql = await openEmpty()
    await restore(sql, fixture(`${name}.tables`))
    expect(await migrate(sql, migrations)).toBeGreaterThan(0)
    const vault = await openTestVault(sql)
    const longTerm = createLongTerm(sql, vault)
    const scope = { user, purpose: 'operate' } as const
    const span = { from: '2026-01-01', to: '2026-12-31' }

    const metrics = [...new Set(days.map(([metric]) => metric))]
    const read = [
      ...(await longTerm.days(scope, { metrics, ...span })),
      ...(await longTerm.days(scope, { metrics, ...span, source: 'all' })),
    ]
    const key = (row: readonly unknown[]): string => JSON.stringify(row)
    const told = read.map((d) => [d.metric, d.source, d.date, d.value, d.n, d.sum, d.min, d.max, d.mean])
    expect(told.map(key).sort()).toEqual(days.map(key).sort())

    const range = { metric: 'heart_rate', from: 0, to: Date.UTC(2030) }
    const samples = await longTerm.samples(scope, range)
    const sum = (of: readonly number[]): number => of.reduce((total, value) => total + value, 0)
    expect({
      n: samples.length,
      values: sum(samples.map(({ value }) => value)),
      times: sum(samples.map(({ start }) => start % 86_400_000)),
    }).toEqual(heartRate)
    const kept = await createPatterns(sql, vault).list(scope, {})
    expect(
      kept.map(({ id, kind, text, status }) => ({ id, kind, text, status })).sort((a, b) => (a.id < b.id ? -1 : 1)),
    ).toEqual(records)

    // A corrected value is written beside what was there, in today's layout, and the old one is still read as of then.
    const before = await longTerm.samples(scope, { ...range, metric: 'weight' })
    const [{ start, source }] = before as [(typeof before)[0]]
    const receivedAt = Date.UTC(2026, 6, 1)
    await sql.transaction((tx) =>
      longTerm.write(tx, user, [
        {
          provider: 'app.kept',
          account: user,
          receivedAt,
          rawRef: 'raw',
          observations: [
            {
              shape: 'sample',
              metric: 'weight',
              start,
              value: 71,
              unit: 'kg',
              source: { name: source.slice(source.lastIndexOf('/') + 1), type: 'phone' },
              offset: 60,
              zoneBasis: 'carried',
            },
          ],
        },
      ]),
    )
    const after = await longTerm.samples(scope, { ...range, metric: 'weight' })
    expect(after.map(({ value }) => value)).toEqual([71, ...before.slice(1).map(({ value }) => value)])
    expect(await longTerm.samples(scope, { ...range, metric: 'weight', asOf: receivedAt - 1 })).toEqual(before)
    await sql.close()
  })
}

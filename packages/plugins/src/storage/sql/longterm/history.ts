import type { Deletion, HistoryItem, MetricRegistry, Scope, Vault } from '@auren/core'
import type { Sql } from '../port.js'
import { type Entry, type Stored, unpack } from './codec.js'
import { stableId } from './keys.js'
import { type Row, rowColumns } from './rows.js'
import { rowToObservation, sampleToObservation } from './said.js'
import { loadOrigins, type Origin, stamp } from './scan.js'
import { metricOf, packedNames } from './work.js'

const recordsPerPage = 1000
const rowsPerPage = 500
const chunksPerPage = 50

type Mark = [version: number | null, at: number, gone: 0 | 1 | 2]

/**
 * What tier 2 holds beside what holds now: the revisions of vendors' records, values that no longer hold, and deletions.
 * Together with the scan it is all that the tables are a function of. A record of an account of which nothing was ever
 * stored, and which is not connected, has nothing that names the account, and is left out.
 */
export async function* history(
  sql: Sql,
  vault: Vault,
  registry: MetricRegistry,
  { user }: Scope,
): AsyncGenerator<HistoryItem> {
  yield* recordsOf(sql, user)
  yield* oldRows(sql, vault, registry, user)
  yield* oldSamples(sql, registry, user)
}

async function* recordsOf(sql: Sql, user: string): AsyncGenerator<HistoryItem> {
  // An account of which a deletion alone has come has no source yet: its connection names it.
  const connected = await sql.transaction(
    (tx) =>
      tx.query<{ provider: string; account: string }>(
        'select provider, account from auren.connections where user_id = $1',
        [user],
      ),
    { readOnly: true },
  )
  const named = new Map(connected.map((of) => [stableId(of.provider, of.account), of]))
  let after: [number, string] = [0, '']
  for (;;) {
    const { rows, accounts } = await sql.as(
      user,
      async (tx) => ({
        rows: await tx.query<{ account_id: number; record_id: string; marks: Mark[] }>(
          `select account_id, record_id, marks from auren.records
            where user_id = $1 and (account_id, record_id) > ($2::int8, $3) order by account_id, record_id
            limit ${recordsPerPage}`,
          [user, ...after],
        ),
        accounts: new Map([...(await loadOrigins(tx, user)).values()].map((origin) => [origin.accountId, origin])),
      }),
      { readOnly: true },
    )
    for (const { account_id, record_id, marks } of rows) {
      const of = accounts.get(account_id) ?? named.get(account_id)
      if (of)
        yield {
          kind: 'record',
          provider: of.provider,
          account: of.account,
          recordId: record_id,
          marks: marks.map(([version, at, gone]) => ({ version, at, gone })),
        }
    }
    const last = rows.at(-1)
    if (!last) return
    after = [last.account_id, last.record_id]
  }
}

async function* oldRows(sql: Sql, vault: Vault, registry: MetricRegistry, user: string): AsyncGenerator<HistoryItem> {
  const metric = metricOf(registry)
  let after: [string, string] = ['', '']
  for (;;) {
    const page = await sql.as(
      user,
      async (tx) => {
        const rows = await tx.query<Row & { sealed: Uint8Array | null; ofDate: string | null }>(
          // The date of a deletion was not kept at first: the value that it names has it.
          `select ${rowColumns}, words as sealed, case when gone > 0 and shape = 'daily_total' then coalesce(date,
              (select v.date from auren.entries v where v.user_id = $1 and v.id = e.id and v.gone = 0 limit 1))
              end as "ofDate" from auren.entries e
            where user_id = $1 and not held and (id, hash) > ($2, $3) order by id, hash limit ${rowsPerPage}`,
          [user, ...after],
        )
        const origins = await loadOrigins(tx, user)
        return Promise.all(
          rows.map(async (row) => ({
            row,
            origin: origins.get(row.sourceId) as Origin,
            text: row.sealed && new TextDecoder().decode(await vault.open(user, row.sealed)),
          })),
        )
      },
      { readOnly: true },
    )
    for (const { row, origin, text } of page)
      yield {
        kind: 'revision',
        observation:
          row.gone === 0
            ? rowToObservation(row, origin, text, (id) => metric(id).unit)
            : deletionOf(row, origin, {
                shape: row.shape,
                of: row.name,
                ...(row.start === null ? {} : { start: row.start }),
                ...(row.end === null ? {} : { end: row.end }),
                ...(row.ofDate === null ? {} : { date: row.ofDate }),
              }),
        ...stamp(row, origin),
      }
    const last = page.at(-1)
    if (!last) return
    after = [last.row.id, last.row.hash]
  }
}

async function* oldSamples(sql: Sql, registry: MetricRegistry, user: string): AsyncGenerator<HistoryItem> {
  const metric = metricOf(registry)
  let after: [string, number, number] = ['', -(2 ** 31), 0]
  for (;;) {
    const { rows, origins } = await sql.as(
      user,
      async (tx) => ({
        rows: await tx.query<Stored & { metric: string; bucket: number; source_id: number }>(
          `select metric, bucket, source_id, ${packedNames('c')} from auren.chunk_history c
            where user_id = $1 and (metric, bucket, source_id) > ($2, $3::int4, $4::int8)
            order by metric, bucket, source_id limit ${chunksPerPage}`,
          [user, ...after],
        ),
        origins: await loadOrigins(tx, user),
      }),
      { readOnly: true },
    )
    for (const row of rows) {
      const origin = origins.get(row.source_id) as Origin
      for (const entry of unpack(row))
        yield {
          kind: 'revision',
          observation:
            entry.gone === 0
              ? sampleToObservation(row.metric, metric(row.metric).unit, origin, entry)
              : deletionOf(entry, origin, {
                  shape: 'sample',
                  of: row.metric,
                  start: entry.start,
                  ...(entry.end === null ? {} : { end: entry.end }),
                }),
          ...stamp(entry, origin),
        }
    }
    const last = rows.at(-1)
    if (!last) return
    after = [last.metric, last.bucket, last.source_id]
  }
}

function deletionOf(
  { recordId, version, ordinal, gone }: Pick<Entry, 'recordId' | 'version' | 'ordinal' | 'gone'>,
  { source, type }: Origin,
  target: NonNullable<Deletion['target']>,
): Deletion {
  return {
    shape: 'deletion',
    target: { ...target, ...(ordinal === 0 ? {} : { ordinal }) },
    source: { name: source, type },
    ...(recordId === null ? {} : { recordId }),
    ...(version === null ? {} : { version }),
    ...(gone === 2 ? { sticky: true } : {}),
  }
}

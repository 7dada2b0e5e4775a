import type { LongTerm, MetricRegistry, Scope, SourceType, Vault } from '@auren/core'
import type { Sql } from '../port.js'
import { type Entry, type Stored, unpack } from './codec.js'
import { type Row, rowColumns } from './rows.js'
import { rowToObservation, sampleToObservation } from './said.js'
import { metricOf, packedNames } from './work.js'

type Scanned = LongTerm['scan'] extends (scope: Scope) => AsyncIterable<infer T> ? T : never

const chunksPerPage = 50
const rowsPerPage = 500

/** A source, with the account that it belongs to. */
export interface Origin {
  accountId: number
  provider: string
  account: string
  source: string
  type: SourceType
}

/** Everything that holds, as observations: sessions, totals and tags first, then samples by metric and time. */
export async function* scan(sql: Sql, vault: Vault, registry: MetricRegistry, scope: Scope): AsyncGenerator<Scanned> {
  yield* scanRows(sql, vault, registry, scope)
  yield* scanChunks(sql, registry, scope)
}

async function* scanRows(sql: Sql, vault: Vault, registry: MetricRegistry, { user }: Scope): AsyncGenerator<Scanned> {
  const metric = metricOf(registry)
  const unitOf = (id: string): string => metric(id).unit
  let after = ''
  for (;;) {
    const page = await sql.as(
      user,
      async (tx) => {
        const rows = await tx.query<Row & { sealed: Uint8Array | null; source_id: number }>(
          `select ${rowColumns}, words as sealed from auren.entries
            where user_id = $1 and held and id > $2 order by id limit ${rowsPerPage}`,
          [user, after],
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
    for (const { row, origin, text } of page) {
      yield { ...rowToObservation(row, origin, text, unitOf), ...stamp(row, origin) }
    }
    if (page.length < rowsPerPage) return
    after = page.at(-1)?.row.id as string
  }
}

/** The person's sources by id. */
export async function loadOrigins(
  tx: Parameters<Parameters<Sql['as']>[1]>[0],
  user: string,
): Promise<Map<number, Origin>> {
  const rows = await tx.query<Origin & { id: number }>(
    'select id, account_id as "accountId", provider, account, name as source, type from auren.sources where user_id = $1',
    [user],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

async function* scanChunks(sql: Sql, registry: MetricRegistry, { user }: Scope): AsyncGenerator<Scanned> {
  const metric = metricOf(registry)
  let after: [string, number, number] = ['', 0, 0]
  for (;;) {
    const { rows, origins } = await sql.as(
      user,
      async (tx) => ({
        rows: await tx.query<Stored & { metric: string; bucket: number; source_id: number }>(
          `select metric, bucket, source_id, ${packedNames('c')} from auren.chunks c
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
        yield { ...sampleToObservation(row.metric, metric(row.metric).unit, origin, entry), ...stamp(entry, origin) }
    }
    const last = rows.at(-1)
    if (!last || rows.length < chunksPerPage) return
    after = [last.metric, last.bucket, last.source_id]
  }
}

/** Whose it is and since when it is known. */
export function stamp(
  { first, last, rawRef }: Pick<Entry, 'first' | 'last' | 'rawRef'>,
  { provider, account }: Origin,
) {
  return { provider, account, receivedAt: first, ...(last === first ? {} : { lastReceivedAt: last }), rawRef }
}

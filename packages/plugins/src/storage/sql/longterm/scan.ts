import type { LongTerm, MetricRegistry, Observation, Scope, SourceType, Vault } from '@auren/core'
import type { Sql } from '../port.js'
import { type Entry, type Packed, unpack } from './codec.js'
import { type Row, rowColumns } from './rows.js'
import { metricOf } from './work.js'

type Scanned = LongTerm['scan'] extends (scope: Scope) => AsyncIterable<infer T> ? T : never

const chunksPerPage = 50
const rowsPerPage = 500

interface Origin {
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
      const unit = row.shape === 'daily_total' ? metric(row.name).unit : row.body.unit
      yield { ...toObservation(row, origin, text, unit), ...stamp(row, origin) }
    }
    if (page.length < rowsPerPage) return
    after = page.at(-1)?.row.id as string
  }
}

async function loadOrigins(tx: Parameters<Parameters<Sql['as']>[1]>[0], user: string): Promise<Map<number, Origin>> {
  const rows = await tx.query<Origin & { id: number }>(
    'select id, provider, account, name as source, type from auren.sources where user_id = $1',
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
        rows: await tx.query<Packed & { metric: string; bucket: number; source_id: number }>(
          `select metric, bucket, source_id, first, deltas, durations, scale, ints, floats, runs from auren.chunks
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
        yield { ...toSample(row.metric, metric(row.metric).unit, origin, entry), ...stamp(entry, origin) }
    }
    const last = rows.at(-1)
    if (!last || rows.length < chunksPerPage) return
    after = [last.metric, last.bucket, last.source_id]
  }
}

function stamp({ first, rawRef }: Pick<Entry, 'first' | 'rawRef'>, { provider, account }: Origin) {
  return { provider, account, receivedAt: first, rawRef }
}

function common(
  of: Pick<Entry, 'offset' | 'recordId' | 'version' | 'flags' | 'ordinal'>,
  origin: Origin,
  zoneBasis: Entry['zoneBasis'],
) {
  return {
    source: { name: origin.source, type: origin.type },
    offset: of.offset,
    zoneBasis,
    ...(of.recordId === null ? {} : { recordId: of.recordId }),
    ...(of.version === null ? {} : { version: of.version }),
    ...(of.flags === 0 ? {} : { flags: of.flags }),
    ...(of.ordinal === 0 ? {} : { ordinal: of.ordinal }),
  }
}

function toSample(metric: string, unit: string, origin: Origin, entry: Entry): Observation {
  return {
    shape: 'sample',
    metric,
    start: entry.start,
    ...(entry.end === null ? {} : { end: entry.end }),
    value: entry.value,
    unit,
    ...common(entry, origin, entry.zoneBasis),
  }
}

function toObservation(row: Row, origin: Origin, text: string | null, unit: string | undefined): Observation {
  const rest = common(row, origin, row.zoneBasis ?? 'absent')
  const start = row.start as number
  switch (row.shape) {
    case 'daily_total':
      return {
        shape: 'daily_total',
        metric: row.name,
        date: row.date as string,
        value: row.value as number,
        unit: unit as string,
        ...rest,
      }
    case 'tag':
      return {
        shape: 'tag',
        tag: row.name,
        start,
        ...(row.end === null ? {} : { end: row.end }),
        ...(row.value === null ? {} : { value: row.value }),
        ...(unit === undefined ? {} : { unit }),
        ...(text === null ? {} : { text }),
        ...rest,
      }
    case 'session': {
      const { measures = {}, unit: _, ...body } = row.body
      return {
        shape: 'session',
        kind: row.name as 'sleep' | 'workout',
        start,
        end: row.end as number,
        measures,
        ...body,
        ...(text === null ? {} : { text }),
        ...rest,
      }
    }
  }
}

import {
  comparePlaces,
  compareRevisions,
  type Deletion,
  type IdentityPlace,
  type KnownIdentity,
  type LongTerm,
  type MetricRegistry,
  newestMark,
  type Observation,
  type RecordMark,
  type Revision,
  type Scope,
  type SourceType,
  sampleHash,
  type Vault,
} from '@auren/core'
import { arrayLiteral, type Sql, type SqlTx } from '../port.js'
import { type Entry, type Stored, unpack } from './codec.js'
import { groupBy } from './group.js'
import { stableId } from './keys.js'
import { byIdentity } from './merge.js'
import { loadRecords } from './records.js'
import { type Row, rowColumns } from './rows.js'
import { rowToObservation, sampleToObservation } from './said.js'
import { metricOf, packedNames, recordKey } from './work.js'

/** Rows and chunks of a page: what is unpacked at once. */
const rowsPerPage = 500
const chunksPerPage = 16
/** Stands for the end of what has none: before every other. */
const noEnd = Number.MIN_SAFE_INTEGER

interface Origin {
  id: number
  accountId: number
  provider: string
  account: string
  source: string
  type: SourceType
}
type Query = Parameters<LongTerm['identities']>[1]
type MarksOf = (accountId: number, recordId: string | null) => readonly RecordMark[]
type Valued = Exclude<Observation, Deletion>

/** Everything that was said of a provider's identities: sessions, totals and tags by id, then samples by metric and time. */
export async function* identities(
  sql: Sql,
  vault: Vault,
  registry: MetricRegistry,
  { user }: Scope,
  q: Query,
): AsyncGenerator<KnownIdentity> {
  const read = <T>(fn: (tx: SqlTx) => Promise<T>): Promise<T> => sql.as(user, fn, { readOnly: true })
  const origins = await read((tx) => loadOrigins(tx, user, q))
  if (origins.size === 0) return
  const place = q.after ?? []
  const metric = metricOf(registry)
  const unitOf = (id: string): string => metric(id).unit

  if (place[0] !== 1)
    for (let after = String(place[1] ?? ''); ; ) {
      const page = await read((tx) => loadRows(tx, user, [...origins.keys()], after, q.all === true))
      const marks = await read((tx) => marksOf(tx, user, page))
      for (const group of groupBy(page, ({ id }) => id).values()) {
        const origin = origins.get((group[0] as Row).sourceId) as Origin
        const { value, holds, top } = judge(
          group,
          (row) => row.hash,
          (row) => row.held,
        )
        const text = value?.sealed ? new TextDecoder().decode(await vault.open(user, value.sealed)) : null
        const observation = value && rowToObservation(value, origin, text, unitOf)
        const record = marks(origin.accountId, (group[0] as Row).recordId)
        yield known(
          [0, (group[0] as Row).id],
          origin,
          observation,
          value ?? top,
          holds ? null : why(top, value, record),
        )
      }
      const last = page.at(-1)
      if (!last) break
      after = last.id
    }

  for (const id of await read((tx) => metricsOf(tx, user, [...origins.keys()], q.all === true))) {
    if (place[0] === 1 && id < String(place[1])) continue
    const resumed = place[0] === 1 && id === place[1]
    let [bucket, sourceId] = resumed ? [Number(place[2]), Number(place[3]) - 1] : [-(2 ** 31), 0]
    for (;;) {
      const page = await read((tx) => loadChunks(tx, user, id, [...origins.keys()], [bucket, sourceId], q.all === true))
      for (const group of groupBy(page, (row) => `${row.bucket} ${row.source_id}`).values()) {
        const head = group[0] as ChunkRow
        const origin = origins.get(head.source_id) as Origin
        const entries = group.flatMap((row) => unpack(row).map((entry) => ({ ...entry, held: !row.old })))
        const marks = q.all
          ? await read((tx) =>
              marksOf(
                tx,
                user,
                entries.map(({ recordId }) => ({ accountId: origin.accountId, recordId })),
              ),
            )
          : () => []
        for (const same of identitiesOf(entries)) {
          const { start, end, ordinal, recordId } = same[0] as Entry
          const at = [1, id, head.bucket, head.source_id, start, end ?? noEnd, ordinal, recordId ?? '']
          if (resumed && comparePlaces(at, place) <= 0) continue
          const { value, holds, top } = judge(same, sampleHash, (entry) => entry.held)
          const observation = value && sampleToObservation(id, unitOf(id), origin, value)
          const record = marks(origin.accountId, recordId)
          yield known(at, origin, observation, value ?? top, holds ? null : why(top, value, record))
        }
      }
      const last = page.at(-1)
      if (!last) break
      bucket = last.bucket
      sourceId = last.source_id
    }
  }
}

/** The newest revisions of records, by id. */
export async function recordsOf(
  sql: Sql,
  { user }: Scope,
  { provider, account, ids }: Parameters<LongTerm['records']>[1],
): Promise<Map<string, RecordMark>> {
  const accountId = stableId(provider, account)
  const wanted = [...new Set(ids)].map((recordId) => ({ accountId, recordId }))
  const records = await sql.as(user, (tx) => loadRecords({ tx, user }, wanted), { readOnly: true })
  return new Map(
    [...records.values()].flatMap(({ recordId, marks }) => {
      const newest = newestMark(marks)
      return newest ? [[recordId, newest] as const] : []
    }),
  )
}

function known(
  place: IdentityPlace,
  { provider, account }: Origin,
  observation: Valued | null,
  { first, last, rawRef }: Revision,
  withdrawn: KnownIdentity['withdrawn'],
): KnownIdentity {
  return { place, provider, account, observation, first, last, rawRef, withdrawn }
}

/** The newest value, whether it holds, and the newest revision of all. */
function judge<R extends Revision>(revisions: readonly R[], hash: (r: R) => string, held: (r: R) => boolean) {
  const newest = (list: readonly R[]): R | null =>
    list.reduce<R | null>((best, one) => (best === null || compareRevisions(one, best, hash) > 0 ? one : best), null)
  const holding = revisions.find(held)
  return {
    value: holding ?? newest(revisions.filter(({ gone }) => gone === 0)),
    holds: holding !== undefined,
    top: holding ?? (newest(revisions) as R),
  }
}

function why(top: Revision, value: Revision | null, marks: readonly RecordMark[]): KnownIdentity['withdrawn'] {
  if (top.gone > 0) return { by: top.gone === 2 ? 'person' : 'deletion', rawRef: top.rawRef, last: top.last }
  const newest = newestMark(marks)
  const deletions = marks.filter(
    ({ gone, version, at }) => gone > 0 && version === null && value !== null && at >= value.last,
  )
  if (newest && newest.gone === 0 && deletions.length === 0)
    return { by: 'newer_record', rawRef: null, last: newest.at }
  const last = Math.max(
    ...deletions.map(({ at }) => at),
    newest && newest.gone > 0 ? newest.at : Number.NEGATIVE_INFINITY,
  )
  return { by: newest ? 'record_deletion' : 'newer_record', rawRef: null, last: newest ? last : null }
}

function* identitiesOf<E extends Entry>(entries: E[]): Generator<E[]> {
  entries.sort(byIdentity)
  for (let from = 0, to = 0; from < entries.length; from = to) {
    while (to < entries.length && byIdentity(entries[from] as E, entries[to] as E) === 0) to++
    yield entries.slice(from, to)
  }
}

async function loadOrigins(tx: SqlTx, user: string, { provider, account }: Query): Promise<Map<number, Origin>> {
  const rows = await tx.query<Origin>(
    `select id, account_id as "accountId", provider, account, name as source, type from auren.sources
      where user_id = $1 and provider = $2 and ($3::text is null or account = $3)`,
    [user, provider, account ?? null],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

type SealedRow = Row & { sealed: Uint8Array | null }

/** All revisions of the next identities. */
function loadRows(
  tx: SqlTx,
  user: string,
  sources: readonly number[],
  after: string,
  all: boolean,
): Promise<SealedRow[]> {
  return tx.query<SealedRow>(
    `select ${rowColumns}, words as sealed from auren.entries
      where user_id = $1 ${all ? '' : 'and held'} and id in (
        select distinct id from auren.entries
        where user_id = $1 and id > $2 and source_id = any($3::int8[]) ${all ? '' : 'and held'} order by id limit ${rowsPerPage}
      ) order by id`,
    [user, after, arrayLiteral(sources)],
  )
}

async function metricsOf(tx: SqlTx, user: string, sources: readonly number[], all: boolean): Promise<string[]> {
  const rows = await tx.query<{ metric: string }>(
    `select distinct metric from auren.chunks where user_id = $1 and source_id = any($2::int8[])
      ${all ? 'union select distinct metric from auren.chunk_history where user_id = $1 and source_id = any($2::int8[])' : ''}`,
    [user, arrayLiteral(sources)],
  )
  return rows.map(({ metric }) => metric).sort((a, b) => (a < b ? -1 : 1))
}

type ChunkRow = Stored & { bucket: number; source_id: number; old: boolean }

/** The next chunks of a metric, with what no longer holds in them. */
function loadChunks(
  tx: SqlTx,
  user: string,
  metric: string,
  sources: readonly number[],
  after: readonly [bucket: number, sourceId: number],
  all: boolean,
): Promise<ChunkRow[]> {
  const columns = `bucket, source_id, ${packedNames('c')}`
  const keys = (table: string): string =>
    `(select bucket, source_id from auren.${table} where user_id = $1 and metric = $2
       and (bucket, source_id) > ($4::int4, $5::int8) and source_id = any($3::int8[])
      order by bucket, source_id limit ${chunksPerPage})`
  const load = (table: string, old: boolean): string =>
    `select ${columns}, ${old} as old from auren.${table} c join k using (bucket, source_id)
      where c.user_id = $1 and c.metric = $2`
  return tx.query<ChunkRow>(
    `with k as (
        select distinct bucket, source_id from (${keys('chunks')} ${all ? `union all ${keys('chunk_history')}` : ''}) n
        order by bucket, source_id limit ${chunksPerPage}
      )
      ${load('chunks', false)} ${all ? `union all ${load('chunk_history', true)}` : ''}
      order by bucket, source_id`,
    [user, metric, arrayLiteral(sources), ...after],
  )
}

async function marksOf(
  tx: SqlTx,
  user: string,
  of: readonly { accountId: number; recordId: string | null }[],
): Promise<MarksOf> {
  const named = new Map(
    of.flatMap(({ accountId, recordId }) =>
      recordId === null ? [] : [[recordKey(accountId, recordId), { accountId, recordId }] as const],
    ),
  )
  const records = await loadRecords({ tx, user }, [...named.values()])
  return (accountId, recordId) => (recordId === null ? [] : (records.get(recordKey(accountId, recordId))?.marks ?? []))
}

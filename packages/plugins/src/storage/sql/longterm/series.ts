import type { MetricInfo } from '@auren/core'
import { arrayLiteral } from '../port.js'
import { type Bucket, bucketKey, type Series } from './cache.js'
import { type Entry, type Packed, pack, type Stored, unpack } from './codec.js'
import { bucketEnd } from './keys.js'
import { floats, nested, plain, texts } from './literals.js'
import { packedNames, type Work } from './work.js'

type ChunkRow = Stored & { metric: string; bucket: number; source_id: number }

const columns = `c.metric, c.bucket, c.source_id, ${packedNames('c')}`

/**
 * Statements look keys up one by one (`lateral … offset 0`, which the planner cannot turn round): without statistics,
 * and PGlite gathers none by itself, it would read all that a person has instead.
 */
function sameKey(row: string, key: string): string {
  return `${row}.user_id = $1 and ${row}.metric = ${key}.metric and ${row}.bucket = ${key}.bucket
    and ${row}.source_id = ${key}.source_id`
}

/** Loads what is held in these buckets, of every source, unless it is there already. */
export async function loadBuckets({ tx, user, series }: Work, wanted: readonly Bucket[]): Promise<void> {
  const missing = wanted.filter(([metric, bucket]) => {
    const key = bucketKey(metric, bucket)
    if (series.has(key)) return false
    series.set(key, [])
    return true
  })
  if (missing.length === 0) return
  const rows = await tx.query<ChunkRow>(
    `select ${columns} from unnest($2::text[], $3::int4[]) k (metric, bucket) cross join lateral (
        select * from auren.chunks c where c.user_id = $1 and c.metric = k.metric and c.bucket = k.bucket offset 0
      ) c`,
    [user, texts(missing.map(([metric]) => metric)), plain(missing.map(([, bucket]) => bucket))],
  )
  for (const row of rows) series.get(bucketKey(row.metric, row.bucket))?.push(toSeries(row))
}

/** Series whose intervals reach far beyond their bucket, past `since`: few, and found by an index of their own. */
export async function loadSpilling({ tx, user }: Work, metrics: readonly string[], since: number): Promise<Series[]> {
  if (metrics.length === 0) return []
  const rows = await tx.query<ChunkRow>(
    `select ${columns} from auren.chunks c
      where c.user_id = $1 and c.spills and c.metric = any($2::text[]) and c.until > $3`,
    [user, texts(metrics), since],
  )
  return rows.map(toSeries)
}

function toSeries(row: ChunkRow): Series {
  return {
    metric: row.metric,
    bucket: row.bucket,
    sourceId: row.source_id,
    held: unpack(row),
    history: null,
    stored: true,
    historyStored: false,
  }
}

/** The loaded series of a source, made where there is none. Its bucket must have been loaded. */
export function seriesOf({ series }: Work, metric: string, bucket: number, sourceId: number): Series {
  const list = series.get(bucketKey(metric, bucket)) as Series[]
  let found = list.find((one) => one.sourceId === sourceId)
  if (!found) {
    found = { metric, bucket, sourceId, held: [], history: null, stored: false, historyStored: false }
    list.push(found)
  }
  return found
}

/** Loads what no longer holds, of series that are about to be merged. */
export async function loadHistory({ tx, user }: Work, list: readonly Series[]): Promise<void> {
  if (list.length === 0) return
  for (const one of list) one.history = []
  const byKey = new Map(list.map((one) => [`${one.metric} ${one.bucket} ${one.sourceId}`, one]))
  const rows = await tx.query<ChunkRow>(
    `select ${columns} from unnest($2::text[], $3::int4[], $4::int8[]) k (metric, bucket, source_id)
      cross join lateral (select * from auren.chunk_history c where ${sameKey('c', 'k')} offset 0) c`,
    [user, ...keyColumns(list)],
  )
  for (const row of rows) {
    const one = byKey.get(`${row.metric} ${row.bucket} ${row.source_id}`) as Series
    one.history = unpack(row)
    one.historyStored = true
  }
}

function keyColumns(list: readonly Pick<Series, 'metric' | 'bucket' | 'sourceId'>[]): string[] {
  return [
    texts(list.map(({ metric }) => metric)),
    plain(list.map(({ bucket }) => bucket)),
    plain(list.map(({ sourceId }) => sourceId)),
  ]
}

/** In the one order in which rows are ever written. */
function inKeyOrder(list: readonly Series[]): Series[] {
  return [...list].sort(
    (a, b) =>
      (a.metric < b.metric ? -1 : a.metric > b.metric ? 1 : 0) || a.bucket - b.bucket || a.sourceId - b.sourceId,
  )
}

const dayMs = 86_400_000

/** Writes chunks whole; one that holds nothing any more is removed. */
export async function saveChunks({ tx, user, metric }: Work, list: readonly Series[]): Promise<void> {
  const empty = list.filter((one) => one.held.length === 0 && one.stored)
  await remove(tx, user, 'auren.chunks', empty)
  const full = inKeyOrder(list.filter((one) => one.held.length > 0))
  if (full.length === 0) return
  const packs = full.map((one) => pack(one.held))
  const heads = full.map((one) => head(metric(one.metric), one))
  await tx.query(
    `insert into auren.chunks (user_id, metric, bucket, source_id, n, last, until, spills, min, max, sum, utc_offset,
        revision, first, layout, bytes, scale, floats, runs)
      select $1, metric, bucket, source_id, n, last, until, spills, min, max, sum, utc_offset, revision,
        first, layout::int4[], substring($20::bytea from place for size), scale, floats::float8[], runs::jsonb
      from unnest($2::text[], $3::int4[], $4::int8[], $5::int4[], $6::int8[], $7::int8[], $8::bool[], $9::float8[],
        $10::float8[], $11::float8[], $12::int4[], $13::int4[], $14::int8[], $15::text[], $16::int2[],
        $17::text[], $18::text[], $19::int4[], $21::int4[])
        x (metric, bucket, source_id, n, last, until, spills, min, max, sum, utc_offset, revision, first, layout,
          scale, floats, runs, place, size)
      on conflict (user_id, metric, bucket, source_id) do update set n = excluded.n, last = excluded.last,
        until = excluded.until, spills = excluded.spills, min = excluded.min, max = excluded.max, sum = excluded.sum,
        utc_offset = excluded.utc_offset, revision = excluded.revision, ${rewritten}`,
    [
      user,
      ...keyColumns(full),
      plain(full.map((one) => one.held.length)),
      plain(heads.map(({ last }) => last)),
      plain(heads.map(({ until }) => until)),
      plain(heads.map(({ spills }) => spills)),
      floats(heads.map(({ min }) => min)),
      floats(heads.map(({ max }) => max)),
      floats(heads.map(({ sum }) => sum)),
      plain(full.map((one) => (one.held[0] as Entry).offset)),
      plain(full.map((one) => one.history?.length ?? 0)),
      ...packedColumns(packs),
    ],
  )
  for (const one of full) one.stored = true
}

/** What stands in for the arrays of the first version goes with them. */
const rewritten = `first = excluded.first, layout = excluded.layout, bytes = excluded.bytes, scale = excluded.scale,
        floats = excluded.floats, runs = excluded.runs, deltas = null, durations = null, ints = null`

/** First, layout, scale, floats, runs, place and length in the bytes of all, which come last but one. */
function packedColumns(packs: readonly Packed[]): (string | Uint8Array)[] {
  const places: number[] = []
  let length = 0
  for (const { bytes } of packs) {
    places.push(length + 1)
    length += bytes.length
  }
  const all = new Uint8Array(length)
  for (const [i, { bytes }] of packs.entries()) all.set(bytes, (places[i] as number) - 1)
  return [
    plain(packs.map(({ first }) => first)),
    texts(packs.map(({ layout }) => arrayLiteral(layout))),
    plain(packs.map(({ scale }) => scale)),
    texts(packs.map((packed) => nested(packed.floats))),
    texts(packs.map(({ runs }) => JSON.stringify(runs))),
    plain(places),
    all,
    plain(packs.map(({ bytes }) => bytes.length)),
  ]
}

function head(metric: MetricInfo, one: Series) {
  let [min, max, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  let until = Number.NEGATIVE_INFINITY
  for (const { start, end, value } of one.held) {
    min = Math.min(min, value)
    max = Math.max(max, value)
    sum += value
    until = Math.max(until, end ?? start)
  }
  const last = (one.held.at(-1) as Entry).start
  return { last, until, spills: until > bucketEnd(metric, one.bucket) + dayMs, min, max, sum }
}

/** Writes only the stamps of chunks whose samples are as they were. */
export async function saveStamps({ tx, user }: Work, list: readonly Series[]): Promise<void> {
  if (list.length === 0) return
  const sorted = inKeyOrder(list)
  await tx.query(
    `update auren.chunks c set runs = x.runs::jsonb, revision = x.revision
      from unnest($2::text[], $3::int4[], $4::int8[], $5::text[], $6::int4[])
        x (metric, bucket, source_id, runs, revision)
      cross join lateral (select ctid as place from auren.chunks o where ${sameKey('o', 'x')} offset 0) o
      where c.ctid = o.place`,
    [
      user,
      ...keyColumns(sorted),
      texts(sorted.map((one) => JSON.stringify(pack(one.held).runs))),
      plain(sorted.map((one) => one.history?.length ?? 0)),
    ],
  )
}

/** Writes what no longer holds. */
export async function saveHistory({ tx, user }: Work, list: readonly Series[]): Promise<void> {
  await remove(
    tx,
    user,
    'auren.chunk_history',
    list.filter((one) => one.history?.length === 0 && one.historyStored),
  )
  const full = inKeyOrder(list.filter((one) => (one.history?.length ?? 0) > 0))
  if (full.length === 0) return
  await tx.query(
    `insert into auren.chunk_history (user_id, metric, bucket, source_id, n, first, layout, bytes, scale, floats, runs)
      select $1, metric, bucket, source_id, n, first, layout::int4[], substring($12::bytea from place for size), scale,
        floats::float8[], runs::jsonb
      from unnest($2::text[], $3::int4[], $4::int8[], $5::int4[], $6::int8[], $7::text[], $8::int2[], $9::text[],
        $10::text[], $11::int4[], $13::int4[])
        x (metric, bucket, source_id, n, first, layout, scale, floats, runs, place, size)
      on conflict (user_id, metric, bucket, source_id) do update set n = excluded.n, ${rewritten}`,
    [
      user,
      ...keyColumns(full),
      plain(full.map((one) => one.history?.length ?? 0)),
      ...packedColumns(full.map((one) => pack(one.history as Entry[]))),
    ],
  )
}

async function remove(tx: Work['tx'], user: string, table: string, list: readonly Series[]): Promise<void> {
  if (list.length === 0) return
  await tx.query(
    `delete from ${table} where ctid = any(array(
      select o.place from unnest($2::text[], $3::int4[], $4::int8[]) x (metric, bucket, source_id)
      cross join lateral (select ctid as place from ${table} o where ${sameKey('o', 'x')} offset 0) o
    ))`,
    [user, ...keyColumns(list)],
  )
}

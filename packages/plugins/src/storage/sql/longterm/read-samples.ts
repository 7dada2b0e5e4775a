import { currentRevision, type LongTerm, type RecordMark, type Scope, type StoredSample, sampleHash } from '@auren/core'
import type { Sql } from '../port.js'
import { type Entry, type Stored, unpack } from './codec.js'
import { groupBy } from './group.js'
import { byIdentity } from './merge.js'
import { loadRecords } from './records.js'
import { packedNames, recordKey } from './work.js'

const dayMs = 86_400_000
/** Days that a bucket may begin before the samples in it. */
const longestBucket = 31

type Row = Stored & { source: string; source_id: number; account_id: number; bucket: number }

/** Samples with start in [from, to), ascending by start, as they hold or as was known at `asOf`. */
export function readSamples(sql: Sql, { user }: Scope, q: Parameters<LongTerm['samples']>[1]): Promise<StoredSample[]> {
  return sql.as(
    user,
    async (tx) => {
      const load = (table: 'chunks' | 'chunk_history') =>
        tx.query<Row>(
          `select s.key as source, c.source_id, s.account_id, c.bucket, ${packedNames('c')}
            from auren.${table} c join auren.sources s on s.user_id = c.user_id and s.id = c.source_id
            where c.user_id = $1 and c.metric = $2 and c.bucket between $3 and $4 and ($5::text is null or s.key = $5)
              and c.first < $6::int8 ${table === 'chunks' ? 'and c.last >= $7::int8' : 'and $7::int8 is not null'}
            order by c.bucket, s.key`,
          [
            user,
            q.metric,
            Math.floor(q.from / dayMs) - longestBucket,
            Math.floor((q.to - 1) / dayMs),
            q.source ?? null,
            q.to,
            q.from,
          ],
        )
      const rows = await load('chunks')
      const { asOf } = q
      const found: StoredSample[] = []
      const add = (source: string, entry: Entry): void => {
        if (entry.start >= q.from && entry.start < q.to) found.push(toSample(q.metric, source, entry))
      }
      if (asOf === undefined) {
        for (const row of rows) for (const entry of unpack(row)) add(row.source, entry)
      } else {
        const all = [...rows, ...(await load('chunk_history'))]
        const groups = groupBy(all, ({ bucket, source_id }) => `${bucket} ${source_id}`)
        for (const group of groups.values()) {
          const { source, account_id: accountId } = group[0] as Row
          const entries = group.flatMap(unpack)
          const ids = [...new Set(entries.flatMap(({ recordId }) => (recordId === null ? [] : [recordId])))]
          const records = await loadRecords(
            { tx, user },
            ids.map((recordId) => ({ accountId, recordId })),
          )
          const marks = (recordId: string) => records.get(recordKey(accountId, recordId))?.marks ?? []
          for (const entry of holdingAsOf(entries, marks, asOf)) add(source, entry)
        }
      }
      return found.sort((a, b) => a.start - b.start || (a.source < b.source ? -1 : a.source > b.source ? 1 : 0))
    },
    { readOnly: true },
  )
}

/** Of each identity what held then. */
function holdingAsOf(entries: Entry[], marks: (recordId: string) => readonly RecordMark[], asOf: number): Entry[] {
  entries.sort(byIdentity)
  const holding: Entry[] = []
  for (let from = 0; from < entries.length; ) {
    const key = entries[from] as Entry
    let to = from + 1
    while (to < entries.length && byIdentity(entries[to] as Entry, key) === 0) to++
    const best = currentRevision(
      entries.slice(from, to),
      sampleHash,
      key.recordId === null ? [] : marks(key.recordId),
      asOf,
    )
    if (best) holding.push(best)
    from = to
  }
  return holding
}

function toSample(metric: string, source: string, entry: Entry): StoredSample {
  const { start, end, value, offset, zoneBasis, flags, rawRef, recordId, version, first } = entry
  return {
    metric,
    source,
    start,
    end,
    value,
    offset,
    zoneBasis,
    flags,
    rawRef,
    recordId,
    version,
    receivedAt: first,
  }
}

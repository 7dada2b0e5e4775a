import { mergeMarks, newestMark, type RecordMark } from '@auren/core'
import type { IncomingRecord } from './collect.js'
import { plain, texts } from './literals.js'
import { type Place, recordKey, type StoredRecord, type Work } from './work.js'

/** A mark as it is stored: version, receivedAt, gone. */
type MarkRow = [version: number | null, at: number, gone: RecordMark['gone']]

interface RecordRow {
  account_id: number
  record_id: string
  marks: MarkRow[]
  places: Place[]
}

const batchSize = 5000

/**
 * Merges what this write tells of records into the stored ones and keeps them in `work.records`.
 * @returns records whose newest revision is not what it was: what older ones held may no longer hold
 */
export async function mergeRecords(
  work: Work,
  told: ReadonlyMap<string, IncomingRecord>,
): Promise<{ risen: StoredRecord[] }> {
  const risen: StoredRecord[] = []
  const list = [...told.values()]
  for (let from = 0; from < list.length; from += batchSize) {
    const part = list.slice(from, from + batchSize)
    const known = await loadRecords(work, part)
    const write: StoredRecord[] = []
    for (const record of part) {
      const key = recordKey(record.accountId, record.recordId)
      const before = known.get(key)
      const merged = {
        accountId: record.accountId,
        recordId: record.recordId,
        marks: mergeMarks(before?.marks ?? [], record.marks),
        places: mergePlaces(before?.places ?? [], record.places),
      }
      work.records.set(key, merged)
      if (!before || JSON.stringify(before) !== JSON.stringify(merged)) write.push(merged)
      if (before && decides(before.marks) !== decides(merged.marks)) risen.push(before)
    }
    await saveRecords(work, write)
  }
  return { risen }
}

/**
 * What of a record's marks decides which of its values hold: the newest, and every deletion. One without a version
 * withdraws what was received before it, though revisions with versions stand above it.
 */
function decides(marks: readonly RecordMark[]): string {
  return JSON.stringify([newestMark(marks), marks.filter(({ gone }) => gone > 0)])
}

function mergePlaces(known: readonly Place[], told: ReadonlyMap<string, Place>): Place[] {
  const places = new Map(known.map((place) => [place.join(' '), place]))
  for (const [key, place] of told) places.set(key, place)
  return [...places.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place)
}

/** Loads records by account and id. */
export async function loadRecords(
  { tx, user }: Pick<Work, 'tx' | 'user'>,
  ids: readonly { accountId: number; recordId: string }[],
): Promise<Map<string, StoredRecord>> {
  if (ids.length === 0) return new Map()
  const rows = await tx.query<RecordRow>(
    `select r.account_id, r.record_id, r.marks, r.places from unnest($2::int8[], $3::text[]) k (account_id, record_id)
      cross join lateral (
        select * from auren.records r
        where r.user_id = $1 and r.account_id = k.account_id and r.record_id = k.record_id offset 0
      ) r`,
    [user, plain(ids.map(({ accountId }) => accountId)), texts(ids.map(({ recordId }) => recordId))],
  )
  return new Map(
    rows.map((row) => [
      recordKey(row.account_id, row.record_id),
      {
        accountId: row.account_id,
        recordId: row.record_id,
        marks: row.marks.map(([version, at, gone]) => ({ version, at, gone })),
        places: row.places,
      },
    ]),
  )
}

async function saveRecords({ tx, user }: Work, records: readonly StoredRecord[]): Promise<void> {
  if (records.length === 0) return
  const sorted = [...records].sort(
    (a, b) => a.accountId - b.accountId || (a.recordId < b.recordId ? -1 : a.recordId > b.recordId ? 1 : 0),
  )
  await tx.query(
    `insert into auren.records (user_id, account_id, record_id, marks, places, deleted)
      select $1, account_id, record_id, marks::jsonb, places::jsonb, deleted
      from unnest($2::int8[], $3::text[], $4::text[], $5::text[], $6::bool[])
        x (account_id, record_id, marks, places, deleted)
      on conflict (user_id, account_id, record_id) do update
        set marks = excluded.marks, places = excluded.places, deleted = excluded.deleted`,
    [
      user,
      plain(sorted.map(({ accountId }) => accountId)),
      texts(sorted.map(({ recordId }) => recordId)),
      texts(sorted.map(({ marks }) => JSON.stringify(marks.map(({ version, at, gone }) => [version, at, gone])))),
      texts(sorted.map(({ places }) => JSON.stringify(places))),
      plain(sorted.map(({ marks }) => (newestMark(marks)?.gone ?? 0) > 0)),
    ],
  )
}

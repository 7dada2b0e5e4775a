import {
  type Calendar,
  canonicalValue,
  contentHash,
  currentRevision,
  type Deletion,
  identityKey,
  joinStamps,
  type LocalDate,
  type Observation,
  type RecordMark,
  type Revision,
  type Sample,
  type ZoneBasis,
} from '@auren/core'
import { floats, plain, texts } from './literals.js'
import { recordKey, type StoredRecord, type Work } from './work.js'

type Said = Exclude<Observation, Sample | Deletion>

/** A session, daily total or tag, or the deletion of one, as it comes in. */
export interface IncomingRow extends Revision {
  observation: Said | Deletion
  provider: string
  account: string
  accountId: number
  sourceId: number
}

/** What a session or tag holds besides its columns. */
export type RowBody = Partial<
  Pick<Extract<Said, { shape: 'session' }>, 'nap' | 'activity' | 'vendorActivity' | 'stages' | 'laps' | 'measures'>
> & { unit?: string }

/** A row of `entries`: one revision of a session, daily total or tag. */
export interface Row extends Revision {
  id: string
  hash: string
  shape: 'session' | 'daily_total' | 'tag'
  /** Kind, metric or tag. */
  name: string
  sourceId: number
  accountId: number
  recordId: string | null
  ordinal: number
  start: number | null
  end: number | null
  date: LocalDate | null
  value: number | null
  body: RowBody
  flags: number
  offset: number | null
  zoneBasis: ZoneBasis | null
  held: boolean
  /** Free words, of rows that are about to be written first. */
  words: string | null
}

/** Columns of a {@link Row}; words stay sealed. */
export const rowColumns = `id, hash, shape, name, source_id as "sourceId", account_id as "accountId", record_id as "recordId",
  ordinal, start_at as "start", end_at as "end", date, value, body, flags, utc_offset as "offset",
  zone_basis as "zoneBasis", version, first_received as "first", last_received as "last", raw_ref as "rawRef", gone,
  held, null as words`

/** What merging rows did. */
export interface MergedRows {
  /** Rows that hold now or did, and are not as they were. */
  touched: Row[]
  news: number
  stamped: boolean
}

/**
 * Merges revisions of sessions, daily totals and tags by the rules of samples, and writes what is not as it was.
 * @param risen records whose newest revision is not what it was
 */
export async function mergeRows(
  work: Work,
  incoming: readonly IncomingRow[],
  risen: readonly StoredRecord[],
): Promise<MergedRows> {
  const merged: MergedRows = { touched: [], news: 0, stamped: false }
  if (incoming.length === 0 && risen.length === 0) return merged
  const told = await toRows(work, incoming)
  const stored = await loadRows(work, told, risen)
  const groups = new Map<string, Row[]>()
  for (const row of stored) groups.set(row.id, [...(groups.get(row.id) ?? []), row])
  for (const row of told) {
    const group = groups.get(row.id)
    if (!group) groups.set(row.id, [row])
    else {
      const at = group.findIndex((known) => known.hash === row.hash)
      if (at < 0) group.push(row)
      else group[at] = joinStamps(group[at] as Row, row)
    }
  }

  const before = new Map(stored.map((row) => [`${row.id} ${row.hash}`, row]))
  const added: Row[] = []
  const changed: Row[] = []
  for (const group of groups.values()) {
    const best = currentRevision(group, (row) => row.hash, marksOf(work, group))
    for (const row of group) {
      const now = { ...row, held: row === best }
      const old = before.get(`${row.id} ${row.hash}`)
      if (!old) added.push(now)
      else if (!isEqual(old, now)) changed.push(now)
      else continue
      if (!old) merged.news++
      else if (old.held === now.held && old.version === now.version && old.first === now.first) merged.stamped = true
      if (
        now.held !== (old?.held ?? false) ||
        (old && now.held && (old.version !== now.version || old.first !== now.first))
      )
        merged.touched.push(now)
    }
  }
  await insertRows(work, added)
  await updateRows(work, changed)
  return merged
}

function isEqual(a: Row, b: Row): boolean {
  return (
    a.held === b.held && a.version === b.version && a.first === b.first && a.last === b.last && a.rawRef === b.rawRef
  )
}

function marksOf(work: Work, [row]: readonly Row[]): readonly RecordMark[] {
  if (!row || row.recordId === null) return []
  return work.records.get(recordKey(row.accountId, row.recordId))?.marks ?? []
}

/** Words are told apart by a keyed hash: a plain one of a short note could be guessed. */
async function toRows(work: Work, incoming: readonly IncomingRow[]): Promise<Row[]> {
  const texts = incoming.map(({ observation, gone }) =>
    observation.shape === 'deletion' ? JSON.stringify(['gone', gone]) : canonicalValue(observation),
  )
  const worded = incoming.flatMap(({ observation }, i) => ('text' in observation && observation.text ? [i] : []))
  const keyed = worded.length
    ? await work.vault.keyed(
        work.user,
        worded.map((i) => texts[i] as string),
      )
    : []
  const hashes = new Map(worded.map((i, at) => [i, (keyed[at] as string).slice(0, 32)]))
  return incoming.map((row, i) => toRow(work, row, hashes.get(i) ?? contentHash(texts[i] as string)))
}

function toRow(work: Work, incoming: IncomingRow, hash: string): Row {
  const { observation, accountId, sourceId, gone, version, first, last, rawRef } = incoming
  const said = observation.shape === 'deletion' ? null : observation
  const target = observation.shape === 'deletion' ? observation.target : undefined
  const place = said && said.shape !== 'daily_total' ? said : target
  const row = {
    id: contentHash(identityKey(incoming.provider, incoming.account, observation)),
    hash,
    shape: (said?.shape ?? target?.shape) as Row['shape'],
    name: target?.of ?? nameOf(said as Said),
    sourceId,
    accountId,
    recordId: observation.recordId ?? null,
    ordinal: (said ?? target)?.ordinal ?? 0,
    start: place?.start ?? null,
    end: place?.end ?? null,
    date: said?.shape === 'daily_total' ? said.date : said ? null : (target?.date ?? null),
    value: said && 'value' in said ? (said.value ?? null) : null,
    body: said ? bodyOf(said) : {},
    flags: said?.flags ?? 0,
    offset: said?.offset ?? null,
    zoneBasis: said?.zoneBasis ?? null,
    held: false,
    words: said && 'text' in said ? (said.text ?? null) : null,
    gone,
    version,
    first,
    last,
    rawRef,
  }
  if (!said || said.shape === 'daily_total') return row
  return { ...row, date: rowDate(work.calendar, { ...row, zoneBasis: said.zoneBasis }) }
}

function nameOf(said: Said): string {
  return said.shape === 'session' ? said.kind : said.shape === 'tag' ? said.tag : said.metric
}

/** DESIGN §4: a night belongs to the date of its end, all else to that of its start. */
export function rowDate(
  calendar: Calendar,
  row: Pick<Row, 'shape' | 'name' | 'start' | 'end' | 'offset'> & { zoneBasis: ZoneBasis },
): LocalDate {
  const placed = { start: row.start as number, offset: row.offset, zoneBasis: row.zoneBasis }
  return row.shape === 'session' && row.name === 'sleep'
    ? calendar.dateOfEnd({ ...placed, end: row.end as number })
    : calendar.dayOf(placed).date
}

function bodyOf(said: Said): RowBody {
  if (said.shape === 'tag') return said.unit === undefined ? {} : { unit: said.unit }
  if (said.shape === 'daily_total') return {}
  const { nap, activity, vendorActivity, stages, laps, measures } = said
  const body = { nap, activity, vendorActivity, stages, laps, measures }
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
}

async function loadRows({ tx, user }: Work, told: readonly Row[], risen: readonly StoredRecord[]): Promise<Row[]> {
  const records = [...risen, ...told.filter((row) => row.recordId !== null)]
  return tx.query<Row>(
    `select ${rowColumns} from auren.entries where user_id = $1 and id = any($2::text[])
      union
      select ${rowColumns} from (select distinct * from unnest($3::int8[], $4::text[])) k (account, record)
      cross join lateral (
        select * from auren.entries where user_id = $1 and account_id = k.account and record_id = k.record offset 0
      ) e`,
    [
      user,
      texts([...new Set(told.map(({ id }) => id))]),
      plain(records.map(({ accountId }) => accountId)),
      texts(records.map(({ recordId }) => recordId)),
    ],
  )
}

/** Rows of `entries` that hold, by name and date. */
export async function loadHeld(
  { tx, user }: Pick<Work, 'tx' | 'user'>,
  shape: Row['shape'],
  pairs: readonly { name: string; date: LocalDate }[],
): Promise<Row[]> {
  if (pairs.length === 0) return []
  return tx.query<Row>(
    `select ${rowColumns} from unnest($3::text[], $4::date[]) k (wanted, day) cross join lateral (
        select * from auren.entries
        where user_id = $1 and shape = $2 and held and date = k.day and name = k.wanted offset 0
      ) e`,
    [user, shape, texts(pairs.map(({ name }) => name)), texts(pairs.map(({ date }) => date))],
  )
}

async function insertRows(work: Work, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return
  const sorted = [...rows].sort((a, b) => (`${a.id}${a.hash}` < `${b.id}${b.hash}` ? -1 : 1))
  const sealed = await Promise.all(sorted.map((row) => sealWords(work, row.words)))
  await work.tx.query(
    `insert into auren.entries (user_id, id, hash, shape, name, source_id, account_id, record_id, ordinal, start_at,
        end_at, date, value, body, words, flags, utc_offset, zone_basis, version, first_received, last_received,
        raw_ref, gone, held)
      select $1, id, hash, shape, name, source_id, account_id, record_id, ordinal, start_at, end_at, date, value,
        body::jsonb, decode(words, 'base64'), flags, utc_offset, zone_basis, version, first_received, last_received,
        raw_ref, gone, held
      from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int8[], $7::int8[], $8::text[], $9::int4[],
        $10::int8[], $11::int8[], $12::date[], $13::float8[], $14::text[], $15::text[], $16::int2[], $17::int2[],
        $18::text[], $19::float8[], $20::int8[], $21::int8[], $22::text[], $23::int2[], $24::bool[])
        x (id, hash, shape, name, source_id, account_id, record_id, ordinal, start_at, end_at, date, value, body,
          words, flags, utc_offset, zone_basis, version, first_received, last_received, raw_ref, gone, held)`,
    [
      work.user,
      texts(sorted.map(({ id }) => id)),
      texts(sorted.map(({ hash }) => hash)),
      texts(sorted.map(({ shape }) => shape)),
      texts(sorted.map(({ name }) => name)),
      plain(sorted.map(({ sourceId }) => sourceId)),
      plain(sorted.map(({ accountId }) => accountId)),
      texts(sorted.map(({ recordId }) => recordId)),
      plain(sorted.map(({ ordinal }) => ordinal)),
      plain(sorted.map(({ start }) => start)),
      plain(sorted.map(({ end }) => end)),
      texts(sorted.map(({ date }) => date)),
      floats(sorted.map(({ value }) => value)),
      texts(sorted.map(({ body }) => JSON.stringify(body))),
      texts(sealed),
      plain(sorted.map(({ flags }) => flags)),
      plain(sorted.map(({ offset }) => offset)),
      texts(sorted.map(({ zoneBasis }) => zoneBasis)),
      floats(sorted.map(({ version }) => version)),
      plain(sorted.map(({ first }) => first)),
      plain(sorted.map(({ last }) => last)),
      texts(sorted.map(({ rawRef }) => rawRef)),
      plain(sorted.map(({ gone }) => gone)),
      plain(sorted.map(({ held }) => held)),
    ],
  )
}

async function sealWords(work: Work, words: string | null): Promise<string | null> {
  if (words === null) return null
  return Buffer.from(await work.vault.seal(work.user, new TextEncoder().encode(words))).toString('base64')
}

async function updateRows({ tx, user }: Work, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return
  const sorted = [...rows].sort((a, b) => (`${a.id}${a.hash}` < `${b.id}${b.hash}` ? -1 : 1))
  await tx.query(
    `update auren.entries e set version = x.version, first_received = x.first_received,
        last_received = x.last_received, raw_ref = x.raw_ref, held = x.held
      from unnest($2::text[], $3::text[], $4::float8[], $5::int8[], $6::int8[], $7::text[], $8::bool[])
        x (id, hash, version, first_received, last_received, raw_ref, held)
      cross join lateral (
        select ctid as place from auren.entries o where o.user_id = $1 and o.id = x.id and o.hash = x.hash offset 0
      ) o
      where e.ctid = o.place`,
    [
      user,
      texts(sorted.map(({ id }) => id)),
      texts(sorted.map(({ hash }) => hash)),
      floats(sorted.map(({ version }) => version)),
      plain(sorted.map(({ first }) => first)),
      plain(sorted.map(({ last }) => last)),
      texts(sorted.map(({ rawRef }) => rawRef)),
      plain(sorted.map(({ held }) => held)),
    ],
  )
}

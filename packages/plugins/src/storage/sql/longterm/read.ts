import {
  addDays,
  createCalendar,
  type DayRow,
  type LocalDate,
  type LongTerm,
  MERGED,
  type Scope,
  type SourceType,
  type StoredSession,
  type StoredTag,
  type Vault,
} from '@auren/core'
import type { Sql, SqlTx } from '../port.js'
import { groupBy } from './group.js'
import { mergedId } from './keys.js'
import { plain, texts } from './literals.js'
import { loadProfile } from './profile.js'
import { type Row, rowColumns } from './rows.js'
import { chooseSessions, toCandidate } from './sessions.js'

const readOnly = { readOnly: true } as const

type StoredDay = Omit<DayRow, 'source' | 'sources' | 'parts' | 'coverage'> & {
  source_id: number
  sources: number[]
  parts: (number | null)[] | null
  whole: boolean
  alone: boolean
}

/** Daily rows, ascending by metric, date and source. `source`: a key, `all` to keep sources apart, else merged. */
export function readDays(sql: Sql, { user }: Scope, q: Parameters<LongTerm['days']>[1]): Promise<DayRow[]> {
  return sql.as(
    user,
    async (tx) => {
      const sources = await tx.query<{ id: number; key: string }>(
        'select id, key from auren.sources where user_id = $1',
        [user],
      )
      const keys = new Map(sources.map(({ id, key }) => [id, key]))
      const merged = q.source === undefined || q.source === MERGED
      const wanted = merged
        ? [mergedId]
        : sources.filter(({ key }) => q.source === 'all' || key === q.source).map(({ id }) => id)
      const stored = await tx.query<StoredDay>(
        `select metric, source_id, date, value, n, sum, min, max, mean, sd, first, last, leq, bands, parts, whole, sources,
            alone
          from auren.days
          where user_id = $1 and metric = any($2::text[]) and source_id = any($3::int8[])
            and date between $4::date and $5::date and (source_id = any($6::int8[]) or alone)`,
        [user, texts(q.metrics), plain(merged ? wanted : [...wanted, mergedId]), q.from, q.to, plain(wanted)],
      )
      // What one source alone makes is kept once, as the merged row.
      const rows = merged
        ? stored
        : stored.flatMap((row): StoredDay[] => {
            if (row.source_id !== mergedId) return [row]
            const only = row.sources[0] as number
            return wanted.includes(only) ? [{ ...row, source_id: only, parts: null }] : []
          })
      const coverage = await coverageOf(tx, user, rows)
      return rows
        .map(({ source_id: id, sources: of, parts, whole, alone: _, ...row }) => ({
          ...row,
          source: keys.get(id) ?? MERGED,
          coverage: whole ? 1 : coverage(row.date, of),
          parts: parts && toParts(of, parts, keys),
          ...(id === mergedId ? { sources: of.flatMap((one) => keys.get(one) ?? []) } : {}),
        }))
        .sort((a, b) => byText(a.metric, b.metric) || byText(a.date, b.date) || byText(a.source, b.source))
    },
    readOnly,
  )
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * The coverage of a source's day is made of all its metrics, so it is worked out on reading; of a merged row it is the
 * share of quarter-hours in which any source of the row shows something.
 */
async function coverageOf(
  tx: SqlTx,
  user: string,
  rows: readonly StoredDay[],
): Promise<(date: LocalDate, sources: readonly number[]) => number> {
  const measured = rows.filter(({ whole }) => !whole)
  if (measured.length === 0) return () => 0
  const ids = [...new Set(measured.flatMap(({ sources }) => sources))]
  const several = measured.some(({ sources }) => sources.length > 1)
  const dates = measured.map(({ date }) => date).sort()
  const [from, to] = [dates[0] as LocalDate, dates.at(-1) as LocalDate]
  const shown = await tx.query<{ source_id: number; date: LocalDate; marked: number; count: number; slots: string }>(
    `select source_id, date, bit_count(slots)::int4 as marked, slot_count as count, ${several ? 'slots' : `''`} as slots
      from auren.source_days where user_id = $1 and source_id = any($2::int8[]) and date between $3::date and $4::date`,
    [user, plain(ids), from, to],
  )
  const bySource = new Map(shown.map((row) => [`${row.date} ${row.source_id}`, row]))
  return (date, sources) => {
    const of = sources.flatMap((id) => bySource.get(`${date} ${id}`) ?? [])
    const count = of.find((row) => row.count !== 96)?.count ?? 96
    const marked = of.length === 1 ? (of[0] as (typeof of)[0]).marked : union(of.map(({ slots }) => slots))
    return Math.min(1, marked / count)
  }
}

/** How many bits are set in any of several bit strings. */
function union(bits: readonly string[]): number {
  let marked = 0
  for (let i = 0; i < (bits[0]?.length ?? 0); i++) if (bits.some((of) => of[i] === '1')) marked++
  return marked
}

function toParts(
  sources: readonly number[],
  parts: readonly (number | null)[],
  keys: ReadonlyMap<number, string>,
): Record<string, number> {
  return Object.fromEntries(
    sources.flatMap((id, i) => {
      const part = parts[i]
      return part === null || part === undefined ? [] : [[keys.get(id) as string, part]]
    }),
  )
}

interface HeldRow extends Row {
  source: string
  type: SourceType
  sealed: Uint8Array | null
}

function heldRows(tx: SqlTx, user: string, shape: Row['shape'], name: string | null, from: LocalDate, to: LocalDate) {
  return tx.query<HeldRow>(
    `select r.*, s.key as source, s.type from (
        select ${rowColumns}, words as sealed from auren.entries
        where user_id = $1 and shape = $2 and held and date between $3::date and $4::date
          and ($5::text is null or name = $5)
      ) r join auren.sources s on s.user_id = $1 and s.id = r."sourceId"
      order by r."start", r."end", r.id`,
    [user, shape, from, to, name],
  )
}

async function open(vault: Vault, user: string, sealed: Uint8Array | null): Promise<string | null> {
  return sealed && new TextDecoder().decode(await vault.open(user, sealed))
}

/** Sessions of local dates, ascending by start; without `all` only main sleeps and workouts that stand for themselves. */
export function readSessions(
  sql: Sql,
  vault: Vault,
  { user }: Scope,
  q: Parameters<LongTerm['sessions']>[1],
): Promise<StoredSession[]> {
  return sql.as(
    user,
    async (tx) => {
      const { ranks, zones } = await loadProfile(tx, user, vault)
      const rows = await heldRows(tx, user, 'session', q.kind ?? null, addDays(q.from, -1), addDays(q.to, 1))
      const calendar = createCalendar(zones)
      const candidates = rows.map((row) => toCandidate(calendar, row))
      const byKind = groupBy(candidates, ({ kind }) => kind)
      const roles = new Map(
        [...byKind].flatMap(([kind, of]) => {
          const dates = groupBy(of, ({ date }) => date)
          return [...dates].flatMap(([date, own]) => {
            const near = [addDays(date, -1), date, addDays(date, 1)].flatMap((day) => dates.get(day) ?? [])
            const chosen = chooseSessions(kind, date, near, ranks).roles
            return own.map(({ id }) => [id, chosen.get(id)] as const)
          })
        }),
      )
      const sessions: StoredSession[] = []
      for (const row of rows) {
        const role = roles.get(row.id)
        if (!role || (row.date as string) < q.from || (row.date as string) > q.to || (!q.all && !role.main)) continue
        const { body } = row
        sessions.push({
          id: row.id,
          kind: row.name as 'sleep' | 'workout',
          source: row.source,
          start: row.start as number,
          end: row.end as number,
          date: row.date as LocalDate,
          offset: row.offset,
          main: role.main,
          nap: role.nap,
          activity: body.activity ?? null,
          vendorActivity: body.vendorActivity ?? null,
          stages: body.stages ?? [],
          measures: body.measures ?? {},
          text: await open(vault, user, row.sealed),
          flags: row.flags,
          rawRef: row.rawRef,
          recordId: row.recordId,
          receivedAt: row.first,
        })
      }
      return sessions
    },
    readOnly,
  )
}

/** Tags of local dates, ascending by start. */
export function readTags(
  sql: Sql,
  vault: Vault,
  { user }: Scope,
  q: Parameters<LongTerm['tags']>[1],
): Promise<StoredTag[]> {
  return sql.as(
    user,
    async (tx) => {
      const rows = await heldRows(tx, user, 'tag', q.tag ?? null, q.from, q.to)
      const tags: StoredTag[] = []
      for (const row of rows)
        tags.push({
          id: row.id,
          tag: row.name,
          source: row.source,
          start: row.start as number,
          end: row.end,
          date: row.date as LocalDate,
          value: row.value,
          unit: row.body.unit ?? null,
          text: await open(vault, user, row.sealed),
          rawRef: row.rawRef,
          receivedAt: row.first,
        })
      return tags
    },
    readOnly,
  )
}

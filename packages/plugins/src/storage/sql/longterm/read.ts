import {
  addDays,
  type DayRow,
  type LocalDate,
  type LongTerm,
  MERGED,
  type MetricSummary,
  type Scope,
  type SourceType,
  type StoredSession,
  type StoredTag,
  type Vault,
} from '@auren/core'
import type { Sql, SqlTx } from '../port.js'
import { groupBy } from './group.js'
import { mergedId } from './keys.js'
import { texts } from './literals.js'
import { loadProfile } from './profile.js'
import { type Row, rowColumns } from './rows.js'
import { candidateBody, chooseSessions } from './sessions.js'

const readOnly = { readOnly: true } as const

type StoredDay = Omit<DayRow, 'parts'> & { parts: (number | null)[] | null; keys: string[] | null }

/**
 * The coverage of a source's day is made of all its metrics, so it is worked out on reading; of a merged row it is the
 * share of quarter-hours in which any source of the row shows something.
 */
const dayColumns = `d.metric, coalesce(s.key, '${MERGED}') as source, d.date, d.value, d.n, d.sum, d.min, d.max, d.mean,
  d.sd, d.first, d.last, d.leq, d.bands, d.parts,
  case when d.parts is null then null else array(
    select k.key from unnest(d.sources) with ordinality as o (id, i)
      join auren.sources k on k.user_id = d.user_id and k.id = o.id order by o.i
  ) end as keys,
  case when d.whole then 1 else coalesce((
    select least(1, bit_count(bit_or(c.slots))::float8
      / coalesce(max(c.slot_count) filter (where c.slot_count <> 96), 96))
    from auren.source_days c where c.user_id = d.user_id and c.date = d.date and c.source_id = any(d.sources)
  ), 0) end as coverage`

/** Daily rows, ascending by metric, date and source. `source`: a key, `all` to keep sources apart, else merged. */
export function readDays(sql: Sql, { user }: Scope, q: Parameters<LongTerm['days']>[1]): Promise<DayRow[]> {
  return sql.as(
    user,
    async (tx) => {
      const which = q.source === undefined || q.source === MERGED ? 'merged' : q.source === 'all' ? 'all' : 'one'
      const rows = await tx.query<StoredDay>(
        `select ${dayColumns} from auren.days d
          left join auren.sources s on s.user_id = d.user_id and s.id = d.source_id
          where d.user_id = $1 and d.metric = any($2::text[]) and d.date between $3::date and $4::date
            and ${{ merged: `d.source_id = ${mergedId}`, all: `d.source_id <> ${mergedId}`, one: 's.key = $5' }[which]}
          order by d.metric, d.date, source`,
        [user, texts(q.metrics), q.from, q.to, ...(which === 'one' ? [q.source as string] : [])],
      )
      return rows.map(({ keys, parts, ...row }) => ({ ...row, parts: keys && parts ? toParts(keys, parts) : null }))
    },
    readOnly,
  )
}

function toParts(keys: readonly string[], parts: readonly (number | null)[]): Record<string, number> {
  return Object.fromEntries(
    keys.flatMap((key, i) => {
      const part = parts[i]
      return part === null || part === undefined ? [] : [[key, part]]
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
      const { ranks } = await loadProfile(tx, user, vault)
      const rows = await heldRows(tx, user, 'session', q.kind ?? null, addDays(q.from, -1), addDays(q.to, 1))
      const candidates = rows.map((row) => ({
        ...candidateBody(row.body),
        id: row.id,
        kind: row.name as 'sleep' | 'workout',
        source: row.source,
        type: row.type,
        start: row.start as number,
        end: row.end as number,
        date: row.date as LocalDate,
        version: row.version,
        first: row.first,
      }))
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

/** What there is of each metric. */
export function readMetrics(sql: Sql, { user }: Scope): Promise<MetricSummary[]> {
  return sql.as(
    user,
    (tx) =>
      tx.query<MetricSummary>(
        `select m.metric, m."from", m."to", m.days::int4 as days, m.n, coalesce(k.sources, '{}') as sources
          from (
            select metric, min(date) as "from", max(date) as "to", count(*) as days, sum(n)::int8 as n
            from auren.days where user_id = $1 and source_id = ${mergedId} group by metric
          ) m left join (
            select d.metric, array_agg(s.key order by s.key) as sources
            from (
              select distinct metric, unnest(sources) as id from auren.days where user_id = $1 and source_id = ${mergedId}
            ) d join auren.sources s on s.user_id = $1 and s.id = d.id group by d.metric
          ) k on k.metric = m.metric
          order by m.metric`,
        [user],
      ),
    readOnly,
  )
}

import type { LocalDate, RolledDay } from '@auren/core'
import { mergedId } from './keys.js'
import { floats, nested, plain, texts } from './literals.js'
import type { Touched } from './touched.js'
import type { Work } from './work.js'

interface Keyed {
  metric: string
  date: LocalDate
  sourceId: number
}

/**
 * Writes roll-ups: rows that are not as they were, and removes those of touched days that have none any more; then the
 * quarter-hours of each touched source's day, which are those of all its metrics together.
 * @param produced by `metric date sourceId`
 */
export async function saveDays(
  work: Work,
  touched: Touched,
  produced: ReadonlyMap<string, RolledDay>,
  ids: ReadonlyMap<string, number>,
): Promise<void> {
  const gone: Keyed[] = []
  const kept: DayToSave[] = []
  const sourceDays = new Map<string, { sourceId: number; date: LocalDate }>()
  for (const [metric, dates] of touched.metrics)
    for (const [date, sources] of dates) {
      if (!produced.has(`${metric} ${date} ${mergedId}`)) gone.push({ metric, date, sourceId: mergedId })
      for (const sourceId of sources) {
        if (!produced.has(`${metric} ${date} ${sourceId}`)) gone.push({ metric, date, sourceId })
        if (!work.metric(metric).sparse) sourceDays.set(`${date} ${sourceId}`, { sourceId, date })
      }
    }
  for (const row of produced.values()) {
    const sourceId = ids.get(row.source) ?? mergedId
    if (sourceId === mergedId) {
      const only = onlySource(row, produced, ids)
      kept.push(only ? { ...row, slots: only.slots, alone: true } : { ...row, alone: false })
    } else {
      const merged = produced.get(`${row.metric} ${row.date} ${mergedId}`)
      if (merged && onlySource(merged, produced, ids) === row)
        gone.push({ metric: row.metric, date: row.date, sourceId })
      else kept.push({ ...row, alone: false })
    }
  }
  await deleteDays(work, gone)
  await upsertDays(work, kept, ids)
  await markSourceDays(work, [...sourceDays.values()])
}

/** A row as it is stored: one that is `alone` stands for its only source's as well. */
type DayToSave = RolledDay & { alone: boolean }

/** The row of the source that alone makes a merged row, where the two say the same. */
function onlySource(
  merged: RolledDay,
  produced: ReadonlyMap<string, RolledDay>,
  ids: ReadonlyMap<string, number>,
): RolledDay | null {
  const [key, ...others] = merged.sources
  const own =
    key === undefined || others.length > 0 ? undefined : produced.get(`${merged.metric} ${merged.date} ${ids.get(key)}`)
  return own && numbers.every((name) => isEqual(merged[name], own[name])) ? own : null
}

const numbers = ['value', 'n', 'sum', 'min', 'max', 'mean', 'sd', 'first', 'last', 'leq', 'bands', 'whole'] as const

function isEqual(a: RolledDay[(typeof numbers)[number]], b: typeof a): boolean {
  return Object.is(a, b) || (Array.isArray(a) && Array.isArray(b) && a.every((value, i) => Object.is(value, b[i])))
}

async function deleteDays({ tx, user }: Work, keys: readonly Keyed[]): Promise<void> {
  if (keys.length === 0) return
  await tx.query(
    `delete from auren.days where ctid = any(array(
      select o.place from unnest($2::text[], $3::int8[], $4::date[]) x (metric, source_id, date)
      cross join lateral (
        select ctid as place from auren.days d
        where d.user_id = $1 and d.metric = x.metric and d.source_id = x.source_id and d.date = x.date offset 0
      ) o
    ))`,
    [
      user,
      texts(keys.map(({ metric }) => metric)),
      plain(keys.map(({ sourceId }) => sourceId)),
      texts(keys.map(({ date }) => date)),
    ],
  )
}

const columns = `value, n, sum, min, max, mean, sd, first, last, leq, bands, whole, slots, slot_count, sources, parts, alone`

/** Rows are compared before they are written: an update that changes nothing would still go to the log. */
async function upsertDays(
  { tx, user }: Work,
  produced: readonly DayToSave[],
  ids: ReadonlyMap<string, number>,
): Promise<void> {
  if (produced.length === 0) return
  // In the one order in which rows are ever written.
  const rows = [...produced].sort(
    (a, b) => byText(a.metric, b.metric) || byText(a.date, b.date) || byText(a.source, b.source),
  )
  const sourceIds = rows.map((row) => row.sources.map((key) => ids.get(key) as number))
  await tx.query(
    `with rolled as (
      select metric, source_id, date, value, n, sum, min, max, mean, sd, first, last, leq, bands::float8[] as bands,
        whole, slots::bit(100) as slots, slot_count, sources::int8[] as sources, parts::float8[] as parts, alone
      from unnest($2::text[], $3::int8[], $4::date[], $5::float8[], $6::int4[], $7::float8[], $8::float8[],
        $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[], $15::text[],
        $16::bool[], $17::text[], $18::int2[], $19::text[], $20::text[], $21::bool[])
        x (metric, source_id, date, value, n, sum, min, max, mean, sd, first, last, leq, bands, whole, slots,
          slot_count, sources, parts, alone)
    )
    insert into auren.days as d (user_id, metric, source_id, date, ${columns})
      select $1, metric, source_id, date, ${columns} from rolled r
      where not exists (
        select from auren.days d where d.user_id = $1 and d.metric = r.metric and d.source_id = r.source_id
          and d.date = r.date and (${prefixed('d')}) is not distinct from (${prefixed('r')})
        offset 0
      )
      on conflict (user_id, metric, source_id, date) do update set (${columns}) = (${prefixed('excluded')})`,
    [
      user,
      texts(rows.map(({ metric }) => metric)),
      plain(rows.map(({ source }) => ids.get(source) ?? mergedId)),
      texts(rows.map(({ date }) => date)),
      floats(rows.map(({ value }) => value)),
      plain(rows.map(({ n }) => n)),
      floats(rows.map(({ sum }) => sum)),
      floats(rows.map(({ min }) => min)),
      floats(rows.map(({ max }) => max)),
      floats(rows.map(({ mean }) => mean)),
      floats(rows.map(({ sd }) => sd)),
      floats(rows.map(({ first }) => first)),
      floats(rows.map(({ last }) => last)),
      floats(rows.map(({ leq }) => leq)),
      texts(rows.map(({ bands }) => nested(bands))),
      plain(rows.map(({ whole }) => whole)),
      texts(rows.map(({ slots }) => slots?.marks.join('') ?? null)),
      plain(rows.map(({ slots }) => slots?.count ?? null)),
      texts(sourceIds.map((of) => nested(of))),
      texts(rows.map(({ parts, sources }) => nested(parts && sources.map((key) => parts[key] ?? null)))),
      plain(rows.map(({ alone }) => alone)),
    ],
  )
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function prefixed(alias: string): string {
  return columns.replace(/\w+/g, (column) => `${alias}.${column}`)
}

/** A source's day shows what any of its metrics shows. */
async function markSourceDays(
  { tx, user }: Work,
  days: readonly { sourceId: number; date: LocalDate }[],
): Promise<void> {
  if (days.length === 0) return
  const params = [user, plain(days.map(({ sourceId }) => sourceId)), texts(days.map(({ date }) => date))]
  const shown = `
    select k.source_id, k.date, bit_or(d.slots) as slots,
      coalesce(max(d.slot_count) filter (where d.slot_count <> 96), 96)::int2 as slot_count
    from unnest($2::int8[], $3::date[]) k (source_id, date)
    cross join lateral (
      select slots, slot_count from auren.days
      where user_id = $1 and source_id in (k.source_id, ${mergedId}) and date = k.date and slots is not null
        and (source_id = k.source_id or sources[1] = k.source_id) offset 0
    ) d
    group by k.source_id, k.date`
  await tx.query(
    `insert into auren.source_days as s (user_id, source_id, date, slots, slot_count)
      select $1, source_id, date, slots, slot_count from (${shown}) n
      where not exists (
        select from auren.source_days s where s.user_id = $1 and s.source_id = n.source_id and s.date = n.date
          and s.slots = n.slots and s.slot_count = n.slot_count
        offset 0
      )
      on conflict (user_id, source_id, date) do update set slots = excluded.slots, slot_count = excluded.slot_count`,
    params,
  )
  await tx.query(
    `delete from auren.source_days where ctid = any(array(
      select o.place from unnest($2::int8[], $3::date[]) k (source_id, date)
      cross join lateral (
        select ctid as place from auren.source_days s
        where s.user_id = $1 and s.source_id = k.source_id and s.date = k.date offset 0
      ) o
      where not exists (
        select from auren.days d where d.user_id = $1 and d.source_id in (k.source_id, ${mergedId}) and d.date = k.date
          and d.slots is not null and (d.source_id = k.source_id or d.sources[1] = k.source_id)
        offset 0
      )
    ))`,
    params,
  )
}

// The baseline: a row per sample with integer keys and one index, written by one statement per transaction as an upsert
// (what is delivered twice is kept once, as in the packed tier); days are aggregates over rows.
import type { Observation } from '@auren/core'
import { arrayLiteral, type Sql } from '../packages/plugins/src/storage/sql/port.js'

/** A row: metric, start and end in ms, value, offset in minutes. */
type Row = [metric: number, start: number, end: number | null, value: number, offset: number]

const USER = 1
const SOURCE = 1

/** Makes the table. */
export async function createRows(sql: Sql) {
  const metrics = new Map<string, number>()
  const idOf = (name: string): number => {
    if (!metrics.has(name)) metrics.set(name, metrics.size + 1)
    return metrics.get(name) as number
  }
  await sql.transaction((tx) =>
    tx.script(`create schema bare;
      create table bare.samples (at timestamptz not null, value float8 not null, ended timestamptz, user_id int4 not null,
        metric_id int4 not null, source_id int4 not null, utc_offset int2 not null,
        primary key (user_id, metric_id, source_id, at));`),
  )
  return {
    /** Rows of what is handed in, made before the clock runs: a session is a row per measure and stage. */
    rows(observations: readonly Observation[]): Row[] {
      return observations.flatMap((o): Row[] => {
        if (o.shape === 'deletion') return []
        const offset = o.offset ?? 0
        if (o.shape === 'sample') return [[idOf(o.metric), o.start, o.end ?? null, o.value, offset]]
        if (o.shape === 'daily_total') return [[idOf(o.metric), Date.parse(o.date), null, o.value, offset]]
        if (o.shape === 'tag') return [[idOf(o.tag), o.start, null, 1, offset]]
        const said = Object.entries({ duration: o.end - o.start, ...o.measures })
        return [
          ...said.map(([name, value]): Row => [idOf(`${o.kind}.${name}`), o.start, o.end, value as number, offset]),
          ...(o.stages ?? []).map((s): Row => [idOf(`stage.${s.stage}`), s.start, s.end, 1, offset]),
        ]
      })
    },
    write(rows: readonly Row[]): Promise<unknown> {
      return sql.transaction((tx) =>
        tx.query(
          `insert into bare.samples as s (user_id, metric_id, source_id, at, ended, value, utc_offset)
            select ${USER}, m, ${SOURCE}, to_timestamp(f / 1000.0), to_timestamp(t / 1000.0), v, o
            from unnest($1::int4[], $2::int8[], $3::int8[], $4::float8[], $5::int2[]) x (m, f, t, v, o)
            on conflict (user_id, metric_id, source_id, at) do update set value = excluded.value
              where s.value is distinct from excluded.value`,
          ([0, 1, 2, 3, 4] as const).map((column) => arrayLiteral(rows.map((row) => row[column]))),
        ),
      )
    },
    range(metric: string, from: number, to: number) {
      return sql.transaction(
        (tx) =>
          tx.query<{ start: number; value: number }>(
            `select (extract(epoch from at) * 1000)::int8 as start, value, utc_offset as offset, source_id as source
              from bare.samples where user_id = ${USER} and metric_id = $1
                and at >= to_timestamp($2::int8 / 1000.0) and at < to_timestamp($3::int8 / 1000.0) order by at`,
            [idOf(metric), from, to],
          ),
        { readOnly: true },
      )
    },
    /** `from` and `to` are local dates; rows within a day of them are looked at. */
    days(metric: string, from: string, to: string) {
      return sql.transaction(
        (tx) =>
          tx.query<{ date: string; n: number; mean: number }>(
            `select * from (select (at at time zone 'UTC' + make_interval(mins => utc_offset))::date as date, count(*) as n,
                avg(value) as mean, min(value) as min, max(value) as max, stddev_samp(value) as sd from bare.samples
              where user_id = ${USER} and metric_id = $1 and at >= $2::date - interval '1 day'
                and at < $3::date + interval '2 days' group by 1) d
              where date between $2::date and $3::date order by date`,
            [idOf(metric), from, to],
          ),
        { readOnly: true },
      )
    },
  }
}

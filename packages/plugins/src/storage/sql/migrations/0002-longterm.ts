import { personTable } from '../isolation.js'

/** Columns of a packed series, in `chunks` and `chunk_history` alike (DESIGN §6.1). */
const packed = `
  first int8 not null,
  deltas int4[] not null,
  durations int4[],
  scale int2 not null,
  ints int4[],
  floats float8[],
  runs jsonb not null`

/**
 * Tier 2. Samples are packed series: a row per user, metric, source and UTC day (calendar month for sparse metrics);
 * `chunk_history` holds what no longer holds (old values, deletions), for as-of reading. Sessions, daily totals and
 * tags are rows with all their revisions. `days` is what almost every question is answered from.
 */
export const longterm = {
  id: 2,
  name: 'longterm',
  sql: `
create table auren.person_versions (
  user_id text primary key,
  version int8 not null
);
create table auren.profiles (
  user_id text primary key,
  sealed bytea not null
);
create table auren.sources (
  user_id text not null,
  id int8 not null,
  account_id int8 not null,
  key text not null,
  provider text not null,
  account text not null,
  name text not null,
  type text not null,
  primary key (user_id, id)
);
create table auren.chunks (
  user_id text not null,
  metric text not null,
  bucket int4 not null,
  source_id int8 not null,
  n int4 not null,
  last int8 not null,
  until int8 not null,
  spills boolean not null,
  min float8 not null,
  max float8 not null,
  sum float8 not null,
  utc_offset int4,
  revision int4 not null,${packed},
  primary key (user_id, metric, bucket, source_id)
);
create index chunks_spilling on auren.chunks (user_id, metric) where spills;
create table auren.chunk_history (
  user_id text not null,
  metric text not null,
  bucket int4 not null,
  source_id int8 not null,
  n int4 not null,${packed},
  primary key (user_id, metric, bucket, source_id)
);
create table auren.records (
  user_id text not null,
  account_id int8 not null,
  record_id text not null,
  marks jsonb not null,
  places jsonb not null,
  deleted boolean not null,
  primary key (user_id, account_id, record_id)
);
create table auren.entries (
  user_id text not null,
  id text not null,
  hash text not null,
  shape text not null,
  name text not null,
  source_id int8 not null,
  account_id int8 not null,
  record_id text,
  ordinal int4 not null,
  start_at int8,
  end_at int8,
  date date,
  value float8,
  body jsonb not null,
  words bytea,
  flags int2 not null,
  utc_offset int2,
  zone_basis text,
  version float8,
  first_received int8 not null,
  last_received int8 not null,
  raw_ref text not null,
  gone int2 not null,
  held boolean not null,
  primary key (user_id, id, hash)
);
create index entries_held on auren.entries (user_id, shape, date) where held;
create index entries_record on auren.entries (user_id, account_id, record_id) where record_id is not null;
create table auren.days (
  user_id text not null,
  metric text not null,
  source_id int8 not null,
  date date not null,
  value float8 not null,
  n int4 not null,
  sum float8 not null,
  min float8 not null,
  max float8 not null,
  mean float8 not null,
  sd float8,
  first float8 not null,
  last float8 not null,
  leq float8,
  bands float8[],
  whole boolean not null,
  slots bit(100),
  slot_count int2,
  sources int8[] not null,
  parts float8[],
  primary key (user_id, metric, source_id, date)
);
create index days_by_source on auren.days (user_id, source_id, date);
create table auren.source_days (
  user_id text not null,
  source_id int8 not null,
  date date not null,
  slots bit(100) not null,
  slot_count int2 not null,
  primary key (user_id, source_id, date)
);
${['person_versions', 'profiles', 'sources', 'chunks', 'chunk_history', 'records', 'entries', 'days', 'source_days']
  .map((table) => personTable(`auren.${table}`))
  .join('')}
-- Samples of a person as rows, start in [from_ms, to_ms): the packed series decoded, for psql and Grafana.
create function auren.samples(person text, measure text, from_ms int8, to_ms int8)
returns table (source text, start_ms int8, end_ms int8, value float8)
language sql stable as $function$
  select s.key, u.start_ms,
    case u.duration
      when -1 then null
      when -2 then u.start_ms + (c.runs->'long'->>(u.i - 1)::text)::int8
      else u.start_ms + u.duration + case when u.duration < 0 then 4294967296 else 0 end
    end,
    coalesce(u.exact, u.whole::float8 / (10::float8 ^ c.scale))
  from auren.chunks c
  join auren.sources s on s.user_id = c.user_id and s.id = c.source_id
  cross join lateral (
    select p.i, coalesce(p.duration, -1) as duration, p.whole, p.exact,
      c.first + (sum(p.delta + case when p.delta < 0 then 4294967296 else 0 end) over (order by p.i))::int8 as start_ms
    from unnest(c.deltas, c.durations, c.ints, c.floats) with ordinality as p (delta, duration, whole, exact, i)
  ) u
  where c.user_id = person and c.metric = measure and c.first < to_ms and c.last >= from_ms
    and c.bucket between from_ms / 86400000 - 32 and to_ms / 86400000 + 1
    and u.start_ms >= from_ms and u.start_ms < to_ms
$function$;
`,
}

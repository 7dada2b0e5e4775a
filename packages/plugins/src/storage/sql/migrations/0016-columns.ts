/**
 * Packed series get columns of a fixed number of bytes (docs/decisions/packed-columns.md). Rows of before keep their
 * arrays, which are read as ever, until they are written again. `days` keeps no row of a source that alone makes the
 * merged row: it is the same row.
 */
export const columns = {
  id: 16,
  name: 'columns',
  sql: `
alter table auren.chunks add column layout int4[], add column bytes bytea, alter column deltas drop not null;
alter table auren.chunk_history add column layout int4[], add column bytes bytea, alter column deltas drop not null;

-- Rows that stand for their only source's as well.
alter table auren.days add column alone boolean not null default false;
update auren.days m set alone = true, slots = s.slots, slot_count = s.slot_count from auren.days s
  where s.user_id = m.user_id and s.metric = m.metric and s.date = m.date and s.source_id <> 0 and m.source_id = 0
    and m.sources = array[s.source_id] and s.sources = m.sources
    and (m.value, m.n, m.sum, m.min, m.max, m.mean, m.sd, m.first, m.last, m.leq, m.bands, m.whole)
      is not distinct from (s.value, s.n, s.sum, s.min, s.max, s.mean, s.sd, s.first, s.last, s.leq, s.bands, s.whole);
delete from auren.days s using auren.days m
  where m.user_id = s.user_id and m.metric = s.metric and m.date = s.date and m.source_id = 0 and m.alone
    and s.source_id <> 0 and m.sources = array[s.source_id];

-- A number of some bytes, little-endian.
create function auren.uint(bytes bytea, at int4, width int4) returns int8
language sql immutable strict parallel safe as $function$
  select case width
    when 0 then 0::int8
    when 1 then get_byte(bytes, at)::int8
    when 2 then get_byte(bytes, at)::int8 + (get_byte(bytes, at + 1)::int8 << 8)
    else get_byte(bytes, at)::int8 + (get_byte(bytes, at + 1)::int8 << 8) + (get_byte(bytes, at + 2)::int8 << 16)
      + case when width > 3 then get_byte(bytes, at + 3)::int8 << 24 else 0 end
      + case when width > 4 then get_byte(bytes, at + 4)::int8 << 32 else 0 end
  end
$function$;

-- Samples of a person as rows, start in [from_ms, to_ms): the packed series decoded, for psql and Grafana.
create or replace function auren.samples(person text, measure text, from_ms int8, to_ms int8)
returns table (source text, start_ms int8, end_ms int8, value float8)
language sql stable as $function$
  select s.key, u.start_ms, u.start_ms + u.duration, coalesce(u.exact, u.whole::float8 / (10::float8 ^ c.scale))
  from auren.chunks c
  join auren.sources s on s.user_id = c.user_id and s.id = c.source_id
  cross join lateral (
    select p.exact, p.whole,
      case p.duration
        when -1 then null
        when -2 then (c.runs->'long'->>(p.i - 1)::text)::int8
        else p.duration + case when p.duration < 0 then 4294967296 else 0 end
      end as duration,
      c.first + (sum(p.delta + case when p.delta < 0 then 4294967296 else 0 end) over (order by p.i))::int8 as start_ms
    from (
      select a.delta::int8 as delta, coalesce(a.duration, -1)::int8 as duration, a.whole::int8 as whole, a.exact, a.i
      from unnest(c.deltas, c.durations, c.ints, c.floats) with ordinality as a (delta, duration, whole, exact, i)
      where c.layout is null
    ) p
    union all
    select p.exact, p.whole, p.duration, c.first + (sum(p.delta) over (order by p.i))::int8
    from (
      select i,
        case when r.delta = (1::int8 << 8 * c.layout[1]) - 1 then (c.runs->'gaps'->>i::text)::int8
          else r.delta * c.layout[2] end as delta,
        case
          when c.layout[3] = 0 or r.duration = (1::int8 << 8 * c.layout[3]) - 2 then null
          when r.duration = (1::int8 << 8 * c.layout[3]) - 1 then (c.runs->'long'->>i::text)::int8
          else r.duration * c.layout[4]
        end as duration,
        c.layout[6] + r.whole as whole, c.floats[i + 1] as exact
      -- Joined to nothing, so that the bytes are read from where they lie only once.
      from (select c.bytes || ''::bytea as bytes offset 0) b, generate_series(0, c.n - 1) i
      cross join lateral (
        select auren.uint(b.bytes, i * c.layout[1], c.layout[1]) as delta,
          auren.uint(b.bytes, c.n * c.layout[1] + i * c.layout[3], c.layout[3]) as duration,
          auren.uint(b.bytes, c.n * (c.layout[1] + c.layout[3]) + i * c.layout[5], c.layout[5]) as whole
      ) r
      where c.layout is not null
    ) p
  ) u
  where c.user_id = person and c.metric = measure and c.first < to_ms and c.last >= from_ms
    and c.bucket between from_ms / 86400000 - 32 and to_ms / 86400000 + 1
    and u.start_ms >= from_ms and u.start_ms < to_ms
$function$;
`,
}

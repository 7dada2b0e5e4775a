import { type Fingerprint, inputSeries, type Scope } from '@auren/core'
import type { Sql } from '../port.js'
import { mergedId } from './keys.js'

/**
 * What every month of a person's data looks like, hashed where it lies: the merged days by metric, which quarter-hours
 * the sources show, main sleeps and tags. Hashes are combined without regard to order.
 */
export function readFingerprints(sql: Sql, { user }: Scope): Promise<Fingerprint[]> {
  return sql.as(
    user,
    (tx) =>
      tx.query<Fingerprint>(
        `select metric as series, to_char(date, 'YYYY-MM') as month,
           count(*) || '.' || bit_xor(
             hashfloat8extended(value, (date - date '1970-01-01')::int8 * 2 + whole::int4)
             # hash_array_extended(sources, (date - date '1970-01-01')::int8)) as digest
         from auren.days where user_id = $1 and source_id = $2::int8 group by 1, 2
         union all
         select $3, to_char(date, 'YYYY-MM'),
           count(*) || '.' || bit_xor(hashtextextended(source_id || ' ' || date || ' ' || slot_count || ' ' || slots, 0))
         from auren.source_days where user_id = $1 group by 2
         union all
         select case shape when 'tag' then $5 else $4 end, to_char(date, 'YYYY-MM'),
           count(*) || '.' || bit_xor(hashtextextended(
             id || ' ' || hash || ' ' || date || ' ' || start_at || ' ' || coalesce(end_at, -1) || ' ' || coalesce(utc_offset, -9999), 0))
         from auren.entries
         where user_id = $1 and held and date is not null and (shape = 'tag' or (shape = 'session' and name = 'sleep'))
         group by 1, 2`,
        [user, mergedId, inputSeries.coverage, inputSeries.sleeps, inputSeries.tags],
      ),
    { readOnly: true },
  )
}

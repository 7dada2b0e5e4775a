// The bare upsert of the same rows: a row per sample, one statement and one commit per batch, read from JSON as a log
// would hand it over.
import pg from 'pg'
import { minutes } from './minutes.js'

/** Seconds that it takes. */
export async function upsertAll(
  url: string,
  { persons, batches, perBatch }: { persons: number; batches: number; perBatch: number },
): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`create table bare (person text not null, metric text not null, source text not null, at int8 not null,
    value float8 not null, utc_offset int4, received_at int8 not null, primary key (person, metric, source, at))`)
  const log: { person: string; json: string }[] = []
  for (let batch = 0; batch < batches; batch++)
    for (let person = 0; person < persons; person++)
      log.push({ person: `person-${person}`, json: JSON.stringify(minutes(person, batch * perBatch, perBatch)) })
  const from = performance.now()
  for (const { person, json } of log) {
    const rows = JSON.parse(json) as { at: number; value: number }[]
    await client.query(
      `insert into bare (person, metric, source, at, value, utc_offset, received_at)
       select $1, 'heart_rate', 'Bench watch', at, value, 60, $4 from unnest($2::int8[], $3::float8[]) as row (at, value)
       on conflict (person, metric, source, at) do update set value = excluded.value, received_at = excluded.received_at`,
      [person, rows.map(({ at }) => at), rows.map(({ value }) => value), Date.now()],
    )
  }
  const seconds = (performance.now() - from) / 1000
  await client.end()
  return seconds
}

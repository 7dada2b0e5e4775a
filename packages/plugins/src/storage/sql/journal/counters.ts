import type { SqlTx } from '../port.js'

/** Envelopes accepted, published and stored since the beginning, and records of the log that led to nothing. */
export type Counter = 'accepted' | 'published' | 'stored' | 'duplicates'

/** A counter is spread over rows, so that transactions that run at once do not wait for each other. */
const slots = 16

/** Adds to a counter. */
export async function count(tx: SqlTx, name: Counter, by: number): Promise<void> {
  if (by === 0) return
  await tx.query(
    `insert into auren.counters as c (name, slot, value) values ($1, $2, $3)
     on conflict (name, slot) do update set value = c.value + excluded.value`,
    [name, Math.floor(Math.random() * slots), by],
  )
}

/**
 * The counters as one column, a JSON object by name. It belongs into the statement that counts what waits: only within
 * one snapshot is what was accepted equal to what was stored and what waits.
 */
export const countersSql =
  '(select jsonb_object_agg(name, value) from (select name, sum(value) as value from auren.counters group by name) c)'

/** What {@link countersSql} gave. */
export function countersOf(column: string | null): Record<Counter, number> {
  const found = JSON.parse(column ?? '{}') as Partial<Record<Counter, number>>
  const { accepted = 0, published = 0, stored = 0, duplicates = 0 } = found
  return { accepted, published, stored, duplicates }
}

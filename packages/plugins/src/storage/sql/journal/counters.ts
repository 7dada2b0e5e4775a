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

/** What the counters say. */
export async function readCounters(tx: SqlTx): Promise<Record<Counter, number>> {
  const rows = await tx.query<{ name: Counter; value: number }>(
    'select name, sum(value) as value from auren.counters group by name',
  )
  const found = new Map(rows.map(({ name, value }) => [name, value]))
  const of = (name: Counter): number => found.get(name) ?? 0
  return {
    accepted: of('accepted'),
    published: of('published'),
    stored: of('stored'),
    duplicates: of('duplicates'),
  }
}

/**
 * How much is tried. `AUREN_FAULT_SEEDS=100 npm run test:faults` is the long version: so many kills in each mode, and
 * soaks of minutes; without it 100 kills embedded, 20 on PostgreSQL, 20 with Kafka, and soaks of seconds.
 */
const asked = Number(process.env.AUREN_FAULT_SEEDS ?? 0)

/** True in the long version. */
export const isLong = asked > 0

/** Kills that a test plans: its share of the default, or of what was asked for. */
export function killsOf(share: number, of: number): number {
  return isLong ? Math.ceil((share / of) * asked) : share
}

/** Length of a soak under faults, in ms. */
export const soakMs = isLong ? 90_000 : 12_000

import { createHash } from 'node:crypto'
import type { UserId } from '@auren/core'
import type { SqlTx } from '../port.js'

/** Advisory lock of the relay; the value means nothing. */
const relayLock = 7_273_002

/** Takes the persons' locks until the transaction ends, in ascending order, so that nobody waits in a circle. */
export async function lockPersons(tx: SqlTx, users: readonly UserId[]): Promise<void> {
  const keys = [...new Set(users)].map((user) => digest(user).readBigInt64BE(0))
  keys.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  if (keys.length > 0)
    await tx.query('select pg_advisory_xact_lock(key) from unnest($1::int8[]) as key', [`{${keys.join(',')}}`])
}

/** One relay at a time. */
export async function lockRelay(tx: SqlTx): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1)', [relayLock])
}

/** A person's partition: the same in every process and for ever, while the number of partitions stays. */
export function partitionOf(user: UserId, partitions: number): number {
  return digest(user).readUInt32BE(8) % partitions
}

function digest(user: UserId): Buffer {
  return createHash('sha256').update(`auren:person:${user}`).digest()
}

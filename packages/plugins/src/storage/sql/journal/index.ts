import type { Instant, Journal } from '@auren/core'
import { createBox } from '../box.js'
import type { Erasures } from '../erasures.js'
import type { Sql, SqlTx } from '../port.js'
import type { SqlVault } from '../vault.js'
import { createBlobs } from './blobs.js'
import { createConnections } from './connections.js'
import { countersOf, countersSql } from './counters.js'
import { deadLetters } from './dead-letters.js'
import { createErasure } from './erasure.js'
import { createInbox } from './inbox.js'
import { createJobs } from './jobs.js'
import { offsets } from './offsets.js'
import { ordinals } from './ordinals.js'
import { createOutbox } from './outbox.js'
import { createQuarantine } from './quarantine.js'
import { createRelay } from './relay.js'

/** What a journal is made of. */
export interface JournalOptions {
  /** Partitions of the log; may grow, may shrink only while the outbox is empty. */
  partitions: number
  /** True where no other process can have the database open: the relay then needs no lease. */
  alone?: boolean
  /** Clock: a job's default run time, and the age of what waits. */
  now(): Instant
  /** Who was erased, kept apart from the database; absent: the database alone knows. */
  erasures?: Erasures | undefined
}

/** The journal on SQL. Its transactions run as the schema's owner; handles of `Sql.as` see one person's rows only. */
export function createJournal(
  sql: Sql,
  vault: SqlVault,
  { partitions, alone = false, now, erasures }: JournalOptions,
): Journal {
  const box = createBox(vault)
  const { erase, erasedUntil } = createErasure(vault, { now, erasures })
  return {
    transaction: (fn, options) => sql.transaction(fn, options),
    async person(tx, user) {
      await vault.create(tx as SqlTx, user)
    },
    ...createInbox(box, vault),
    ...createOutbox(box, partitions),
    partitions: () => partitions,
    ...offsets,
    ...createRelay(vault, alone),
    ...deadLetters,
    lag: () => sql.transaction((tx) => readLag(tx, now()), { readOnly: true }),
    async waiting(most) {
      const [row] = await sql.transaction(
        (tx) =>
          tx.query<{ waiting: number }>(
            'select count(*) as waiting from (select from auren.outbox limit $1::int8) as counted',
            [most],
          ),
        { readOnly: true },
      )
      return row?.waiting ?? 0
    },
    ...createJobs(box, now),
    ...createQuarantine(box),
    erase,
    erasedUntil,
    connections: createConnections(box),
    blobs: createBlobs(box),
    ordinals,
  }
}

async function readLag(tx: SqlTx, now: Instant): Promise<Awaited<ReturnType<Journal['lag']>>> {
  const [row] = await tx.query<{
    waiting: number
    oldest: number | null
    quarantined: number
    jobs: number
    planned: number
    counters: string | null
  }>(
    `select (select count(*) from auren.outbox) as waiting,
       (select min(received_at) from auren.outbox) as oldest,
       (select count(*) from auren.quarantine where replayed_at is null) as quarantined,
       (select count(*) from auren.jobs where state = 'running' or (state = 'waiting' and run_at <= $1)) as jobs,
       (select count(*) from auren.jobs where state = 'waiting' and run_at > $1) as planned,
       ${countersSql}::text as counters`,
    [now],
  )
  const { waiting = 0, oldest = null, quarantined = 0, jobs = 0, planned = 0, counters = null } = row ?? {}
  return {
    waiting,
    oldestMs: oldest === null ? 0 : Math.max(0, now - oldest),
    quarantined,
    jobs,
    planned,
    ...countersOf(counters),
  }
}

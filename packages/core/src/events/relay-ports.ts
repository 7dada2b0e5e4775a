import type { Instant } from '../observation/schema.js'
import type { Envelope } from './envelope.js'
import type { Tx } from './tx.js'

/** A row of the outbox as a bus carries it: sealed, without a name. */
export interface Outgoing {
  id: string
  /** Keyed hash of the person: the same for all that is theirs, and worth nothing without the key. */
  key: string
  /** The sealed envelope. */
  payload: Uint8Array
  traceparent: string | null
}

/** Where a bus has put a row. */
export interface Acknowledged {
  id: string
  partition: number
  position: number
}

/** What the consumer set aside, as the dead-letter topic tells it: a pointer, nothing of what it was. */
export interface DeadLetter {
  /** The item in quarantine. */
  id: string
  reason: string
  partition: number
  position: number
  at: Instant
}

/** What a bus holds of a partition. */
export interface Bounds {
  partition: number
  /** Oldest position that is still there. */
  earliest: number
  /** Position of the next record to be written. */
  end: number
}

/** What a bus was found to hold. */
export interface Found extends Bounds {
  /** The consumer's `next` before the bus was asked: it may have gone on since. */
  known: number
  /** True where nobody has published since the bus was asked: rows that it should hold can be told. */
  still: boolean
}

/** What becomes of a row that a record of a bus names. */
export type OpenedRow = { envelope: Envelope; garbled: boolean } | null

/**
 * The outbox as a relay and the consumer of a bus see it. `log` is a bus's name; `group` the consumer's, whose `next`
 * says how far the log has been taken in.
 */
export interface RelayStore {
  /**
   * Makes this process the relay for `ms`, or keeps it so: one relay at a time, by the database's clock. Returns for
   * how many ms it now is: 0 where another one is, Infinity where there can be no other.
   */
  holdRelay(tx: Tx, owner: string, ms: number): Promise<number>
  releaseRelay(tx: Tx, owner: string): Promise<void>
  /**
   * Readies the outbox for a log, after another one may have been in use: what waits is given places (table) or is
   * published (a bus) anew. Returns how many rows had to be moved; again and again it moves none.
   * @param log null for the table
   */
  align(tx: Tx, log: string | null, group: string): Promise<number>

  /**
   * Rows to be published, oldest first: those that this bus never acknowledged, and those that it acknowledged at a
   * position that the consumer has passed though they are still there. A backlog is neither.
   */
  unpublished(tx: Tx, log: string, group: string, limit: number, maxBytes: number): Promise<Outgoing[]>
  /** Notes where a bus has put rows; those stored meanwhile are gone, and stay so. */
  acknowledge(tx: Tx, log: string, rows: readonly Acknowledged[]): Promise<void>
  /**
   * Compares with what a bus holds. Rows that it acknowledged and does not hold are published again. Where it ends before
   * the consumer's `next` (made anew) or begins behind it (cut by its retention), the epoch is raised and `next` is where
   * the bus begins. Returns what was wrong.
   */
  reconcile(tx: Tx, log: string, group: string, found: Found): Promise<{ reset: boolean; again: number }>
  /**
   * The rows that records name, opened with their person's key; null where the row is gone. Bytes that do not open are
   * `garbled`, and the row's own are taken.
   */
  openRecords(tx: Tx, records: readonly { id: string; value: Uint8Array }[]): Promise<Map<string, OpenedRow>>
  /** How far a group has come, by partition. */
  places(tx: Tx, group: string): Promise<{ partition: number; epoch: number; next: number }[]>

  /** What is to be told to the dead-letter topic; committed with what was set aside. */
  addDeadLetters(tx: Tx, letters: readonly DeadLetter[]): Promise<void>
  deadLetters(tx: Tx, limit: number): Promise<DeadLetter[]>
  endDeadLetters(tx: Tx, ids: readonly string[]): Promise<void>

  /** The oldest and the newest row of the outbox, by the order in which they came; null where it is empty. */
  horizon(tx: Tx): Promise<{ oldest: number; newest: number } | null>
}

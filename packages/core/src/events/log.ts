import type { Instant } from '../observation/schema.js'
import type { BusHealth } from './bus.js'

/** The way from the outbox to the consumer: the table itself, or a bus. */
export interface EventLog {
  start(): void
  /** Says that something has been committed to the outbox. */
  wake(): void
  /** Resolves when everything committed before the call is stored, by whichever process. */
  drained(signal?: AbortSignal): Promise<void>
  lag(): Promise<LogLag>
  close(): Promise<void>
}

/** How far behind the consumers of a log are. */
export interface LogLag {
  /** `table`, or the bus's name. */
  name: string
  health: BusHealth
  /** Records that the consumers have not taken in; null where the log cannot be asked. */
  behind: number | null
  /** Records that this process has dropped below its place: delivered again. */
  dropped: number
}

/** The table is in the database: it is there when the database is. */
export function tableHealth(since: Instant): BusHealth {
  return { connected: true, since, code: null }
}

/** Name of a consumer in the offsets: a place counts only in the log that it was reached in. */
export function consumerName(group: string, log: string): string {
  return `${group}@${log}`
}

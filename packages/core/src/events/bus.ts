import type { AurenErrorCode } from '../errors.js'
import type { Instant } from '../observation/schema.js'
import type { Acknowledged, Bounds } from './relay-ports.js'

/** A record to be published. */
export interface BusMessage {
  /** Of the row; the consumer finds it by this. */
  id: string
  /** Records of one key go to one partition. */
  key: string
  headers: Readonly<Record<string, string>>
  value: Uint8Array
}

/** A record as a bus delivers it; whoever may write to the topic may have written anything. */
export interface BusRecord {
  position: number
  headers: Readonly<Record<string, string>>
  value: Uint8Array
  /** When the bus took it. */
  at: Instant
}

/** Where to read on. */
export interface BusAnswer {
  /**
   * Position to go on from; what was delivered beyond it is delivered again. Null where it is not known: the partition is
   * `assigned` again after the pause.
   */
  next: number | null
  /** Pause of this partition in ms before that: the store cannot take more now. */
  pauseMs: number
}

/** What a bus calls. One call per partition at a time. */
export interface BusHandlers {
  /** The partition is this process's from now on. Answers from where it is to be read, once it is known. */
  assigned(partition: number): Promise<BusAnswer>
  /** Records of a partition in order. Never throws for a reason that waiting would mend: it answers with a pause. */
  batch(partition: number, records: readonly BusRecord[], signal: AbortSignal): Promise<BusAnswer>
  /** The partitions may be somebody else's from now on. */
  revoked(): void
}

/** Whether a bus is reached, and since when that is so. */
export interface BusHealth {
  connected: boolean
  since: Instant
  /** Why not; null while connected, or before the first try. */
  code: AurenErrorCode | null
}

/**
 * A log outside of the database (Kafka), behind a port with room for other clients. It connects when it is first
 * needed, and again for as long as it takes: being out of reach is a state, not an end.
 *
 * What the relay and the consumer rely on: `publish` answers only when the log keeps the records as long as it keeps
 * anything; positions of a partition ascend by one; a record may be delivered any number of times, to any number of
 * processes. Nothing else: positions that count are those in the journal's offsets.
 */
export interface EventBus {
  /** Which log this is, e.g. `kafka:biometric-events`; it names the consumer's offsets. */
  readonly log: string
  /**
   * Publishes to the topic of the events, or of the dead letters. Answers in the order given.
   * @throws AurenError AUREN_LOG_UNAVAILABLE where that failed, or where it is not known whether it did
   */
  publish(topic: 'events' | 'deadLetters', messages: readonly BusMessage[]): Promise<Acknowledged[]>
  /** Reads as one of a group, from now on and for ever; answers at once. */
  subscribe(group: string, handlers: BusHandlers): BusSubscription
  /** What there is of each partition of the events. @throws AurenError AUREN_LOG_UNAVAILABLE */
  bounds(): Promise<Bounds[]>
  health(): BusHealth
  close(): Promise<void>
}

/** A running subscription. */
export interface BusSubscription {
  /** Waits for the batch that is being handled, and leaves the group. */
  close(): Promise<void>
}

import type { BusHandlers, EventBus } from '../events/bus.js'
import type { Journal } from '../events/ports.js'
import { createIngest, type Ingest } from '../ingest/ingest.js'
import type { Batch, LongTerm } from '../memory/ports.js'
import type { Instant } from '../observation/schema.js'

/** What a process of AUREN has open: its own connections to the database, and its own client of the bus. */
export interface DeliveryPorts {
  journal: Journal
  longTerm: LongTerm
  /** Absent: the outbox table is the log. */
  bus?: EventBus
  close(): Promise<void>
}

/** What anybody else could do to a topic. */
export interface DeliveryTopic {
  /** Deletes it and makes it anew, empty. */
  recreate(): Promise<void>
  /** Deletes all of its records; positions go on. */
  truncate(): Promise<void>
  write(records: readonly { headers: Record<string, string>; value: Uint8Array }[]): Promise<void>
  /** All that it holds of the events, or of the dead letters. */
  read(which: 'events' | 'deadLetters'): Promise<{ key: string; headers: Record<string, string>; value: Uint8Array }[]>
}

/** A database, with a topic where there is a bus; empty. */
export interface DeliveryWorld {
  open(options: { now(): Instant }): Promise<DeliveryPorts>
  /** Opens without the bus, over the same database. */
  openTable?(options: { now(): Instant }): Promise<DeliveryPorts>
  topic?: DeliveryTopic
  close(): Promise<void>
}

/** What a test does to a process. */
export interface DeliveryFaults {
  work?: 'all' | 'none'
  /** Changes the journal. */
  journal?(journal: Journal): Journal
  /** Changes the bus. */
  bus?(bus: EventBus): EventBus
  /** Called with what is about to be written; may throw. */
  onWrite?(batches: readonly Batch[]): void
  /** Called before each transaction; what it returns is waited for. */
  onTransaction?(): Promise<void> | undefined
}

/** A running process. */
export interface DeliveryNode {
  ingest: Ingest
  journal: Journal
  longTerm: LongTerm
  bus?: EventBus
  logged: { level: string; message: string; fields: Record<string, unknown> }[]
  close(): Promise<void>
}

/** Starts a process in a world. */
export async function startNode(
  world: { open: DeliveryWorld['open'] },
  now: () => Instant,
  faults: DeliveryFaults = {},
): Promise<DeliveryNode> {
  const ports = await world.open({ now })
  const bus = ports.bus && (faults.bus?.(ports.bus) ?? ports.bus)
  const longTerm: LongTerm = {
    ...ports.longTerm,
    write(tx, user, batches) {
      faults.onWrite?.(batches)
      return ports.longTerm.write(tx, user, batches)
    },
  }
  const own = faults.journal?.(ports.journal) ?? ports.journal
  const journal: Journal = {
    ...own,
    async transaction(fn, options) {
      await faults.onTransaction?.()
      return own.transaction(fn, options)
    },
  }
  const logged: DeliveryNode['logged'] = []
  const ingest = createIngest({
    journal,
    longTerm,
    wearables: [],
    registry: {},
    zone: 'UTC',
    now,
    log: (level, message, fields = {}) => logged.push({ level, message, fields }),
    ...(bus ? { bus } : {}),
    ...(faults.work ? { work: faults.work } : {}),
  })
  ingest.start()
  return {
    ingest,
    journal,
    longTerm,
    ...(bus ? { bus } : {}),
    logged,
    async close() {
      await ingest.close()
      await ports.close()
    },
  }
}

/** A bus that delivers everything from the very beginning, whatever it is asked. */
export function fromTheBeginning(bus: EventBus): EventBus {
  return {
    ...bus,
    subscribe: (group, handlers) =>
      bus.subscribe(group, {
        ...handlers,
        async assigned(partition) {
          const { pauseMs } = await handlers.assigned(partition)
          return { next: 0, pauseMs }
        },
      } satisfies BusHandlers),
  }
}

/** Waits until something holds; what never holds ends in the runner's time-out. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

import { asAurenError } from '../errors.js'
import type { PluginContext } from '../plugin/types.js'
import { publish } from '../telemetry.js'
import type { BusAnswer, BusHandlers, BusRecord, EventBus } from './bus.js'
import type { Consumer, Place } from './consume.js'
import type { Journal, LogAside, LogRecord } from './ports.js'
import type { Bounds } from './relay-ports.js'
import { BATCH_BYTES, BATCH_RECORDS } from './table-log.js'

/** Pauses of a partition after failures, in ms. */
const FIRST_PAUSE_MS = 100
const MOST_PAUSE_MS = 10_000
/** Bytes of a record that is set aside that are kept. */
const KEPT_BYTES = 64 * 1024

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** What a reader stands on. */
export interface BusReaderPorts {
  journal: Journal
  bus: EventBus
  consumer: Consumer
  /** Name of the consumer in the offsets. */
  place: string
  log: PluginContext['log']
  /** Told when something has been taken in. */
  onMoved(): void
}

/** The consuming half of a bus's log. */
export interface BusReader {
  handlers: BusHandlers
  /**
   * Compares the outbox and the offsets with what the bus holds, and mends what differs, loudly.
   * @param publisher true where this process is the only one that publishes, and does not while this runs
   */
  compare(publisher: boolean): Promise<void>
  /** How many records below their place have been dropped. */
  dropped(): number
}

/**
 * Takes records of a bus to the consumer. Positions come from the journal's offsets, never from the bus. A zombie
 * takes over again and reads anew; a gap is met by what the bus says it holds.
 */
export function createBusReader({ journal, bus, consumer, place: group, log, onMoved }: BusReaderPorts): BusReader {
  const places = new Map<number, Place>()
  const failures = new Map<number, number>()
  /** Positions at which a gap was seen once: reading anew may still fill it. */
  const gaps = new Map<number, number>()

  let dropped = 0

  const mend = async (bounds: Bounds, known: number, still: boolean): Promise<void> => {
    const { reset, again } = await journal.transaction((tx) =>
      journal.reconcile(tx, bus.log, group, { ...bounds, known, still }),
    )
    if (reset) places.delete(bounds.partition)
    if (reset || again > 0)
      log('error', 'the log has lost records: they are published again', { log: bus.log, ...bounds, reset, again })
  }

  /** First how far the consumer is, then what the bus holds: the other way round a running log would seem cut. */
  const compare = async (publisher: boolean, only?: number): Promise<void> => {
    const known = new Map(
      (await journal.transaction((tx) => journal.places(tx, group))).map(({ partition, next }) => [partition, next]),
    )
    for (const bounds of await bus.bounds())
      if (only === undefined || only === bounds.partition)
        await mend(bounds, known.get(bounds.partition) ?? 0, publisher)
  }

  const takeOver = async (partition: number): Promise<Place> => {
    const place = await consumer.takeOver(partition)
    places.set(partition, place)
    return place
  }

  const open = async (partition: number, records: readonly BusRecord[]): Promise<LogRecord[]> => {
    const named = records.flatMap(({ headers: { id }, value }) => (id && UUID.test(id) ? [{ id, value }] : []))
    const rows = await journal.transaction((tx) => journal.openRecords(tx, named), { lane: 'bulk' })
    return records.map((record): LogRecord => {
      const { position, headers } = record
      const id = headers.id?.toLowerCase()
      if (id === undefined || !UUID.test(id))
        return { partition, position, id: null, envelope: null, aside: aside(bus.log, record, 'log_unknown') }
      const row = rows.get(id) ?? null
      return {
        partition,
        position,
        id,
        envelope: row?.envelope ?? null,
        ...(row?.garbled ? { aside: aside(bus.log, record, 'log_garbled') } : {}),
      }
    })
  }

  /** What stands between `next` and the first record: read anew once; what then is still not there is given up as lost. */
  const meetGap = async (place: Place, found: number): Promise<void> => {
    const { partition, next } = place
    if (gaps.get(partition) !== next) {
      gaps.set(partition, next)
      return
    }
    gaps.delete(partition)
    log('error', 'the log has a gap', { log: bus.log, partition, next, found })
    await mend({ partition, earliest: found, end: Number.MAX_SAFE_INTEGER }, next, false)
  }

  const take = async (partition: number, records: readonly BusRecord[], signal: AbortSignal): Promise<number> => {
    let place = places.get(partition) ?? (await takeOver(partition))
    const fresh = records.filter(({ position }) => position >= place.next)
    dropped += records.length - fresh.length
    for (const part of slices(fresh)) {
      if (signal.aborted) break
      const first = (part[0] as BusRecord).position
      if (first > place.next) {
        await meetGap(place, first)
        return (places.get(partition) ?? (await takeOver(partition))).next
      }
      gaps.delete(partition)
      place = await consumer.consume(place, await open(partition, part))
      places.set(partition, place)
      onMoved()
    }
    return place.next
  }

  const failed = (partition: number, cause: unknown): BusAnswer => {
    const error = asAurenError(cause)
    const times = failures.get(partition) ?? 0
    failures.set(partition, times + 1)
    places.delete(partition)
    // A zombie is told by its bus that it is one, or is the rightful owner and takes over anew.
    const calm = error.code === 'AUREN_ZOMBIE' || error.code === 'AUREN_CLOSED'
    if (!calm) publish('stuck', { part: 'consumer', code: error.code })
    log(calm ? 'info' : 'error', 'records could not be taken in', { log: bus.log, partition, code: error.code, times })
    return { next: null, pauseMs: Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** times) }
  }

  return {
    compare: (publisher) => compare(publisher),
    dropped: () => dropped,
    handlers: {
      async assigned(partition) {
        try {
          await compare(false, partition)
          const { next } = await takeOver(partition)
          return { next, pauseMs: 0 }
        } catch (cause) {
          return failed(partition, cause)
        }
      },
      async batch(partition, records, signal) {
        try {
          const next = await take(partition, records, signal)
          failures.delete(partition)
          return { next, pauseMs: 0 }
        } catch (cause) {
          return failed(partition, cause)
        }
      },
      revoked() {
        places.clear()
      },
    },
  }
}

/** Parts that one transaction takes. */
function* slices(records: readonly BusRecord[]): Generator<BusRecord[]> {
  let part: BusRecord[] = []
  let bytes = 0
  for (const record of records) {
    const gap = part.length > 0 && record.position !== (part.at(-1) as BusRecord).position + 1
    if (part.length > 0 && (gap || part.length === BATCH_RECORDS || bytes + record.value.length > BATCH_BYTES)) {
      yield part
      part = []
      bytes = 0
    }
    part.push(record)
    bytes += record.value.length
  }
  if (part.length > 0) yield part
}

function aside(log: string, { value, at }: BusRecord, reason: LogAside['reason']): LogAside {
  return { reason, log, at, bytes: Buffer.from(value.subarray(0, KEPT_BYTES)).toString('base64') }
}

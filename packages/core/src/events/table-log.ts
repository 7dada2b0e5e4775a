import { setTimeout as delay } from 'node:timers/promises'
import { asAurenError } from '../errors.js'
import type { PluginContext } from '../plugin/types.js'
import { publish } from '../telemetry.js'
import { failpoint } from '../testing/failpoints.js'
import type { Consumer, Place } from './consume.js'
import { createDrain } from './drain.js'
import { consumerName, type EventLog, tableHealth } from './log.js'
import type { Journal, LogRecord } from './ports.js'
import { createRelayLease } from './relay-lease.js'

/** Records and bytes that are stored in one transaction at most: together they cost less than apart. */
export const BATCH_RECORDS = 200
/** Where there is but one session, whoever asks something waits for the transaction: shorter ones. */
const BATCH_RECORDS_ALONE = 24
export const BATCH_BYTES = 4 * 1024 * 1024
/** Rows that get a position in one go. */
const ASSIGN = 200
/** How often the outbox is looked at when nobody said that there is something, in ms. */
const IDLE_MS = 1000
/** Longest pause after failures, in ms. */
const MOST_BACKOFF_MS = 10_000

/** The table's name in offsets and metrics. */
export const TABLE = 'table'

/** What a table log stands on. */
export interface TableLogPorts {
  journal: Journal
  consumer: Consumer
  /** Name of the consumer in the offsets. */
  group: string
  log: PluginContext['log']
  now(): number
}

/**
 * The outbox table as the log, relay and consumer in one loop: gives committed rows their positions, reads each
 * partition in order, and hands the records to the consumer. One process at a time does it. Failures that may pass are
 * tried again with growing pauses; a zombie takes over again and reads anew.
 */
export function createTableLog({ journal, consumer, group, log, now }: TableLogPorts): EventLog {
  const stop = new AbortController()
  const since = now()
  const lease = createRelayLease(journal, null, group, log)
  const drain = createDrain(journal, stop.signal)
  let running: Promise<void> | null = null
  let asked = 0
  let alarm = new AbortController()
  const places = new Map<number, Place>()

  const wake = (): void => {
    asked++
    // Making the reason costs as much as a small query.
    if (!alarm.signal.aborted) alarm.abort()
  }

  const consumePartition = async (partition: number): Promise<boolean> => {
    let place = places.get(partition) ?? (await consumer.takeOver(partition))
    places.set(partition, place)
    const most = lease.alone() ? BATCH_RECORDS_ALONE : BATCH_RECORDS
    const records: LogRecord[] = await journal.transaction(
      (tx) => journal.read(tx, partition, place.next, most, BATCH_BYTES),
      { lane: 'bulk' },
    )
    if (records.length === 0) return false
    try {
      place = await consumer.consume(place, records)
      places.set(partition, place)
    } catch (cause) {
      // Whoever lost the partition knows nothing of it any more.
      places.delete(partition)
      if (asAurenError(cause).code === 'AUREN_LOG_GAP') {
        const moved = await journal.transaction((tx) => journal.align(tx, null, group))
        log('error', 'the table had a gap: what waits has been given new places', { partition, moved })
      }
      throw cause
    }
    drain.nudge()
    return true
  }

  /** One look at everything; true where there was work. */
  const turn = async (): Promise<boolean> => {
    if (!(await lease.hold())) {
      places.clear()
      return false
    }
    let worked = false
    const began = performance.now()
    const assigned = await journal.transaction(
      async (tx) => {
        const given = await journal.assign(tx, ASSIGN)
        if (given > 0) failpoint('relay:before-commit')
        return given
      },
      { lane: 'bulk' },
    )
    if (assigned > 0) {
      failpoint('relay:after-commit')
      publish('relayed', { log: TABLE, envelopes: assigned, ms: performance.now() - began })
    }
    for (let partition = 0; partition < journal.partitions(); partition++) {
      if (stop.signal.aborted) return worked
      if (await consumePartition(partition)) worked = true
    }
    return worked || assigned > 0
  }

  const loop = async (): Promise<void> => {
    let failures = 0
    while (!stop.signal.aborted) {
      const before = asked
      alarm = new AbortController()
      try {
        if (await turn()) {
          failures = 0
          continue
        }
        failures = 0
        drain.nudge()
        if (asked !== before) continue
        await pause(IDLE_MS, alarm.signal)
      } catch (cause) {
        const error = asAurenError(cause)
        if (stop.signal.aborted || error.code === 'AUREN_CLOSED') return
        publish('stuck', { part: 'consumer', code: error.code })
        log('error', 'the log is stuck', { code: error.code, failures })
        await pause(Math.min(MOST_BACKOFF_MS, 50 * 2 ** failures++), stop.signal)
      }
    }
  }

  const pause = (ms: number, signal: AbortSignal): Promise<unknown> =>
    delay(ms, undefined, { signal: AbortSignal.any([signal, stop.signal]) }).catch(() => undefined)

  return {
    start: () => {
      running ??= loop()
    },
    wake,
    drained(signal) {
      wake()
      return drain.wait(signal)
    },
    async lag() {
      const behind = await journal.waiting(Number.MAX_SAFE_INTEGER)
      return { name: TABLE, health: tableHealth(since), behind, dropped: consumer.dropped() }
    },
    async close() {
      stop.abort()
      await running
      await lease.release()
    },
  }
}

/** The consumer of the table in the offsets. */
export function tableConsumer(group: string): string {
  return consumerName(group, TABLE)
}

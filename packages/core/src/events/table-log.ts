import { setTimeout as delay } from 'node:timers/promises'
import { AurenError, asAurenError } from '../errors.js'
import type { PluginContext } from '../plugin/types.js'
import { failpoint } from '../testing/failpoints.js'
import type { Consumer, Place } from './consume.js'
import type { Journal, LogRecord } from './ports.js'

/** Records and bytes that are stored in one transaction at most. */
const BATCH_RECORDS = 24
const BATCH_BYTES = 4 * 1024 * 1024
/** Rows that get a position in one go. */
const ASSIGN = 200
/** How often the outbox is looked at when nobody said that there is something, in ms. */
const IDLE_MS = 1000
/** Longest pause after failures, in ms. */
const MOST_BACKOFF_MS = 10_000

/** The outbox table as the log: relay and consumer in one loop. */
export interface TableLog {
  start(): void
  /** Says that something has been committed to the outbox. */
  wake(): void
  /** Resolves when everything committed before the call is stored. */
  drained(): Promise<void>
  close(): Promise<void>
}

/**
 * Gives committed outbox rows their positions, reads each partition in order, and hands the records to the consumer.
 * Failures that may pass are tried again with growing pauses; a zombie takes over again and reads anew.
 */
export function createTableLog(journal: Journal, consumer: Consumer, log: PluginContext['log']): TableLog {
  const stop = new AbortController()
  let running: Promise<void> | null = null
  let asked = 0
  let served = 0
  let alarm = new AbortController()
  let waiters: { turn: number; resolve: () => void }[] = []
  const places = new Map<number, Place>()

  const wake = (): void => {
    asked++
    alarm.abort()
  }

  const consumePartition = async (partition: number): Promise<boolean> => {
    let place = places.get(partition) ?? (await consumer.takeOver(partition))
    places.set(partition, place)
    const records: LogRecord[] = await journal.transaction(
      (tx) => journal.read(tx, partition, place.next, BATCH_RECORDS, BATCH_BYTES),
      { lane: 'bulk' },
    )
    if (records.length === 0) return false
    try {
      place = await consumer.consume(place, records)
      places.set(partition, place)
    } catch (error) {
      // Whoever lost the partition knows nothing of it any more.
      places.delete(partition)
      throw error
    }
    return true
  }

  /** One look at everything; true where there was work. */
  const turn = async (): Promise<boolean> => {
    let worked = false
    const assigned = await journal.transaction(
      async (tx) => {
        const given = await journal.assign(tx, ASSIGN)
        if (given > 0) failpoint('relay:before-commit')
        return given
      },
      { lane: 'bulk' },
    )
    if (assigned > 0) failpoint('relay:after-commit')
    for (let partition = 0; partition < journal.partitions(); partition++) {
      if (stop.signal.aborted) return worked
      if (await consumePartition(partition)) worked = true
    }
    return worked || assigned > 0
  }

  const loop = async (): Promise<void> => {
    let failures = 0
    while (!stop.signal.aborted) {
      const now = asked
      alarm = new AbortController()
      try {
        if (await turn()) {
          failures = 0
          continue
        }
        failures = 0
        served = now
        const ready = waiters.filter((waiter) => waiter.turn <= served)
        waiters = waiters.filter((waiter) => waiter.turn > served)
        for (const waiter of ready) waiter.resolve()
        if (asked !== now) continue
        await pause(IDLE_MS, alarm.signal)
      } catch (cause) {
        const error = asAurenError(cause)
        if (stop.signal.aborted || error.code === 'AUREN_CLOSED') return
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
    drained() {
      if (stop.signal.aborted) return Promise.reject(new AurenError('AUREN_CLOSED', 'AUREN has been closed.'))
      return new Promise((resolve) => {
        wake()
        waiters.push({ turn: asked, resolve })
      })
    },
    async close() {
      stop.abort()
      await running
      for (const waiter of waiters.splice(0)) waiter.resolve()
    },
  }
}

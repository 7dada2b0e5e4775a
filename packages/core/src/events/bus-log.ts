import { setTimeout as delay } from 'node:timers/promises'
import { asAurenError } from '../errors.js'
import type { PluginContext } from '../plugin/types.js'
import { publish } from '../telemetry.js'
import { failpoint } from '../testing/failpoints.js'
import type { BusMessage, BusSubscription, EventBus } from './bus.js'
import { createBusReader } from './bus-reader.js'
import type { Consumer } from './consume.js'
import { createDrain } from './drain.js'
import type { EventLog } from './log.js'
import type { Journal } from './ports.js'
import { createRelayLease } from './relay-lease.js'
import type { DeadLetter, Outgoing } from './relay-ports.js'

/** Rows and bytes that are published at once. Brokers take a mebibyte in one batch unless told otherwise. */
const PUBLISH_ROWS = 200
const PUBLISH_BYTES = 900 * 1024
/** How often the outbox is looked at when nobody said that there is something, in ms. */
const IDLE_MS = 500
/** How often the outbox is compared with what the bus holds, in ms. */
const RECONCILE_MS = 5000
/** Pauses after failures, in ms. */
const FIRST_BACKOFF_MS = 100
const MOST_BACKOFF_MS = 5000

/** What a bus's log stands on. */
export interface BusLogPorts {
  journal: Journal
  bus: EventBus
  consumer: Consumer
  /** Name of the consumer, and of the bus's group. */
  group: string
  /** Name of the consumer in the offsets. */
  place: string
  log: PluginContext['log']
}

/**
 * A bus as the log. The relay publishes what is committed to the outbox and notes where it went; a row leaves the
 * outbox when the consumer has stored it, so that whatever the bus loses, doubles or mixes up is published again. While
 * the bus is out of reach the outbox grows, and deliveries are accepted as ever.
 */
export function createBusLog({ journal, bus, consumer, group, place, log }: BusLogPorts): EventLog {
  const stop = new AbortController()
  const lease = createRelayLease(journal, bus.log, place, log)
  const drain = createDrain(journal, stop.signal)
  const reader = createBusReader({ journal, bus, consumer, place, log, onMoved: drain.nudge })
  let running: Promise<void> | null = null
  let subscription: BusSubscription | null = null
  let alarm = new AbortController()
  let asked = 0
  let reconciled = Number.NEGATIVE_INFINITY

  const wake = (): void => {
    asked++
    // Making the reason costs as much as a small query.
    if (!alarm.signal.aborted) alarm.abort()
  }

  const publishRows = async (): Promise<boolean> => {
    const rows = await journal.transaction((tx) => journal.unpublished(tx, bus.log, place, PUBLISH_ROWS, PUBLISH_BYTES))
    if (rows.length === 0) return false
    const began = performance.now()
    const acknowledged = await bus.publish('events', rows.map(messageOf))
    failpoint('relay:before-commit')
    await journal.transaction((tx) => journal.acknowledge(tx, bus.log, acknowledged))
    failpoint('relay:after-commit')
    publish('relayed', { log: bus.log, envelopes: rows.length, ms: performance.now() - began })
    return true
  }

  const publishLetters = async (): Promise<boolean> => {
    const letters = await journal.transaction((tx) => journal.deadLetters(tx, PUBLISH_ROWS))
    if (letters.length === 0) return false
    await bus.publish(
      'deadLetters',
      letters.map((letter) => letterOf(bus.log, letter)),
    )
    await journal.transaction((tx) =>
      journal.endDeadLetters(
        tx,
        letters.map(({ id }) => id),
      ),
    )
    return true
  }

  /** Notices what the bus has lost since, also where nothing comes from it any more. */
  const reconcile = async (): Promise<void> => {
    if (performance.now() - reconciled < RECONCILE_MS) return
    await reader.compare(true)
    reconciled = performance.now()
  }

  const turn = async (): Promise<boolean> => {
    if (!(await lease.hold())) return false
    await reconcile()
    const rows = await publishRows()
    const letters = await publishLetters()
    return rows || letters
  }

  const loop = async (): Promise<void> => {
    let failures = 0
    while (!stop.signal.aborted) {
      const before = asked
      alarm = new AbortController()
      try {
        const worked = await turn()
        if (failures > 0) log('info', 'the relay goes on', { log: bus.log, failures })
        failures = 0
        if (!worked && asked === before) await pause(IDLE_MS, alarm.signal)
      } catch (cause) {
        const error = asAurenError(cause)
        if (stop.signal.aborted || error.code === 'AUREN_CLOSED') return
        publish('stuck', { part: 'relay', code: error.code })
        log(failures === 0 ? 'error' : 'debug', 'the relay is stuck', { log: bus.log, code: error.code, failures })
        await pause(Math.min(MOST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures++), stop.signal)
      }
    }
  }

  const pause = (ms: number, signal: AbortSignal): Promise<unknown> =>
    delay(ms, undefined, { signal: AbortSignal.any([signal, stop.signal]) }).catch(() => undefined)

  return {
    start() {
      running ??= loop()
      subscription ??= bus.subscribe(group, reader.handlers)
    },
    wake,
    drained(signal) {
      wake()
      return drain.wait(signal)
    },
    async lag() {
      const health = bus.health()
      const base = { name: bus.log, health, dropped: reader.dropped() + consumer.dropped() }
      try {
        const [bounds, places] = await Promise.all([
          bus.bounds(),
          journal.transaction((tx) => journal.places(tx, place)),
        ])
        const next = new Map(places.map((held) => [held.partition, held.next]))
        const behind = bounds.reduce(
          (sum, { partition, earliest, end }) => sum + Math.max(0, end - Math.max(earliest, next.get(partition) ?? 0)),
          0,
        )
        return { ...base, health: bus.health(), behind }
      } catch (cause) {
        if (asAurenError(cause).code !== 'AUREN_LOG_UNAVAILABLE') throw cause
        return { ...base, health: bus.health(), behind: null }
      }
    },
    async close() {
      stop.abort()
      await subscription?.close()
      await running
      await lease.release()
    },
  }
}

function messageOf({ id, key, payload, traceparent }: Outgoing): BusMessage {
  return { id, key, headers: { id, ...(traceparent === null ? {} : { traceparent }) }, value: payload }
}

/** A dead letter says where to look, and nothing of what is there. */
function letterOf(log: string, letter: DeadLetter): BusMessage {
  const value = new TextEncoder().encode(JSON.stringify({ v: 1, log, ...letter }))
  return { id: letter.id, key: letter.id, headers: { id: letter.id, reason: letter.reason }, value }
}

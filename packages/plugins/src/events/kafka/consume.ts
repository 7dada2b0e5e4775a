import { setTimeout as delay } from 'node:timers/promises'
import type { BusAnswer, BusHandlers, BusRecord, BusSubscription, PluginContext } from '@auren/core'
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs'
import { fewRetries } from './client.js'
import type { Health } from './health.js'
import type { KafkaSettings } from './options.js'
import type { Topics } from './topics.js'
import { createWatch } from './watch.js'

/** Longest time that a fetch waits for records, in ms: how soon a stop or a seek is noticed. */
const WAIT_MS = 500
const MOST_BYTES = 8 * 1024 * 1024
/** Pauses before a consumer is made anew, in ms. */
const FIRST_PAUSE_MS = 200
const MOST_PAUSE_MS = 5000
/** Longest time that leaving the group may take, in ms. */
const LEAVE_MS = 5000

/**
 * Reads as one of a group, for ever: a consumer that crashed, or from which nothing is heard any more, is thrown away
 * and another one made. Partitions are read from where the handlers say; the offsets that Kafka keeps are a hint for
 * those who look at the group, and nobody reads them here.
 */
export function subscribe(
  client: () => Promise<Kafka>,
  settings: KafkaSettings,
  topics: Topics,
  health: Health,
  log: PluginContext['log'],
  group: string,
  handlers: BusHandlers,
): BusSubscription {
  const stop = new AbortController()
  const { topic, sessionTimeoutMs } = settings
  const rebalanceMs = Math.max(10_000, 2 * sessionTimeoutMs)

  /** One consumer's life; resolves with why it ended. */
  const live = async (): Promise<string> => {
    await topics.ensure()
    const consumer = (await client()).consumer({
      groupId: `auren-${topic}-${group}`,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.floor(sessionTimeoutMs / 6),
      rebalanceTimeout: rebalanceMs,
      maxWaitTimeInMs: WAIT_MS,
      maxBytes: MOST_BYTES,
      maxBytesPerPartition: MOST_BYTES / 4,
      metadataMaxAge: 30_000,
      allowAutoTopicCreation: false,
      // Whether and when to begin anew is decided here.
      retry: { ...fewRetries, restartOnFailure: async () => false },
    })
    const life = new AbortController()
    const ended = createWatch(consumer, rebalanceMs + 2 * sessionTimeoutMs, AbortSignal.any([stop.signal, life.signal]))
    const partitions = createPartitions(consumer, settings, handlers, AbortSignal.any([stop.signal, life.signal]))
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      health.up()
      partitions.join(payload.memberAssignment[topic] ?? [])
    })
    consumer.on(consumer.events.REBALANCING, () => handlers.revoked())
    try {
      await consumer.connect()
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: (payload) => partitions.take(payload),
      })
      return await ended
    } finally {
      life.abort()
      handlers.revoked()
      await Promise.race([consumer.disconnect().catch(() => undefined), delay(LEAVE_MS, undefined, { ref: false })])
    }
  }

  const run = async (): Promise<void> => {
    for (let failures = 0; !stop.signal.aborted; failures++) {
      const from = performance.now()
      const why = await live().catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
      if (stop.signal.aborted) return
      topics.reset()
      if (performance.now() - from > MOST_PAUSE_MS) failures = 0
      health.down(why)
      log('warn', 'the consumer is made anew', { topic, group, reason: why, failures })
      const pause = Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures)
      await delay(pause, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  }

  const running = run()
  return {
    async close() {
      stop.abort()
      // A connection that is being made to brokers that say nothing is not waited for.
      await Promise.race([running, delay(LEAVE_MS, undefined, { ref: false })])
    },
  }
}

/** The partitions of one consumer: where each is read from, and its pauses. */
function createPartitions(consumer: Consumer, settings: KafkaSettings, handlers: BusHandlers, signal: AbortSignal) {
  const { topic } = settings
  const beatMs = Math.min(1000, settings.sessionTimeoutMs / 6)
  /** Raised with each assignment: what is on its way for an older one comes to nothing. */
  let generation = 0

  const place = (partition: number): { topic: string; partitions: number[] }[] => [{ topic, partitions: [partition] }]

  /** Pauses, then goes on from where the handlers say; asks them where that is unknown. */
  const follow = async (partition: number, first: BusAnswer, mine: number): Promise<void> => {
    let answer = first
    for (;;) {
      if (answer.pauseMs > 0) await delay(answer.pauseMs, undefined, { signal })
      if (mine !== generation) return
      if (answer.next !== null) break
      answer = await handlers.assigned(partition)
    }
    if (mine !== generation || signal.aborted) return
    consumer.seek({ topic, partition, offset: String(answer.next) })
    consumer.resume(place(partition))
  }
  const leave = (partition: number, answer: BusAnswer, mine: number): void => {
    consumer.pause(place(partition))
    // It ends early only because the consumer does.
    follow(partition, answer, mine).catch(() => undefined)
  }

  return {
    /** Nothing is read of a partition before it is known from where. */
    join(partitions: readonly number[]): void {
      const mine = ++generation
      for (const partition of partitions) leave(partition, { next: null, pauseMs: 0 }, mine)
    },

    async take({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary, isRunning, isStale }: EachBatchPayload) {
      const mine = generation
      const { partition, messages } = batch
      if (messages.length === 0 || isStale() || !isRunning() || signal.aborted) return
      // A long batch must not cost the partition.
      const heart = setInterval(() => void heartbeat().catch(() => undefined), beatMs)
      try {
        const answer = await handlers.batch(partition, messages.map(toRecord), signal)
        if (mine !== generation) return
        const after = Number((messages.at(-1) as KafkaMessage).offset) + 1
        if (answer.pauseMs > 0 || answer.next !== after) {
          leave(partition, answer, mine)
          return
        }
        resolveOffset(String(after - 1))
        await commitOffsetsIfNecessary({
          topics: [{ topic, partitions: [{ partition, offset: String(after) }] }],
        }).catch(() => undefined)
      } finally {
        clearInterval(heart)
      }
    },
  }
}

function toRecord({ offset, headers, value, timestamp }: KafkaMessage): BusRecord {
  const texts: Record<string, string> = {}
  for (const [name, held] of Object.entries(headers ?? {})) {
    const one = Array.isArray(held) ? held[0] : held
    if (one !== undefined) texts[name] = one.toString()
  }
  return { position: Number(offset), headers: texts, value: value ?? new Uint8Array(), at: Number(timestamp) }
}

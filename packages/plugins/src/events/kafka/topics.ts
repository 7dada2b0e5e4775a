import type { Bounds, PluginContext } from '@auren/core'
import type { Admin, Kafka } from 'kafkajs'
import { fewRetries, unavailable } from './client.js'
import type { Health } from './health.js'
import { deadLettersOf, type KafkaSettings } from './options.js'

/** What is asked of the brokers beside records. */
export interface Topics {
  /** Makes topics that are missing, once per connection. */
  ensure(): Promise<void>
  bounds(): Promise<Bounds[]>
  /** Forgets what is known: the topics may be gone. */
  reset(): void
  close(): Promise<void>
}

/** Topics of the log. One question at a time is asked; whoever comes meanwhile takes its answer. */
export function createTopics(
  client: () => Promise<Kafka>,
  settings: KafkaSettings,
  health: Health,
  log: PluginContext['log'],
): Topics {
  const { topic, createTopics: make } = settings
  let admin: Promise<Admin> | null = null
  let ensured: Promise<void> | null = null
  let asking: Promise<Bounds[]> | null = null

  const connect = async (): Promise<Admin> => {
    const opened = (await client()).admin({ retry: fewRetries })
    await opened.connect()
    return opened
  }

  /** Asks; a connection that failed is given up, and the next question makes another. */
  const ask = async <T>(what: string, question: (admin: Admin) => Promise<T>): Promise<T> => {
    admin ??= connect()
    const mine = admin
    try {
      const answer = await question(await mine)
      health.up()
      return answer
    } catch (cause) {
      if (admin === mine) admin = null
      mine.then((held) => held.disconnect()).catch(() => undefined)
      const error = unavailable(what, cause)
      health.down(error.message)
      throw error
    }
  }

  const make1 = async (): Promise<void> => {
    if (make === false) return
    const { partitions = 6, replicas = -1 } = make
    const missing = await ask('asking for the topics', async (held) => {
      const known = new Set(await held.listTopics())
      return [topic, deadLettersOf(topic)].filter((name) => !known.has(name))
    })
    if (missing.length === 0) return
    const made = await ask('making the topics', (held) =>
      held.createTopics({
        waitForLeaders: true,
        topics: missing.map((name) => ({
          topic: name,
          numPartitions: name === topic ? partitions : 1,
          replicationFactor: replicas,
        })),
      }),
    )
    if (made) log('info', 'topics have been made', { topics: missing, partitions })
  }

  const ensure = (): Promise<void> => {
    ensured ??= make1().catch((error: unknown) => {
      ensured = null
      throw error
    })
    return ensured
  }

  const read = async (): Promise<Bounds[]> => {
    await ensure()
    try {
      const found = await ask('asking for the ends of the topic', (held) => held.fetchTopicOffsets(topic))
      return found.map(({ partition, low, high }) => ({ partition, earliest: Number(low), end: Number(high) }))
    } catch (error) {
      ensured = null
      throw error
    }
  }

  return {
    ensure,
    bounds() {
      asking ??= read().finally(() => {
        asking = null
      })
      return asking
    },
    reset() {
      ensured = null
    },
    async close() {
      const held = admin
      admin = null
      await held?.then((opened) => opened.disconnect()).catch(() => undefined)
    },
  }
}

import { defineEvents, type EventBus, type PluginContext } from '@auren/core'
import type { Kafka } from 'kafkajs'
import { createClient } from './client.js'
import { subscribe } from './consume.js'
import { createHealth } from './health.js'
import { deadLettersOf, type KafkaOptions, type KafkaSettings, settle } from './options.js'
import { createPublisher } from './publish.js'
import { createTopics } from './topics.js'

export type { KafkaOptions } from './options.js'

/**
 * Kafka between what is accepted and what stores it, through kafkajs, which is imported at its first use. It connects
 * when it is first needed and again for as long as it takes: brokers out of reach stop no start and no delivery, the
 * outbox grows until they are back. Records carry sealed envelopes under a keyed hash of their person.
 *
 * @throws AurenError AUREN_CONFIG_INVALID for options that cannot be meant
 *
 * @example
 * const auren = await createAuren({ plugins: [postgres({ url }), kafka({ brokers: ['127.0.0.1:9092'] })] })
 */
export function kafka(options: KafkaOptions) {
  const settings = settle(options)
  return defineEvents({
    kind: 'events',
    id: 'kafka',
    version: '0.1.0',
    peers: { kafkajs: '^2.2.4' },
    async open(ctx) {
      const bus = createKafkaBus(settings, ctx)
      return { bus, close: () => bus.close() }
    },
  })
}

function createKafkaBus(settings: KafkaSettings, { log, now }: PluginContext): EventBus {
  const { topic } = settings
  let made: Promise<Kafka> | null = null
  const client = (): Promise<Kafka> => {
    made ??= createClient(settings, log)
    return made
  }
  const health = createHealth(now, log, topic)
  const topics = createTopics(client, settings, health, log)
  const publisher = createPublisher(client, topics, health)
  return {
    log: `kafka:${topic}`,
    publish: (to, messages) => publisher.publish(to === 'events' ? topic : deadLettersOf(topic), messages),
    subscribe: (group, handlers) => subscribe(client, settings, topics, health, log, group, handlers),
    bounds: () => topics.bounds(),
    health: () => health.state(),
    async close() {
      await publisher.close()
      await topics.close()
    },
  }
}

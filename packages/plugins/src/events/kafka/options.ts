import { AurenError, topics } from '@auren/core'

/** Options of the log on Kafka. */
export interface KafkaOptions {
  /** `host:port`, at least one. `KAFKA_BOOTSTRAP_SERVERS` is such a list with commas. */
  brokers: readonly string[]
  /** Topic of the events; the dead letters' is `<topic>.dlq`. Default `biometric-events`. */
  topic?: string
  /** Name of this client in the brokers' logs and quotas. Default `auren`. */
  clientId?: string
  /** TLS; `true` for the system's authorities. Default: none. */
  ssl?: boolean | { ca?: string; cert?: string; key?: string; servername?: string }
  sasl?: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string }
  /** After this time without a sign of life a consumer's partitions are given to others, in ms. Default 30,000. */
  sessionTimeoutMs?: number
  /**
   * Topics that are missing are made so; `false`: they are somebody else's business.
   * Default 6 partitions, with the brokers' own number of replicas.
   */
  createTopics?: false | { partitions?: number; replicas?: number }
}

/** {@link KafkaOptions}, complete. */
export type KafkaSettings = Required<Omit<KafkaOptions, 'ssl' | 'sasl'>> & Pick<KafkaOptions, 'ssl' | 'sasl'>

/** Kafka's own rule for names of topics. */
const TOPIC = /^[\w.-]{1,240}$/
const BROKER = /^[^\s:/]+:\d{1,5}$|^\[[\da-f:]+\]:\d{1,5}$/i

/** Checks options and fills in defaults. @throws AurenError AUREN_CONFIG_INVALID */
export function settle(options: KafkaOptions): KafkaSettings {
  const { brokers, topic = topics.events, clientId = 'auren', sessionTimeoutMs = 30_000, createTopics = {} } = options
  const wrong = (message: string): AurenError => new AurenError('AUREN_CONFIG_INVALID', message, { plugin: 'kafka' })
  if (brokers.length === 0 || !brokers.every((broker) => BROKER.test(broker)))
    throw wrong('kafka({ brokers }) wants addresses as host:port (KAFKA_BOOTSTRAP_SERVERS: with commas between them).')
  if (!TOPIC.test(topic)) throw wrong('kafka({ topic }) wants letters, digits, dots, dashes and underscores.')
  if (!Number.isInteger(sessionTimeoutMs) || sessionTimeoutMs < 1000)
    throw wrong('kafka({ sessionTimeoutMs }) wants whole milliseconds, 1000 at least.')
  return {
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
    ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
    brokers: [...brokers],
    topic,
    clientId,
    sessionTimeoutMs,
    createTopics,
  }
}

/** Topic of the dead letters. */
export function deadLettersOf(topic: string): string {
  return `${topic}.dlq`
}

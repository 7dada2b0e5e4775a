import { AurenError, type PluginContext } from '@auren/core'
import type { Kafka, LogEntry, SASLOptions } from 'kafkajs'
import type { KafkaSettings } from './options.js'

const PEER = 'kafkajs'
/** Time for a connection, and for an answer, in ms. */
const CONNECT_MS = 3000
const REQUEST_MS = 10_000
/** The client's own retries end soon: whoever called it goes on trying, and says so. */
export const fewRetries = { retries: 2, initialRetryTime: 100, maxRetryTime: 1000 } as const

/** A client of kafkajs, which is imported at its first use. */
export async function createClient(settings: KafkaSettings, log: PluginContext['log']): Promise<Kafka> {
  const { default: kafkajs } = await import('kafkajs').catch((cause: unknown) => {
    throw new AurenError('AUREN_PEER_MISSING', `kafka() needs the package ${PEER}. Install it: npm install ${PEER}`, {
      cause,
      plugin: 'kafka',
    })
  })
  const { brokers, clientId, ssl, sasl } = settings
  return new kafkajs.Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: CONNECT_MS,
    authenticationTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
    retry: fewRetries,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl: sasl as SASLOptions }),
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => tell(log),
  })
}

/** What kafkajs says is detail: what it means is told by whoever uses it. Only names and counts get through. */
function tell(log: PluginContext['log']): (entry: LogEntry) => void {
  return ({ namespace, log: { message, broker, groupId, retryCount, error } }) => {
    log('debug', `kafkajs: ${message}`, {
      namespace,
      ...(typeof broker === 'string' ? { broker } : {}),
      ...(typeof groupId === 'string' ? { groupId } : {}),
      ...(typeof retryCount === 'number' ? { retryCount } : {}),
      ...(typeof error === 'string' ? { error } : {}),
    })
  }
}

/** Whatever failed between here and the brokers, as one error; the reason is its cause. */
export function unavailable(what: string, cause: unknown): AurenError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new AurenError('AUREN_LOG_UNAVAILABLE', `Kafka: ${what} failed: ${reason}`, { cause, plugin: 'kafka' })
}

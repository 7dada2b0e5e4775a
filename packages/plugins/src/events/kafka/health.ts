import type { AurenErrorCode, BusHealth, PluginContext } from '@auren/core'

/** Whether the brokers answer, as those who ask them find. */
export interface Health {
  /** They answered. */
  up(): void
  /** They did not. */
  down(reason: string): void
  state(): BusHealth
}

/** Notes when that changes, and says it once. */
export function createHealth(now: () => number, log: PluginContext['log'], topic: string): Health {
  let connected = false
  let since = now()
  let code: AurenErrorCode | null = null
  return {
    up() {
      if (connected) return
      connected = true
      code = null
      since = now()
      log('info', 'Kafka is reached', { topic })
    },
    down(reason) {
      if (!connected && code !== null) return
      connected = false
      code = 'AUREN_LOG_UNAVAILABLE'
      since = now()
      log('warn', 'Kafka is out of reach: what is accepted waits in the outbox', { topic, reason })
    },
    state: () => ({ connected, since, code }),
  }
}

import { type AnyPlugin, createAuren, type ObservationInput } from '@auren/core'
import { describe, expect, it } from 'vitest'
import { kafka } from '../src/events/kafka/index.js'
import { neuros } from '../src/neuros/index.js'
import { pglite } from '../src/storage/pglite/index.js'

/** Nobody listens there: port 1 wants a privilege that no test has. */
const nowhere = '127.0.0.1:1'
const at = Date.UTC(2026, 0, 5, 8)
const pulse: ObservationInput = {
  shape: 'sample',
  metric: 'heart_rate',
  start: at,
  value: 60,
  unit: '/min',
  source: { name: 'Watch', type: 'watch' },
  offset: 0,
  zoneBasis: 'carried',
}

describe('kafka()', () => {
  it.each([
    { brokers: [] },
    { brokers: ['no-port'] },
    { brokers: ['http://127.0.0.1:9092'] },
    { brokers: ['127.0.0.1:9092,127.0.0.1:9093'] },
    { brokers: [nowhere], topic: 'not a topic' },
    { brokers: [nowhere], sessionTimeoutMs: 10 },
  ])('refuses options that cannot be meant: %j', (options) => {
    expect(() => kafka(options)).toThrow(expect.objectContaining({ code: 'AUREN_CONFIG_INVALID', plugin: 'kafka' }))
  })

  it.each(['kafka:9092', '127.0.0.1:9092', '[::1]:9092', 'b-1.example.amazonaws.com:9098'])('takes %s', (broker) => {
    expect(kafka({ brokers: [broker] })).toMatchObject({ kind: 'events', id: 'kafka' })
  })

  it('out of reach stops neither a start nor a delivery; the log says so once', async () => {
    const logged: { level: string; message: string }[] = []
    const plugins: readonly AnyPlugin[] = [pglite(), kafka({ brokers: [nowhere] }), ...neuros()]
    const auren = await createAuren({
      plugins,
      now: () => at,
      log: (level, message) => logged.push({ level, message }),
    })
    try {
      for (let i = 0; i < 3; i++) {
        const observations = [{ ...pulse, start: at - i * 1000 }]
        const { accepted } = await auren.ingest.observations({ userId: 'ada', provider: 'test', observations })
        expect(accepted).toBe(1)
      }
      const { waiting, stored, log } = await auren.lag()
      expect({ waiting, stored }).toEqual({ waiting: 3, stored: 0 })
      expect(log).toEqual({
        name: 'kafka:biometric-events',
        behind: null,
        dropped: 0,
        health: { connected: false, since: at, code: 'AUREN_LOG_UNAVAILABLE' },
      })
      await expect(auren.ingest.settled({ signal: AbortSignal.abort() })).rejects.toThrow()
    } finally {
      await auren.close()
    }
    const words = 'Kafka is out of reach: what is accepted waits in the outbox'
    expect(logged.filter(({ message }) => message === words)).toHaveLength(1)
  })
})

import type { Auren } from '@auren/core'
import type { RequestHandler } from 'express'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Metrics of a service. No label names a person. */
export interface Metrics {
  registry: Registry
  observe: RequestHandler
}

/** RED metrics of HTTP, and those of DESIGN G9 read from the journal when scraped. */
export function createMetrics(service: 'neuros' | 'biometric', auren: Pick<Auren, 'lag'>): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  const duration = new Histogram({
    name: 'auren_http_request_duration_seconds',
    help: 'Time from the request to the end of the answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  const running = new Gauge({
    name: 'auren_http_requests_running',
    help: 'Requests being answered',
    registers: [registry],
  })
  const failures = new Counter({
    name: 'auren_http_server_errors_total',
    help: 'Answers with a status of 500 and above',
    registers: [registry],
  })
  journalGauges(registry, auren)
  return {
    registry,
    observe: (request, response, next) => {
      running.inc()
      const end = duration.startTimer()
      response.on('close', () => {
        running.dec()
        if (response.statusCode >= 500) failures.inc()
        // The route's pattern, never the path: ids in labels would name people and grow without bound.
        const route = typeof request.route?.path === 'string' ? request.route.path : 'other'
        end({ method: request.method, route, status: String(response.statusCode) })
      })
      next()
    },
  }
}

function journalGauges(registry: Registry, auren: Pick<Auren, 'lag'>): void {
  const names = {
    waiting: ['auren_outbox_waiting', 'Envelopes accepted and not yet stored'],
    oldestMs: ['auren_outbox_oldest_seconds', 'Age of the oldest envelope that is not yet stored'],
    quarantined: ['auren_quarantine_open', 'Items set aside and not replayed'],
    jobs: ['auren_jobs_waiting', 'Jobs that wait or run'],
    accepted: ['auren_envelopes_accepted_total', 'Envelopes accepted since the beginning'],
    stored: ['auren_envelopes_stored_total', 'Envelopes stored since the beginning'],
  } as const
  const keys = Object.keys(names) as (keyof typeof names)[]
  const gauges = new Map(
    keys.map((key) => [key, new Gauge({ name: names[key][0], help: names[key][1], registers: [registry] })]),
  )
  const first = gauges.get('waiting') as Gauge & { collect: () => Promise<void> }
  // prom-client awaits `collect` of the first gauge before it prints any of them.
  first.collect = async () => {
    const lag = await auren.lag()
    for (const key of keys) gauges.get(key)?.set(key === 'oldestMs' ? lag.oldestMs / 1000 : lag[key])
  }
}

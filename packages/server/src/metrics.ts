import type { Auren } from '@auren/core'
import type { RequestHandler } from 'express'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Role } from './deployment.js'

/** Metrics of a service. No label names a person. */
export interface Metrics {
  /** Media type and text of a scrape. */
  scrape(): Promise<{ type: string; text: string }>
  observe: RequestHandler
}

/** RED metrics of HTTP, and those of DESIGN G9 read from the journal when scraped. */
export function createMetrics(service: Role, auren: Pick<Auren, 'lag'>): Metrics {
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
  const readJournal = journalMetrics(registry, auren)
  return {
    async scrape() {
      await readJournal()
      return { type: registry.contentType, text: await registry.metrics() }
    },
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

/** What DESIGN G9 asks for, read from the journal before each scrape. */
function journalMetrics(registry: Registry, auren: Pick<Auren, 'lag'>): () => Promise<void> {
  const registers = [registry]
  const waiting = new Gauge({ name: 'auren_outbox_waiting', help: 'Envelopes accepted and not yet stored', registers })
  const oldest = new Gauge({
    name: 'auren_outbox_oldest_seconds',
    help: 'Age of the oldest envelope that is not yet stored',
    registers,
  })
  const quarantined = new Gauge({ name: 'auren_quarantine_open', help: 'Items set aside and not replayed', registers })
  const jobs = new Gauge({ name: 'auren_jobs_waiting', help: 'Jobs that wait or run', registers })
  const accepted = new Counter({
    name: 'auren_envelopes_accepted_total',
    help: 'Envelopes accepted since the beginning',
    registers,
  })
  const stored = new Counter({
    name: 'auren_envelopes_stored_total',
    help: 'Envelopes stored since the beginning',
    registers,
  })
  return async () => {
    const lag = await auren.lag()
    waiting.set(lag.waiting)
    oldest.set(lag.oldestMs / 1000)
    quarantined.set(lag.quarantined)
    jobs.set(lag.jobs)
    // The journal counts; the counter shows its count.
    for (const [counter, value] of [
      [accepted, lag.accepted],
      [stored, lag.stored],
    ] as const) {
      counter.reset()
      counter.inc(value)
    }
  }
}

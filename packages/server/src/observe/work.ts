import { listen } from '@auren/core'
import type { Logger } from '../log.js'
import { beginSpan, runInSpan } from '../trace.js'
import type { Instruments } from './instruments.js'

/** Counts what AUREN tells on its channels. Returns what stops it. */
export function countWork({ door, log, jobs, neuros, memory }: Instruments): () => void {
  const stops = [
    listen('accepted', ({ provider: of, accepted, quarantined, duplicates }) => {
      const provider = providerLabel(of)
      if (duplicates === 0 || accepted + quarantined > 0) door.deliveries.inc({ provider })
      door.duplicates.inc({ provider }, duplicates)
      door.accepted.inc({ provider }, accepted)
      door.quarantined.inc({ provider }, quarantined)
    }),
    listen('relayed', ({ log: name, envelopes, ms }) => {
      log.relaySeconds.observe({ log: name }, ms / 1000)
      log.relayed.inc({ log: name }, envelopes)
    }),
    listen('stored', ({ envelopes, observations, quarantined, ms }) => {
      log.batchSeconds.observe(ms / 1000)
      log.envelopes.inc(envelopes)
      log.observations.inc(observations)
      log.setAside.inc(quarantined)
    }),
    listen('stuck', ({ part, code }) => log.stuck.inc({ part, code })),
    listen('job', ({ kind, state, ms }) => {
      jobs.seconds.observe({ kind }, ms / 1000)
      jobs.ended.inc({ kind, state })
    }),
    listen('question', ({ outcome, ms }) => neuros.questionSeconds.observe({ outcome }, ms / 1000)),
    listen('nodeFailed', ({ node, code }) => neuros.nodeFailures.inc({ node, code })),
    listen('model', ({ model, ms, code, tokens }) => {
      neuros.modelSeconds.observe({ model }, ms / 1000)
      if (code !== null) neuros.modelFailures.inc({ model, code })
      neuros.modelTokens.inc({ model, direction: 'input' }, tokens?.input ?? 0)
      neuros.modelTokens.inc({ model, direction: 'output' }, tokens?.output ?? 0)
    }),
    listen('hot', ({ outcome }) => memory.hot.inc({ outcome })),
    listen('sqlWait', ({ lane, ms, code }) => {
      memory.sqlWait.observe({ lane }, ms / 1000)
      if (code !== null) memory.sqlRefused.inc({ lane, code })
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/**
 * Logs what the worker did, with the traces of the requests that led to it: a delivery can be followed from the
 * vendor's request to its stored rows. Returns what stops it.
 */
export function logWork(log: Logger): () => void {
  const stops = [
    listen('stored', ({ partition, next, envelopes, observations, quarantined, ms, traces = [] }) => {
      const line = { partition, next, envelopes, observations, quarantined, ms: Math.round(ms) }
      // A batch of one trace is a step of it; one of several belongs to none alone, and names them.
      const [only] = traces
      const write = (): void => log.info({ ...line, traces: traces.map(traceOf) }, 'stored')
      if (traces.length === 1) runInSpan(beginSpan(only), write)
      else write()
    }),
    listen('job', ({ kind, state, attempts, ms, trace }) =>
      runInSpan(beginSpan(trace), () => log.info({ kind, state, attempts, ms: Math.round(ms) }, 'job')),
    ),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** Apps choose their own names, and might choose a person's. */
function providerLabel(provider: string): string {
  return provider.startsWith('app.') ? 'app' : provider
}

function traceOf(traceparent: string): string {
  return traceparent.slice(3, 35)
}

import { setTimeout as delay } from 'node:timers/promises'
import { asAurenError } from '../errors.js'
import { createJobRunner } from '../events/jobs.js'
import type { Journal } from '../events/ports.js'
import type { Instant } from '../observation/schema.js'
import type { PluginContext, WearablePlugin } from '../plugin/types.js'
import { SUBSCRIBE_JOB, type Subscriptions } from './subscriptions.js'

const MOST_PAUSE_MS = 30_000

/** Does the work of {@link Subscriptions}. */
export interface Upkeep {
  /** False where no plugin has a subscription, or vendors have not been told where this is. */
  readonly works: boolean
  start(): void
  wake(): void
  drained(): Promise<void>
  close(): Promise<void>
}

/**
 * Keeps subscriptions up, one at a time and beside all else: that of every person at a start must not hold up what a
 * webhook wants fetched.
 */
export function createUpkeep(ports: {
  journal: Journal
  wearables: readonly WearablePlugin[]
  subscriptions: Subscriptions
  publicUrl: string | undefined
  now(): Instant
  log: PluginContext['log']
}): Upkeep {
  const { journal, subscriptions, now, log } = ports
  const vendors = ports.wearables.flatMap(({ id, subscription }) => (subscription ? [id] : []))
  if (vendors.length === 0 || ports.publicUrl === undefined) {
    return {
      works: false,
      start() {
        if (vendors.length > 0)
          log('warn', 'webhook subscriptions are not kept up: it is not known where vendors reach this', { vendors })
      },
      wake: () => undefined,
      drained: async () => undefined,
      close: async () => undefined,
    }
  }
  const runner = createJobRunner({ journal, now, log, handlers: { [SUBSCRIBE_JOB]: subscriptions.job } })
  const stop = new AbortController()
  let asking: Promise<void> = Promise.resolve()
  let asked: Promise<void> = Promise.resolve()

  const askAll = async (first: () => void): Promise<void> => {
    for (let pause = 100; !stop.signal.aborted; pause = Math.min(MOST_PAUSE_MS, pause * 2)) {
      try {
        await subscriptions.askAll()
        runner.wake()
        return
      } catch (cause) {
        log('warn', 'subscriptions could not be asked for', { code: asAurenError(cause).code })
      } finally {
        first()
      }
      await delay(pause, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  }

  return {
    works: true,
    start() {
      asked = new Promise((first) => {
        asking = askAll(first)
      })
      runner.start()
    },
    wake: runner.wake,
    async drained() {
      await asked
      await runner.drained()
    },
    async close() {
      stop.abort()
      await Promise.all([asking, runner.close()])
    },
  }
}

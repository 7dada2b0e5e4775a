import { setTimeout as delay } from 'node:timers/promises'
import { AurenError, asAurenError } from '../errors.js'
import type { Journal } from './ports.js'

/** How often the outbox is looked at while somebody waits for it, in ms. */
const LOOK_MS = 250

/** Waits until the outbox has been taken in, by whichever process. */
export interface Drain {
  /** Resolves when everything committed before the call is stored. @throws AurenError AUREN_CLOSED, or the signal's reason */
  wait(signal?: AbortSignal): Promise<void>
  /** Says that something was stored. */
  nudge(): void
}

/** A {@link Drain} over the journal; it ends with `stop`. */
export function createDrain(journal: Pick<Journal, 'transaction' | 'horizon'>, stop: AbortSignal): Drain {
  let alarm = new AbortController()
  const look = (): ReturnType<Journal['horizon']> => journal.transaction((tx) => journal.horizon(tx))

  const check = (signal?: AbortSignal): void => {
    if (stop.aborted) throw new AurenError('AUREN_CLOSED', 'AUREN has been closed.')
    signal?.throwIfAborted()
  }

  return {
    async wait(signal) {
      check(signal)
      const newest = (await look())?.newest
      if (newest === undefined) return
      for (;;) {
        const { signal: nudged } = alarm
        try {
          const now = await look()
          if (now === null || now.oldest > newest) return
        } catch (cause) {
          // The store is away: so is whoever would empty the outbox.
          if (!asAurenError(cause).retryable) throw cause
        }
        const any = AbortSignal.any([nudged, stop, ...(signal ? [signal] : [])])
        await delay(LOOK_MS, undefined, { signal: any }).catch(() => undefined)
        check(signal)
      }
    },
    nudge() {
      alarm.abort()
      alarm = new AbortController()
    },
  }
}

import { AurenError, asAurenError, type Instant, type TierHealth } from '@auren/core'

/** Keeps a cache from slowing down who uses it. */
export interface Breaker {
  /** Runs it within a time limit (ms; default the circuit's); undefined where it failed, or where the circuit is open. */
  attempt<T>(work: () => Promise<T>, ms?: number): Promise<T | undefined>
  health(): TierHealth
  /** Tries whether it is back, now. */
  probe(): void
  close(): void
}

/** What {@link createBreaker} stands on. */
export interface BreakerOptions {
  /** Time for one piece of work, in ms. */
  timeoutMs: number
  /** Between two probes while the circuit is open, in ms. */
  restMs: number
  /** Whether it is back; what it throws is the reason why not. Ends within a time of its own. */
  probe(): Promise<unknown>
  /** Told when the circuit opens, with the reason, and when it closes, with null. */
  changed(reason: Error | null): void
  now(): Instant
}

/**
 * A circuit breaker. The first failure opens it, so that an outage costs those who are under way one time limit and
 * everybody after them nothing; probes in the background, which nobody waits for, close it again.
 */
export function createBreaker({ timeoutMs, restMs, probe, changed, now }: BreakerOptions): Breaker {
  let reason: AurenError | null = null
  let since = now()
  let timer: NodeJS.Timeout | null = null
  let probing = false
  let closed = false

  const trip = (error: unknown): void => {
    if (closed) return
    if (reason === null) {
      reason = asAurenError(error, 'AUREN_STORE_UNAVAILABLE')
      since = now()
      changed(reason)
    }
    timer ??= setTimeout(tryAgain, restMs).unref()
  }
  const tryAgain = (): void => {
    if (timer) clearTimeout(timer)
    timer = null
    if (closed || probing || reason === null) return
    probing = true
    probe()
      .then(
        () => {
          if (closed) return
          reason = null
          since = now()
          changed(null)
        },
        (error: unknown) => trip(error),
      )
      .finally(() => {
        probing = false
        // A trip while the probe was under way found no timer to be set.
        if (reason !== null && !closed) timer ??= setTimeout(tryAgain, restMs).unref()
      })
  }

  return {
    async attempt(work, ms = timeoutMs) {
      if (reason !== null || closed) return undefined
      try {
        return await within(ms, work)
      } catch (error) {
        trip(error)
        return undefined
      }
    },
    health: () => ({ connected: reason === null, since, code: reason?.code ?? null }),
    probe: tryAgain,
    close() {
      closed = true
      if (timer) clearTimeout(timer)
    },
  }
}

/**
 * Waits for so many ms and no longer; the work itself goes on.
 * @throws AurenError AUREN_TIMEOUT; what `work` throws
 */
export async function within<T>(ms: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new AurenError('AUREN_TIMEOUT', `no answer within ${ms} ms`, { plugin: 'redis' })),
      ms,
    )
  })
  try {
    return await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import { AurenError } from '../errors.js'
import type { Journal } from '../events/ports.js'
import type { UserId } from '../observation/schema.js'

/** How often it is looked whether a delivery has been processed, in ms. */
const LOOK_MS = 100
/** How long it is waited for by default, in ms. */
const MOST_MS = 30_000

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/**
 * Waits until everything that a delivery led to is stored: its observations, and those of what it had fetched.
 * @throws AurenError AUREN_NOT_FOUND where the person has no such delivery, AUREN_TIMEOUT; the signal's reason
 */
export async function waitProcessed(
  journal: Pick<Journal, 'transaction' | 'outstanding'>,
  user: UserId,
  receipt: string,
  { signal, timeoutMs = MOST_MS }: { signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<void> {
  const until = performance.now() + timeoutMs
  for (;;) {
    signal?.throwIfAborted()
    const left = UUID.test(receipt) ? await journal.transaction((tx) => journal.outstanding(tx, user, receipt)) : null
    if (left === null) throw new AurenError('AUREN_NOT_FOUND', `There is no delivery ${receipt}.`)
    if (left === 0) return
    const wait = Math.min(LOOK_MS, until - performance.now())
    if (wait <= 0)
      throw new AurenError('AUREN_TIMEOUT', 'What this delivery brought is not stored yet: ask again later.')
    await delay(wait, undefined, signal ? { signal } : {}).catch(() => undefined)
  }
}

import { AurenError } from '../errors.js'
import type { JournalLag } from '../events/ports.js'

/** Envelopes that may wait to be stored before deliveries are put off. */
const MOST_WAITING = 100_000
/** Deliveries between two looks, while there is room. */
const LOOK_EVERY = 64
/** Seconds after which a vendor is to try again. */
const RETRY_AFTER = 30

/**
 * Puts deliveries off while too much waits, so that disk and memory stay bounded. What was accepted is never shed.
 * @returns what is asked before a delivery is taken; it throws AUREN_STORE_BUSY (503 with Retry-After)
 */
export function createGate(
  journal: { lag(): Promise<Pick<JournalLag, 'waiting'>> },
  most: number = MOST_WAITING,
): () => Promise<void> {
  let unseen = 0
  let full = false
  return async () => {
    if (full || ++unseen >= LOOK_EVERY) {
      unseen = 0
      full = (await journal.lag()).waiting >= most
    }
    if (full)
      throw new AurenError('AUREN_STORE_BUSY', 'More is waiting than can be stored soon: send it again later.', {
        retryAfter: RETRY_AFTER,
      })
  }
}

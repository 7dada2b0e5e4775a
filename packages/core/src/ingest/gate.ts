import { AurenError } from '../errors.js'
import type { Journal } from '../events/ports.js'

/** Envelopes that may wait to be stored before deliveries are put off. */
const MOST_WAITING = 100_000
/** Deliveries between two looks, while there is room: at least so many, and so much of the room. */
const LOOK_EVERY = 64
const LOOK_SHARE = 1 / 16
/** Seconds after which a vendor is to try again. */
const RETRY_AFTER = 30

/**
 * Puts deliveries off while too much waits, so that disk and memory stay bounded. What was accepted is never shed.
 * @returns what is asked before a delivery is taken; it throws AUREN_STORE_BUSY (503 with Retry-After)
 */
export function createGate(journal: Pick<Journal, 'waiting'>, most: number = MOST_WAITING): () => Promise<void> {
  let unseen = LOOK_EVERY
  let full = false
  let looking: Promise<void> | undefined
  const look = async (): Promise<void> => {
    const room = most - (await journal.waiting(most))
    full = room <= 0
    unseen = Math.max(LOOK_EVERY, Math.floor(room * LOOK_SHARE))
  }
  return async () => {
    // Those that come while one looks need not look as well.
    if (full || --unseen <= 0) {
      looking ??= look().finally(() => {
        looking = undefined
      })
      await looking
    }
    if (full)
      throw new AurenError('AUREN_STORE_BUSY', 'More is waiting than can be stored soon: send it again later.', {
        retryAfter: RETRY_AFTER,
      })
  }
}

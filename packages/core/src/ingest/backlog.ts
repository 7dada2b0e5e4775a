import { setTimeout as delay } from 'node:timers/promises'
import type { Journal } from '../events/ports.js'
import type { UserId } from '../observation/schema.js'

/** Long work waits while more envelopes than this wait to be stored: memory and the outbox stay bounded. */
const MOST_WAITING = 120

/** Until there is room in the outbox: memory stays bounded. */
export async function waitForRoom(
  { journal, wake }: { journal: Journal; wake(): void },
  signal: AbortSignal,
): Promise<void> {
  for (let pause = 5; ; pause = Math.min(100, pause * 2)) {
    if ((await journal.waiting(MOST_WAITING + 1)) <= MOST_WAITING) return
    wake()
    await delay(pause, undefined, { signal })
  }
}

/** Until all that a delivery led to is stored. */
export async function waitStored(
  { journal, wake }: { journal: Journal; wake(): void },
  user: UserId,
  receipt: string,
  signal: AbortSignal,
): Promise<void> {
  for (let pause = 5; ; pause = Math.min(250, pause * 2)) {
    if (!(await journal.transaction((tx) => journal.outstanding(tx, user, receipt)))) return
    wake()
    await delay(pause, undefined, { signal })
  }
}

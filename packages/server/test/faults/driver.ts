import { setTimeout as delay } from 'node:timers/promises'
import { createOracle, type Oracle } from './oracle.js'
import { type Parcel, parcels } from './parcels.js'
import { tokenOf } from './place.js'

/** Those who send: apps that try again until they get a 2xx, as they should. */
export interface Driver {
  oracle: Oracle
  /** Sends one delivery until it is accepted, or once where it says so. */
  deliver(parcel: Parcel): Promise<void>
  /** Requests that wait for an answer now. */
  inFlight(): number
  /** Answers by status; 0 is none at all. */
  statuses: Record<number, number>
  /** What no answer may be: neither a 2xx nor a 429 or 503 with Retry-After. */
  violations: string[]
  /** Deliveries that were recognized as sent before. */
  replayed(): number
}

/** A running load. */
export interface Load extends Driver {
  /** Parcels that were begun. */
  begun(): number
  /** Begins no more for a while, and waits until what is on its way has been answered. */
  pause(): Promise<void>
  resume(): void
  /** Begins no more, and waits until what is on its way is accepted. */
  stop(): Promise<void>
}

/** Longest wait for an answer, in ms: a database that hangs is told after its statement limit. */
const PATIENCE_MS = 100_000

/**
 * @param addresses of the Biometric services that answer now
 * @param oracle that others add to as well
 */
export function createDriver(addresses: () => string[], oracle: Oracle = createOracle()): Driver {
  const statuses: Driver['statuses'] = {}
  const violations: string[] = []
  let inFlight = 0
  let replayed = 0
  let turn = 0

  /** One try: how long to wait before the next; null where it is accepted. */
  const attempt = async ({ person, key, observations }: Parcel): Promise<number | null> => {
    const known = addresses()
    const address = known[turn++ % Math.max(1, known.length)]
    if (address === undefined) return 100
    inFlight++
    try {
      const answer = await fetch(`${address}/v1/observations`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${tokenOf(person)}`,
          'idempotency-key': key,
        },
        body: JSON.stringify({ app: 'watch', observations }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      })
      const text = await answer.text()
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
      if (answer.ok) {
        if (answer.headers.get('idempotent-replayed') === 'true') replayed++
        return null
      }
      const wait = Number(answer.headers.get('retry-after') ?? 0)
      if ((answer.status !== 503 && answer.status !== 429) || !(wait >= 1)) violations.push(`${answer.status} ${text}`)
      return Math.min(wait * 1000, 1000)
    } catch {
      statuses[0] = (statuses[0] ?? 0) + 1
      return 50
    } finally {
      inFlight--
    }
  }

  return {
    oracle,
    statuses,
    violations,
    inFlight: () => inFlight,
    replayed: () => replayed,
    async deliver(parcel) {
      oracle.unknown(parcel)
      for (;;) {
        const wait = await attempt(parcel)
        if (wait === null) {
          oracle.accepted(parcel)
          return
        }
        if (parcel.once || violations.length > 20) return
        await delay(wait)
      }
    },
  }
}

/**
 * Deliveries without end, some at a time.
 * @param pauseMs of each sender between two deliveries
 */
export function startLoad(
  addresses: () => string[],
  { seed, senders = 4, pauseMs = 100, oracle }: { seed: number; senders?: number; pauseMs?: number; oracle?: Oracle },
): Load {
  const driver = createDriver(addresses, oracle)
  const source = parcels(seed)
  let stopped = false
  let paused = false
  let begun = 0
  let busy = 0
  const run = async (): Promise<void> => {
    while (!stopped) {
      if (!paused) {
        begun++
        busy++
        await driver.deliver(source.next().value)
        busy--
      }
      await delay(pauseMs)
    }
  }
  const running = Promise.all(Array.from({ length: senders }, run))
  return {
    ...driver,
    begun: () => begun,
    async pause() {
      paused = true
      await until(() => busy === 0)
    },
    resume() {
      paused = false
    },
    async stop() {
      stopped = true
      await running
    },
  }
}

/** Waits until something holds; what never holds ends in the time-out of the test. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await delay(50)
}

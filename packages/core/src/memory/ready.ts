import type { LocalDate, UserId } from '../observation/schema.js'
import { publish } from '../telemetry.js'
import type { Hot } from './ports.js'

/** What a snapshot is made from: it counts for this very version of the person's data, and this local date. */
export interface Stamp {
  version: number
  date: LocalDate
}

/** The date of what depends on none. */
export const EVER: LocalDate = '9999-12-31'

/** Ready-made parts of what is known of a person, kept in the hot tier and never believed once they are old. */
export interface Ready {
  /**
   * The part as it was kept for this stamp, else as `build` makes it now. The stamp is read from tier 2 or 3 before: what
   * is written meanwhile raises it, so that a part that saw half of a write is never read again. Readers that come while
   * a part is being built wait for it instead of building it too; each gets a copy.
   */
  read<T>(user: UserId, key: string, stamp: Stamp, build: () => Promise<T>): Promise<T>
  /** Forgets a person; what is being built now is not kept. */
  wipe(user: UserId): Promise<void>
}

interface Flight {
  user: UserId
  value: Promise<unknown>
  kept: boolean
}

const known = new WeakMap<Hot, Ready>()

/** The ready-made parts of a hot tier; all who ask for the same tier share the same refills. */
export function readyOf(hot: Hot): Ready {
  const ready = known.get(hot) ?? createReady(hot)
  known.set(hot, ready)
  return ready
}

function createReady(hot: Hot): Ready {
  const flights = new Map<string, Flight>()

  return {
    async read<T>(user: UserId, key: string, { version, date }: Stamp, build: () => Promise<T>): Promise<T> {
      const held = await hot.get(user, key)
      const fresh = held?.version === version && held.date === date
      publish('hot', { outcome: fresh ? 'hit' : held ? 'stale' : 'miss' })
      if (fresh) return held.value as T
      const name = JSON.stringify([user, key, version, date])
      const other = flights.get(name)
      if (other) return structuredClone(await other.value) as T
      const flight: Flight = { user, value: build(), kept: true }
      flights.set(name, flight)
      try {
        const value = (await flight.value) as T
        if (flight.kept) await hot.put(user, key, { version, date, value })
        return structuredClone(value)
      } finally {
        if (flights.get(name) === flight) flights.delete(name)
      }
    },

    async wipe(user) {
      for (const [name, flight] of flights) {
        if (flight.user !== user) continue
        flight.kept = false
        flights.delete(name)
      }
      await hot.wipe(user)
    },
  }
}

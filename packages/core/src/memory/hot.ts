import type { UserId } from '../observation/schema.js'
import type { Hot } from './ports.js'

type Entry = NonNullable<Awaited<ReturnType<Hot['get']>>>

/**
 * Tier 1 in process: a bounded cache, least recently used persons leave first. Losing it changes no answer.
 *
 * @param options.persons how many persons are held at most; default 1,000
 */
export function memoryHot(options: { persons?: number } = {}): Hot {
  const limit = options.persons ?? 1000
  const persons = new Map<UserId, Map<string, Entry>>()

  const touch = (user: UserId): Map<string, Entry> => {
    const held = persons.get(user) ?? new Map<string, Entry>()
    persons.delete(user)
    persons.set(user, held)
    for (const oldest of persons.keys()) {
      if (persons.size <= limit) break
      persons.delete(oldest)
    }
    return held
  }

  return {
    get: async (user, key) => {
      const entry = persons.get(user)?.get(key)
      if (!entry) return null
      touch(user)
      return structuredClone(entry)
    },
    put: async (user, key, entry) => {
      const held = touch(user)
      const known = held.get(key)
      // Refills race: an older snapshot must not replace a newer one.
      if (known && known.version > entry.version) return
      held.set(key, structuredClone(entry))
    },
    wipe: async (user) => {
      if (user === undefined) persons.clear()
      else persons.delete(user)
    },
  }
}

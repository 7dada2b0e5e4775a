import { createHmac } from 'node:crypto'
import type { Hot, UserId } from '@auren/core'
import type { Breaker } from './breaker.js'
import type { RedisClient } from './client.js'

/** How entries are kept. */
export interface HotOptions {
  prefix: string
  keySecret: string
  ttlSeconds: number
  /** Entries above are not kept. */
  maxBytes: number
}

/** Wipes that could not be done and are made up for; beyond, the time to live does it. */
const owedAtMost = 10_000
/** Time for wiping everybody, in ms. */
const wipeAllMs = 30_000

/**
 * KEYS[1] hash of the person; ARGV: field, version, entry, time to live in seconds. Keeps the entry unless a newer one
 * is there. One script is one step to Redis, so refills that race cannot overtake each other.
 */
const compareAndSet = `
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held then
  local version = tonumber(string.match(held, '^(%d+) '))
  if version and version > tonumber(ARGV[2]) then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1`

/** Tier 1 on Redis, and what makes up for wipes that an outage swallowed. */
export interface RedisHot extends Hot {
  /** Does the wipes that are owed. @throws when Redis fails */
  settle(): Promise<void>
}

/**
 * Tier 1 on Redis: one hash per person, `<prefix>:{<keyed hash of the person>}:hot`, a field per key. All of a person
 * is one key, so a cluster keeps it in one slot and wiping it is one command. An entry is `version date JSON`.
 */
export function redisHot(client: RedisClient, breaker: Breaker, options: HotOptions): RedisHot {
  const { prefix, ttlSeconds, maxBytes } = options
  const keyOf = (user: UserId): string => {
    const hash = createHmac('sha256', options.keySecret).update(user).digest('hex').slice(0, 32)
    return `${prefix}:{${hash}}:hot`
  }
  const owed = new Set<string>()
  let allOwed = false

  const owe = (key: string): void => {
    if (owed.size >= owedAtMost) allOwed = true
    else owed.add(key)
  }
  const wipeAll = async (): Promise<void> => {
    for (const master of client.masters()) {
      let cursor = '0'
      do {
        const [next, keys] = await master.scan(cursor, 'MATCH', `${prefix}:{*}:hot`, 'COUNT', 500)
        // One by one: the keys of one command must be of one slot.
        await Promise.all(keys.map((key) => master.unlink(key)))
        cursor = next
      } while (cursor !== '0')
    }
  }

  return {
    async get(user, key) {
      const name = keyOf(user)
      // What should have been wiped and could not be is not there.
      if (allOwed || owed.has(name)) return null
      const text = await breaker.attempt(() => client.hget(name, key))
      return text ? parse(text) : null
    },
    async put(user, key, { version, date, value }) {
      const name = keyOf(user)
      if (allOwed || owed.has(name)) return
      const text = `${version} ${date} ${JSON.stringify(value ?? null)}`
      if (Buffer.byteLength(text) > maxBytes) return
      await breaker.attempt(() => client.eval(compareAndSet, 1, name, key, version, text, ttlSeconds))
    },
    async wipe(user) {
      if (user === undefined) {
        if (!(await breaker.attempt(() => wipeAll().then(() => true), wipeAllMs))) allOwed = true
        return
      }
      const name = keyOf(user)
      // Whatever happens on the way, nothing old is read meanwhile.
      owe(name)
      if (await breaker.attempt(() => client.unlink(name).then(() => true))) owed.delete(name)
    },
    health() {
      // Who asks is told what is known, and the next one what is found now: nobody may have used it for long.
      void breaker.attempt(() => client.ping())
      return breaker.health()
    },
    async settle() {
      if (allOwed) {
        await wipeAll()
        allOwed = false
        owed.clear()
      }
      for (const name of [...owed]) {
        await client.unlink(name)
        owed.delete(name)
      }
    },
  }
}

/** An entry as it was put; null where something else stands there. */
function parse(text: string): Awaited<ReturnType<Hot['get']>> {
  const [, version, date, json] = /^(\d+) (\d{4}-\d{2}-\d{2}) ([\s\S]*)$/.exec(text) ?? []
  if (version === undefined || date === undefined || json === undefined) return null
  try {
    return { version: Number(version), date, value: JSON.parse(json) as unknown }
  } catch {
    return null
  }
}

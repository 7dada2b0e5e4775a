import { AurenError, defineStorage } from '@auren/core'
import { createBreaker, within } from './breaker.js'
import { createClient } from './client.js'
import { type RedisHot, redisHot } from './hot.js'

/** Settings of the hot tier on Redis. */
export interface RedisOptions {
  /** `redis://[user:password@]host:port[/database]`, or `rediss://` for TLS. */
  url: string
  /** Begins every key. @default 'auren' */
  prefix?: string
  /** True where the URL names a node of a Redis Cluster. @default false */
  cluster?: boolean
  /** Keys the hash that stands for a person. Without one, somebody who guesses an id can find its key. @default '' */
  keySecret?: string
  /** Time for one command, in ms. @default 50 */
  timeoutMs?: number
  /** Between two looks at whether Redis is back, in ms. @default 1000 */
  restMs?: number
  /** Time that connecting may take, in ms; opening waits so long at most. @default 1000 */
  connectTimeoutMs?: number
  /** After so many seconds without a write a person's entries go. @default 86400 */
  ttlSeconds?: number
  /** Entries above are not kept. @default 262144 */
  maxBytes?: number
}

/**
 * Tier 1 on Redis 7: what was just computed, shared by all processes. A cache, and treated as one: with Redis absent,
 * slow, flushed or stale every answer is the same, only slower.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where an option is malformed; when it opens, AUREN_PEER_MISSING. An absent
 * Redis is no error: it is told in the log and by `health()`.
 */
export function redis(options: RedisOptions) {
  const {
    prefix = 'auren',
    cluster = false,
    keySecret = '',
    timeoutMs = 50,
    restMs = 1000,
    connectTimeoutMs = 1000,
    ttlSeconds = 86_400,
    maxBytes = 262_144,
  } = options
  checkUrl(options.url)
  // It stands in a pattern, and before the braces that name the slot.
  if (!/^[A-Za-z0-9_.:-]{1,64}$/.test(prefix))
    throw invalid('prefix must be 1 to 64 letters, digits and any of _ . : -')
  for (const [name, value] of Object.entries({ timeoutMs, restMs, connectTimeoutMs, ttlSeconds, maxBytes })) {
    if (!Number.isSafeInteger(value) || value < 1) throw invalid(`${name} must be a whole number above 0`)
  }

  return defineStorage({
    kind: 'storage',
    id: 'redis',
    version: '1.0.0',
    provides: ['hot'],
    peers: { ioredis: '^6.0.0' },
    async open({ log, now }): Promise<{ hot: RedisHot; close(): Promise<void> }> {
      const client = await createClient({ url: options.url, cluster, connectTimeoutMs })
      const breaker = createBreaker({
        timeoutMs,
        restMs,
        now,
        // What an outage kept from being wiped goes before anything is read again.
        async probe() {
          await within(timeoutMs, () => client.ping())
          await within(settleMs, () => hot.settle())
        },
        changed: (reason) => {
          if (reason === null) log('info', 'redis: it is back')
          else log('warn', 'redis: going on without it', { reason: reason.message })
        },
      })
      const hot: RedisHot = redisHot(client, breaker, { prefix, keySecret, ttlSeconds, maxBytes })
      // Without a listener ioredis writes its errors to the console; each command's own says the same.
      client.on('error', () => undefined)
      client.on('ready', () => breaker.probe())
      await within(connectTimeoutMs, () => client.connect()).catch(() => undefined)
      await breaker.attempt(() => client.ping())
      return {
        hot,
        async close() {
          breaker.close()
          client.disconnect()
        },
      }
    },
  })
}

/** Time for all wipes that are owed, in ms; what is not done then is done after the next look. */
const settleMs = 30_000

function checkUrl(url: string): void {
  let protocol: string
  try {
    protocol = new URL(url).protocol
  } catch {
    // The URL may hold a password: it is not repeated.
    throw invalid('url is no URL; it looks like redis://127.0.0.1:6379')
  }
  if (protocol !== 'redis:' && protocol !== 'rediss:') throw invalid('url must begin with redis:// or rediss://')
}

function invalid(message: string): AurenError {
  return new AurenError('AUREN_CONFIG_INVALID', `redis: ${message}`, { plugin: 'redis' })
}

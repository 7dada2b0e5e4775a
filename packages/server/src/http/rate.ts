import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { AurenError } from '@auren/core'
import type { Request, RequestHandler } from 'express'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'

/**
 * What is limited, each by its own key: requests by address, by person and by vendor; attempts to sign in by address
 * (`login`), by name at an address (`account`), and by name wherever they come from (`name`); questions; exports.
 */
export type RateName = 'address' | 'person' | 'webhook' | 'login' | 'account' | 'name' | 'ask' | 'export'

/** So many in so many seconds. */
export interface RateLimit {
  points: number
  seconds: number
}

/** Limits of an installation. */
export interface RateLimits extends Record<RateName, RateLimit> {
  /** Streams that one person may have open at once, in this process. */
  streams: number
}

/** For one person at their own machine: nothing that a person does is slowed, a loop gone wild is. */
export const EMBEDDED_LIMITS: RateLimits = {
  address: { points: 6000, seconds: 10 },
  person: { points: 5000, seconds: 10 },
  webhook: { points: 50_000, seconds: 10 },
  login: { points: 30, seconds: 900 },
  account: { points: 5, seconds: 900 },
  name: { points: 100, seconds: 900 },
  ask: { points: 600, seconds: 60 },
  export: { points: 60, seconds: 3600 },
  streams: 64,
}

/** For a service on the network. */
export const DEPLOYED_LIMITS: RateLimits = {
  address: { points: 600, seconds: 10 },
  person: { points: 300, seconds: 10 },
  webhook: { points: 50_000, seconds: 10 },
  login: { points: 30, seconds: 900 },
  account: { points: 5, seconds: 900 },
  name: { points: 100, seconds: 900 },
  ask: { points: 30, seconds: 60 },
  export: { points: 10, seconds: 3600 },
  streams: 20,
}

/** Limits on requests. Keys are hashed: neither Redis nor its operator learns who asks. */
export interface Rates {
  /** Takes one. @throws AurenError AUREN_RATE_LIMITED with the seconds to wait */
  take(name: RateName, key: string): Promise<void>
  /** Gives one back: the sign-in was right after all. */
  give(name: RateName, key: string): Promise<void>
  /** Counts an open stream; call what it returns when the stream ends. @throws AurenError AUREN_RATE_LIMITED */
  openStream(person: string): () => void
  close(): Promise<void>
}

/** Longest wait for Redis before the limiter in this process decides, in ms. */
const redisTimeoutMs = 250

/**
 * Rate limits, shared through Redis where there is one. Redis gone, hung or not yet there: each process counts by
 * itself, with the same limits; nothing is let through uncounted.
 */
export async function createRates(options: {
  limits: RateLimits
  redisUrl?: string | null
  /** Told once per outage, and when it is over. */
  onRedis?: (state: 'down' | 'up') => void
}): Promise<Rates> {
  const redis = options.redisUrl ? await connect(options.redisUrl, options.onRedis ?? (() => undefined)) : null
  const { streams: mostStreams, ...limits } = options.limits
  const limiters = new Map(
    Object.entries(limits).map(([name, { points, seconds }]) => {
      const shared = { points, duration: seconds, keyPrefix: `auren:rate:${name}` }
      const memory = new RateLimiterMemory(shared)
      return [
        name,
        redis
          ? new RateLimiterRedis({
              ...shared,
              storeClient: redis,
              insuranceLimiter: memory,
              rejectIfRedisNotReady: true,
              // Who is over the limit costs Redis nothing more.
              inMemoryBlockOnConsumed: points,
            })
          : memory,
      ]
    }),
  )
  const limiter = (name: RateName): RateLimiterMemory | RateLimiterRedis => limiters.get(name) as RateLimiterMemory
  const streams = new Map<string, number>()

  return {
    async take(name, key) {
      try {
        await limiter(name).consume(hashed(key))
      } catch (thrown) {
        if (thrown instanceof RateLimiterRes) throw limited(Math.max(1, Math.ceil(thrown.msBeforeNext / 1000)))
        throw thrown
      }
    },
    async give(name, key) {
      await limiter(name).reward(hashed(key))
    },
    openStream(person) {
      const open = streams.get(person) ?? 0
      if (open >= mostStreams) throw limited(5)
      streams.set(person, open + 1)
      let counted = true
      return () => {
        if (!counted) return
        counted = false
        const left = (streams.get(person) ?? 1) - 1
        if (left > 0) streams.set(person, left)
        else streams.delete(person)
      }
    },
    async close() {
      redis?.disconnect()
    },
  }
}

/** Limits every request before its body is read: webhooks by vendor and address, the rest by address; probes not at all. */
export function limitRequests(rates: Rates): RequestHandler {
  return (request, _response, next) => {
    if (probes.has(request.path)) return next()
    const provider = /^\/webhooks\/([a-z][a-z0-9-]{0,79})$/.exec(request.path)?.[1]
    // Who floods a vendor's address with forgeries uses up a limit of his own, not the vendor's.
    const address = addressOf(request)
    const taken =
      provider === undefined ? rates.take('address', address) : rates.take('webhook', `${provider} ${address}`)
    taken.then(() => next(), next)
  }
}

const probes = new Set(['/healthz', '/readyz', '/health', '/metrics'])

/**
 * The address that limits count by: express has taken it from the configured proxies' header, or from the socket.
 * An IPv6 site has a /64 to itself, so that is one address.
 */
export function addressOf(request: Request): string {
  const address = request.ip ?? request.socket.remoteAddress ?? ''
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : new Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`
}

function hashed(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 22)
}

function limited(retryAfter: number): AurenError {
  return new AurenError('AUREN_RATE_LIMITED', 'That was too much at once: wait as long as Retry-After says.', {
    retryAfter,
  })
}

async function connect(url: string, onRedis: (state: 'down' | 'up') => void) {
  const { Redis } = await import('ioredis')
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: redisTimeoutMs,
    connectTimeout: 2000,
    retryStrategy: (attempt) => Math.min(attempt * 200, 5000),
  })
  let state: 'down' | 'up' | null = null
  const tell = (next: 'down' | 'up'): void => {
    if (state === next) return
    state = next
    onRedis(next)
  }
  redis.on('ready', () => tell('up'))
  redis.on('error', () => tell('down'))
  redis.on('close', () => tell('down'))
  return redis
}

import type { KeyObject } from 'node:crypto'
import { AurenError, type Fetch, type Instant } from '@auren/core'
import { readKeySet } from './keyset.js'

const MINUTE = 60_000
const DAY = 1440 * MINUTE
/** Keys rotate about monthly; a day's age is fresh. */
const FRESH = DAY
/** Older keys vouch for nothing, whatever keeps new ones from coming. */
const STALE = 7 * DAY
/** An unknown key, or a failure, leads to no more than one request in this time. */
const PAUSE = 10 * MINUTE

/** The published keys, kept between deliveries. */
export interface Keys {
  /** Fetches them where they are old, or where none has this id. @throws AurenError where there are none to verify with */
  ensure(keyId: number, now: Instant, fetch: Fetch): Promise<void>
  /** The key of an id; null where there is none, or what is kept is too old. */
  get(keyId: number, now: Instant): KeyObject | null
}

/** Keys from this address; one request at a time. */
export function createKeys(address: string): Keys {
  let held: { keys: ReadonlyMap<number, KeyObject>; at: Instant } | null = null
  let tried: Instant | null = null
  let asking: Promise<void> | null = null

  const usable = (now: Instant) => (held && Math.abs(now - held.at) <= STALE ? held.keys : null)
  const ask = async (now: Instant, fetch: Fetch): Promise<void> => {
    tried = now
    try {
      const answer = await fetch(address)
      const keys = answer.status === 200 ? readKeySet(await answer.json()) : null
      // A set without a single key would shut the door for a day.
      if (keys && keys.size > 0) held = { keys, at: now }
    } catch {
      // What is kept goes on to be used until it is too old.
    }
  }
  return {
    async ensure(keyId, now, fetch) {
      const isFresh = held !== null && Math.abs(now - held.at) <= FRESH && held.keys.has(keyId)
      const mayAsk = tried === null || Math.abs(now - tried) >= PAUSE
      if (!isFresh && (mayAsk || asking)) {
        asking ??= ask(now, fetch).finally(() => {
          asking = null
        })
        await asking
      }
      if (!usable(now))
        throw new AurenError('AUREN_VENDOR_FAILED', 'The keys that Google signs with cannot be had now. Try again.', {
          plugin: 'google-health',
          retryAfter: PAUSE / 1000,
        })
    },
    get: (keyId, now) => usable(now)?.get(keyId) ?? null,
  }
}

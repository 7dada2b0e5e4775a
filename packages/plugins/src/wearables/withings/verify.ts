import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { RawRequest, Verdict } from '@auren/core'

/** Longest form that Withings posts, generously. */
const MOST_BYTES = 10_000
/** The tries of one delivery lie further apart; what comes again later is news, though its words are the same. */
const SAME_DELIVERY_MS = 10_000

/** The key in a person's callback address: without the secret nobody can say it for another account. */
export function callbackKey(callbackSecret: string, account: string): string {
  return createHmac('sha256', callbackSecret).update(`withings callback ${account}`).digest('base64url')
}

/**
 * Withings signs nothing. What stands in for it is the address: each person's has a key that is an HMAC of the account,
 * and a notification is taken only for that account. The rest of the form is believed no further than to fetch.
 */
export function verify(request: RawRequest, callbackSecret: string): Verdict {
  if (request.body.length > MOST_BYTES) return { ok: false, reason: 'the form is too long' }
  const form = Buffer.from(request.body).toString('latin1')
  // Exactly one, spelled plainly: which of two would be read later must not be a question.
  const accounts = [...form.matchAll(/(?:^|&)([^=&]*)=([^&]*)/g)].filter(([, name = '']) => decoded(name) === 'userid')
  const account = accounts[0]?.[2] ?? ''
  if (accounts.length !== 1 || !/^\d{1,20}$/.test(account))
    return { ok: false, reason: 'the form does not name one account' }
  const given = request.query.key ?? ''
  if (given === '') return { ok: false, reason: 'the key of the callback address is missing' }
  if (!same(given, callbackKey(callbackSecret, account)))
    return { ok: false, reason: 'the key of the callback address is not that of the account' }
  const hash = createHash('sha256').update(request.body).digest('hex')
  return { ok: true, deliveryKey: `${hash}/${Math.floor(request.now / SAME_DELIVERY_MS)}` }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return name
  }
}

/** In constant time, whatever the lengths. */
function same(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

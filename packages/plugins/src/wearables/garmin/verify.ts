import { createHash, timingSafeEqual } from 'node:crypto'
import type { RawRequest, Verdict } from '@auren/core'

/** The tries of one delivery; a summary may well return to words that it had before, which is news. */
const SAME_DELIVERY_MS = 60_000

/**
 * Garmin signs nothing. What stands in for it: the key in the address, which only Garmin was told, and the header in which
 * it names the application. What is said is believed only of persons that have connected.
 */
export function verify(request: RawRequest, secrets: { clientId: string; webhookSecret: string }): Verdict {
  const { query, headers, body, now } = request
  if (!same(query.key ?? '', secrets.webhookSecret))
    return { ok: false, reason: 'the key of the callback address is missing or wrong', status: 404 }
  if (!same(headers['garmin-client-id'] ?? '', secrets.clientId))
    return { ok: false, reason: 'the delivery is not for this application' }
  const hash = createHash('sha256').update(body).digest('hex')
  return { ok: true, deliveryKey: `${hash}/${Math.floor(now / SAME_DELIVERY_MS)}` }
}

/** In constant time, whatever the lengths. */
function same(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

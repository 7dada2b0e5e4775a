import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { RawRequest, Verdict } from '@auren/core'

/** A body that comes again within this is the same delivery; later it is news, for a value may return to what it was. */
const SAME_DELIVERY_MS = 10 * 60_000

/** The key of an account's address: who does not have the secret cannot say it for another account. */
export function keyOf(secret: string, account: string): string {
  const name = Buffer.from(account, 'utf8').toString('base64url')
  const mac = createHmac('sha256', secret).update(`health-auto-export ${account}`).digest('base64url')
  return `${name}.${mac}`
}

/**
 * The app signs nothing, and does not say whose phone it is on. The key says both: the account, and an HMAC of it. It is
 * the `key` of the address, or in a header of the automation (`Authorization: Bearer`, or `X-API-Key`).
 */
export function verify(request: RawRequest, secret: string): Verdict {
  const { headers, query, body, now } = request
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
  const given = bearer ?? headers['x-api-key'] ?? query.key ?? ''
  if (given === '') return { ok: false, reason: 'the key is missing: it is the end of the address, or a header' }
  if (given.length > 1000) return { ok: false, reason: 'the key is none of this installation' }
  const account = Buffer.from(given.split('.')[0] ?? '', 'base64url').toString('utf8')
  // The whole key is compared, so that no other spelling of an account passes.
  if (account === '' || !same(given, keyOf(secret, account)))
    return { ok: false, reason: 'the key is none of this installation' }
  const hash = createHash('sha256').update(given).update('\n').update(body).digest('hex')
  return { ok: true, account, deliveryKey: `${hash}/${Math.floor(now / SAME_DELIVERY_MS)}` }
}

/** In constant time, whatever the lengths. */
function same(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

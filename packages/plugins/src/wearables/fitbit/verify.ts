import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { RawRequest, Verdict } from '@auren/core'

/** The tries of one delivery lie within this; what comes again later is news, though its words are the same. */
const SAME_DELIVERY_MS = 10_000

/**
 * Fitbit's signature: base64 of HMAC-SHA1(client secret + "&", raw body). It carries no time, and says a date, not a
 * change: the same words are one delivery for ten seconds only. Fitbit wants 404 for what is refused.
 */
export function verify({ headers, body, now }: RawRequest, clientSecret: string): Verdict {
  const signature = headers['x-fitbit-signature']
  if (!signature) return { ok: false, reason: 'the signature is missing', status: 404 }
  const given = Buffer.from(signature, 'base64')
  // One spelling only: decoding forgives strange letters and spare bits.
  if (given.length !== 20 || given.toString('base64') !== signature)
    return { ok: false, reason: 'the signature is not 20 bytes in base64', status: 404 }
  const made = createHmac('sha1', `${clientSecret}&`).update(body).digest()
  if (!timingSafeEqual(made, given)) return { ok: false, reason: 'the signature does not match', status: 404 }
  const hash = createHash('sha256').update(body).digest('hex')
  return { ok: true, deliveryKey: `${hash}/${Math.floor(now / SAME_DELIVERY_MS)}` }
}

/** The subscriber's verification: GET ?verify=<code> is answered with 204 where the code is ours, with 404 where not. */
export function challenge(request: RawRequest, verifyCode: string): { status: number; body: string } | null {
  const asked = request.query.verify
  if (request.method === 'POST' || asked === undefined) return null
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return { status: timingSafeEqual(digest(asked), digest(verifyCode)) ? 204 : 404, body: '' }
}

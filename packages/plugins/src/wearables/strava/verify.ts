import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { RawRequest, Verdict } from '@auren/core'
import type { StravaOptions } from './options.js'

/** Seconds by which a signed timestamp may differ from our clock. */
const TOLERANCE = 300

/** The key in the address of the subscription: an HMAC of the verify token, which is not said itself. */
export function callbackKey(verifyToken: string): string {
  return createHmac('sha256', verifyToken).update('strava callback').digest('base64url')
}

/**
 * Strava's documentation knows no signature; some have seen `X-Strava-Signature: t=<s>,v1=<hex>` over `t + "." + body`.
 * So: where it is there it must be right; where it is not, the address must have its key. The subscription must be ours, as
 * far as it is known. Nothing of an event is believed without looking it up but the end of a connection.
 */
export function verify(
  request: RawRequest,
  { clientSecret, verifyToken, subscriptionId }: Pick<StravaOptions, 'clientSecret' | 'verifyToken' | 'subscriptionId'>,
): Verdict {
  const signature = request.headers['x-strava-signature']
  if (signature !== undefined) {
    const wrong = wrongWith(signature, request, clientSecret)
    if (wrong) return { ok: false, reason: wrong }
  } else if (!same(request.query.key ?? '', callbackKey(verifyToken)))
    return { ok: false, reason: 'neither a signature nor the key of the callback address is there' }
  if (subscriptionId !== undefined && subscriptionOf(request.body) !== subscriptionId)
    return { ok: false, reason: 'the event is not of our subscription' }
  return { ok: true }
}

function wrongWith(signature: string, { body, now }: RawRequest, secret: string): string | null {
  const [, timestamp, hex] = /^t=(\d{1,12}),v1=([0-9a-fA-F]{64})$/.exec(signature) ?? []
  if (timestamp === undefined || hex === undefined) return 'the signature is not t=…,v1=… with 64 hex digits'
  if (Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE) return 'the timestamp is too far from now'
  const made = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest()
  return timingSafeEqual(made, Buffer.from(hex, 'hex')) ? null : 'the signature does not match'
}

function subscriptionOf(body: Uint8Array): string | null {
  try {
    const { subscription_id } = JSON.parse(Buffer.from(body).toString('utf8')) as { subscription_id?: unknown }
    return typeof subscription_id === 'number' || typeof subscription_id === 'string' ? String(subscription_id) : null
  } catch {
    return null
  }
}

/**
 * Answers what Strava asks when a subscription is made: GET ?hub.mode=subscribe&hub.challenge=C&hub.verify_token=T is
 * answered with {"hub.challenge": C} if T is ours. Null where the request is no such question.
 */
export function challenge(
  request: RawRequest,
  verifyToken: string,
): { status: number; headers?: Record<string, string>; body: string } | null {
  const { 'hub.mode': mode, 'hub.challenge': asked, 'hub.verify_token': token } = request.query
  if (request.method === 'POST' || asked === undefined) return null
  if (mode !== 'subscribe' || !same(token ?? '', verifyToken)) return { status: 403, body: '' }
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ 'hub.challenge': asked }),
  }
}

/** In constant time, whatever the lengths. */
function same(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

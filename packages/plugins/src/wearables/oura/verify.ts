import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RawRequest, Verdict } from '@auren/core'

/** Seconds by which the signed timestamp may differ from our clock. */
const TOLERANCE = 300

/**
 * Oura's signature: uppercase hex of HMAC-SHA256(client secret, timestamp + body); the timestamp is in Unix seconds.
 * Signed are the raw bytes; Oura's own sample signs the body serialised again without white space, so that form is
 * taken too. Hex is compared without regard to case, in constant time.
 */
export function verify(request: RawRequest, clientSecret: string): Verdict {
  const signature = request.headers['x-oura-signature']
  const timestamp = request.headers['x-oura-timestamp']
  if (!signature || !timestamp) return { ok: false, reason: 'the signature or its timestamp is missing' }
  if (!/^\d{1,12}$/.test(timestamp)) return { ok: false, reason: 'the timestamp is not in Unix seconds' }
  if (Math.abs(request.now / 1000 - Number(timestamp)) > TOLERANCE)
    return { ok: false, reason: 'the timestamp is too far from now' }
  if (!/^[0-9a-f]{64}$/i.test(signature)) return { ok: false, reason: 'the signature is not 64 hex digits' }
  const given = Buffer.from(signature, 'hex')
  const matches = (body: Uint8Array | string): boolean =>
    timingSafeEqual(createHmac('sha256', clientSecret).update(timestamp).update(body).digest(), given)
  if (matches(request.body)) return { ok: true }
  const compact = compactJson(request.body)
  return compact !== null && matches(compact) ? { ok: true } : { ok: false, reason: 'the signature does not match' }
}

function compactJson(body: Uint8Array): string | null {
  try {
    return JSON.stringify(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)))
  } catch {
    return null
  }
}

/**
 * Answers the challenge that Oura sends when a subscription is made: GET ?verification_token=T&challenge=C is answered
 * with {"challenge": C} if T is ours. Null where the request is no challenge.
 */
export function challenge(
  request: RawRequest,
  verificationToken: string,
): { status: number; headers?: Record<string, string>; body: string } | null {
  const { verification_token: token, challenge: asked } = request.query
  if (request.method === 'POST' || asked === undefined) return null
  const ours = createHmac('sha256', 'compare').update(verificationToken).digest()
  const theirs = createHmac('sha256', 'compare')
    .update(token ?? '')
    .digest()
  if (!timingSafeEqual(ours, theirs)) return { status: 401, body: '' }
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ challenge: asked }) }
}

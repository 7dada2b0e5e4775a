import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RawRequest, Verdict } from '@auren/core'

/** Milliseconds by which the signed timestamp may differ from our clock; WHOOP names no tolerance. */
const TOLERANCE_MS = 300_000

/**
 * WHOOP's signature: base64 of HMAC-SHA256(client secret, timestamp + body) over the raw bytes; the timestamp is in
 * milliseconds. Compared as text, for base64 has several spellings of the same bytes.
 */
export function verify({ headers, body, now }: RawRequest, clientSecret: string): Verdict {
  const signature = headers['x-whoop-signature']
  const timestamp = headers['x-whoop-signature-timestamp']
  if (!signature || !timestamp) return { ok: false, reason: 'the signature or its timestamp is missing' }
  if (!/^\d{1,15}$/.test(timestamp)) return { ok: false, reason: 'the timestamp is not in milliseconds' }
  if (Math.abs(now - Number(timestamp)) > TOLERANCE_MS)
    return { ok: false, reason: 'the timestamp is too far from now' }
  const made = Buffer.from(createHmac('sha256', clientSecret).update(timestamp).update(body).digest('base64'))
  const given = Buffer.from(signature)
  return made.length === given.length && timingSafeEqual(made, given)
    ? { ok: true }
    : { ok: false, reason: 'the signature does not match' }
}

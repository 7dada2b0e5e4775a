import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RawRequest, Verdict } from '@auren/core'

/** Seconds by which the signed timestamp may differ from our clock, as Svix's own libraries have it. */
const TOLERANCE = 300

/**
 * Svix's signature: `svix-signature` is a list of `v1,<base64>` separated by spaces (several while a secret is replaced),
 * each HMAC-SHA256(key, svix-id + "." + svix-timestamp + "." + raw body). The id is signed, and names the delivery.
 */
export function verify({ headers, body, now }: RawRequest, key: Buffer): Verdict {
  const id = headers['svix-id']
  const timestamp = headers['svix-timestamp']
  const signatures = headers['svix-signature']
  if (!id || !timestamp || !signatures)
    return { ok: false, reason: 'svix-id, svix-timestamp or svix-signature is missing' }
  if (!/^[\w.:-]{1,150}$/.test(id)) return { ok: false, reason: 'svix-id is not a name of a delivery' }
  if (!/^\d{1,12}$/.test(timestamp)) return { ok: false, reason: 'svix-timestamp is not in seconds' }
  if (Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE)
    return { ok: false, reason: 'the timestamp is too far from now' }
  const made = Buffer.from(createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64'))
  // As text: base64 has bits at its end that decoding would overlook.
  const signed = signatures
    .split(' ', 20)
    .flatMap((one) => (one.startsWith('v1,') ? Buffer.from(one.slice(3), 'latin1') : []))
  if (signed.length === 0) return { ok: false, reason: 'there is no signature of version v1' }
  for (const one of signed)
    if (one.length === made.length && timingSafeEqual(one, made)) return { ok: true, deliveryKey: id }
  return { ok: false, reason: 'the signature does not match' }
}

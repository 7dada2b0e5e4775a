import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RawRequest, Verdict } from '@auren/core'

/** Suunto's signature: lower-case hex of HMAC-SHA256(notification secret, body), over the raw bytes. It carries no time. */
export function verify({ headers, body }: RawRequest, notificationSecret: string): Verdict {
  const signature = headers['x-hmac-sha256-signature']
  if (!signature) return { ok: false, reason: 'the signature is missing' }
  if (!/^[0-9a-f]{64}$/.test(signature)) return { ok: false, reason: 'the signature is not 64 hex digits' }
  const made = createHmac('sha256', notificationSecret).update(body).digest()
  return timingSafeEqual(made, Buffer.from(signature, 'hex'))
    ? { ok: true }
    : { ok: false, reason: 'the signature does not match' }
}

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RawRequest, Verdict } from '@auren/core'

/** Seconds by which the signed timestamp may differ from our clock; Terra names no bound. */
const TOLERANCE = 300

/**
 * Terra's signature, `terra-signature: t=<s>,v1=<hex>`: HMAC-SHA256(signing secret, t + "." + raw body). The trace id names
 * the delivery; `terra-reference` is that of a whole request and shared by its parts.
 */
export function verify({ headers, body, now }: RawRequest, signingSecret: string): Verdict {
  const signature = headers['terra-signature'] ?? headers['x-terra-signature']
  if (!signature) return { ok: false, reason: 'the signature is missing' }
  const [, timestamp, hex] = /^t=(\d{1,12}),v1=([0-9a-fA-F]{64})$/.exec(signature) ?? []
  if (timestamp === undefined || hex === undefined)
    return { ok: false, reason: 'the signature is not t=…,v1=… with 64 hex digits' }
  if (Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE)
    return { ok: false, reason: 'the timestamp is too far from now' }
  const made = createHmac('sha256', signingSecret).update(`${timestamp}.`).update(body).digest()
  if (!timingSafeEqual(made, Buffer.from(hex, 'hex'))) return { ok: false, reason: 'the signature does not match' }
  const trace = headers['x-terra-trace-id']
  return trace && /^[\w.:-]{8,150}$/.test(trace) ? { ok: true, deliveryKey: trace } : { ok: true }
}

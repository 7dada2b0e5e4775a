import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RawRequest, Verdict } from '@auren/core'
import { z } from 'zod'

const Event = z.object({ event: z.string().max(100) })
/** A PING holds a time and its name. */
const LONGEST_PING = 500

/**
 * Polar's signature: lower-case hex of HMAC-SHA256(signature secret, body), over the raw bytes. The event's header is not
 * signed: where it is there, it must say what the body says.
 */
export function verify({ headers, body }: RawRequest, webhookSecret: string): Verdict {
  const signature = headers['polar-webhook-signature']
  if (!signature) return { ok: false, reason: 'the signature is missing' }
  if (!/^[0-9a-f]{64}$/.test(signature)) return { ok: false, reason: 'the signature is not 64 hex digits' }
  const made = createHmac('sha256', webhookSecret).update(body).digest()
  if (!timingSafeEqual(made, Buffer.from(signature, 'hex')))
    return { ok: false, reason: 'the signature does not match' }
  const named = headers['polar-webhook-event']
  return named === undefined || named === eventOf(body)
    ? { ok: true }
    : { ok: false, reason: 'the header names another event than the body' }
}

/**
 * Answers the PING that Polar sends before anybody holds the secret, so without a signature: it is acknowledged, and
 * nothing is taken from it. Null where the request is none.
 */
export function challenge({ method, headers, body }: RawRequest): { status: number; body: string } | null {
  if (method !== 'POST' || headers['polar-webhook-signature'] || body.length > LONGEST_PING) return null
  return eventOf(body) === 'PING' ? { status: 200, body: '' } : null
}

function eventOf(body: Uint8Array): string | null {
  try {
    return Event.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))).data?.event ?? null
  } catch {
    return null
  }
}

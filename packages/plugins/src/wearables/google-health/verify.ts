import { createHash, timingSafeEqual, verify as verifySignature } from 'node:crypto'
import type { Fetch, RawRequest, Verdict } from '@auren/core'
import type { Keys } from './keys.js'

/** Tink's prefix: this byte, and the key's id in four. */
const PREFIX = 1
const PREFIX_BYTES = 5
/** A signature of P-256 in DER has 72 bytes at most. */
const MOST_SIGNATURE = PREFIX_BYTES + 72
/** The handshake's body is 24 bytes long. */
const MOST_HANDSHAKE = 256

/** Gets the keys that a delivery needs; only for one that knows the secret, so that nobody else can make us ask. */
export async function prepare(
  request: RawRequest,
  secret: string,
  keys: Keys,
  { fetch }: { fetch: Fetch },
): Promise<void> {
  const signature = signatureOf(request)
  if (!isOurs(request, secret) || !signature) return
  await keys.ensure(signature.keyId, request.now, fetch)
}

/**
 * Both must be right: `Authorization` is our own secret, and `GOOGLE-HEALTH-API-SIGNATURE` is one of Google's keys'
 * ECDSA P-256 signature of the raw body, in DER behind Tink's prefix, as base64. It carries no time: two deliveries are
 * one where their signatures are the same, for each signing gives another.
 */
export function verify(request: RawRequest, secret: string, keys: Keys): Verdict {
  if (!isOurs(request, secret)) return { ok: false, reason: 'the Authorization header is not the secret' }
  const signature = signatureOf(request)
  if (!signature) return { ok: false, reason: 'the signature is missing or not in the documented form' }
  const key = keys.get(signature.keyId, request.now)
  if (!key) return { ok: false, reason: 'the signature names a key that is not published' }
  if (!verifySignature('sha256', request.body, { key, dsaEncoding: 'der' }, signature.der))
    return { ok: false, reason: 'the signature does not match' }
  return { ok: true, deliveryKey: createHash('sha256').update(signature.text).digest('hex') }
}

/**
 * The handshake of a new subscriber: Google posts {"type": "verification"} with our secret, which must be answered with
 * 201, and without it, which must not. It says nothing of anybody, so that it is answered before any key is there.
 */
export function challenge(request: RawRequest, secret: string): { status: number; body: string } | null {
  if (request.method !== 'POST' || request.body.length > MOST_HANDSHAKE || !isHandshake(request.body)) return null
  return { status: isOurs(request, secret) ? 201 : 401, body: '' }
}

function isHandshake(body: Uint8Array): boolean {
  try {
    const said: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return (
      typeof said === 'object' && said !== null && 'type' in said && said.type === 'verification' && !('data' in said)
    )
  } catch {
    return false
  }
}

function signatureOf({ headers }: RawRequest): { keyId: number; der: Buffer; text: string } | null {
  // Google's reference calls it by the second name, its guide and its requests by the first.
  const text = headers['google-health-api-signature'] ?? headers['x-healthapi-signature'] ?? ''
  if (text === '' || text.length > Math.ceil(MOST_SIGNATURE / 3) * 4) return null
  const bytes = Buffer.from(text, 'base64')
  // One spelling only: decoding forgives strange letters and spare bits.
  if (bytes.toString('base64') !== text || bytes.length <= PREFIX_BYTES || bytes[0] !== PREFIX) return null
  return { keyId: bytes.readUInt32BE(1), der: bytes.subarray(PREFIX_BYTES), text }
}

/** In constant time, whatever the lengths. */
function isOurs({ headers }: RawRequest, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(headers.authorization ?? ''), digest(secret))
}

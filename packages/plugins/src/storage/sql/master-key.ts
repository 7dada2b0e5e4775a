import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { AurenError } from '@auren/core'

/** One of the keys that wrap the persons' keys. */
export interface MasterKey {
  /** First 8 bytes of its SHA-256: stands in what it wraps, so that the right one is found. */
  id: Uint8Array
  key: Uint8Array
}

const idBytes = 8
const nonceBytes = 12
const tagBytes = 16

/**
 * Reads `AUREN_MASTER_KEY`: 32 bytes in base64, or a comma list of such; the first is current, the others still open
 * what they wrapped.
 * @throws AurenError AUREN_CONFIG_INVALID naming the place in the list, never the key
 */
export function parseMasterKeys(text: string): MasterKey[] {
  return text.split(',').map((part, index) => {
    const key = Buffer.from(part.trim(), 'base64')
    if (key.length !== 32 || !/^[A-Za-z0-9+/_-]+=*$/.test(part.trim()))
      throw new AurenError(
        'AUREN_CONFIG_INVALID',
        `Key ${index + 1} of AUREN_MASTER_KEY must be 32 bytes in base64: make one with \`openssl rand -base64 32\``,
      )
    return { id: createHash('sha256').update(key).digest().subarray(0, idBytes), key }
  })
}

/** A fresh master key in the form of `AUREN_MASTER_KEY`. */
export function makeMasterKey(): string {
  return randomBytes(32).toString('base64')
}

/** Random bytes drawn ahead: each draw by itself costs more than sealing a small text. */
let drawn = Buffer.alloc(0)

function nextNonce(): Buffer {
  if (drawn.length < nonceBytes) drawn = randomBytes(nonceBytes * 512)
  const nonce = drawn.subarray(0, nonceBytes)
  drawn = drawn.subarray(nonceBytes)
  return nonce
}

/**
 * AES-256-GCM: nonce, cipher text, tag. `context` is authenticated: sealed for one context it opens for no other.
 */
export function encrypt(key: Uint8Array, plain: Uint8Array, context: string): Uint8Array {
  const nonce = nextNonce()
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/**
 * Opens what {@link encrypt} made.
 * @throws AurenError AUREN_KEY_INVALID when key or context differ, or a bit of it was changed
 */
export function decrypt(key: Uint8Array, sealed: Uint8Array, context: string): Uint8Array {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
    decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(sealed.length - tagBytes))
    const plain = decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes))
    const rest = decipher.final()
    return new Uint8Array(rest.length === 0 ? plain : Buffer.concat([plain, rest]))
  } catch (cause) {
    throw new AurenError('AUREN_KEY_INVALID', 'The key does not open this: it is of another key, or it was changed', {
      cause,
    })
  }
}

/** Wraps a key with the current master key: the master key's id, then what {@link encrypt} gives. */
export function wrap(masters: readonly MasterKey[], plain: Uint8Array, context: string): Uint8Array {
  const [current] = masters as [MasterKey, ...MasterKey[]]
  return Buffer.concat([current.id, encrypt(current.key, plain, context)])
}

/**
 * Unwraps with whichever master key it was wrapped with.
 * @throws AurenError AUREN_KEY_INVALID when that one is not in the list
 */
export function unwrap(masters: readonly MasterKey[], wrapped: Uint8Array, context: string): Uint8Array {
  const id = wrapped.subarray(0, idBytes)
  const master = masters.find((candidate) => Buffer.compare(candidate.id, id) === 0)
  if (!master)
    throw new AurenError(
      'AUREN_KEY_INVALID',
      'AUREN_MASTER_KEY does not hold the key that the stored data was sealed with: add it to the list, after the current one',
    )
  return decrypt(master.key, wrapped.subarray(idBytes), context)
}

/** What everything begins with that is wrapped with the current master key. */
export function currentId(masters: readonly MasterKey[]): Uint8Array {
  return (masters[0] as MasterKey).id
}

import { createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'

/** A key set of Tink as JSON: https://developers.google.com/tink, proto/tink.proto and proto/ecdsa.proto. */
const KeySet = z.object({
  key: z
    .array(
      z.object({
        keyData: z.object({ typeUrl: z.string().max(200), value: z.string().max(4096) }),
        status: z.string().max(60),
        keyId: z.int().min(0).max(0xffff_ffff),
        outputPrefixType: z.string().max(60),
      }),
    )
    .max(100),
})

const ECDSA = 'type.googleapis.com/google.crypto.tink.EcdsaPublicKey'
/** Enum values of ecdsa.proto and common.proto. */
const SHA256 = 3n
const P256 = 2n
const DER = 2n
const COORDINATE = 32

/**
 * Keys of a set by id: enabled ones for ECDSA over P-256 with SHA-256, signatures in DER with Tink's prefix. Others are
 * not of the scheme that is documented, and left out. Null where the document is no key set.
 */
export function readKeySet(document: unknown): ReadonlyMap<number, KeyObject> | null {
  const parsed = KeySet.safeParse(document)
  if (!parsed.success) return null
  const keys = new Map<number, KeyObject>()
  for (const { keyData, status, keyId, outputPrefixType } of parsed.data.key) {
    if (status !== 'ENABLED' || outputPrefixType !== 'TINK' || keyData.typeUrl !== ECDSA) continue
    const key = publicKeyOf(Buffer.from(keyData.value, 'base64'))
    if (key) keys.set(keyId, key)
  }
  return keys
}

function publicKeyOf(bytes: Buffer): KeyObject | null {
  const fields = fieldsOf(bytes)
  const parameters = fields?.get(2)
  const numbers = Buffer.isBuffer(parameters) ? fieldsOf(parameters) : null
  const [x, y] = [coordinate(fields?.get(3)), coordinate(fields?.get(4))]
  if (!numbers || !x || !y) return null
  if (numbers.get(1) !== SHA256 || numbers.get(2) !== P256 || numbers.get(3) !== DER) return null
  try {
    const jwk = { kty: 'EC', crv: 'P-256', x: x.toString('base64url'), y: y.toString('base64url') }
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch {
    // No point of the curve.
    return null
  }
}

/** Big-endian, of any length: leading zeros may be there or not. */
function coordinate(bytes: Buffer | bigint | undefined): Buffer | null {
  if (!Buffer.isBuffer(bytes)) return null
  let first = 0
  while (first < bytes.length && bytes[first] === 0) first++
  const digits = bytes.subarray(first)
  if (digits.length === 0 || digits.length > COORDINATE) return null
  return Buffer.concat([Buffer.alloc(COORDINATE - digits.length), digits])
}

/** Fields of a protocol buffer: numbers and bytes, the last of each; null where it is none. */
function fieldsOf(bytes: Buffer): Map<number, bigint | Buffer> | null {
  const fields = new Map<number, bigint | Buffer>()
  let at = 0
  const varint = (): bigint | null => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) return null
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    return null
  }
  while (at < bytes.length) {
    const tag = varint()
    const value = tag === null ? null : varint()
    if (tag === null || value === null) return null
    const wire = tag & 7n
    if (wire === 0n) fields.set(Number(tag >> 3n), value)
    else if (wire === 2n && value <= BigInt(bytes.length - at)) {
      fields.set(Number(tag >> 3n), bytes.subarray(at, at + Number(value)))
      at += Number(value)
    } else return null
  }
  return fields
}

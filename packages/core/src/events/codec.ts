import { z } from 'zod'
import { AurenError, isAurenError } from '../errors.js'
import { ENVELOPE_VERSION, Envelope } from './envelope.js'

/** An envelope as bytes for a log. */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  return Buffer.from(JSON.stringify(envelope))
}

/**
 * Reads an envelope that a log carried. This version and the one before it are read, so that producers and consumers
 * can be updated one after the other; the one before cannot say that it amends.
 * @throws AurenError AUREN_ENVELOPE_VERSION where it is newer or too old, AUREN_PAYLOAD_INVALID where it is none
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    const { v } = z.object({ v: z.int() }).parse(json)
    if (v > ENVELOPE_VERSION || v < ENVELOPE_VERSION - 1)
      throw new AurenError('AUREN_ENVELOPE_VERSION', `An envelope of version ${v} is in the log: update AUREN.`)
    return Envelope.parse(json)
  } catch (cause) {
    if (isAurenError(cause)) throw cause
    throw new AurenError('AUREN_PAYLOAD_INVALID', 'What the log carried is no envelope.', { cause })
  }
}

/** JSON Schema (2020-12) of the envelope, for consumers in other languages. */
export function envelopeJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(Envelope, { io: 'input' }) as Record<string, unknown>
}

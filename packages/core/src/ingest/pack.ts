import { createHash } from 'node:crypto'
import { ENVELOPE_MAX_BYTES, ENVELOPE_VERSION, type Envelope, PLAIN_ENVELOPE_VERSION } from '../events/envelope.js'
import type { Instant, Observation, UserId } from '../observation/schema.js'

/** What all envelopes of one delivery share. */
export interface PackContext {
  user: UserId
  account: string
  provider: string
  receivedAt: Instant
  rawRef: string
  traceparent?: string
  /** Tells apart envelopes of several steps of one import; the same step again gives the same ids. */
  step?: string
  /** See {@link Envelope.amends}. */
  amends?: boolean
}

/** Room for everything but the observations. */
const FRAME_BYTES = 2048

/**
 * Packs observations of one person into envelopes of at most 256 KiB. Ids are made of the delivery and the place in it:
 * a step that is done again makes the same envelopes.
 */
export function pack(observations: readonly Observation[], ctx: PackContext): Envelope[] {
  const envelopes: Envelope[] = []
  let held: Observation[] = []
  let bytes = FRAME_BYTES
  const flush = (): void => {
    if (held.length === 0) return
    envelopes.push({
      v: ctx.amends ? ENVELOPE_VERSION : PLAIN_ENVELOPE_VERSION,
      id: idOf(ctx.rawRef, ctx.step ?? '', envelopes.length),
      user: ctx.user,
      account: ctx.account,
      receivedAt: ctx.receivedAt,
      provider: ctx.provider,
      rawRef: ctx.rawRef,
      ...(ctx.traceparent === undefined ? {} : { traceparent: ctx.traceparent }),
      ...(ctx.amends ? { amends: true } : {}),
      observations: held,
    })
    held = []
    bytes = FRAME_BYTES
  }
  for (const observation of observations) {
    const size = Buffer.byteLength(JSON.stringify(observation)) + 1
    if (bytes + size > ENVELOPE_MAX_BYTES) flush()
    held.push(observation)
    bytes += size
  }
  flush()
  return envelopes
}

/** A UUID-shaped hash. */
function idOf(rawRef: string, step: string, index: number): string {
  const hex = createHash('sha256').update(`${rawRef}\n${step}\n${index}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

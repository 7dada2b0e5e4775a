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
    const size = sizeOf(observation) + 1
    if (bytes + size > ENVELOPE_MAX_BYTES) flush()
    held.push(observation)
    bytes += size
  }
  flush()
  return envelopes
}

/** The longest that a number becomes, `-1.2345678901234567e-300`, and an instant. */
const [NUMBER_BYTES, INSTANT_BYTES] = [24, 16]
/** A sample without its words, numbers and what it need not have; with the longest kind of source and zone basis. */
const SAMPLE_BYTES =
  '{"shape":"sample","metric":,"start":,"value":,"unit":,"source":{"name":,"type":"unknown"},"offset":,"zoneBasis":"inferred"}'
    .length +
  INSTANT_BYTES +
  NUMBER_BYTES +
  '-1080'.length
const END_BYTES = ',"end":'.length + INSTANT_BYTES
const CREATED_BYTES = ',"createdAt":'.length + INSTANT_BYTES
const REST_BYTES = ',"version":,"flags":,"ordinal":,"recordId":'.length + 3 * NUMBER_BYTES
const WORDS_KEPT = 5000
const words = new Map<string, number>()

/** Bytes that an observation has as JSON; of a sample, of which millions come this way, what it has at most. */
function sizeOf(observation: Observation): number {
  if (observation.shape !== 'sample') return Buffer.byteLength(JSON.stringify(observation))
  const { metric, unit, source, end, createdAt, version, flags, ordinal, recordId } = observation
  let size = SAMPLE_BYTES + sizeOfWord(metric) + sizeOfWord(unit) + sizeOfWord(source.name)
  if (end !== undefined) size += END_BYTES
  if (createdAt !== undefined) size += CREATED_BYTES
  if (version !== undefined || flags !== undefined || ordinal !== undefined || recordId !== undefined)
    size += REST_BYTES + (recordId === undefined ? 0 : Buffer.byteLength(JSON.stringify(recordId)))
  return size
}

/** Bytes of a word as JSON; metrics, units and sources are few. */
function sizeOfWord(word: string): number {
  let size = words.get(word)
  if (size === undefined) {
    if (words.size >= WORDS_KEPT) words.clear()
    size = Buffer.byteLength(JSON.stringify(word))
    words.set(word, size)
  }
  return size
}

/** A UUID-shaped hash. */
function idOf(rawRef: string, step: string, index: number): string {
  const hex = createHash('sha256').update(`${rawRef}\n${step}\n${index}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

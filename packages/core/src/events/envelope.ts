import { z } from 'zod'
import { Instant, Observation, UserId } from '../observation/schema.js'

/** The newest envelope version that is written; the one before it is still read. */
export const ENVELOPE_VERSION = 2
/** What an envelope that amends nothing is written as: whoever is not updated yet reads it. */
export const PLAIN_ENVELOPE_VERSION = 1
/** Largest serialised envelope in bytes (DESIGN §5). */
export const ENVELOPE_MAX_BYTES = 256 * 1024

/** One event: many observations of ONE person, in catalogue units, checked. */
export const Envelope = z.object({
  v: z.int(),
  id: z.string().min(1).max(100),
  user: UserId,
  /** The vendor's account the data came from; the person's own id for files. */
  account: z.string().max(300),
  /** Given once, by the inbox; the only source of "known since". */
  receivedAt: Instant,
  provider: z.string().min(1).max(80),
  /** Id of the raw delivery that this was made from. */
  rawRef: z.string().max(200),
  /** W3C trace context. */
  traceparent: z.string().max(100).optional(),
  /**
   * These are revisions of single observations, made by AUREN: they say nothing of what else their records hold. Since
   * version 2.
   */
  amends: z.boolean().optional(),
  observations: z.array(Observation),
})
export type Envelope = z.infer<typeof Envelope>

/** Topics of the log. */
export const topics = { events: 'biometric-events', deadLetters: 'biometric-events.dlq' } as const

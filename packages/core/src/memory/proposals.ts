import { createHash } from 'node:crypto'
import { Temporal } from 'temporal-polyfill'
import { z } from 'zod'
import type { Instant, LocalDate } from '../observation/schema.js'
import type { DetectorPlugin, DetectorView } from '../plugin/types.js'
import { confidenceOf, MOST_EVIDENCE } from './confidence.js'
import { kindRules } from './kinds.js'
import type { Evidence, MemoryRecord } from './ports.js'

/** Most that one detector concludes of one person. */
const MOST_PROPOSALS = 5000
const LONGEST_BODY = 200_000

/** Refs of what was measured or recorded: what was concluded is evidence for nothing. */
const rawRef = /^(?:days|samples|sessions|tag|record):./
const count = z.number().nonnegative()

/** What a detector may conclude. What persons alone say (safety, preferences, goals) is not among it. */
const ProposalSchema = z.strictObject({
  key: z.string().min(1).max(300),
  kind: z.enum(['baseline', 'pattern', 'episode', 'hypothesis', 'experiment']),
  about: z.array(z.string().min(1).max(200)).max(200),
  text: z.string().trim().min(1).max(4000),
  body: z.record(z.string(), z.json()).refine((body) => JSON.stringify(body).length <= LONGEST_BODY, 'is too large'),
  confidence: z.number().min(0).max(1).nullable(),
  evidence: z
    .array(z.strictObject({ ref: z.string().regex(rawRef).max(400), last: z.iso.date(), for: count, against: count }))
    .max(MOST_EVIDENCE)
    .optional(),
  derivedFrom: z.array(z.string().min(1).max(400)).max(5000).readonly().optional(),
  validFrom: z.iso.date(),
  validTo: z.iso.date().nullable(),
})

/** Why nothing of a detector was taken: where in its proposals, never what stood there. */
export interface Refusal {
  detector: string
  reason: string
}

/**
 * Runs a detector and makes records of what it concludes: all of it, or nothing. One proposal that does not fit, two of
 * one key, an interval that ends before it begins, or an exception refuse the whole, for what is left would pass for all
 * that it concludes.
 *
 * @param told ids of the memories that it was told of: what a conclusion may be derived from besides measurements
 * @param now when it becomes known
 */
export function concludeOf(
  detector: DetectorPlugin,
  view: DetectorView,
  told: ReadonlySet<string>,
  now: Instant,
): MemoryRecord[] | Refusal {
  const refuse = (reason: string): Refusal => ({ detector: detector.id, reason })
  let given: unknown
  try {
    given = detector.run(view)
  } catch (error) {
    return refuse(error instanceof Error ? error.name : 'an exception')
  }
  const checked = z.array(ProposalSchema).max(MOST_PROPOSALS).safeParse(given)
  if (!checked.success) {
    const [issue] = checked.error.issues
    return refuse(`${issue?.path.join('.') || 'proposals'}: ${issue?.code ?? 'invalid'}`)
  }
  if (new Set(checked.data.map(({ key }) => key)).size < checked.data.length) return refuse('key: not unique')
  if (checked.data.some(({ validFrom, validTo }) => validTo !== null && validTo < validFrom))
    return refuse('validTo: before validFrom')
  // Of nothing that was itself concluded: a trace ends, and in what was measured or said.
  const known = (ref: string): boolean => rawRef.test(ref) || told.has(ref)
  if (checked.data.some(({ derivedFrom = [] }) => !derivedFrom.every(known))) return refuse('derivedFrom: unknown')
  return checked.data.map((proposal) => recordOf(detector, proposal, now))
}

function recordOf(
  { id, version }: DetectorPlugin,
  { key, validFrom, validTo, derivedFrom = [], evidence, ...rest }: z.infer<typeof ProposalSchema>,
  now: Instant,
): MemoryRecord {
  const pieces = evidence?.map(({ last, ...piece }): Evidence => ({ ...piece, origin: 'measured', at: midnight(last) }))
  return {
    ...rest,
    id: `${id}-${createHash('sha256').update(`${id}\n${key}`).digest('hex').slice(0, 20)}`,
    validFrom: midnight(validFrom),
    validTo: validTo === null ? null : midnight(validTo),
    recordedAt: now,
    supersededAt: null,
    origin: 'derived',
    algorithm: `${id}@${version}`,
    derivedFrom: [...derivedFrom],
    status: 'active',
    // With no time passed, so that the same evidence is the same record on every day.
    ...(pieces && {
      evidence: pieces,
      confidence: confidenceOf(pieces, 0, { halfLifeDays: null, doubt: kindRules[rest.kind].doubt }).value,
    }),
    pinned: false,
  }
}

/** Civil dates as instants of tier 3: midnight UTC of that date. */
function midnight(date: LocalDate): Instant {
  return Temporal.PlainDate.from(date).toZonedDateTime('UTC').epochMilliseconds
}

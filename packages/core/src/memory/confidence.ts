import { AurenError } from '../errors.js'
import type { Instant } from '../observation/schema.js'
import { halfLifeOf, kindRules } from './kinds.js'
import type { Evidence, MemoryRecord } from './ports.js'

const DAY_MS = 86_400_000
/** Below it a record is weakening. */
const WEAK = 0.5
/** Below it a record no longer counts as something that holds. */
const RETIRED = 0.1
/** Pieces of evidence that one record keeps at most. */
export const MOST_EVIDENCE = 200

/** What evidence amounts to. */
export interface Confidence {
  /** 0 … 1 */
  value: number
  for: number
  against: number
  /** The newest evidence for it; null where nothing supports it. */
  lastAt: Instant | null
}

/**
 * How far the evidence supports a record at an instant: `for·d / (for·d + against + doubt)`, where `d` halves with every
 * half-life since the newest evidence for it. Without ageing that is the mean of a beta distribution whose prior is
 * `doubt` failures. So it rises with every piece for, falls with every piece against and with time, by nothing else, and
 * is computed again from the evidence alone.
 *
 * @param halfLifeDays null: it never ages
 * @param doubt evidence against to begin with; above 0
 */
export function confidenceOf(
  evidence: readonly Evidence[],
  at: Instant,
  { halfLifeDays, doubt }: { halfLifeDays: number | null; doubt: number },
): Confidence {
  const pro = evidence.reduce((sum, piece) => sum + piece.for, 0)
  const against = evidence.reduce((sum, piece) => sum + piece.against, 0)
  const lastAt = evidence.reduce<Instant | null>(
    (last, piece) => (piece.for > 0 && (last === null || piece.at > last) ? piece.at : last),
    null,
  )
  const left = halfLifeDays === null || lastAt === null ? 1 : 0.5 ** (Math.max(0, at - lastAt) / DAY_MS / halfLifeDays)
  return { value: (pro * left) / (pro * left + against + doubt), for: pro, against, lastAt }
}

/**
 * A record as it stands at an instant: its confidence from the evidence, and `weakening` or `retired` where time or
 * counter-evidence has made it so. What has no evidence of its own (what was said, and what a closed interval holds)
 * stands as it was recorded; a hypothesis without any is weakening after its half-life.
 */
export function standingAt(record: MemoryRecord, at: Instant): MemoryRecord {
  const { evidence = [], validTo } = record
  // What held in an interval that has ended is no less true for being long ago.
  const halfLifeDays = validTo !== null && validTo < at ? null : halfLifeOf(record)
  const concluded = evidence.length > 0 || (record.kind === 'hypothesis' && record.origin === 'self')
  if (!concluded || record.status === 'retired' || record.status === 'drafted') return record
  const confidence = confidenceOf(evidence, at, { halfLifeDays, doubt: kindRules[record.kind].doubt })
  const untested = confidence.for === 0 && confidence.against === 0
  if (untested) {
    const overdue = halfLifeDays !== null && at - record.recordedAt > halfLifeDays * DAY_MS
    return { ...record, confidence: null, status: overdue ? 'weakening' : record.status }
  }
  return { ...record, confidence: confidence.value, status: statusOf(record, confidence, halfLifeDays, at) }
}

function statusOf(
  record: MemoryRecord,
  { value, lastAt }: Confidence,
  halfLifeDays: number | null,
  at: Instant,
): MemoryRecord['status'] {
  if (value < RETIRED) return 'retired'
  const old = halfLifeDays !== null && lastAt !== null && at - lastAt > halfLifeDays * DAY_MS
  return value < WEAK || old ? 'weakening' : record.status
}

/**
 * Evidence with more of it: a piece whose `ref` is known already replaces that one, so that the same evidence never
 * counts twice, whatever the order.
 * @throws AurenError AUREN_INPUT_INVALID for what was itself recalled from memory, for numbers that are none, and for more
 *   than {@link MOST_EVIDENCE} pieces
 */
export function withEvidence(held: readonly Evidence[], more: readonly Evidence[]): Evidence[] {
  for (const piece of more) checkEvidence(piece)
  const byRef = new Map([...held, ...more].map((piece) => [piece.ref, piece]))
  if (byRef.size > MOST_EVIDENCE)
    throw new AurenError('AUREN_INPUT_INVALID', `A memory stands on at most ${MOST_EVIDENCE} pieces of evidence.`)
  return [...byRef.values()].sort((a, b) => a.at - b.at || (a.ref < b.ref ? -1 : 1))
}

/** @throws AurenError AUREN_INPUT_INVALID */
export function checkEvidence({ ref, origin, at, for: pro, against }: Evidence): void {
  // Else what was once concluded would, by being recalled, confirm itself.
  if (origin === 'memory')
    throw new AurenError('AUREN_INPUT_INVALID', 'What was recalled from memory is no evidence for a memory.')
  if (ref === '' || !Number.isFinite(at) || !(pro >= 0) || !(against >= 0) || !Number.isFinite(pro + against))
    throw new AurenError(
      'AUREN_INPUT_INVALID',
      'Evidence names what it is, when it was, and how much is for and against.',
    )
}

import { createHash } from 'node:crypto'
import { AurenError } from '../errors.js'
import type { Deletion, Instant, Observation, Sample } from './schema.js'

/** 0: a value. 1: a deletion. 2: a deletion by the person, which outranks every value, also later ones. */
export type Gone = 0 | 1 | 2

/** One canonical value that was said of one identity, with when. */
export interface Revision {
  gone: Gone
  /** The vendor's version; the greatest with which this value came. */
  version: number | null
  /** receivedAt of the first and the last delivery that held it. */
  first: Instant
  last: Instant
  /** Raw delivery that held it first. */
  rawRef: string
}

/** One revision of a vendor's record: the receipt of its observations, or of its deletion. */
export interface RecordMark {
  version: number | null
  /** receivedAt; the earliest one of a version. */
  at: Instant
  gone: Gone
}

type Stored = Exclude<Observation, Deletion>

/**
 * Names what an observation is about, whatever it says of it (DESIGN §4): provider, account, shape, metric, start, end
 * or date, source name, ordinal, and the vendor's record id where there is one. Value and unit are no part of it.
 * @throws AurenError AUREN_INPUT_INVALID for a deletion that names neither a record nor a source
 */
export function identityKey(provider: string, account: string, observation: Observation): string {
  const { of, start, end, date, ordinal, source } = about(observation)
  const shape = observation.shape === 'deletion' ? observation.target?.shape : observation.shape
  return JSON.stringify([
    provider,
    account,
    observation.recordId ?? null,
    shape,
    of,
    start ?? null,
    end ?? null,
    date ?? null,
    source,
    ordinal ?? 0,
  ])
}

function about(observation: Observation) {
  switch (observation.shape) {
    case 'sample':
      return { ...observation, of: observation.metric, date: undefined, source: observation.source.name }
    case 'daily_total':
      return {
        ...observation,
        of: observation.metric,
        start: undefined,
        end: undefined,
        source: observation.source.name,
      }
    case 'session':
      return { ...observation, of: observation.kind, date: undefined, source: observation.source.name }
    case 'tag':
      return { ...observation, of: observation.tag, date: undefined, source: observation.source.name }
    case 'deletion': {
      if (!observation.target || !observation.source)
        throw new AurenError('AUREN_INPUT_INVALID', 'A deletion must name its record, or its target and source')
      return { ...observation.target, source: observation.source.name }
    }
  }
}

/** What an observation says, as a string that is equal exactly when it says the same. Negative zero is zero. */
export function canonicalValue(observation: Stored): string {
  const { flags = 0, offset, zoneBasis } = observation
  const said = [flags, offset, zoneBasis]
  switch (observation.shape) {
    case 'sample':
    case 'daily_total':
      return JSON.stringify([observation.value + 0, ...said])
    case 'tag':
      return JSON.stringify([observation.value ?? null, observation.unit ?? null, observation.text ?? null, ...said])
    case 'session': {
      const { nap, activity, vendorActivity, stages, laps, measures, text } = observation
      return JSON.stringify(
        sorted([nap ?? null, activity ?? null, vendorActivity ?? null, stages, laps, measures, text ?? null, ...said]),
      )
    }
  }
}

/** Objects with their keys in order, all the way down. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value ?? null
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

/** First 32 hex digits of the SHA-256 of a text. */
export function contentHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** Content hash of a sample's value, by which revisions are ordered that are equal in version and receipt. */
export function sampleHash(
  value: Pick<Sample, 'value' | 'offset' | 'zoneBasis'> & { flags: number; gone: Gone },
): string {
  const { gone, flags, offset, zoneBasis } = value
  return contentHash(JSON.stringify(gone ? ['gone', gone] : [value.value + 0, flags, offset, zoneBasis]))
}

/** Joins two sightings of the same canonical value; the order of arguments does not matter. */
export function joinStamps<R extends Revision>(a: R, b: R): R {
  const earlier = a.first < b.first || (a.first === b.first && a.rawRef <= b.rawRef) ? a : b
  return {
    ...a,
    version: laterVersion(a.version, b.version),
    first: earlier.first,
    rawRef: earlier.rawRef,
    last: Math.max(a.last, b.last),
  }
}

function laterVersion(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b)
}

/**
 * Orders revisions of one identity, the one that holds last: by (the person's own deletion, version, receipt, hash).
 * `asOf` orders by what was known then; both must have been known. `hash` is asked only when all else is equal.
 */
export function compareRevisions<R extends Revision>(a: R, b: R, hash: (r: R) => string, asOf?: Instant): number {
  const sticky = Number(a.gone === 2) - Number(b.gone === 2)
  if (sticky !== 0) return sticky
  const version = (a.version ?? Number.NEGATIVE_INFINITY) - (b.version ?? Number.NEGATIVE_INFINITY)
  if (version > 0 || version < 0) return version
  const receipt = seen(a, asOf) - seen(b, asOf)
  if (receipt !== 0) return receipt
  const [left, right] = [hash(a), hash(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

function seen(revision: Revision, asOf: Instant | undefined): Instant {
  return asOf === undefined || revision.last <= asOf ? revision.last : revision.first
}

/**
 * The revision that holds (as of `asOf`, where given), or null: nothing was known yet, it is deleted, or its record's
 * newer revisions no longer hold it.
 *
 * What says the same is one revision, under the highest version that it ever came with. So a value that came while a
 * deletion of a higher version outweighed it, and came again under that version, is taken for known since it first came.
 */
export function currentRevision<R extends Revision>(
  revisions: readonly R[],
  hash: (r: R) => string,
  marks: readonly RecordMark[] = [],
  asOf?: Instant,
): R | null {
  let best: R | null = null
  for (const revision of revisions) {
    if (asOf !== undefined && revision.first > asOf) continue
    if (revision.gone === 0 && isWithdrawn(marks, revision, asOf)) continue
    if (best === null || compareRevisions(revision, best, hash, asOf) > 0) best = revision
  }
  return best === null || best.gone > 0 ? null : best
}

/** Union of marks: one per version, deletion or not, with its first receipt; without versions each receipt is one. */
export function mergeMarks(...lists: readonly (readonly RecordMark[])[]): RecordMark[] {
  const marks = new Map<string, RecordMark>()
  for (const mark of lists.flat()) {
    const key = `${mark.gone} ${mark.version ?? `at ${mark.at}`}`
    const known = marks.get(key)
    if (!known || mark.at < known.at) marks.set(key, mark)
  }
  return [...marks.values()].sort(compareMarks)
}

function compareMarks(a: RecordMark, b: RecordMark): number {
  const version = (a.version ?? Number.NEGATIVE_INFINITY) - (b.version ?? Number.NEGATIVE_INFINITY)
  if (version > 0 || version < 0) return version
  if (a.version === null && a.at !== b.at) return a.at - b.at
  return a.gone - b.gone || a.at - b.at
}

/** The newest revision of a record (as of `asOf`); null where none was known. */
export function newestMark(marks: readonly RecordMark[], asOf?: Instant): RecordMark | null {
  let best: RecordMark | null = null
  for (const mark of marks) {
    if (asOf !== undefined && mark.at > asOf) continue
    if (mark.gone === 2) return mark
    if (best === null || compareMarks(mark, best) > 0) best = mark
  }
  return best
}

/**
 * True where a newer revision of the record no longer holds this value, or the record is deleted. Revisions are ordered
 * by version, without versions by receipt; a deletion without a version withdraws what was received before it. A value
 * that was received again after `asOf` is taken to have been there all the time between.
 */
export function isWithdrawn(marks: readonly RecordMark[], value: Revision, asOf?: Instant): boolean {
  const newest = newestMark(marks, asOf)
  if (newest === null) return false
  if (newest.gone > 0) return true
  if (newest.version !== null) {
    if (value.version === null || value.version < newest.version) return true
    return isDeletedLater(marks, value, asOf)
  }
  return value.version === null && value.last < newest.at
}

/** Deletions without a version in a record that has versions count by receipt alone. */
function isDeletedLater(marks: readonly RecordMark[], value: Revision, asOf?: Instant): boolean {
  const receipt = seen(value, asOf)
  return marks.some(
    (mark) => mark.gone > 0 && mark.version === null && mark.at >= receipt && (asOf === undefined || mark.at <= asOf),
  )
}

/** A name that is the same for the same words: a UUID of RFC 9562 version 8, of a SHA-256. */
export function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

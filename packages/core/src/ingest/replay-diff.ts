import { comparePlaces, type KnownIdentity } from '../memory/ports.js'
import { canonicalValue, type RecordMark } from '../observation/identity.js'
import type { Instant } from '../observation/schema.js'
import { type Amendment, deletionOf } from './amend.js'

/** What a replay does to one identity. `kept`: it stays as it is, though what was read now would have it otherwise. */
export type Change = 'added' | 'changed' | 'withdrawn' | 'unchanged' | 'kept'

type Valued = NonNullable<KnownIdentity['observation']>

/** One identity as it is and as it would have been. */
export interface Difference {
  place: KnownIdentity['place']
  change: Change
  before: Valued | null
  after: Valued | null
  /** The raw delivery of what it was, and of what it becomes. */
  amendment: Amendment | null
}

/** What decides besides the values. */
export interface Grounds {
  /** What was received later has not been read: it has the last word. */
  until: Instant
  /** What a raw delivery is: `read` anew; a former `replay`; else unread. */
  rawOf(id: string): Promise<'read' | 'replay' | 'unread'>
  /** When the person withdrew what complete snapshots lacked: that stands. */
  withdrawnAt: ReadonlySet<Instant>
  /** When deliveries came that could not be read anew. */
  unreadAt: ReadonlySet<Instant>
}

/** Pairs the identities of two persons by place. Both must be in order. */
export async function* joined(
  real: AsyncIterable<KnownIdentity>,
  shadow: AsyncIterable<KnownIdentity>,
): AsyncGenerator<[real: KnownIdentity | null, shadow: KnownIdentity | null]> {
  const [left, right] = [real[Symbol.asyncIterator](), shadow[Symbol.asyncIterator]()]
  try {
    let [a, b] = [await left.next(), await right.next()]
    while (!a.done || !b.done) {
      const order = a.done ? 1 : b.done ? -1 : comparePlaces(a.value.place, b.value.place)
      yield [order <= 0 ? (a.value as KnownIdentity) : null, order >= 0 ? (b.value as KnownIdentity) : null]
      if (order <= 0) a = await left.next()
      if (order >= 0) b = await right.next()
    }
  } finally {
    await left.return?.()
    await right.return?.()
  }
}

/** What becomes of one identity; null where there is nothing of it on either side. */
export async function differenceOf(
  real: KnownIdentity | null,
  shadow: KnownIdentity | null,
  grounds: Grounds,
): Promise<Difference | null> {
  const { place, account } = (real ?? shadow) as KnownIdentity
  const before = real?.withdrawn === null ? real.observation : null
  const after = shadow?.withdrawn === null ? shadow.observation : null
  const told = (change: Change, amendment: Amendment | null = null): Difference => ({
    place,
    change,
    before,
    after,
    amendment,
  })
  if (!before && !after) return null
  if (before && after && canonicalValue(before) === canonicalValue(after)) return told('unchanged')
  if (real && !(await isOurs(real, grounds))) return told('kept')
  if (!after) return told('withdrawn', { account, rawRef: '', observation: deletionOf(before as Valued) })
  const { rawRef } = shadow as KnownIdentity
  const version = newer(real?.observation?.version, after.version)
  const observation = version === undefined ? after : { ...after, version }
  return before ? told('changed', { account, rawRef, observation }) : told('added', { account, rawRef, observation })
}

/** Whether what is known of an identity goes back to what was read anew, so that the new reading may speak for it. */
async function isOurs({ withdrawn, last, rawRef }: KnownIdentity, grounds: Grounds): Promise<boolean> {
  if (withdrawn?.by === 'person') return false
  const { until, unreadAt, withdrawnAt } = grounds
  const isBeyond = (at: Instant): boolean => at > until || unreadAt.has(at)
  if (isBeyond(last) || isBeyond(withdrawn?.last ?? last)) return false
  if (withdrawn?.by === 'deletion') {
    if (withdrawn.last !== null && withdrawnAt.has(withdrawn.last)) return false
    const of = await grounds.rawOf(withdrawn.rawRef ?? '')
    return of === 'read' || of === 'replay'
  }
  return withdrawn !== null || (await grounds.rawOf(rawRef)) === 'read'
}

/** What was said under a greater version must be outdone under that. */
function newer(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined ? after : after === undefined ? before : Math.max(before, after)
}

/**
 * Makes amendments hold whatever the revisions of their records: as new as the newest, and for the whole record where that
 * was deleted. Null for one whose record was revised after `until`: that has the last word.
 */
export async function overRecords(
  amendments: readonly Amendment[],
  until: Instant,
  records: (account: string, ids: readonly string[]) => Promise<Map<string, RecordMark>>,
): Promise<(Amendment | null)[]> {
  const wanted = new Map<string, string[]>()
  for (const { account, observation } of amendments) {
    const { shape, recordId } = observation
    if (shape !== 'deletion' && recordId !== undefined) wanted.set(account, [...(wanted.get(account) ?? []), recordId])
  }
  const known = new Map<string, Map<string, RecordMark>>()
  for (const [account, ids] of wanted) known.set(account, await records(account, ids))
  return amendments.map((amendment) => {
    const { account, observation } = amendment
    const mark = known.get(account)?.get(observation.recordId ?? '')
    if (!mark || observation.shape === 'deletion') return amendment
    if (mark.at > until) return null
    const deleted = mark.gone > 0
    const least = mark.version === null ? undefined : deleted ? after(mark.version) : mark.version
    const version = newer(observation.version, least)
    return {
      ...amendment,
      whole: deleted,
      observation: version === undefined ? observation : { ...observation, version },
    }
  })
}

/** The next number after. */
function after(value: number): number {
  return value + Math.max(Number.MIN_VALUE, Math.abs(value) * Number.EPSILON)
}

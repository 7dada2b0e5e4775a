import type { Envelope } from '../events/envelope.js'
import type { Journal, Tx } from '../events/ports.js'
import type { Deletion, Instant, Observation, UserId } from '../observation/schema.js'
import { pack } from './pack.js'

/** A revision that AUREN makes by itself of a single observation, with the raw delivery that it goes back to. */
export interface Amendment {
  rawRef: string
  account: string
  observation: Observation
  /** It is the whole record again, not a part of it: it speaks for what the record holds. */
  whole?: boolean
}

/** Where amendments come from. */
export interface AmendOrigin {
  user: UserId
  provider: string
  receivedAt: Instant
  /** The delivery that stands for them in the inbox. */
  receipt: string
  /** The same step again makes the same envelopes. */
  step: string
}

/** Puts amendments on their way, within the transaction. */
export async function commitAmendments(
  journal: Journal,
  tx: Tx,
  { user, provider, receivedAt, receipt, step }: AmendOrigin,
  amendments: readonly Amendment[],
): Promise<void> {
  const groups = new Map<string, Amendment[]>()
  for (const one of amendments) {
    const key = JSON.stringify([one.rawRef, one.account, one.whole === true])
    const group = groups.get(key)
    if (group) group.push(one)
    else groups.set(key, [one])
  }
  const envelopes: Envelope[] = []
  for (const group of groups.values()) {
    const [{ rawRef, account, whole = false }] = group as [Amendment]
    envelopes.push(
      ...pack(
        group.map(({ observation }) => observation),
        {
          user,
          account,
          provider,
          receivedAt,
          rawRef,
          amends: !whole,
          step: `${step}/${account}/${whole ? 'whole' : 'part'}`,
        },
      ),
    )
  }
  if (envelopes.length > 0) await journal.enqueue(tx, envelopes, receipt)
}

/** The deletion of one observation, by its identity; as new as the value that it takes back. */
export function deletionOf(observation: Exclude<Observation, Deletion>): Deletion {
  const { shape, source, recordId, version, ordinal } = observation
  const of =
    observation.shape === 'session'
      ? observation.kind
      : observation.shape === 'tag'
        ? observation.tag
        : observation.metric
  const times =
    observation.shape === 'daily_total'
      ? { date: observation.date }
      : { start: observation.start, ...(observation.end === undefined ? {} : { end: observation.end }) }
  return {
    shape: 'deletion',
    target: { shape, of, ...times, ...(ordinal === undefined ? {} : { ordinal }) },
    source,
    ...(recordId === undefined ? {} : { recordId }),
    ...(version === undefined ? {} : { version }),
  }
}

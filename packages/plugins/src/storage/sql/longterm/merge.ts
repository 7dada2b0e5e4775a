import { currentRevision, joinStamps, type RecordMark, sampleHash } from '@auren/core'
import type { Entry } from './codec.js'

/** The marks of a record that this write touches; null for one that it does not touch. */
export type MarksOf = (recordId: string) => readonly RecordMark[] | null

/** What merging did to a series. */
export interface Merged {
  held: Entry[]
  history: Entry[]
  /** Entries before and after, where what is held, or what decides overlaps, is not as it was. */
  touched: Entry[]
  heldChanged: boolean
  /** Only last-seen stamps or raw references of what is held are not as they were. */
  stampsChanged: boolean
  historyChanged: boolean
  /** Incoming observations that said something new. */
  news: number
}

/**
 * Merges revisions into a series: what holds stays in the chunk, all else goes to its history. A pure function of the
 * set of revisions and marks, so any order, split or repetition gives the same.
 * @param held and `history`: sorted, as this function returned them; `incoming` in any order
 */
export function mergeSeries(
  held: readonly Entry[],
  history: readonly Entry[],
  incoming: Entry[],
  marksOf: MarksOf,
): Merged {
  incoming.sort(byIdentity)
  const merged: Merged = {
    held: [],
    history: [],
    touched: [],
    heldChanged: false,
    stampsChanged: false,
    historyChanged: false,
    news: 0,
  }
  let [h, o, i] = [0, 0, 0]
  while (h < held.length || o < history.length || i < incoming.length) {
    const key = lowest(held[h], history[o], incoming[i])
    const before = h < held.length && byIdentity(held[h] as Entry, key) === 0 ? (held[h++] as Entry) : null
    const [oldFrom, newFrom] = [o, i]
    while (o < history.length && byIdentity(history[o] as Entry, key) === 0) o++
    while (i < incoming.length && byIdentity(incoming[i] as Entry, key) === 0) i++
    const marks = key.recordId === null ? [] : marksOf(key.recordId)
    if (before && oldFrom === o && newFrom === i && (key.recordId === null || marks === null)) merged.held.push(before)
    else mergeIdentity(merged, before, history.slice(oldFrom, o), incoming.slice(newFrom, i), marks)
  }
  return merged
}

function mergeIdentity(
  merged: Merged,
  before: Entry | null,
  old: readonly Entry[],
  incoming: readonly Entry[],
  marks: readonly RecordMark[] | null,
): void {
  if (incoming.length === 0 && marks === null) {
    if (before) merged.held.push(before)
    merged.history.push(...old)
    return
  }
  const revisions = before ? [before, ...old] : [...old]
  for (const entry of incoming) {
    const at = revisions.findIndex((known) => byContent(known, entry) === 0)
    if (at < 0) {
      revisions.push(entry)
      merged.news++
    } else revisions[at] = join(revisions[at] as Entry, entry)
  }
  const after = revisions.length === 1 && !marks?.length ? single(revisions) : holding(revisions, marks ?? [])
  if (after) merged.held.push(after)
  const rest = revisions.filter((entry) => entry !== after).sort(byContent)
  merged.history.push(...rest)
  note(merged, before, after)
  if (rest.length !== old.length || rest.some((entry, i) => entry !== old[i])) merged.historyChanged = true
}

function single([only]: readonly Entry[]): Entry | null {
  return only && only.gone === 0 ? only : null
}

function holding(revisions: readonly Entry[], marks: readonly RecordMark[]): Entry | null {
  return currentRevision(revisions, sampleHash, marks)
}

/** The known entry itself where the join adds nothing, so that what did not change can be told. */
function join(known: Entry, entry: Entry): Entry {
  const joined = joinStamps(known, entry)
  const same =
    joined.version === known.version &&
    joined.first === known.first &&
    joined.last === known.last &&
    joined.rawRef === known.rawRef
  return same ? known : joined
}

function note(merged: Merged, before: Entry | null, after: Entry | null): void {
  if (before === after) return
  if (
    before &&
    after &&
    byContent(before, after) === 0 &&
    before.version === after.version &&
    before.first === after.first
  )
    merged.stampsChanged = true
  else {
    merged.heldChanged = true
    if (before) merged.touched.push(before)
    if (after) merged.touched.push(after)
  }
}

function lowest(...heads: (Entry | undefined)[]): Entry {
  let best: Entry | undefined
  for (const head of heads) if (head && (!best || byIdentity(head, best) < 0)) best = head
  return best as Entry
}

/** Order of identities within a series; that is also the order in which it is packed. */
export function byIdentity(a: Entry, b: Entry): number {
  return (
    a.start - b.start ||
    (a.end ?? Number.NEGATIVE_INFINITY) - (b.end ?? Number.NEGATIVE_INFINITY) ||
    a.ordinal - b.ordinal ||
    byText(a.recordId, b.recordId) ||
    0
  )
}

/** Order of canonical values of one identity. */
export function byContent(a: Entry, b: Entry): number {
  return (
    a.gone - b.gone ||
    a.value - b.value ||
    a.flags - b.flags ||
    (a.offset ?? -10_000) - (b.offset ?? -10_000) ||
    byText(a.zoneBasis, b.zoneBasis)
  )
}

function byText(a: string | null, b: string | null): number {
  if (a === b) return 0
  if (a === null) return -1
  return b === null || a > b ? 1 : -1
}

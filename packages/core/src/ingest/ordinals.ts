import { canonicalValue } from '../observation/identity.js'
import type { Deletion, Observation } from '../observation/schema.js'
import { type Book, type OrdinalPages, openBook } from './ordinal-pages.js'

export type { OrdinalPages } from './ordinal-pages.js'

type Valued = Exclude<Observation, Deletion>
const DAY_MS = 86_400_000

/**
 * Numbers siblings: unequal values that one import states of one identity (DESIGN §4) get ordinals by (creation time,
 * canonical value), those of later steps after those of earlier ones. Equal values are one record: the others are left
 * out. Values that differ in the vendor's version are no siblings but revisions of each other.
 * @param observations of one provider and account
 * @param pages those that {@link pagesOf} names, as the import's steps before left them; changed in place. Absent: the
 * observations are one payload by itself.
 */
export function numberSiblings(observations: readonly Observation[], pages?: OrdinalPages): Observation[] {
  const book = pages ? openBook(pages) : null
  const dropped = new Set<Observation>()
  const ordinals = new Map<Observation, number>()
  for (const { page, key, members } of familiesOf(observations)) {
    if (members.length === 1) single(book, page, key, members[0] as Valued, dropped, ordinals)
    else
      for (const [index, { sibling, others }] of inOrder(members).entries()) {
        for (const other of others) dropped.add(other)
        if (book) single(book, page, key, sibling, dropped, ordinals)
        else if (index > 0) ordinals.set(sibling, index)
      }
  }
  book?.save()
  if (dropped.size === 0 && ordinals.size === 0) return [...observations]
  return observations.flatMap((observation) => {
    if (dropped.has(observation)) return []
    const ordinal = ordinals.get(observation)
    // Whoever names an ordinal (an export of ours, a replay) means that one.
    if (ordinal === undefined || observation.shape === 'deletion' || observation.ordinal !== undefined)
      return [observation]
    return [{ ...observation, ordinal }]
  })
}

/** One value against those of earlier steps. */
function single(
  book: Book | null,
  page: string,
  key: string,
  sibling: Valued,
  dropped: Set<Observation>,
  ordinals: Map<Observation, number>,
): void {
  if (!book) return
  const ordinal = book.add(page, key, saidBy(sibling))
  if (ordinal === null) dropped.add(sibling)
  else if (ordinal > 0) ordinals.set(sibling, ordinal)
}

/** Names of the pages that observations are counted in. */
export function pagesOf(observations: readonly Observation[]): string[] {
  const names = new Set<string>()
  for (const observation of observations) if (observation.shape !== 'deletion') names.add(pageOf(observation))
  return [...names]
}

function pageOf(held: Valued): string {
  const of = held.shape === 'session' ? held.kind : held.shape === 'tag' ? held.tag : held.metric
  const day = held.shape === 'daily_total' ? held.date : Math.floor(held.start / DAY_MS)
  return `${held.shape} ${day} ${of}\n${held.source.name}`
}

/** With its page, the identity of an observation (see `identityKey`), and the version that tells revisions apart. */
function keyOf(held: Valued): string {
  const times = held.shape === 'daily_total' ? '' : `${held.start} ${held.end ?? ''}`
  return `${times} ${held.ordinal ?? ''} ${held.version ?? ''} ${held.recordId ?? ''}`
}

/** What an observation says; equal exactly where the canonical value is. */
function saidBy(held: Valued): string {
  return held.shape === 'sample' || held.shape === 'daily_total'
    ? `${held.value + 0} ${held.flags ?? 0} ${held.offset} ${held.zoneBasis}`
    : canonicalValue(held)
}

interface Family {
  page: string
  key: string
  members: Valued[]
}

function familiesOf(observations: readonly Observation[]): Iterable<Family> {
  const families = new Map<string, Family>()
  for (const observation of observations) {
    if (observation.shape === 'deletion') continue
    const page = pageOf(observation)
    const key = keyOf(observation)
    const name = `${key}\n${page}`
    const family = families.get(name)
    if (family) family.members.push(observation)
    else families.set(name, { page, key, members: [observation] })
  }
  return families.values()
}

interface Stated {
  sibling: Valued
  /** Those that say the same. */
  others: Valued[]
  createdAt: number
}

/** Distinct values of a family by (earliest creation, canonical value); what has no creation time comes first. */
function inOrder(family: readonly Valued[]): Stated[] {
  const distinct = new Map<string, Stated>()
  for (const sibling of family) {
    const value = canonicalValue(sibling)
    const createdAt = sibling.createdAt ?? Number.NEGATIVE_INFINITY
    const stated = distinct.get(value)
    if (stated) {
      stated.others.push(sibling)
      stated.createdAt = Math.min(stated.createdAt, createdAt)
    } else distinct.set(value, { sibling, others: [], createdAt })
  }
  return [...distinct]
    .sort(([a, x], [b, y]) => (x.createdAt === y.createdAt ? (a < b ? -1 : 1) : x.createdAt < y.createdAt ? -1 : 1))
    .map(([, stated]) => stated)
}

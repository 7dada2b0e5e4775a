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
  for (const [page, families] of familiesOf(observations))
    for (const [key, members] of families) {
      if (!Array.isArray(members)) single(book, page, key, members, dropped, ordinals)
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
  const pageOf = createPager()
  for (const observation of observations) if (observation.shape !== 'deletion') names.add(pageOf(observation))
  return [...names]
}

/** Names the page of one observation after the other; neighbours are mostly of one, and the name is made once. */
function createPager(): (held: Valued) => string {
  let [shape, of, source, page] = ['', '', '', '']
  let day: number | string = Number.NaN
  return (held) => {
    const itsOf = held.shape === 'session' ? held.kind : held.shape === 'tag' ? held.tag : held.metric
    const itsDay = held.shape === 'daily_total' ? held.date : Math.floor(held.start / DAY_MS)
    const { name } = held.source
    if (held.shape === shape && itsDay === day && itsOf === of && name === source) return page
    shape = held.shape
    day = itsDay
    of = itsOf
    source = name
    page = `${shape} ${day} ${of}\n${source}`
    return page
  }
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

/** Observations of one identity, by page and key; an only one stands by itself, which nearly all do. */
type Families = Map<string, Map<string, Valued | Valued[]>>

function familiesOf(observations: readonly Observation[]): Families {
  const pages: Families = new Map()
  const pageOf = createPager()
  for (const observation of observations) {
    if (observation.shape === 'deletion') continue
    const page = pageOf(observation)
    let families = pages.get(page)
    if (!families) {
      families = new Map()
      pages.set(page, families)
    }
    const key = keyOf(observation)
    const family = families.get(key)
    if (family === undefined) families.set(key, observation)
    else if (Array.isArray(family)) family.push(observation)
    else families.set(key, [family, observation])
  }
  return pages
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

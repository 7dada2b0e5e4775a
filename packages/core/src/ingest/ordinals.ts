import { hash } from 'node:crypto'
import { canonicalValue, identityKey } from '../observation/identity.js'
import type { Deletion, Observation } from '../observation/schema.js'

/**
 * Pages in which an import counts siblings over its steps, so that memory stays constant: one for each metric, source
 * and day, holding 16 bytes per value in order of arrival, a hash of its identity and one of what it says.
 */
export type OrdinalPages = Map<string, Uint8Array>

/** Where the siblings of an import are counted. */
export interface SiblingContext {
  provider: string
  account: string
  /** Those that {@link pagesOf} names, as the steps before left them; changed in place. Absent: one payload by itself. */
  pages?: OrdinalPages
}

type Valued = Exclude<Observation, Deletion>
const DAY_MS = 86_400_000
const HASH_BYTES = 8
const ENTRY_BYTES = 2 * HASH_BYTES

/**
 * Numbers siblings: unequal values that one import states of one identity (DESIGN §4) get ordinals by (creation time,
 * canonical value), those of later steps after those of earlier ones. Equal values are one record: the others are left
 * out. Values that differ in the vendor's version are no siblings but revisions of each other.
 */
export function numberSiblings(observations: readonly Observation[], ctx: SiblingContext): Observation[] {
  const book = ctx.pages ? openBook(ctx.pages) : null
  const dropped = new Set<Observation>()
  const ordinals = new Map<Observation, number>()
  for (const [key, family] of familiesOf(observations, ctx)) {
    if (family.length === 1 && !book) continue
    const known = book?.valuesOf(pageOf(family[0] as Valued), key)
    for (const [index, [value, { sibling, others }]] of inOrder(family).entries()) {
      for (const other of others) dropped.add(other)
      if (known?.has(value)) dropped.add(sibling)
      else ordinals.set(sibling, known ? known.add(value) : index)
    }
  }
  book?.save()
  if (dropped.size === 0 && ordinals.size === 0) return [...observations]
  return observations.flatMap((observation) => {
    if (dropped.has(observation)) return []
    const ordinal = ordinals.get(observation) ?? 0
    // Whoever names an ordinal (an export of ours, a replay) means that one.
    if (ordinal === 0 || observation.shape === 'deletion' || observation.ordinal !== undefined) return [observation]
    return [{ ...observation, ordinal }]
  })
}

/** Names of the pages that observations are counted in. */
export function pagesOf(observations: readonly Observation[]): string[] {
  return [...new Set(observations.flatMap((held) => (held.shape === 'deletion' ? [] : [pageOf(held)])))]
}

function pageOf(held: Valued): string {
  const of = held.shape === 'session' ? held.kind : held.shape === 'tag' ? held.tag : held.metric
  const day = held.shape === 'daily_total' ? held.date : Math.floor(held.start / DAY_MS)
  return `${held.shape} ${of} ${day} ${held.source.name}`
}

function familiesOf(observations: readonly Observation[], ctx: SiblingContext): Map<string, Valued[]> {
  const families = new Map<string, Valued[]>()
  for (const observation of observations) {
    if (observation.shape === 'deletion') continue
    const key = `${identityKey(ctx.provider, ctx.account, observation)} ${observation.version ?? ''}`
    const family = families.get(key)
    if (family) family.push(observation)
    else families.set(key, [observation])
  }
  return families
}

interface Stated {
  sibling: Valued
  /** Those that say the same. */
  others: Valued[]
  createdAt: number
}

/** Distinct values of a family by (earliest creation, canonical value); what has no creation time comes first. */
function inOrder(family: readonly Valued[]): [value: string, Stated][] {
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
  return [...distinct].sort(([a, x], [b, y]) =>
    x.createdAt === y.createdAt ? (a < b ? -1 : 1) : x.createdAt < y.createdAt ? -1 : 1,
  )
}

/** Pages opened for one step. */
function openBook(pages: OrdinalPages) {
  const opened = new Map<string, { values: Map<string, string[]>; fresh: Buffer[] }>()
  const open = (name: string) => {
    const known = opened.get(name)
    if (known) return known
    const values = new Map<string, string[]>()
    const bytes = Buffer.from(pages.get(name) ?? new Uint8Array())
    for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
      const key = bytes.toString('latin1', at, at + HASH_BYTES)
      const value = bytes.toString('latin1', at + HASH_BYTES, at + ENTRY_BYTES)
      const list = values.get(key)
      if (list) list.push(value)
      else values.set(key, [value])
    }
    const page = { values, fresh: [] as Buffer[] }
    opened.set(name, page)
    return page
  }
  return {
    valuesOf(name: string, key: string) {
      const page = open(name)
      const keyHash = hashOf(key)
      const list = page.values.get(keyHash) ?? []
      return {
        has: (value: string): boolean => list.includes(hashOf(value)),
        /** Returns the ordinal of a value that is new. */
        add(value: string): number {
          const valueHash = hashOf(value)
          page.fresh.push(Buffer.from(keyHash + valueHash, 'latin1'))
          page.values.set(keyHash, list)
          return list.push(valueHash) - 1
        },
      }
    },
    save() {
      for (const [name, { fresh }] of opened)
        if (fresh.length > 0) pages.set(name, Buffer.concat([pages.get(name) ?? new Uint8Array(), ...fresh]))
    },
  }
}

function hashOf(text: string): string {
  return hash('sha256', text, 'buffer').toString('latin1', 0, HASH_BYTES)
}

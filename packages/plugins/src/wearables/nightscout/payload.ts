import { z } from 'zod'

/** Collections that are asked for. */
export const collections = ['entries', 'treatments'] as const
/** A collection that is asked for. */
export type Collection = (typeof collections)[number]

/** Documents of one collection as the site has them. Others than {@link collections} come from documents only. */
export const Payload = z.object({
  collection: z.string().min(1).max(60),
  /** What the site shows glucose in, for documents that do not say: `mg/dl` or `mmol`. */
  units: z.string().max(40).nullish(),
  records: z.array(z.unknown()).max(500_000),
})
/** Documents of one collection as the site has them. */
export type Payload = z.infer<typeof Payload>

/** A document: whatever uploaders wrote, for the site checks almost nothing. */
export const Doc = z.record(z.string().max(200), z.unknown())
/** A document: whatever uploaders wrote. */
export type Doc = z.infer<typeof Doc>

/** The value of MongoDB's extended JSON, as its exports write it: `{ "$oid": "…" }`, `{ "$numberLong": "…" }`. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const [[key, held] = [], more] = Object.entries(value)
  return more === undefined && key !== undefined && /^\$(oid|date|number[A-Z]\w+)$/.test(key) ? plain(held) : value
}

/** Text of a field; null where there is none. */
export function textIn(doc: Doc, field: string, most = 10_000): string | null {
  const value = plain(doc[field])
  if (typeof value !== 'string') return null
  const text = value.trim().slice(0, most)
  return text === '' ? null : text
}

/** A number of a field, written as one or as text; null where there is none, NaN where it is something else. */
export function numberIn(doc: Doc, field: string): number | null {
  const value = plain(doc[field])
  if (value === undefined || value === null || value === '') return null
  if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN
  return typeof value === 'string' && /^\s*[+-]?\d{1,17}(\.\d{1,17})?\s*$/.test(value) ? Number(value) : Number.NaN
}

/** The site's name of a document: the one that uploaders gave it, or that of the database. */
export function idIn(doc: Doc): string | null {
  return textIn(doc, 'identifier', 200) ?? textIn(doc, '_id', 200)
}

/** Deletions are marked, and told of, in what was written by the API v3. */
export function isDeleted(doc: Doc): boolean {
  return doc.isValid === false
}

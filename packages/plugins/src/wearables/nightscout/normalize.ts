import type { NormalizeContext, ObservationInput } from '@auren/core'
import { type Aside, entry, nameOfEntry } from './entries.js'
import { Doc, idIn, isDeleted, numberIn, type Payload } from './payload.js'
import { treatment, twinOf } from './treatments.js'

/** Documents of a site as observations. What was uploaded twice is one. */
export function* normalize({ collection, units, records }: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  const docs = records.map((record) => {
    const read = Doc.safeParse(record)
    return read.success && !Array.isArray(record) ? read.data : null
  })
  const kept = keptOf(collection, docs)
  for (const [index, doc] of docs.entries()) {
    const aside: Aside = (reason, detail) => ctx.reject(records[index], reason, `${collection}: ${detail}`)
    if (!doc) aside('schema', 'a document is no object.')
    else if (collection === 'entries') {
      // Of two that were written of one reading, one was deleted: the reading is still there.
      if (!isDeleted(doc) || !kept.has(nameOfEntry(doc) ?? '')) yield* entry(doc, versionOf(doc), aside)
    } else if (collection === 'treatments') {
      if (isDeleted(doc) || kept.get(twinOf(doc)) === doc) yield* treatment(doc, versionOf(doc), units ?? null, aside)
      else aside('duplicate_treatment', 'the same treatment is there under another name.')
    } else aside('no_measurement', 'what this collection holds is no measurement.')
  }
}

/** Documents that stand, by what makes two of them one; of twins the one whose name sorts first, in whatever order they come. */
function keptOf(collection: string, docs: readonly (Doc | null)[]): Map<string, Doc> {
  const kept = new Map<string, Doc>()
  for (const doc of docs) {
    if (!doc || isDeleted(doc)) continue
    const key = collection === 'entries' ? nameOfEntry(doc) : twinOf(doc)
    if (key === null) continue
    const held = kept.get(key)
    if (!held || (idIn(doc) ?? '') < (idIn(held) ?? '')) kept.set(key, doc)
  }
  return kept
}

/** When the site last changed it; only documents that were written by the API v3 say so. */
function versionOf(doc: Doc): { version?: number } {
  const modified = numberIn(doc, 'srvModified')
  return modified === null || !(modified > 0 && modified < 1e15) ? {} : { version: modified }
}

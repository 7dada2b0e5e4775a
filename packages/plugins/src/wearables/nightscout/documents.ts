import type { ObservationInput } from '@auren/core'
import { exportReader, jsonPart } from '../../files/index.js'
import { normalize } from './normalize.js'
import { Doc, type Payload } from './payload.js'

/**
 * Payloads in a document of a site: a list of entries or treatments, as its API or its database writes them, one of them,
 * or a list within the answer of the API v3. Null where it is none.
 */
export function payloadsOf(document: unknown): Payload[] | null {
  const answer = Doc.safeParse(document)
  if (!Array.isArray(document) && answer.success && typeof answer.data.status === 'number' && 'result' in answer.data)
    return payloadsOf(answer.data.result)
  const records: unknown[] = Array.isArray(document) ? document : [document]
  const found = new Map<string, unknown[]>()
  for (const record of records) {
    const collection = collectionOf(record)
    // A broken one among others stays with them, and is set aside there.
    if (collection) found.set(collection, [...(found.get(collection) ?? [])])
  }
  if (found.size === 0) return null
  const [first = ''] = found.keys()
  for (const record of records) found.get(collectionOf(record) ?? first)?.push(record)
  return [...found].map(([collection, held]) => ({ collection, records: held }))
}

function collectionOf(record: unknown): string | null {
  const parsed = Doc.safeParse(record)
  if (!parsed.success || Array.isArray(record)) return null
  const doc = parsed.data
  const has = (...fields: string[]): boolean => fields.some((field) => field in doc)
  const timed = has('date', 'dateString', 'sysTime')
  if (timed && (has('sgv', 'mbg') || (typeof doc.type === 'string' && /^(sgv|mbg|cal)$/.test(doc.type))))
    return 'entries'
  if (has('created_at', 'date') && typeof doc.eventType === 'string') return 'treatments'
  if (has('created_at') && has('insulin', 'carbs')) return 'treatments'
  if (has('created_at') && has('uploaderBattery', 'uploader', 'openaps', 'loop', 'pump')) return 'devicestatus'
  return has('defaultProfile') && has('store') ? 'profile' : null
}

const entries = /"(sgv|mbg)"\s*:/
const treatments = /"eventType"\s*:/

/** A list of entries or treatments that was saved from a site. */
export const saved = exportReader({
  plugin: 'nightscout',
  parts: [
    jsonPart({
      path: /(^|\/)(entries|treatments)[^/]*\.json$/i,
      looks: (head) =>
        (entries.test(head) && /"(date|dateString|sysTime)"\s*:/.test(head)) ||
        (treatments.test(head) && /"(created_at|date)"\s*:/.test(head)),
      *read(value, ctx): Iterable<ObservationInput> {
        const payloads = payloadsOf(value)
        if (!payloads) return ctx.reject({ path: ctx.path }, 'no_documents', 'It is no list of entries or treatments.')
        for (const payload of payloads) yield* normalize(payload, ctx)
      },
    }),
  ],
})

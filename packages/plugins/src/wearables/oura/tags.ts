import type { ObservationInput } from '@auren/core'
import type { z } from 'zod'
import { instantOf, recordId, ring, saidZoneOf } from './parts.js'
import type { EnhancedTag, LegacyTag } from './payload.js'

/** A tag of the app: `tag_generic_alcohol` → `alcohol`; a tag of the person's own keeps its name as text. */
export function* enhancedTag(doc: z.infer<typeof EnhancedTag>): Iterable<ObservationInput> {
  const start = instantOf(doc.start_time)
  const words = [doc.custom_name, doc.comment].filter(
    (text): text is string => typeof text === 'string' && text.trim() !== '',
  )
  yield {
    shape: 'tag',
    tag: codeOf(doc.tag_type_code, doc.custom_name),
    start,
    ...(doc.end_time ? { end: Math.max(start, instantOf(doc.end_time)) } : {}),
    ...(words.length > 0 ? { text: words.join('\n') } : {}),
    source: ring,
    ...saidZoneOf(doc.start_time),
    recordId: recordId('enhanced_tag', doc.id),
  }
}

/** A tag document of the older API: several codes, or a note. */
export function* legacyTag(doc: z.infer<typeof LegacyTag>): Iterable<ObservationInput> {
  const codes = doc.tags && doc.tags.length > 0 ? [...new Set(doc.tags.map((tag) => codeOf(tag, null)))] : ['note']
  for (const tag of codes) {
    yield {
      shape: 'tag',
      tag,
      start: instantOf(doc.timestamp),
      ...(doc.text ? { text: doc.text } : {}),
      source: ring,
      ...saidZoneOf(doc.timestamp),
      recordId: recordId('tag', doc.id),
    }
  }
}

function codeOf(code: string | null | undefined, custom: string | null | undefined): string {
  const plain = (code ?? '')
    .toLowerCase()
    .replace(/^tag_(generic|sleep|activity|custom)_/, '')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 120)
  if (plain === '' || plain === 'custom') return custom ? 'custom' : 'note'
  return plain
}

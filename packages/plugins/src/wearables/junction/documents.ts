import { z } from 'zod'
import { seriesNames, summaryNames } from './normalize.js'
import type { Payload } from './payload.js'
import { unread } from './series.js'

const Doc = z.record(z.string(), z.unknown())
type Doc = z.infer<typeof Doc>
const has = (doc: Doc, ...names: string[]): boolean => names.every((name) => Object.hasOwn(doc, name))

/** Single objects by what they have and nothing else has. */
const shapes: readonly (readonly [resource: string, is: (doc: Doc) => boolean])[] = [
  ['sleep', (doc) => has(doc, 'bedtime_start')],
  ['sleep_cycle', (doc) => has(doc, 'session_start', 'stage_type')],
  ['workouts', (doc) => has(doc, 'time_start', 'time_end')],
  ['workout_stream', (doc) => has(doc, 'workout_id', 'message')],
  ['meal', (doc) => has(doc, 'timestamp', 'data', 'name')],
  ['menstrual_cycle', (doc) => has(doc, 'period_start')],
  ['raw', (doc) => has(doc, 'provider_id', 'data', 'timestamp')],
  ['body', (doc) => has(doc, 'calendar_date', 'id') && (has(doc, 'weight') || has(doc, 'fat'))],
  ['activity', (doc) => has(doc, 'calendar_date', 'id')],
  ['source', (doc) => has(doc, 'slug', 'auth_type')],
]

/**
 * Payloads in an answer of Junction's API, or in one object of it. A time series does not say what it is of: the name of
 * the file has to.
 */
export function payloadsOf(document: unknown, name: string): Payload[] | null {
  const parsed = Doc.safeParse(document)
  if (!parsed.success) return null
  const doc = parsed.data
  const groups = z.record(z.string(), z.array(z.unknown())).safeParse(doc.groups)
  if (groups.success) {
    const resource = namedIn(name, [...seriesNames, ...Object.keys(unread)])
    return resource === null ? null : [{ resource, items: Object.values(groups.data).flat() }]
  }
  const lists = [...summaryNames, 'meals'].flatMap((resource) => {
    const items = doc[resource]
    if (!Array.isArray(items)) return []
    const isRaw = items.length > 0 && items.every((item) => isOf('raw', item))
    return [{ resource: isRaw ? 'raw' : resource, items }]
  })
  if (lists.length > 0) return lists
  if (isStream(doc)) return [...streamsOf(doc)]
  const single = shapes.find(([, is]) => is(doc))
  if (single) return [{ resource: single[0], items: [doc] }]
  if (!has(doc, 'value') || !(has(doc, 'timestamp') || has(doc, 'start'))) return null
  const resource = namedIn(name, [...seriesNames, ...Object.keys(unread)])
  return resource === null ? null : [{ resource, items: [{ source: null, data: [doc] }] }]
}

function isOf(resource: string, item: unknown): boolean {
  const doc = Doc.safeParse(item)
  return doc.success && shapes.find(([, is]) => is(doc.data))?.[0] === resource
}

const streams = ['heartrate', 'hrv', 'respiratory_rate', 'hypnogram'] as const

function isStream(doc: Doc): boolean {
  return streams.some((name) => Array.isArray(doc[name]))
}

/** The samples of a night without the night. */
function* streamsOf(doc: Doc): Iterable<Payload> {
  for (const resource of streams) {
    const data = doc[resource]
    if (Array.isArray(data)) yield { resource, items: [{ source: null, data }] }
  }
}

/** The longest name of a resource in the name of a file: `GroupedHeartRateAlertResponse.json` is no heart rate. */
function namedIn(file: string, resources: readonly string[]): string | null {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '')
  const within = plain(file)
  const found = resources.filter((resource) => within.includes(plain(resource)))
  return found.sort((a, b) => b.length - a.length)[0] ?? null
}

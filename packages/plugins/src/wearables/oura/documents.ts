import { lookup } from '../../vendor/lookup.js'
import { fromVersion1, isVersion1 } from './documents-v1.js'
import { type Collection, collectionOf, type Payload } from './payload.js'

type Json = Record<string, unknown>

/** Documents of a payload at most: large exports are read piece by piece. */
const pieceSize = 5000

/** Names of collections in exports that differ from those of the API. */
const aliases = lookup<Collection>({
  heart_rate: 'heartrate',
  vo2max: 'vO2_max',
  spo2: 'daily_spo2',
  cardiovascular_age: 'daily_cardiovascular_age',
})

/** What a document is known by, where nobody says its collection; the first that fits. */
const marks: readonly (readonly [Collection, ...string[]])[] = [
  ['sleep', 'bedtime_start', 'bedtime_end', 'total_sleep_duration'],
  ['heartrate', 'bpm', 'timestamp'],
  ['daily_spo2', 'spo2_percentage', 'day'],
  ['daily_activity', 'steps', 'day', 'active_calories'],
  ['daily_readiness', 'temperature_deviation', 'contributors', 'day'],
  ['daily_stress', 'stress_high', 'day'],
  ['daily_cardiovascular_age', 'vascular_age', 'day'],
  ['vO2_max', 'vo2_max', 'day'],
  ['enhanced_tag', 'tag_type_code', 'start_time'],
  ['workout', 'activity', 'intensity', 'start_datetime'],
  ['session', 'type', 'start_datetime', 'end_datetime'],
  ['daily_resilience', 'level', 'contributors', 'day'],
  ['daily_sleep', 'score', 'contributors', 'day'],
]

/**
 * Payloads in a JSON document of Oura's: an answer of the API (a page, or one document), one collection of an export, or
 * all of them by name, of either version of the API. Null where it is none.
 */
export function payloadsOf(value: unknown, name: string): Payload[] | null {
  const list = listOf(value)
  if (list) return ofList(list, name)
  if (!isObject(value)) return null
  const named = Object.entries(value).flatMap(([key, part]) => {
    const documents = listOf(part)
    return documents && (collectionOf(aliases[key] ?? key) || isVersion1(key, documents[0]))
      ? [[key, documents] as const]
      : []
  })
  if (named.length > 0) return named.flatMap(([key, documents]) => ofList(documents, key) ?? [])
  return ofList([value], '')
}

function ofList(documents: readonly unknown[], name: string): Payload[] | null {
  const base = name
    .replace(/^.*\//, '')
    .replace(/\.json$/i, '')
    .toLowerCase()
  if (isVersion1(base, documents[0]))
    return fromVersion1(base, documents).flatMap((one) => pieces(one.collection, one.documents))
  const collection = guess(documents[0]) ?? collectionOf(aliases[base] ?? base)
  return collection ? pieces(collection, documents) : null
}

function pieces(collection: string, documents: readonly unknown[]): Payload[] {
  return Array.from({ length: Math.ceil(documents.length / pieceSize) }, (_, at) => ({
    collection,
    documents: documents.slice(at * pieceSize, (at + 1) * pieceSize),
  }))
}

function guess(document: unknown): Collection | null {
  if (!isObject(document)) return null
  return marks.find(([, ...fields]) => fields.every((field) => field in document))?.[0] ?? null
}

function listOf(value: unknown): unknown[] | null {
  if (Array.isArray(value)) return value
  return isObject(value) && Array.isArray(value.data) ? value.data : null
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

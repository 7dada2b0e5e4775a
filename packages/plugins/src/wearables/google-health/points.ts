import { Flag, type Instant, type Source, type SourceType } from '@auren/core'
import { z } from 'zod'
import { lookup } from '../../vendor/lookup.js'
import { CivilDate, dateOf, Interval, SampleTime } from './times.js'
import { type DataTypeId, dataTypes } from './types.js'

const words = z.string().max(1000).nullish().catch(null)
const DataSource = z.object({
  device: z.object({ formFactor: words, displayName: words, manufacturer: words }).nullish().catch(null),
  platform: words,
  application: z.object({ packageName: words }).nullish().catch(null),
  recordingMethod: words,
})
/** What is around the data of a point: listed ones have a source, reconciled ones another name for the name. */
const Envelope = z.object({ name: words, dataPointName: words, dataSource: DataSource.nullish().catch(null) })
type Envelope = z.infer<typeof Envelope>

/** A point taken out of its envelope. */
export interface Point {
  id: string | null
  source: Source
  manual: boolean
  value: unknown
}

const forms = lookup<SourceType>({
  FITNESS_BAND: 'band',
  WATCH: 'watch',
  PHONE: 'phone',
  RING: 'ring',
  CHEST_STRAP: 'band',
  SCALE: 'scale',
  TABLET: 'phone',
})

/** Opens a point; null where it holds no data of this type. */
export function openPoint(type: DataTypeId, point: unknown): Point | null {
  const given = unwrap(point)
  if (given === null) return null
  const { field } = dataTypes[type]
  const value = given[field] ?? (isObject(given.data) ? given.data[field] : undefined)
  const envelope = Envelope.safeParse(given)
  if (!isObject(value) || !envelope.success) return null
  const manual = envelope.data.dataSource?.recordingMethod === 'MANUAL'
  const id = (envelope.data.name || envelope.data.dataPointName || '').split('/').at(-1)?.slice(0, 200)
  return { id: id || null, source: sourceOf(envelope.data.dataSource, manual), manual, value }
}

/** Which data type a point is of, by what it holds; null where none is read here. */
export function typeOfPoint(point: unknown): DataTypeId | null {
  const given = unwrap(point)
  if (given === null) return null
  const inner = isObject(given.data) ? given.data : given
  const found = Object.entries(dataTypes).find(([, { field }]) => isObject(inner[field]))
  return (found?.[0] as DataTypeId | undefined) ?? null
}

function unwrap(point: unknown): Record<string, unknown> | null {
  if (!isObject(point)) return null
  if (!isObject(point.dataPoint)) return point
  return { ...point.dataPoint, ...(point.dataPointName ? { dataPointName: point.dataPointName } : {}) }
}

function sourceOf(source: Envelope['dataSource'], manual: boolean): Source {
  const { device, platform, application } = source ?? {}
  const name = (device?.displayName || device?.manufacturer || '').trim().slice(0, 200)
  const type = forms[device?.formFactor ?? '']
  if (name !== '' || type) return { name: name || 'Google Health', type: manual ? 'manual' : (type ?? 'unknown') }
  if (manual) return { name: 'Google Health', type: 'manual' }
  // A tracker without a name of its own.
  if (platform === 'FITBIT') return { name: 'Fitbit', type: 'band' }
  const app = application?.packageName?.trim().slice(0, 200)
  return app ? { name: app, type: 'app' } : { name: 'Google Health', type: 'unknown' }
}

const Timed = z.object({
  interval: Interval.pick({ startTime: true, endTime: true }).nullish().catch(null),
  sampleTime: SampleTime.pick({ physicalTime: true }).nullish().catch(null),
  date: CivilDate.nullish().catch(null),
})

/** When a point is, as its data type is asked for: of its start, of a sleep's end, of a day's midnight; null where none is said. */
export function timeOf(type: DataTypeId, value: unknown): Instant | null {
  const parsed = Timed.safeParse(value)
  if (!parsed.success) return null
  const { interval, sampleTime, date } = parsed.data
  if (dataTypes[type].clock === 'date') return date ? Date.parse(`${dateOf(date)}T00:00:00Z`) : null
  const text = interval ? (type === 'sleep' ? interval.endTime : interval.startTime) : sampleTime?.physicalTime
  return text ? Date.parse(text) : null
}

/** The record that a point belongs to: its own, its day's, or that of the span in which it starts. */
export function recordOf(type: DataTypeId, id: string | null, at: Instant): string {
  const { window, clock } = dataTypes[type]
  if (clock === 'date') return `${type}/${new Date(at).toISOString().slice(0, 10)}`
  if (window === null) return id === null ? `${type}/at/${at}` : `${type}/${id}`
  return windowRecord(type, Math.floor(at / window) * window)
}

/** The record of a span that starts then. */
export function windowRecord(type: DataTypeId, start: Instant): string {
  return `${type}/${new Date(start).toISOString().slice(0, 13)}`
}

/** What every observation of a point has besides its time. */
export function baseOf(point: Point, recordId: string) {
  return { source: point.source, recordId, ...(point.manual ? { flags: Flag.manual } : {}) }
}
export type Base = ReturnType<typeof baseOf>

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { Flag, isoInstant, type NormalizeContext, type Source, type SourceType, type ZoneBasis } from '@auren/core'
import type { Record } from './payload.js'

/** A record on its way: where it is in time, and what all that it becomes has in common. */
export interface Held {
  type: string
  fields: Record
  start: number
  /** Null for what is measured at an instant. */
  end: number | null
  offset: number | null
  endOffset: number | null
  shared: { source: Source; recordId?: string; version?: number; flags?: number }
  ctx: NormalizeContext
}

/** Device types of the API, in their order. */
const deviceTypes: readonly (SourceType | undefined)[] = [
  undefined,
  'watch',
  'phone',
  'scale',
  'ring',
  undefined,
  'band',
  'band',
]
const byName: Readonly<{ [name: string]: SourceType }> = {
  watch: 'watch',
  phone: 'phone',
  scale: 'scale',
  ring: 'ring',
  fitness_band: 'band',
  chest_strap: 'band',
}
/** Apps of makers whose devices are of one kind. */
const byPackage: readonly (readonly [RegExp, SourceType])[] = [
  [/dexcom|libre|eversense/i, 'cgm'],
  [/oura|ringconn|ultrahuman/i, 'ring'],
  [/whoop|mifit|xiaomi\.hm/i, 'band'],
  [/garmin|polar|coros|suunto|wearos/i, 'watch'],
  [/omron/i, 'cuff'],
]
/** RecordingMethod.MANUAL_ENTRY */
const MANUAL = 3

/** @returns why it cannot be read, in words, where it cannot */
export function hold(fields: Record, ctx: NormalizeContext): Held | string {
  const type = (fields.recordType ?? fields.type ?? '').replace(/^.*\./, '').replace(/Record$/, '')
  if (type === '') return 'a record does not say its type'
  const from = timeOf(fields.startTime ?? fields.time)
  const to = fields.startTime == null ? null : timeOf(fields.endTime)
  if (!from || (fields.startTime != null && !to)) return `${type.slice(0, 80)}: its times cannot be read`
  const start = from.at
  const end = to?.at ?? null
  if (end !== null && end < start) return `${type.slice(0, 80)}: it ends before it starts`
  const offset = offsetOf(fields.startZoneOffset ?? fields.zoneOffset) ?? from.offset
  const endOffset = offsetOf(fields.endZoneOffset) ?? to?.offset ?? offset
  return { type, fields, start, end, offset, endOffset, shared: sharedOf(fields), ctx }
}

function sharedOf({ metadata }: Record): Held['shared'] {
  const { id, clientRecordId, clientRecordVersion, lastModifiedTime, recordingMethod, device, dataOrigin } =
    metadata ?? {}
  const origin = (typeof dataOrigin === 'string' ? dataOrigin : (dataOrigin?.packageName ?? '')).trim().slice(0, 200)
  const recordId = id || (clientRecordId ? `${origin.slice(0, 90)}/${clientRecordId.slice(0, 200)}` : '')
  // Health Connect sets the time with every change; the number is the writing app's own.
  const version = timeOf(lastModifiedTime)?.at ?? clientRecordVersion ?? undefined
  const manual = recordingMethod === MANUAL || /MANUAL/i.test(String(recordingMethod ?? ''))
  return {
    source: { name: origin === '' ? 'Health Connect' : origin, type: sourceType(device?.type, origin) },
    ...(recordId ? { recordId } : {}),
    ...(version === undefined ? {} : { version }),
    ...(manual ? { flags: Flag.manual } : {}),
  }
}

function sourceType(device: number | string | null | undefined, origin: string): SourceType {
  const known =
    typeof device === 'number' ? deviceTypes[device] : byName[(device ?? '').toLowerCase().replace(/^type_/, '')]
  return known ?? byPackage.find(([pattern]) => pattern.test(origin))?.[1] ?? 'app'
}

/** An instant, with the offset that is written with it; `Z` is how instants are written and says nothing of the place. */
export function timeOf(given: unknown): { at: number; offset: number | null } | null {
  if (typeof given === 'number') return inCalendar(Math.round(given)) ? { at: Math.round(given), offset: null } : null
  if (typeof given !== 'string') return null
  const match = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|([+-]\d\d:?\d\d))(?:\[.{1,60}\])?$/.exec(given)
  const at = match ? isoInstant(given.replace(/\[.*$/, '')) : Number.NaN
  return match && inCalendar(at) ? { at, offset: match[1] ? offsetOf(match[1]) : null } : null
}

/** Years 1 to 9999: what an instant may be. */
function inCalendar(at: number): boolean {
  return at >= -62_135_596_800_000 && at <= 253_402_300_799_999
}

/** Minutes from UTC; null where it is not known. */
export function offsetOf(given: Record['zoneOffset']): number | null {
  if (given == null) return null
  if (typeof given === 'number') return within(Math.round(given / 60))
  if (typeof given === 'object')
    return given.totalSeconds === undefined ? offsetOf(given.id) : offsetOf(given.totalSeconds)
  if (given === 'Z') return 0
  const [, sign, hours, minutes = '0'] = /^([+-])(\d{1,2})(?::?(\d\d))?(?::?\d\d)?$/.exec(given) ?? []
  return sign === undefined ? null : within((sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)))
}

function within(minutes: number): number | null {
  return Math.abs(minutes) <= 1080 ? minutes + 0 : null
}

/** A word of a record, whatever stands there; empty where it is none. */
export function wordOf(given: unknown): string {
  return typeof given === 'string' ? given.slice(0, 200) : ''
}

/** Offset and where it is from. */
export function zoned(offset: number | null): { offset: number | null; zoneBasis: ZoneBasis } {
  return { offset, zoneBasis: offset === null ? 'absent' : 'carried' }
}

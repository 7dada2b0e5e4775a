import { Temporal } from 'temporal-polyfill'

const dayMs = 86_400_000
const zero = 48

/** Two digits of `text` at `at`; NaN where they are none. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - zero
  const ones = text.charCodeAt(at + 1) - zero
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

let lastDate = ''
let lastMidnight = Number.NaN

/** Midnight UTC of `yyyy-MM-dd`, in ms; NaN where there is no such day. Neighbouring records share their day. */
function midnight(text: string): number {
  // A compare of ten characters is cheaper than the arithmetic; the copy keeps no larger string alive.
  if (text.startsWith(lastDate) && lastDate !== '') return lastMidnight
  const year = two(text, 0) * 100 + two(text, 2)
  const month = two(text, 5)
  const day = two(text, 8)
  if (!(year >= 1000 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) return Number.NaN
  const at = Date.UTC(year, month - 1, day)
  if (new Date(at).getUTCDate() !== day) return Number.NaN
  lastDate = Buffer.from(text.slice(0, 10), 'latin1').toString('latin1')
  lastMidnight = at
  return at
}

/**
 * Instant of Apple's `yyyy-MM-dd HH:mm:ss ±HHMM`, in ms since 1970; also of its twelve-hour form and of ISO 8601, which
 * phones in some regions and re-exporting tools write. NaN where it is no date.
 */
export function instantOf(text: string): number {
  if (text.length !== 25 || text.charCodeAt(10) !== 32) return slowInstantOf(text)
  const hour = two(text, 11)
  const minute = two(text, 14)
  const second = two(text, 17)
  const offset = offsetOf(text)
  const day = text.charCodeAt(4) === 45 && text.charCodeAt(7) === 45 ? midnight(text) : Number.NaN
  if (
    !(hour < 24 && minute < 60 && second < 60) ||
    text.charCodeAt(13) !== 58 ||
    text.charCodeAt(16) !== 58 ||
    text.charCodeAt(19) !== 32
  )
    return slowInstantOf(text)
  return day + ((hour * 60 + minute) * 60 + second) * 1000 - offset * 60_000
}

/** Minutes east of UTC that end a date, `±HHMM`, `±HH:MM` or `Z`; NaN where it says none. */
export function offsetOf(text: string): number {
  const end = text.length
  if (text.charCodeAt(end - 1) === 90) return 0
  const colon = text.charCodeAt(end - 3) === 58 ? 1 : 0
  const sign = text.charCodeAt(end - 5 - colon)
  if (sign !== 43 && sign !== 45) return Number.NaN
  const minutes = two(text, end - 4 - colon) * 60 + two(text, end - 2)
  if (!(minutes <= 18 * 60 && two(text, end - 2) < 60)) return Number.NaN
  return sign === 45 ? 0 - minutes : minutes
}

const other = /^(\d{4}-\d\d-\d\d)[T \u202f](\d{1,2}):(\d\d):(\d\d)(?:\.\d{1,9})?\s?([AaPp][Mm])?\s?([+-]\d\d:?\d\d|Z)$/

function slowInstantOf(text: string): number {
  const found = text.length <= 40 ? other.exec(text) : null
  if (!found) return Number.NaN
  const [, date = '', hours = '', minutes = '', seconds = '', half] = found
  let hour = Number(hours)
  if (half) {
    if (hour < 1 || hour > 12) return Number.NaN
    hour = (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0)
  }
  const day = midnight(date)
  if (hour > 23 || Number(minutes) > 59 || Number(seconds) > 59) return Number.NaN
  return day + ((hour * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 - offsetOf(text) * 60_000
}

/** A stretch of time in which a zone's offset does not change. */
interface Span {
  from: number
  to: number
  offset: number
}
const zones = new Map<string, Span[] | null>()
const maxZones = 1000

/**
 * Minutes east of UTC of a zone at an instant; null where there is no such zone. Knows IANA names and `GMT+0200`.
 * A zone's spans between changes of its clock are kept, as a year has two of them and an export millions of records.
 */
export function zoneOffset(zone: string, at: number): number | null {
  let spans = zones.get(zone)
  if (spans === undefined) {
    if (zones.size >= maxZones) zones.clear()
    spans = isZone(zone) ? [] : null
    zones.set(zone, spans)
  }
  if (spans === null) return fixedOffset(zone)
  for (const span of spans) if (at >= span.from && at < span.to) return span.offset
  const here = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
  const next = here.getTimeZoneTransition('next')
  const before = here.getTimeZoneTransition('previous')
  // `previous` is strictly before: at the very instant of a change the span begins here.
  const changedNow = before !== null && before.add({ milliseconds: 1 }).offsetNanoseconds !== here.offsetNanoseconds
  const span = {
    from: changedNow ? at : (before?.epochMilliseconds ?? at - dayMs),
    to: next?.epochMilliseconds ?? at + 366 * dayMs,
    offset: Math.round(here.offsetNanoseconds / 60e9),
  }
  spans.unshift(span)
  return span.offset
}

function isZone(zone: string): boolean {
  if (zone.length > 64 || !/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(zone)) return false
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
    return true
  } catch {
    return false
  }
}

function fixedOffset(zone: string): number | null {
  const found = /^(?:GMT|UTC)([+-])(\d{1,2}):?(\d\d)?$/.exec(zone)
  if (!found) return null
  const minutes = Number(found[2]) * 60 + Number(found[3] ?? 0)
  if (minutes > 18 * 60) return null
  return found[1] === '-' ? 0 - minutes : minutes
}

import { isoInstant, type ZoneBasis } from '@auren/core'
import { type Doc, numberIn, textIn } from './payload.js'

/** When something was, and how far the person's clock was from UTC. */
export interface Placed {
  start: number
  offset: number | null
  zoneBasis: ZoneBasis
}

const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)\s*(Z|[+-]\d\d:?\d\d)$/i
/** The site takes nothing before. */
const BEGINNING = Date.UTC(2000, 0)
const LATEST = Date.UTC(2200, 0)
/** Seconds would be of the year 5138. */
const SECONDS = 1e11

/** A reading is when `date` says; text is for those who left that out. */
export function placeEntry(doc: Doc): Placed | null {
  return place(doc, [epoch(doc, 'date'), stamp(doc, 'dateString'), stamp(doc, 'sysTime')])
}

/** The site shows a treatment when `created_at` says, which edits change; `date` is of those written by the API v3. */
export function placeTreatment(doc: Doc): Placed | null {
  return place(doc, [stamp(doc, 'created_at'), epoch(doc, 'date'), stamp(doc, 'timestamp'), epoch(doc, 'mills')])
}

interface Read {
  at: number
  offset: number | null
}

function place(doc: Doc, read: readonly (Read | null)[]): Placed | null {
  const found = read.find((one) => one !== null && one.at >= BEGINNING && one.at <= LATEST)
  if (!found) return null
  const written = read.find((one) => one?.offset)?.offset ?? offsetIn(doc)
  // The site writes a zero for every time that came in UTC: that tells of no place.
  return written
    ? { start: found.at, offset: written, zoneBasis: 'carried' }
    : { start: found.at, offset: null, zoneBasis: 'absent' }
}

function epoch(doc: Doc, field: string): Read | null {
  const value = numberIn(doc, field)
  if (value === null || Number.isNaN(value)) return stamp(doc, field)
  return { at: Math.round(value < SECONDS ? value * 1000 : value), offset: null }
}

function stamp(doc: Doc, field: string): Read | null {
  const [, date, time, zone] = iso.exec(textIn(doc, field, 60) ?? '') ?? []
  const wall = date === undefined ? Number.NaN : isoInstant(`${date}T${time}Z`)
  if (Number.isNaN(wall) || zone === undefined) return null
  const sign = zone.startsWith('-') ? -1 : 1
  const minutes = /z/i.test(zone) ? 0 : sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)))
  return { at: Math.floor(wall - minutes * 60_000), offset: possible(minutes) }
}

function offsetIn(doc: Doc): number | null {
  return possible(numberIn(doc, 'utcOffset') ?? 0)
}

/** Offsets there are: whole minutes, 12 hours behind to 14 ahead. */
function possible(minutes: number): number | null {
  return Number.isInteger(minutes) && minutes >= -720 && minutes <= 840 ? minutes : null
}

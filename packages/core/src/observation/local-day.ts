import { Temporal } from 'temporal-polyfill'
import type { Instant, LocalDate, ZoneBasis } from './schema.js'

/** What the person said about where they live: from when on which IANA zone holds, ascending. */
export type ZoneFacts = readonly { from: Instant; zone: string }[]

/** A local day as a stretch of time: [start, end) with its quarter-hours (92, 96 or 100). */
export interface LocalDay {
  date: LocalDate
  start: Instant
  end: Instant
  slots: number
}

/** A share of an interval that falls on one local day. */
export interface DayPiece {
  day: LocalDay
  /** Anchored: floating times are moved into the zone where it is known. */
  start: Instant
  end: Instant
  /** 0 … 1: its part of the whole interval's duration. */
  share: number
}

/** Where and how an observation says it was made. */
export interface Placed {
  start: Instant
  end?: Instant | null
  offset: number | null
  zoneBasis: ZoneBasis
}

/** Calendar work for one person's data; holds caches, so make one per piece of work. */
export interface Calendar {
  /** The zone that the person said for this instant; the first one also holds for the time before it. */
  zoneAt(at: Instant): string | null
  /**
   * The real instant: a floating wall clock is read in the person's zone, or as UTC where none is known. With an offset it
   * has been read in a zone already: it stays where that is the person's, and is read again where it is not.
   */
  anchor(at: Instant, zoneBasis: ZoneBasis, offset?: number | null): Instant
  /** True where the offset that came with an observation holds for it, whatever the person's zone is. */
  isHeld(at: Instant, offset: number | null, zoneBasis: ZoneBasis): offset is number
  /** The local day that an instant falls on. `at` is anchored. */
  dayAt(at: Instant, offset: number | null, zoneBasis: ZoneBasis): LocalDay
  /** The local day of an observation's start. */
  dayOf(placed: Placed): LocalDay
  /** The local date of an observation's end: of a night. An end at midnight exactly belongs to the day that begins. */
  dateOfEnd(placed: Placed & { end: Instant }): LocalDate
  /** An interval split at local midnights, pro rata; an instant is one piece of share 1. */
  split(placed: Placed): DayPiece[]
  /** A civil date in the person's zone, or in UTC. */
  day(date: LocalDate): LocalDay
}

const minute = 60_000
const quarter = 15 * minute
const dayMs = 24 * 60 * minute

/** Days since 1970-01-01 of a civil date. */
export function dayNumber(date: LocalDate): number {
  return Temporal.PlainDate.from(date).toZonedDateTime('UTC').epochMilliseconds / dayMs
}

/** Civil date of a number of days since 1970-01-01. */
export function dateOfDay(day: number): LocalDate {
  return Temporal.Instant.fromEpochMilliseconds(day * dayMs)
    .toZonedDateTimeISO('UTC')
    .toPlainDate()
    .toString()
}

/** A civil date `days` later (or earlier). */
export function addDays(date: LocalDate, days: number): LocalDate {
  return Temporal.PlainDate.from(date).add({ days }).toString()
}

/**
 * Makes the calendar of a person. The rules (DESIGN §4): an offset that came with the data holds; one that was inferred
 * holds for the time of which the person has said nothing; one that was taken from the profile is taken again from
 * today's profile; without any the person's zone holds, else UTC.
 */
export function createCalendar(zones: ZoneFacts = []): Calendar {
  const civil = new Map<LocalDate, LocalDay>()
  const fixed = new Map<number, LocalDay>()
  const dates = new Map<number, LocalDate>()
  let recent: LocalDay | null = null
  let recentOffset: number | null = null

  const dateOf = (day: number): LocalDate => {
    const known = dates.get(day)
    if (known !== undefined) return known
    const date = dateOfDay(day)
    dates.set(day, date)
    return date
  }

  const zoneAt = (at: Instant): string | null => {
    let zone = zones[0]?.zone ?? null
    for (const fact of zones) if (fact.from <= at) zone = fact.zone
    return zone
  }

  const day = (date: LocalDate): LocalDay => {
    const known = civil.get(date)
    if (known) return known
    const start = startOf(date)
    const end = startOf(addDays(date, 1))
    // A day on which the person moved across zones is as long as it was, but has no more slots than a day can have.
    const slots = Math.min(100, Math.max(92, Math.ceil((end - start) / quarter)))
    const made = { date, start, end, slots }
    civil.set(date, made)
    return made
  }

  /** Local midnight in the zone that holds at noon of the date. */
  const startOf = (date: LocalDate): Instant => {
    const plain = Temporal.PlainDate.from(date)
    const noon = plain.toZonedDateTime('UTC').epochMilliseconds + dayMs / 2
    return plain.toZonedDateTime(zoneAt(noon) ?? 'UTC').epochMilliseconds
  }

  const zoneDay = (at: Instant): LocalDay => {
    const near = dateOf(Math.floor(at / dayMs))
    const guess = day(near)
    if (at < guess.start) return day(addDays(near, -1))
    return at < guess.end ? guess : day(addDays(near, 1))
  }

  /** The day at a fixed offset; where the person's zone has the same offset and changes its clocks, the zone's day. */
  const fixedDay = (at: Instant, offset: number): LocalDay => {
    const number = Math.floor((at + offset * minute) / dayMs)
    const key = number * 4096 + offset
    let found = fixed.get(key)
    if (!found) {
      const start = number * dayMs - offset * minute
      found = { date: dateOf(number), start, end: start + dayMs, slots: 96 }
      fixed.set(key, found)
    }
    if (zones.length === 0) return found
    const inZone = day(found.date)
    if (inZone.slots === 96 || at < inZone.start || at >= inZone.end) return found
    return offsetIn(zoneAt(at) as string, at) === offset ? inZone : found
  }

  const anchor = (at: Instant, zoneBasis: ZoneBasis, offset: number | null = null): Instant => {
    if (zoneBasis !== 'floating' || zones.length === 0) return at
    const zone = zoneAt(at) as string
    // One offset stands for both ends, also of a night in which the clocks are changed.
    if (offset !== null && [0, -dayMs, dayMs].some((away) => offsetIn(zone, at + away) === offset)) return at
    const wall = Temporal.Instant.fromEpochMilliseconds(at + (offset ?? 0) * minute)
    return wall.toZonedDateTimeISO('UTC').toPlainDateTime().toZonedDateTime(zone).epochMilliseconds
  }

  /** A phone writes the offset of where it exports: what the person has said of that time outranks it. */
  const isHeld: Calendar['isHeld'] = (at, offset, zoneBasis): offset is number => {
    if (offset === null || zones.length === 0 || zoneBasis === 'carried') return offset !== null
    return zoneBasis === 'inferred' && at < (zones[0]?.from ?? 0)
  }

  const dayAt = (at: Instant, offset: number | null, zoneBasis: ZoneBasis): LocalDay => {
    const key = isHeld(at, offset, zoneBasis) ? offset : null
    if (recent && key === recentOffset && at >= recent.start && at < recent.end && recent.slots === 96) return recent
    recent = key === null ? zoneDay(at) : fixedDay(at, key)
    recentOffset = key
    return recent
  }

  return {
    zoneAt,
    anchor,
    isHeld,
    dayAt,
    day,
    dayOf: ({ start, offset, zoneBasis }) => dayAt(anchor(start, zoneBasis, offset), offset, zoneBasis),
    dateOfEnd: ({ end, offset, zoneBasis }) => dayAt(anchor(end, zoneBasis, offset), offset, zoneBasis).date,
    split({ start, end, offset, zoneBasis }) {
      const from = anchor(start, zoneBasis, offset)
      const to = end === null || end === undefined ? from : anchor(end, zoneBasis, offset)
      const first = dayAt(from, offset, zoneBasis)
      if (to <= first.end) return [{ day: first, start: from, end: Math.max(from, to), share: 1 }]
      const pieces: DayPiece[] = []
      for (let at = from; at < to; ) {
        const current = dayAt(at, offset, zoneBasis)
        // Moving far east can leave a date no time at all; the quarter-hour keeps the walk going.
        const stop = Math.min(to, current.end > at ? current.end : at + quarter)
        pieces.push({ day: current, start: at, end: stop, share: (stop - at) / (to - from) })
        at = stop
      }
      return pieces
    },
  }
}

function offsetIn(zone: string, at: Instant): number {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).offsetNanoseconds / 60e9
}

/** An instant as ISO 8601 to the millisecond. @param offset minutes east of UTC; null: not known, and written as `Z` */
export function isoAt(at: Instant, offset: number | null): string {
  if (offset === null) return new Date(at).toISOString()
  const two = (value: number): string => String(value).padStart(2, '0')
  const size = Math.abs(offset)
  const local = new Date(at + offset * 60_000).toISOString().slice(0, -1)
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

import { convertUnit, isAurenError, isoInstant } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'
import { TimeFrame } from './payload.js'

/** When something was. `offset`: minutes at the start, `endOffset` at the end; null where only UTC is said. */
export interface Frame {
  start: number
  end: number | null
  offset: number | null
  endOffset: number | null
}

const stamp = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?$/

/** RFC 3339. Without a zone it is UTC, as the schema says; `Z` tells when and not where. */
export function stampOf(text: string | null | undefined): { at: number; offset: number | null } | null {
  const found = stamp.exec(text ?? '')
  if (!found || !text) return null
  const at = isoInstant(`${text.replace(' ', 'T').toUpperCase()}${found[1] || found[2] ? '' : 'Z'}`)
  if (!Number.isFinite(at)) return null
  if (!found[2]) return { at, offset: null }
  const minutes = Number(found[3]) * 60 + Number(found[4])
  return minutes > 1080 ? { at, offset: null } : { at, offset: found[2] === '-' ? 0 - minutes : minutes }
}

/** The time frame of a body; a date where it is a part of a day; why not, where it cannot be read. */
export function frameOf(given: unknown): Frame | { date: string } | string {
  if (given === undefined || given === null) return 'it has no effective time frame'
  const parsed = TimeFrame.safeParse(given)
  if (!parsed.success) return 'its time frame is not one of the schema'
  const { date_time, time_interval } = parsed.data
  if (date_time !== undefined && time_interval === undefined) {
    const at = stampOf(date_time)
    return at ? { start: at.at, end: null, offset: at.offset, endOffset: at.offset } : 'its time cannot be read'
  }
  if (!time_interval || date_time !== undefined) return 'its time frame has not exactly one form'
  const { start_date_time, end_date_time, duration, date, part_of_day } = time_interval
  if (date !== undefined && part_of_day !== undefined) return { date }
  const [from, to] = [stampOf(start_date_time), stampOf(end_date_time)]
  const length = duration ? millis(duration.value, duration.unit) : null
  if (from && to) return ordered({ start: from.at, end: to.at, offset: from.offset, endOffset: to.offset })
  if (from && length !== null)
    return ordered({ start: from.at, end: from.at + length, offset: from.offset, endOffset: from.offset })
  if (to && length !== null)
    return ordered({ start: to.at - length, end: to.at, offset: to.offset, endOffset: to.offset })
  return 'its interval lacks an end'
}

function ordered(frame: Frame & { end: number }): Frame | string {
  return frame.end < frame.start ? 'its interval ends before it starts' : frame
}

function millis(value: number, unit: string): number | null {
  const seconds = secondsOf(value, unit)
  return seconds === null ? null : Math.round(seconds * 1000)
}

const longer = lookup<number>({ wk: 604_800, ns: 1e-9, ps: 1e-12 })

/** A duration in seconds; months and years have no length of their own. */
export function secondsOf(value: number, unit: string): number | null {
  if (Object.hasOwn(longer, unit)) return value * (longer[unit] as number)
  try {
    return convertUnit(value, unit, 's')
  } catch (error) {
    if (isAurenError(error)) return null
    throw error
  }
}

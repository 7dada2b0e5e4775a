import type { Instant, NormalizeContext, ObservationInput, Source } from '@auren/core'
import type { Zone } from '../../vendor/zones.js'
import { type Message, TIMESTAMP } from './messages.js'

/** Seconds from 1970-01-01 to 1989-12-31, where FIT counts from. */
const EPOCH = 631_065_600
/** Below it a time counts from when the device was switched on, and says nothing of the day. */
const SYSTEM_TIME = 0x1000_0000

/** What the observations of one file share. */
export interface Item {
  ctx: NormalizeContext
  source: Source
  /** Of what is measured all day. */
  wellness: Source
  /** Namespace of scores: the plugin's id. */
  vendor: string
  zone(at: Instant): Zone
  /** Record id and version, where the file has a name. */
  record: { recordId?: string; version?: number }
  /** Counts what cannot be used; told once for each reason. */
  leave(reason: string, detail: string): void
}

/** A field that is one number, in its unit. */
export function number(message: Message, field: number, scale = 1): number | null {
  const value = message.fields[field]
  return typeof value === 'number' ? value / scale : null
}

/** A FIT time → ms since 1970; null where it is not one of a day. */
export function instantOf(seconds: number | null): Instant | null {
  return seconds === null || seconds < SYSTEM_TIME ? null : Math.round((seconds + EPOCH) * 1000)
}

/** Time of a message, or of a field of it. Times of a clock that was never set are counted and left. */
export function timeOf(message: Message, item: Item, field = TIMESTAMP): Instant | null {
  const at = instantOf(number(message, field))
  if (at === null) item.leave('time_unknown', 'values without a date: the clock of the device was not set')
  return at
}

/** A value at an instant, or over an interval; nothing where there is no value. */
export function* given(
  item: Item,
  at: Instant,
  metric: string,
  value: number | null,
  unit: string,
  { end, source = item.source }: { end?: Instant; source?: Source } = {},
): Iterable<ObservationInput> {
  if (value === null) return
  const over = end === undefined ? {} : { end }
  yield { shape: 'sample', metric, start: at, ...over, value, unit, source, ...item.zone(at), ...item.record }
}

/** Twelve digits: more than any sensor has. */
export function tidy(value: number): number {
  return Number(value.toPrecision(12))
}

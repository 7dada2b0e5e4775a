import type { ZoneBasis } from '@auren/core'
import { Temporal } from 'temporal-polyfill'
import { columnName, readTime } from '../../files/index.js'
import type { CivilTime, Row } from '../../files/types.js'
import { type WallClock, wallClock } from '../../files/wall-clock.js'
import { offsetIn } from '../../vendor/zones.js'
import type { Mapping, Time } from './mapping.js'

/** Where a time of a row is. */
export interface Placed {
  at: number
  offset: number | null
  zoneBasis: ZoneBasis
}

/** Clocks of one table, by zone: the rows before tell which of two hours is meant. */
export type Clocks = (zone: string | null) => WallClock

/** What a row is placed with. */
export interface Clock {
  mapping: Mapping
  /** Whose rows are in the order of time. */
  series: string
  clocks: Clocks
  read(text: string | undefined): CivilTime | null
}

/** Clocks for the rows of one table. @param zoneAt the zone of the person, for times without one */
export function clocksOf(zoneAt: (at: number) => string | null): Clocks {
  const clocks = new Map<string | null, WallClock>()
  return (zone) => {
    const clock = clocks.get(zone) ?? wallClock(zone === null ? zoneAt : () => zone)
    clocks.set(zone, clock)
    return clock
  }
}

/** The value of a column as it stands in a row. */
export function cell(row: Row, column: string): string {
  const name = columnName(column)
  // A mapping may name a column as every object has it: `constructor`.
  return Object.hasOwn(row, name) ? (row[name] ?? '') : ''
}

/**
 * Places a time of a row. `after`: when what ends then began; a clock time beside a date that is before this one is of the next
 * day.
 */
export function place(row: Row, of: Time, clock: Clock, after?: Placed): Placed | null {
  const { mapping } = clock
  const { column, date } = typeof of === 'string' ? { column: of, date: undefined } : of
  const text = cell(row, column)
  if (mapping.format !== 'auto' && date === undefined) return epoch(text, row, clock)
  const time = clock.read(date === undefined ? text : `${cell(row, date)} ${text}`)
  const series = { ...clock, series: `${clock.series}\n${column}` }
  const placed = time ? inZone(time, row, series, after) : null
  if (!time || !placed || !after || date === undefined || placed.at >= after.at) return placed
  const local = Temporal.PlainDateTime.from(time.local).add({ days: 1 }).toString({ smallestUnit: 'millisecond' })
  return inZone({ ...time, local }, row, series, after)
}

function epoch(text: string, row: Row, clock: Clock): Placed | null {
  if (!/^-?\d{1,16}(\.\d{1,9})?$/.test(text)) return null
  const at = Math.round(Number(text) * (clock.mapping.format === 'unix' ? 1000 : 1))
  if (Math.abs(at) > 8.64e15) return null
  const zone = zoneOf(row, clock)
  if (zone === undefined) return { at, offset: null, zoneBasis: 'absent' }
  return zone === null ? null : { at, offset: offsetAt(at, zone), zoneBasis: 'carried' }
}

function inZone(time: CivilTime, row: Row, clock: Clock, after?: Placed): Placed | null {
  const zone = time.offset === null ? zoneOf(row, clock) : undefined
  if (zone === null) return null
  if (typeof zone === 'number') {
    const at = Date.parse(`${time.local}Z`) - zone * 60_000
    return { at, offset: zone, zoneBasis: 'carried' }
  }
  const { at, offset, basis } = clock.clocks(zone ?? null).place(clock.series, time, null, after?.at)
  return { at, offset, zoneBasis: zone === undefined ? basis : 'carried' }
}

/** The zone or offset (minutes) that the mapping or the row names; undefined where neither does, null where it is none. */
function zoneOf(row: Row, { mapping: { zone } }: Clock): string | number | null | undefined {
  if (zone === undefined || typeof zone === 'string') return zone
  const text = cell(row, zone.column)
  if (text === '') return undefined
  const offset = readTime(`2000-01-01T00:00${text.replace('−', '-')}`)?.offset
  if (offset !== undefined && offset !== null) return offset
  try {
    offsetAt(0, text)
    return text
  } catch {
    return null
  }
}

function offsetAt(at: number, zone: string | number): number {
  if (typeof zone === 'number') return zone
  return offsetIn(zone, at)
}

import { AurenError, type Gone, type Revision, ZoneBasis } from '@auren/core'
import { bestWidth, largest, putUints, uintAt, unitOf } from './columns.js'
import { columnOf, type Runs, toRuns } from './runs.js'

/** One revision of one sample, as it is in a chunk or in its history. */
export interface Entry extends Revision {
  start: number
  end: number | null
  /** 0 where gone. */
  value: number
  flags: number
  offset: number | null
  zoneBasis: ZoneBasis
  recordId: string | null
  ordinal: number
}

/** How the columns of {@link Packed}.bytes lie: widths in bytes, units in ms, and what values are counted from. */
export type Layout = [
  deltaWidth: number,
  deltaUnit: number,
  durationWidth: number,
  durationUnit: number,
  valueWidth: number,
  valueBase: number,
]

/** The packed columns of a series (DESIGN §6.1; docs/decisions/packed-columns.md). */
export interface Packed {
  first: number
  n: number
  layout: Layout
  /**
   * Time since the entry before, duration (width 0: all are instants) and value (int − base), one column after the
   * other. The largest number of the first two stands for one in `runs`, the second largest of durations for an instant.
   */
  bytes: Uint8Array
  /** value = int / 10^scale */
  scale: number
  /** Where scaling does not give the very same values back; then the value's width is 0. */
  floats: number[] | null
  runs: PackedRuns
}

/** A series as it is stored: packed now, or with the arrays of the first version. */
export type Stored = (Packed | ({ layout: null } & PackedArrays)) & { runs: PackedRuns }

/** How series were packed before they had a layout: read, and packed anew when they are written. */
export interface PackedArrays {
  first: number
  /** ms since the entry before, as an unsigned 32-bit number in a signed column. */
  deltas: number[]
  /** ms, unsigned likewise; −1: an instant; −2: see `runs.long`. Null where all are instants. */
  durations: number[] | null
  scale: number
  ints: number[] | null
  floats: number[] | null
  runs: PackedRuns
}

/** Run-length coded columns by letter; absent where every value is the usual one. */
export interface PackedRuns {
  /** Offset in minutes (usual: null), zone basis (index; 0 = carried), flags (0), raw reference, version (null). */
  o?: Runs
  z?: Runs
  f?: Runs
  r?: Runs
  v?: Runs
  /** receivedAt, first and last (absent: equal to `a`). */
  a?: Runs
  b?: Runs
  /** Record id (null), ordinal (0), gone (0). */
  i?: Runs
  n?: Runs
  g?: Runs
  /** Durations that do not fit their column, in ms, by index; and times since the entry before. */
  long?: Record<string, number>
  gaps?: Record<string, number>
}

const bases = ZoneBasis.options
const maxScale = 6
const powers = Array.from({ length: maxScale + 1 }, (_, scale) => 10 ** scale)
const unsigned = 2 ** 32
const maxInt4 = 2 ** 31 - 1
const instant = -1
const beyond = -2

/**
 * Packs entries; `unpack(pack(x))` gives x.
 * @param entries at least one, ascending by start; none more than 49 days after the one before
 */
export function pack(entries: readonly Entry[]): Packed {
  const n = entries.length
  const deltas = new Array<number>(n)
  const durations: number[] = []
  let previous = (entries[0] as Entry).start
  for (let i = 0; i < n; i++) {
    const { start, end } = entries[i] as Entry
    deltas[i] = start - previous
    if (start < previous || start - previous >= unsigned)
      throw new AurenError('AUREN_INTERNAL', 'A packed series must be ascending within one month')
    previous = start
    if (end !== null) durations.push(end - start)
  }
  const deltaUnit = unitOf(deltas)
  for (let i = 0; i < n; i++) (deltas[i] as number) /= deltaUnit
  const deltaWidth = bestWidth(deltas, 1)
  const runs: PackedRuns = packRuns(entries)
  const gaps = column(deltas, largest(deltaWidth), deltaUnit)
  if (gaps) runs.gaps = gaps

  const durationUnit = unitOf(durations)
  let lengths: number[] = []
  let durationWidth = 0
  if (durations.length > 0) {
    durationWidth = bestWidth(
      durations.map((duration) => (duration < 0 ? unsigned : duration / durationUnit)),
      2,
    )
    const most = largest(durationWidth)
    // Two of the numbers mean something else; an end before its start fits no column.
    lengths = entries.map(({ start, end }) => (end === null ? most - 1 : fit((end - start) / durationUnit, most - 2)))
    const long: Record<string, number> = {}
    for (let i = 0; i < n; i++)
      if (lengths[i] === most) long[i] = ((entries[i] as Entry).end as number) - (entries[i] as Entry).start
    if (Object.keys(long).length > 0) runs.long = long
  }

  const scaled = scaleValues(entries)
  const base = scaled ? least(scaled.ints) : 0
  const valueWidth = scaled ? widthOf(most(scaled.ints) - base) : 0
  const bytes = new Uint8Array(n * (deltaWidth + durationWidth + valueWidth))
  let at = putUints(bytes, 0, deltaWidth, deltas)
  at = putUints(bytes, at, durationWidth, lengths)
  if (scaled && valueWidth > 0) {
    for (let i = 0; i < n; i++) (scaled.ints[i] as number) -= base
    putUints(bytes, at, valueWidth, scaled.ints)
  }
  return {
    first: (entries[0] as Entry).start,
    n,
    layout: [deltaWidth, deltaUnit, durationWidth, durationUnit, valueWidth, base],
    bytes,
    scale: scaled?.scale ?? 0,
    floats: scaled ? null : entries.map(({ value }) => value),
    runs,
  }
}

/** Puts the mark in the place of what does not fit, and gives that by index, in ms. */
function column(values: number[], mark: number, unit: number): Record<string, number> | null {
  let left: Record<string, number> | null = null
  for (let i = 0; i < values.length; i++)
    if ((values[i] as number) >= mark) {
      left ??= {}
      left[i] = (values[i] as number) * unit
      values[i] = mark
    }
  return left
}

function fit(value: number, last: number): number {
  return value >= 0 && value <= last ? value : last + 2
}

function least(values: readonly number[]): number {
  let found = values[0] as number
  for (const value of values) if (value < found) found = value
  return found
}

function most(values: readonly number[]): number {
  let found = values[0] as number
  for (const value of values) if (value > found) found = value
  return found
}

/** Bytes that numbers up to `value` need: 0 … 5, because the range of two 32-bit numbers is one of 33. */
function widthOf(value: number): number {
  let width = 0
  while (value > largest(width)) width++
  return width
}

function packRuns(entries: readonly Entry[]): PackedRuns {
  const runs = {
    o: toRuns(entries, (entry) => entry.offset, null),
    z: toRuns(entries, (entry) => bases.indexOf(entry.zoneBasis), 0),
    f: toRuns(entries, (entry) => entry.flags, 0),
    r: toRuns(entries, (entry) => entry.rawRef),
    v: toRuns(entries, (entry) => entry.version, null),
    a: toRuns(entries, (entry) => entry.first),
    b: entries.every((entry) => entry.last === entry.first) ? undefined : toRuns(entries, (entry) => entry.last),
    i: toRuns(entries, (entry) => entry.recordId, null),
    n: toRuns(entries, (entry) => entry.ordinal, 0),
    g: toRuns(entries, (entry) => entry.gone, 0),
  }
  return Object.fromEntries(Object.entries(runs).filter(([, value]) => value !== undefined))
}

/** Unpacks a series. */
export function unpack(stored: Stored): Entry[] {
  return stored.layout === null ? unpackArrays(stored) : unpackBytes(stored)
}

function unpackBytes({ first, n, layout, bytes, scale, floats, runs }: Packed): Entry[] {
  const [deltaWidth, deltaUnit, durationWidth, durationUnit, valueWidth, base] = layout
  const [gap, long] = [largest(deltaWidth), largest(durationWidth)]
  const durationsAt = n * deltaWidth
  const valuesAt = durationsAt + n * durationWidth
  const power = powers[scale] as number
  const make = entriesOf(runs, n)
  const entries = new Array<Entry>(n)
  let start = first
  for (let i = 0; i < n; i++) {
    const delta = uintAt(bytes, 0, deltaWidth, i)
    start += delta === gap ? (runs.gaps?.[i] as number) : delta * deltaUnit
    let end: number | null = null
    if (durationWidth > 0) {
      const duration = uintAt(bytes, durationsAt, durationWidth, i)
      if (duration === long) end = start + (runs.long?.[i] as number)
      else if (duration !== long - 1) end = start + duration * durationUnit
    }
    const value = floats ? (floats[i] as number) : (base + uintAt(bytes, valuesAt, valueWidth, i)) / power
    entries[i] = make(i, start, end, value)
  }
  return entries
}

/** Makes entries of their run-length coded columns; to be called in ascending order of `i`. */
function entriesOf(runs: PackedRuns, n: number) {
  const offset = columnOf<number | null>(runs.o, n, null)
  const zone = columnOf(runs.z, n, 0)
  const flags = columnOf(runs.f, n, 0)
  const rawRef = columnOf(runs.r, n, '')
  const version = columnOf<number | null>(runs.v, n, null)
  const first = columnOf(runs.a, n, 0)
  const last = runs.b ? columnOf(runs.b, n, 0) : first
  const recordId = columnOf<string | null>(runs.i, n, null)
  const ordinal = columnOf(runs.n, n, 0)
  const gone = columnOf<Gone>(runs.g, n, 0)
  return (i: number, start: number, end: number | null, value: number): Entry => ({
    start,
    end,
    value,
    flags: flags(i),
    offset: offset(i),
    zoneBasis: bases[zone(i)] as ZoneBasis,
    recordId: recordId(i),
    ordinal: ordinal(i),
    version: version(i),
    first: first(i),
    last: last(i),
    rawRef: rawRef(i),
    gone: gone(i),
  })
}

function unpackArrays({ first, deltas, durations, scale, ints, floats, runs }: PackedArrays): Entry[] {
  const power = powers[scale] as number
  const make = entriesOf(runs, deltas.length)
  let start = first
  return deltas.map((delta, i) => {
    start += toUnsigned(delta)
    const duration = durations?.[i] ?? instant
    const length = duration === beyond ? (runs.long?.[i] as number) : toUnsigned(duration)
    const value = ints ? (ints[i] as number) / power : ((floats as number[])[i] as number)
    return make(i, start, duration === instant ? null : start + length, value)
  })
}

function toUnsigned(value: number): number {
  return value < 0 ? value + unsigned : value
}

/** Integers and the smallest scale that give every value back exactly; null where none does. */
function scaleValues(entries: readonly Entry[]): { scale: number; ints: number[] } | null {
  let scale = 0
  for (const { value } of entries) {
    if (Object.is(value, -0)) return null
    while (!isExact(value, scale)) if (++scale > maxScale) return null
  }
  const power = powers[scale] as number
  const ints = entries.map(({ value }) => Math.round(value * power) + 0)
  // A scale that one value needs may not suit another that a smaller one suited.
  return entries.every(({ value }) => isExact(value, scale)) ? { scale, ints } : null
}

function isExact(value: number, scale: number): boolean {
  const power = powers[scale] as number
  const int = Math.round(value * power)
  return Math.abs(int) <= maxInt4 && int / power === value
}

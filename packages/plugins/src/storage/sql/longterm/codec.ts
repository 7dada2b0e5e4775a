import { AurenError, type Gone, type Revision, ZoneBasis } from '@auren/core'
import { fromRuns, type Runs, toRuns } from './runs.js'

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

/** The packed columns of a series (DESIGN §6.1). */
export interface Packed {
  first: number
  /** ms since the entry before, as an unsigned 32-bit number in a signed column. */
  deltas: number[]
  /** ms, unsigned likewise; −1: an instant; −2: see `runs.long`. Null where all are instants. */
  durations: number[] | null
  /** value = int / 10^scale */
  scale: number
  ints: number[] | null
  /** Where scaling does not give the very same values back. */
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
  /** Durations of 2^32 ms and more, by index. */
  long?: Record<string, number>
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
  const durations = new Array<number>(n)
  const long: Record<string, number> = {}
  let previous = (entries[0] as Entry).start
  let anyEnd = false
  for (let i = 0; i < n; i++) {
    const { start, end } = entries[i] as Entry
    deltas[i] = toSigned(start - previous)
    previous = start
    const duration = end === null ? null : end - start
    if (duration === null) durations[i] = instant
    else {
      anyEnd = true
      // The two largest values mean something else.
      const fits = duration >= 0 && duration < unsigned - 2
      durations[i] = fits ? toSigned(duration) : beyond
      if (!fits) long[i] = duration
    }
  }
  const scaled = scaleValues(entries)
  return {
    first: (entries[0] as Entry).start,
    deltas,
    durations: anyEnd ? durations : null,
    scale: scaled?.scale ?? 0,
    ints: scaled?.ints ?? null,
    floats: scaled ? null : entries.map(({ value }) => value),
    runs: packRuns(entries, long),
  }
}

function packRuns(entries: readonly Entry[], long: Record<string, number>): PackedRuns {
  const firsts = entries.map((entry) => entry.first)
  const lasts = entries.map((entry) => entry.last)
  const runs = {
    o: toRuns(
      entries.map((entry) => entry.offset),
      null,
    ),
    z: toRuns(
      entries.map((entry) => bases.indexOf(entry.zoneBasis)),
      0,
    ),
    f: toRuns(
      entries.map((entry) => entry.flags),
      0,
    ),
    r: toRuns(entries.map((entry) => entry.rawRef)),
    v: toRuns(
      entries.map((entry) => entry.version),
      null,
    ),
    a: toRuns(firsts),
    b: lasts.every((last, i) => last === firsts[i]) ? undefined : toRuns(lasts),
    i: toRuns(
      entries.map((entry) => entry.recordId),
      null,
    ),
    n: toRuns(
      entries.map((entry) => entry.ordinal),
      0,
    ),
    g: toRuns(
      entries.map((entry) => entry.gone),
      0,
    ),
    long: Object.keys(long).length > 0 ? long : undefined,
  }
  return Object.fromEntries(Object.entries(runs).filter(([, value]) => value !== undefined))
}

/** Unpacks a series. */
export function unpack(packed: Packed): Entry[] {
  const { deltas, durations, ints, floats, runs } = packed
  const n = deltas.length
  const power = powers[packed.scale] as number
  const offset = fromRuns<number | null>(runs.o, n, null)
  const zone = fromRuns(runs.z, n, 0)
  const flags = fromRuns(runs.f, n, 0)
  const rawRef = fromRuns(runs.r, n, '')
  const version = fromRuns<number | null>(runs.v, n, null)
  const first = fromRuns(runs.a, n, 0)
  const last = runs.b ? fromRuns(runs.b, n, 0) : first
  const recordId = fromRuns<string | null>(runs.i, n, null)
  const ordinal = fromRuns(runs.n, n, 0)
  const gone = fromRuns<Gone>(runs.g, n, 0)
  const entries = new Array<Entry>(n)
  let start = packed.first
  for (let i = 0; i < n; i++) {
    start += toUnsigned(deltas[i] as number)
    entries[i] = {
      start,
      end: endOf(start, durations?.[i] ?? instant, runs.long, i),
      value: ints ? (ints[i] as number) / power : ((floats as number[])[i] as number),
      flags: flags[i] as number,
      offset: offset[i] as number | null,
      zoneBasis: bases[zone[i] as number] as ZoneBasis,
      recordId: recordId[i] as string | null,
      ordinal: ordinal[i] as number,
      version: version[i] as number | null,
      first: first[i] as number,
      last: last[i] as number,
      rawRef: rawRef[i] as string,
      gone: gone[i] as Gone,
    }
  }
  return entries
}

function endOf(start: number, duration: number, long: PackedRuns['long'], i: number): number | null {
  if (duration === instant) return null
  return start + (duration === beyond ? (long?.[i] as number) : toUnsigned(duration))
}

function toSigned(value: number): number {
  if (value < 0 || value >= unsigned)
    throw new AurenError('AUREN_INTERNAL', 'A packed series must be ascending within one month')
  return value > maxInt4 ? value - unsigned : value
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

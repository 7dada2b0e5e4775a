import type { MetricInfo } from '../catalogue/index.js'
import { type Amount, dropTwins, rankSources, sweep } from '../ingest/devices.js'
import type { Calendar, LocalDay } from '../observation/local-day.js'
import type { Instant, LocalDate, SourceType, ZoneBasis } from '../observation/schema.js'
import { emptySlots, markSlots, type Slots } from './coverage.js'
import { type DayRow, MERGED, type Profile } from './ports.js'
import { describeDay, type Measured } from './statistics.js'

/** A stored sample as far as a roll-up needs it. */
export interface RollSample {
  start: Instant
  end: Instant | null
  value: number
  offset: number | null
  zoneBasis: ZoneBasis
  version: number | null
  /** receivedAt of the first delivery that held it. */
  first: Instant
}

/** What one source has of one metric: samples that may touch the wanted dates, and the vendor's totals by date. */
export interface RollSource {
  key: string
  type: SourceType
  samples: readonly RollSample[]
  totals: ReadonlyMap<LocalDate, number>
}

/**
 * A day's row with what its coverage is made of: the quarter-hours in which this metric shows something. The coverage
 * of a source's day is that of all its metrics together, so it is known only when all of them are.
 */
export interface RolledDay extends Omit<DayRow, 'coverage'> {
  /** Null for the merged row and for sparse metrics, which say nothing of the wearing. */
  slots: Slots | null
  /** True where one value covers the whole day: sparse metrics and vendor's totals. */
  whole: boolean
  /** Keys of the sources that the row was made from. */
  sources: string[]
}

/** A sample, or the part of an interval that falls on one day. */
interface Piece extends Measured, Amount {
  day: LocalDay
  offset: number | null
}

/**
 * Rolls samples and totals up into one row per source and date, and one merged row per date (DESIGN §4, §6). Pure: the
 * same data give the same rows, in whatever order they are handed in.
 * @param dates the local dates that are wanted
 */
export function rollUp(
  metric: MetricInfo,
  sources: readonly RollSource[],
  dates: ReadonlySet<LocalDate>,
  calendar: Calendar,
  ranks: Profile['ranks'] = {},
): RolledDay[] {
  const ranked = rankSources(metric.id, sources, ranks)
  const pieces = ranked.map((source) => piecesByDate(metric, source, dates, calendar))
  const rows: RolledDay[] = []
  for (const date of [...dates].sort()) {
    const present = ranked.flatMap((source, i) => {
      const of = pieces[i]?.get(date) ?? []
      const total = source.totals.get(date) ?? null
      return of.length > 0 || total !== null ? [{ key: source.key, pieces: of, total }] : []
    })
    if (present.length === 0) continue
    const roll = metric.kind === 'cumulative' ? rollAmounts : rollValues
    for (const source of present) {
      const row = roll(metric, date, source.key, [source], calendar)
      rows.push({ ...row, parts: null, slots: metric.sparse ? null : slotsOf(source.pieces) })
    }
    rows.push(roll(metric, date, MERGED, present, calendar))
  }
  return rows
}

interface Present {
  key: string
  pieces: readonly Piece[]
  total: number | null
}

function piecesByDate(
  metric: MetricInfo,
  source: RollSource,
  dates: ReadonlySet<LocalDate>,
  calendar: Calendar,
): Map<LocalDate, Piece[]> {
  const byDate = new Map<LocalDate, Piece[]>()
  const add = (day: LocalDay, piece: Piece): void => {
    if (!dates.has(day.date)) return
    const list = byDate.get(day.date)
    if (list) list.push(piece)
    else byDate.set(day.date, [piece])
  }
  const splits = metric.kind === 'cumulative'
  for (const sample of source.samples) {
    const { value, offset, zoneBasis, version, first } = sample
    if (splits && sample.end !== null)
      for (const { day, start, end, share } of calendar.split(sample))
        add(day, { day, start, end, value: share === 1 ? value : value * share, offset, version, first })
    else {
      const start = calendar.anchor(sample.start, zoneBasis, offset)
      const end = sample.end === null ? start : Math.max(start, calendar.anchor(sample.end, zoneBasis, offset))
      const day = calendar.dayAt(start, offset, zoneBasis)
      add(day, { day, start, end, value, offset, version, first })
    }
  }
  for (const list of byDate.values()) list.sort(inTime)
  return byDate
}

function inTime(a: Measured, b: Measured): number {
  return a.start - b.start || a.end - b.end || a.value - b.value
}

/** Cumulative metrics: the sweep. A merged row says what each source gave. */
function rollAmounts(
  metric: MetricInfo,
  date: LocalDate,
  key: string,
  present: readonly Present[],
  calendar: Calendar,
): RolledDay {
  const day = present.find(({ pieces }) => pieces.length > 0)?.pieces[0]?.day ?? calendar.day(date)
  const { sum, parts, counted, filled } = sweep(
    present.map((source) => ({ key: source.key, amounts: source.pieces, total: source.total })),
    day.end - day.start,
  )
  const values = counted.length > 0 ? counted.sort(inTime) : [{ start: day.start, end: day.start, value: sum }]
  return {
    ...describeDay(metric, values, sum),
    metric: metric.id,
    source: key,
    date,
    parts,
    slots: null,
    whole: metric.sparse || filled,
    sources: present.map((source) => source.key),
  }
}

/**
 * All other metrics: samples, and where a source has none its total. Merged: of metrics that a source says once a day
 * the best-ranked source, of all others every source's samples without twins.
 */
function rollValues(
  metric: MetricInfo,
  date: LocalDate,
  key: string,
  present: readonly Present[],
  calendar: Calendar,
): RolledDay {
  const measured = present.filter(({ pieces }) => pieces.length > 0)
  const said = measured.length > 0 ? measured : present.slice(0, 1)
  const taken = metric.sparse || metric.kind === 'derived_daily' ? said.slice(0, 1) : said
  const start = calendar.day(date).start
  const values: Measured[] =
    measured.length > 0
      ? dropTwins<Measured>(taken.map(({ pieces }) => pieces))
      : taken.map(({ total }) => ({ start, end: start, value: total as number }))
  return {
    ...describeDay(metric, values, null),
    metric: metric.id,
    source: key,
    date,
    parts: null,
    slots: null,
    whole: metric.sparse || measured.length === 0,
    sources: taken.map((source) => source.key),
  }
}

function slotsOf(pieces: readonly Piece[]): Slots | null {
  const [first] = pieces
  const last = pieces.at(-1)
  if (!first || !last) return null
  const slots = emptySlots(first.day, first.offset, last.offset)
  for (const piece of pieces) markSlots(slots, piece.day, piece.start, piece.end)
  return slots
}

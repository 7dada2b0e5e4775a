import { AurenError } from '../errors.js'
import { dropTwins, rankSources, sweep } from '../ingest/devices.js'
import { MERGED, type StoredSample } from '../memory/ports.js'
import type { Instant, LocalDate } from '../observation/schema.js'
import { dayAt, dayOf } from './calendar.js'
import { midnightOf, minuteAt } from './clock.js'
import type { History } from './history.js'
import { byTime, type Item, sessionMatches } from './item.js'
import type { MetricTraits } from './measure.js'
import type { Span } from './period.js'
import type { SeriesQuery } from './schema.js'

const DAY = 86_400_000
/** Days of samples that are held at once. */
const BLOCK_DAYS = 31
/** Most samples that one question may keep: 8 years of minutes. */
const MOST_ITEMS = 4_200_000
/** Farthest that local midnight is from that of UTC, in minutes. */
const FARTHEST_OFFSET = 1080

/** Which samples are wanted. */
export interface SampleQuestion {
  metric: string
  traits: MetricTraits
  span: Span
  /** `merged`, `each`, or a source's key. */
  source: string
  within: SeriesQuery['within']
  /** Minutes of the local day at which cumulative intervals are cut, besides midnight. */
  cuts: readonly number[]
}

/** Samples as items, and what must be said of them. */
export interface SampleAnswer {
  items: Item[]
  /** Dates with a session, where the question was about samples inside sessions. */
  sessionDates: Set<LocalDate> | null
  notes: string[]
}

/** A session's stretch of time that no earlier session has. */
interface Window {
  start: Instant
  end: Instant
  date: LocalDate
}

/** A sample, or the part of an interval that falls on one local date; an instant ends where it starts. */
interface Piece {
  sample: StoredSample
  start: Instant
  end: Instant
  value: number
}

/** What is read at once. */
interface Block {
  from: Instant
  to: Instant
  /** Dates to keep; null where the windows decide. */
  dates: Span | null
  windows: readonly Window[]
}

/** Sessions as disjoint windows: two records of one run must not count its samples twice. */
function windowsOf(question: SampleQuestion, history: History): Window[] | null {
  const { within, span } = question
  if (!within) return null
  const windows: Window[] = []
  let reached = Number.NEGATIVE_INFINITY
  for (const session of history.sessions(within.kind)) {
    if (!sessionMatches(session, within) || session.date < span.from || session.date > span.to) continue
    const start = Math.max(session.start, reached)
    if (session.end > start) windows.push({ start, end: session.end, date: session.date })
    reached = Math.max(reached, session.end)
  }
  return windows
}

function blocksOf(question: SampleQuestion, windows: readonly Window[] | null): Block[] {
  const blocks: Block[] = []
  if (windows) {
    for (const window of windows) {
      const last = blocks.at(-1)
      const near = last && window.start - last.to < 2 * DAY && window.end - last.from < BLOCK_DAYS * DAY
      if (near) {
        last.to = window.end
        last.windows = [...last.windows, window]
      } else blocks.push({ from: window.start, to: window.end, dates: null, windows: [window] })
    }
    return blocks
  }
  const last = dayOf(question.span.to).index
  for (let index = dayOf(question.span.from).index; index <= last; index += BLOCK_DAYS) {
    const end = Math.min(last, index + BLOCK_DAYS - 1)
    blocks.push({
      from: midnightOf(index, FARTHEST_OFFSET),
      to: midnightOf(end + 1, -FARTHEST_OFFSET),
      dates: { from: dayAt(index).date, to: dayAt(end).date },
      windows: [],
    })
  }
  return blocks
}

/** Pieces of a block by local date and source. */
type Placed = Map<LocalDate, Map<string, Piece[]>>

function place(samples: readonly StoredSample[], cumulative: boolean, dates: Span | null, history: History): Placed {
  const placed: Placed = new Map()
  const { calendar } = history
  const add = (date: LocalDate, piece: Piece) => {
    if (dates && (date < dates.from || date > dates.to)) return
    const sources = placed.get(date) ?? new Map<string, Piece[]>()
    placed.set(date, sources)
    const own = sources.get(piece.sample.source)
    if (own) own.push(piece)
    else sources.set(piece.sample.source, [piece])
  }
  for (const sample of samples) {
    const { value } = sample
    if (cumulative && sample.end !== null && sample.end > sample.start) {
      for (const { day, start, end, share } of calendar.split(sample)) {
        add(day.date, { sample, start, end, value: share === 1 ? value : value * share })
      }
    } else {
      const start = calendar.anchor(sample.start, sample.zoneBasis, sample.offset)
      add(calendar.dayAt(start, sample.offset, sample.zoneBasis).date, { sample, start, end: start, value })
    }
  }
  return placed
}

/** Device merge of one day of a cumulative metric, as the roll-up does it. */
function mergeAmounts(sources: readonly [string, Piece[]][]): Piece[] {
  const bySource = new Map(sources)
  const { counted } = sweep(
    sources.map(([key, pieces]) => ({
      key,
      amounts: pieces.map(({ sample, start, end, value }) => {
        return { start, end, value, version: sample.version, first: sample.receivedAt }
      }),
      total: null,
    })),
    DAY,
  )
  return counted.map(({ source, start, end, value }) => {
    const of = bySource.get(source)!
    // Any piece that holds the moment says on which clock it was.
    const piece = of.find((held) => held.start <= start && held.end >= end) ?? of[0]!
    return { sample: piece.sample, start, end, value }
  })
}

/**
 * The pieces of one day that count. Merged as the day's own value is (memory/rollup): cumulative metrics by the sweep,
 * what a source says once a day by the best-ranked source, all else from every source without twins.
 */
function choose(sources: Map<string, Piece[]>, ranked: readonly string[], question: SampleQuestion): Piece[] {
  const { kind, sparse } = question.traits
  const order = (key: string) => (ranked.includes(key) ? ranked.indexOf(key) : ranked.length)
  const present = [...sources].sort(([a], [b]) => order(a) - order(b) || (a < b ? -1 : 1))
  for (const [, pieces] of present) pieces.sort((a, b) => a.start - b.start || a.end - b.end || a.value - b.value)
  if (kind === 'cumulative') {
    return question.source === 'each' ? present.flatMap((source) => mergeAmounts([source])) : mergeAmounts(present)
  }
  if (question.source === 'each') return present.flatMap(([, pieces]) => pieces)
  const taken = sparse || kind === 'derived_daily' ? present.slice(0, 1) : present
  return dropTwins(taken.map(([, pieces]) => pieces))
}

/** Cuts an interval at local times of day, so that each piece lies on one side of every window of the clock. */
function cutByClock(piece: Piece, offset: number, cuts: readonly number[]): Piece[] {
  const length = piece.end - piece.start
  if (length <= 0 || cuts.length === 0) return [piece]
  const pieces: Piece[] = []
  let at = piece.start
  while (at < piece.end) {
    const minute = minuteAt(at, offset)
    const next = cuts.find((cut) => cut > minute + 1e-9) ?? 1440
    const end = Math.min(piece.end, Math.max(at + 1, Math.round(at + (next - minute) * 60_000)))
    pieces.push({ ...piece, start: at, end, value: (piece.value * (end - at)) / length })
    at = end
  }
  return pieces
}

/** Cuts an interval to the windows; an instant belongs to the window that holds it. */
function cutByWindows(piece: Piece, windows: readonly Window[]): (Piece & { date: LocalDate })[] {
  let low = 0
  let high = windows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (windows[middle]!.end > piece.start) high = middle
    else low = middle + 1
  }
  const cut: (Piece & { date: LocalDate })[] = []
  const length = piece.end - piece.start
  for (let i = low; i < windows.length; i++) {
    const window = windows[i]!
    if (length <= 0) return window.start <= piece.start ? [{ ...piece, date: window.date }] : []
    if (window.start >= piece.end) break
    const start = Math.max(piece.start, window.start)
    const end = Math.min(piece.end, window.end)
    cut.push({ ...piece, start, end, value: (piece.value * (end - start)) / length, date: window.date })
  }
  return cut
}

/**
 * Samples of a metric on the local dates of a span (or inside sessions, which give them their date), block by block.
 * Merged over devices as daily values are; cumulative intervals are cut pro rata at midnight, at the question's times
 * of day and at the ends of sessions. Throws AUREN_QUERY_INVALID for more than 4.2 million samples.
 */
export async function readSamples(question: SampleQuestion, history: History): Promise<SampleAnswer> {
  const { metric, source } = question
  const { longTerm, scope, clock } = history
  const cumulative = question.traits.kind === 'cumulative'
  const windows = windowsOf(question, history)
  const profile = await longTerm.profile(scope)
  const sources = await longTerm.sources(scope)
  const ranked = rankSources(metric, sources, profile.ranks).map(({ key }) => key)
  const cuts = [...new Set(question.cuts)].filter((cut) => cut > 0).sort((a, b) => a - b)
  const items: Item[] = []
  const seen = new Set<string>()
  let zoneless = false

  for (const block of blocksOf(question, windows)) {
    const samples = await longTerm.samples(scope, {
      metric,
      // An interval that began before may reach into the block.
      from: block.from - (cumulative ? DAY : 0),
      to: block.to,
      ...(source !== MERGED && source !== 'each' ? { source } : {}),
    })
    const placed = place(samples, cumulative, block.dates, history)
    for (const [date, bySource] of [...placed].sort(([a], [b]) => (a < b ? -1 : 1))) {
      for (const piece of choose(bySource, ranked, question)) {
        const { sample } = piece
        const said = history.calendar.isHeld(piece.start, sample.offset, sample.zoneBasis)
        const zone = said ? null : clock.zoneOffset(piece.start)
        const offset = zone ?? sample.offset ?? 0
        if (zone === null && sample.offset === null) zoneless = true
        seen.add(sample.source)
        const add = (on: LocalDate, at: Instant, value: number) =>
          items.push({ date: on, at, value, source: sample.source, minute: minuteAt(at, offset) })
        // Most samples are instants, or whole: nothing is cut then.
        if (!windows && (piece.end <= piece.start || cuts.length === 0)) {
          add(date, piece.start, piece.value)
          continue
        }
        for (const part of cutByClock(piece, offset, cuts)) {
          if (!windows) add(date, part.start, part.value)
          else for (const cut of cutByWindows(part, block.windows)) add(cut.date, cut.start, cut.value)
        }
      }
    }
    if (items.length > MOST_ITEMS) {
      throw new AurenError('AUREN_QUERY_INVALID', 'The question needs too many samples: narrow its period')
    }
  }
  const notes: string[] = []
  if (zoneless) notes.push('Some samples carry no time zone and the profile has none: their times are read as UTC.')
  if (source === MERGED && !cumulative && seen.size > 1) notes.push('Several sources measured this.')
  return { items: items.sort(byTime), sessionDates: windows && new Set(windows.map(({ date }) => date)), notes }
}

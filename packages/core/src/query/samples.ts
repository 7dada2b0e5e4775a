import { AurenError } from '../errors.js'
import type { SourceInfo, StoredSample } from '../memory/ports.js'
import { MERGED } from '../memory/ports.js'
import { dayOf } from './calendar.js'
import { type Clock, dateAt, midnightOf, minuteAt } from './clock.js'
import type { Stretch } from './coverage.js'
import { createCover } from './coverage.js'
import type { History } from './history.js'
import { byTime, type Item, sessionMatches } from './item.js'
import type { Span } from './period.js'
import { mergeCumulative, type Portion, rankSources } from './rank.js'
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
  span: Span
  cumulative: boolean
  source: string
  within: SeriesQuery['within']
  /** Minutes of the local day at which cumulative intervals are cut, besides midnight. */
  cuts: readonly number[]
}

/** Samples as items, and what must be said of them. */
export interface SampleAnswer {
  items: Item[]
  /** Dates with a session, where the question was about samples inside sessions. */
  sessionDates: Set<string> | null
  notes: string[]
}

interface Window extends Stretch {
  date: string
}

/** Sessions as disjoint windows: two records of one run must not count its samples twice. */
function windowsOf(question: SampleQuestion, history: History): Window[] | null {
  const { within, span } = question
  if (!within) return null
  const cover = createCover()
  return history
    .sessions(within.kind)
    .filter((session) => sessionMatches(session, within) && session.date >= span.from && session.date <= span.to)
    .flatMap((session) => {
      const gaps = cover.gaps(session.start, session.end)
      cover.add(session.start, session.end)
      return gaps.map((gap) => ({ ...gap, date: session.date }))
    })
    .sort((a, b) => a.start - b.start)
}

/** Spans of UTC time to read, a month at most each. */
function blocksOf(question: SampleQuestion, windows: readonly Window[] | null): Stretch[] {
  const spans: Stretch[] = []
  if (windows) {
    for (const { start, end } of windows) {
      const last = spans.at(-1)
      if (last && start - last.end < 2 * DAY) last.end = Math.max(last.end, end)
      else spans.push({ start, end })
    }
  } else {
    spans.push({
      start: midnightOf(dayOf(question.span.from).index, FARTHEST_OFFSET),
      end: midnightOf(dayOf(question.span.to).index + 1, -FARTHEST_OFFSET),
    })
  }
  return spans.flatMap(({ start, end }) => {
    const blocks: Stretch[] = []
    for (let at = start; at < end; at += BLOCK_DAYS * DAY) {
      blocks.push({ start: at, end: Math.min(end, at + BLOCK_DAYS * DAY) })
    }
    return blocks
  })
}

/** Of sources that measured the same day, the best-ranked: their samples are never pooled. */
function bestPerDay(samples: readonly StoredSample[], ranked: readonly string[], clock: Clock): Portion[] {
  const rank = new Map(ranked.map((key, i) => [key, i]))
  const best = new Map<string, { source: string; place: number }>()
  const dated = samples.map((sample) => {
    const date = dateAt(sample.start, clock.offset(sample.start, sample.offset))
    const place = rank.get(sample.source) ?? ranked.length
    const held = best.get(date)
    if (!held || place < held.place || (place === held.place && sample.source < held.source)) {
      best.set(date, { source: sample.source, place })
    }
    return { sample, date }
  })
  return dated
    .filter(({ sample, date }) => best.get(date)!.source === sample.source)
    .map(({ sample }) => ({ sample, start: sample.start, end: sample.end, value: sample.value }))
}

/** Cuts an interval at local times of day, so that each piece lies on one date and on one side of every window. */
function cutByClock(portion: Portion, offset: number, cuts: readonly number[]): Portion[] {
  if (portion.end === null) return [portion]
  const pieces: Portion[] = []
  const length = portion.end - portion.start
  let at = portion.start
  while (at < portion.end) {
    const minute = minuteAt(at, offset)
    const next = cuts.find((cut) => cut > minute + 1e-9) ?? 1440
    const end = Math.min(portion.end, Math.round(at + (next - minute) * 60_000))
    pieces.push({ ...portion, start: at, end, value: (portion.value * (end - at)) / length })
    at = end
  }
  return pieces
}

/** Cuts an interval to the windows; an instant belongs to the window that holds it. */
function cutByWindows(
  portion: Portion,
  windows: readonly Window[],
  cumulative: boolean,
): (Portion & { date: string })[] {
  let low = 0
  let high = windows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (windows[middle]!.end > portion.start) high = middle
    else low = middle + 1
  }
  const pieces: (Portion & { date: string })[] = []
  const end = cumulative && portion.end !== null ? portion.end : portion.start + 1
  for (let i = low; i < windows.length && windows[i]!.start < end; i++) {
    const window = windows[i]!
    if (!cumulative || portion.end === null) {
      pieces.push({ ...portion, date: window.date })
      break
    }
    const from = Math.max(portion.start, window.start)
    const to = Math.min(portion.end, window.end)
    const value = (portion.value * (to - from)) / (portion.end - portion.start)
    pieces.push({ ...portion, start: from, end: to, value, date: window.date })
  }
  return pieces
}

/**
 * Samples of a metric on the local dates of a span (or inside sessions, which give them their date), block by block.
 * Cumulative metrics are merged over devices and cut pro rata at midnight, at the question's times of day and at the
 * ends of sessions; of other metrics each day has one source. Throws AUREN_QUERY_INVALID for more than
 * 4.2 million samples.
 */
export async function readSamples(question: SampleQuestion, history: History): Promise<SampleAnswer> {
  const { metric, cumulative, source, span } = question
  const { longTerm, scope, clock } = history
  const windows = windowsOf(question, history)
  const apart = source !== MERGED
  const sources: SourceInfo[] = apart ? [] : await longTerm.sources(scope)
  const ranked = apart ? [] : rankSources(metric, sources, await longTerm.profile(scope))
  const cuts = [...new Set(question.cuts)].filter((cut) => cut > 0).sort((a, b) => a - b)
  const items: Item[] = []
  const seen = new Set<string>()
  let zoneless = false

  const blocks = blocksOf(question, windows)
  for (const [i, block] of blocks.entries()) {
    const read = await longTerm.samples(scope, {
      metric,
      // An interval that began before the block may reach into it.
      from: block.start - DAY,
      to: block.end,
      ...(source !== MERGED && source !== 'each' ? { source } : {}),
    })
    const follows = i > 0 && blocks[i - 1]!.end === block.start
    const samples = read.filter((sample) => sample.start < block.end && (!follows || sample.start >= block.start))
    for (const sample of samples) seen.add(sample.source)
    const portions = cumulative
      ? mergeParts(samples, ranked, apart)
      : apart
        ? samples.map((sample) => ({ sample, start: sample.start, end: sample.end, value: sample.value }))
        : bestPerDay(samples, ranked, clock)
    for (const portion of portions) {
      const offset = clock.offset(portion.start, portion.sample.offset)
      if (portion.sample.offset === null && clock.zoneOffset(portion.start) === null) zoneless = true
      const pieces = cumulative ? cutByClock(portion, offset, cuts) : [portion]
      for (const piece of pieces) {
        const dated = windows
          ? cutByWindows(piece, windows, cumulative)
          : [{ ...piece, date: dateAt(piece.start, offset) }]
        for (const { date, start, value } of dated) {
          if (date < span.from || date > span.to) continue
          items.push({ date, at: start, value, source: portion.sample.source, minute: minuteAt(start, offset) })
        }
      }
    }
    if (items.length > MOST_ITEMS) {
      throw new AurenError('AUREN_QUERY_INVALID', 'The question needs too many samples: narrow its period')
    }
  }
  const notes: string[] = []
  if (zoneless) notes.push('Some samples carry no time zone and the profile has none: their times are read as UTC.')
  if (!apart && !cumulative && seen.size > 1) {
    notes.push('Several sources measured this: of each day only the best-ranked source counts.')
  }
  return { items: items.sort(byTime), sessionDates: windows && new Set(windows.map((window) => window.date)), notes }
}

/** Device merge over all sources, or within each where they are kept apart. */
function mergeParts(samples: readonly StoredSample[], ranked: readonly string[], apart: boolean): Portion[] {
  if (!apart) return mergeCumulative(samples, ranked)
  const bySource = new Map<string, StoredSample[]>()
  for (const sample of samples) {
    const own = bySource.get(sample.source)
    if (own) own.push(sample)
    else bySource.set(sample.source, [sample])
  }
  return [...bySource.values()].flatMap((own) => mergeCumulative(own, []))
}

import { benjaminiHochberg, median } from '../../analysis/index.js'
import type { LocalDate } from '../../observation/schema.js'
import { dayOf } from '../../query/calendar.js'
import { DAY_MINUTES } from '../../query/clock.js'
import { type LevelChange, levelChanges, type Week } from './changes.js'
import type { NamedSpan } from './contexts.js'
import { SLEEP_MIDPOINT } from './inputs.js'
import { dateOfDay } from './periods.js'
import type { LadderRow } from './ports.js'

/** Series that chapters are told from, with the smallest change of each that means anything, in its unit. */
export const chapterSeries: Readonly<Record<string, number>> = {
  sleep_duration: 900,
  [SLEEP_MIDPOINT]: 30,
  resting_heart_rate: 2,
  hrv_rmssd: 4,
  hrv_sdnn: 4,
  respiratory_rate: 0.7,
  steps: 1000,
  energy_active: 60,
  exercise_minutes: 10,
  weight: 1,
  body_fat: 1.5,
  vo2_max: 1.5,
}

/** Weeks that a chapter has at least, that changes may be apart to be one, and that a gap of the data ends a chapter. */
const SHORTEST = 8
const TOGETHER = 4
const GAP = 8
/** Weeks on either side of a change that it is looked at which devices measured. */
const SWAP = 6
/** Share of a chapter's weeks that a series must have to be spoken of. */
const COVERED = 0.5
/** False discoveries among all changes of all series. */
const FALSE_DISCOVERIES = 0.05

/** One series in a chapter. */
export interface ChapterLevel {
  series: string
  unit: string
  /** Middle week of the chapter; minutes after midnight for clock times. */
  median: number
  /** Weeks with a value, and their share of the chapter. */
  n: number
  coverage: number
  /** Against the chapter before, without the season; null where no lasting change was found at the beginning. */
  shift: number | null
  /** False discovery rate of that change among all that were looked at. */
  q: number | null
  /** First day of the week in which that change came; a chapter begins with its strongest change. */
  since: LocalDate | null
  /** True where it came bit by bit. */
  gradual: boolean
  /** True where another device measures it from about then on: it may be the device that changed, and not the body. */
  device: boolean
}

/** A stretch of a life in which its levels hold. */
export interface Chapter {
  from: LocalDate
  /** Last day; null while it goes on. */
  to: LocalDate | null
  /** Last day of the data that it stands on. */
  until: LocalDate
  weeks: number
  levels: ChapterLevel[]
  /** Tags and episodes that coincide: no causes. */
  together: { name: string; ref: string; share: number }[]
  /** Weeks without any data before it; 0 where it follows on the chapter before. */
  gapBefore: number
}

interface Measured {
  weeks: Week[]
  unit: string
  sources: { week: number; keys: readonly string[] }[]
}

interface Boundary {
  week: number
  strength: number
  changes: ReadonlyMap<string, { change: LevelChange; q: number }>
}

/** Weeks since the Monday 1970-01-05. */
function weekOf(date: LocalDate): number {
  return Math.floor((dayOf(date).index - 4) / 7)
}

function mondayOf(week: number): number {
  return week * 7 + 4
}

/**
 * Chapters of a life: where the weekly levels of several series changed for good ({@link levelChanges}), kept to a false
 * discovery rate of 5 % over everything that was looked at (Benjamini & Hochberg 1995). Changes within 4 weeks of each
 * other are one; a chapter lasts at least 8 weeks, and what changed within them is told of it; 8 weeks without data end one, for nobody knows that nothing changed.
 * Pure; rows and spans in any order. Stands on whole weeks only.
 */
export function chaptersOf(
  rowsOf: (series: string) => readonly LadderRow[],
  spans: readonly NamedSpan[],
  today: LocalDate,
): Chapter[] {
  const all = new Map<string, Measured>()
  for (const series of Object.keys(chapterSeries)) {
    const rows = rowsOf(series).filter(({ rung, all: value }) => rung === 'week' && value !== null)
    const weeks = rows.map(({ from, all: value }) => ({ week: weekOf(from), value: value as number }))
    if (weeks.length >= SHORTEST)
      all.set(series, {
        weeks: weeks.sort((a, b) => a.week - b.week),
        unit: rows[0]!.unit,
        sources: rows.map((row) => ({ week: weekOf(row.from), keys: row.sources })),
      })
  }
  const found = [...all].map(([series, { weeks }]) => ({
    series,
    levels: levelChanges(weeks, { floor: chapterSeries[series]!, circular: series === SLEEP_MIDPOINT }),
  }))
  const changes = keepSure(found)
  const adjusted = new Map(found.map(({ series, levels }) => [series, levels.weeks]))

  const present = [...new Set([...all.values()].flatMap(({ weeks }) => weeks.map(({ week }) => week)))].sort(
    (a, b) => a - b,
  )
  const stretches = stretchesOf(present)
  const chapters: Chapter[] = []
  for (const [i, { first, last }] of stretches.entries()) {
    if (last - first + 1 < SHORTEST) continue
    const boundaries = boundariesOf(
      changes.filter(({ change }) => change.week > first && change.week <= last),
      { first, last },
    )
    const begins = [first, ...boundaries.map(({ week }) => week)]
    for (const [j, begin] of begins.entries()) {
      const end = (begins[j + 1] ?? last + 1) - 1
      const goesOn = j === begins.length - 1 && i === stretches.length - 1 && weekOf(today) - last <= GAP
      const before = j === 0 ? null : { first: begins[j - 1]!, last: begin - 1 }
      const until = dateOfDay(mondayOf(end) + 6)
      chapters.push({
        from: dateOfDay(mondayOf(begin)),
        to: goesOn ? null : until,
        until,
        weeks: end - begin + 1,
        levels: levelsOf(all, adjusted, { first: begin, last: end }, before, boundaries[j - 1]),
        together: togetherOf(spans, { first: begin, last: end }, present),
        gapBefore: j === 0 && i > 0 ? first - stretches[i - 1]!.last - 1 : 0,
      })
    }
  }
  return chapters
}

type Sure = { series: string; change: LevelChange; q: number }

/** Changes whose false discovery rate, among all that were looked at in any series, is small enough. */
function keepSure(found: readonly { series: string; levels: ReturnType<typeof levelChanges> }[]): Sure[] {
  const all = found.flatMap(({ series, levels }) => {
    const taken = levels.changes.map((change) => ({ series, change, p: change.p }))
    const left = levels.tested.slice(0, levels.tested.length - taken.length)
    return [...taken, ...left.map((p) => ({ series, change: null, p }))]
  })
  const qs = benjaminiHochberg(all.map(({ p }) => p))
  return all.flatMap(({ series, change }, i) =>
    change && qs[i]! <= FALSE_DISCOVERIES ? [{ series, change, q: qs[i]! }] : [],
  )
}

function stretchesOf(weeks: readonly number[]): { first: number; last: number }[] {
  const stretches: { first: number; last: number }[] = []
  for (const week of weeks) {
    const open = stretches.at(-1)
    if (open && week - open.last <= GAP) open.last = week
    else stretches.push({ first: week, last: week })
  }
  return stretches
}

/**
 * Changes near each other are one boundary, where the strongest of them is. Of two that leave too short a chapter between
 * them the stronger one stays and takes the changes of the other: what is sure is told, if with a chapter begun before.
 */
function boundariesOf(changes: readonly Sure[], { first, last }: { first: number; last: number }): Boundary[] {
  const sorted = [...changes].sort((a, b) => a.change.week - b.change.week || (a.series < b.series ? -1 : 1))
  const groups: Sure[][] = []
  for (const sure of sorted) {
    const open = groups.at(-1)
    if (open && sure.change.week - open[0]!.change.week <= TOGETHER) open.push(sure)
    else groups.push([sure])
  }
  let boundaries = groups.map((group): Boundary => {
    const [strongest] = [...group].sort(
      (a, b) => b.change.strength - a.change.strength || a.change.week - b.change.week,
    )
    return {
      week: strongest!.change.week,
      strength: strongest!.change.strength,
      changes: new Map(group.map(({ series, change, q }) => [series, { change, q }])),
    }
  })
  for (;;) {
    const ends = [first, ...boundaries.map(({ week }) => week), last + 1]
    const short = ends.findIndex((end, i) => i > 0 && end - ends[i - 1]! < SHORTEST)
    if (short < 0) return boundaries
    // Between boundaries short − 2 and short − 1: the weaker of the two that there are.
    const candidates = [boundaries[short - 2], boundaries[short - 1]].filter((held) => held !== undefined)
    const [weakest] = candidates.sort((a, b) => a.strength - b.strength || a.week - b.week)
    if (!weakest) return boundaries
    const stays = candidates.find((held) => held !== weakest)
    boundaries = boundaries
      .filter((held) => held !== weakest)
      .map((held) => (held === stays ? { ...held, changes: joined(held.changes, weakest.changes) } : held))
  }
}

/** Both, and of a series that is in both the stronger change. */
function joined(a: Boundary['changes'], b: Boundary['changes']): Boundary['changes'] {
  const both = new Map(a)
  for (const [series, found] of b) {
    const held = both.get(series)
    if (!held || held.change.strength < found.change.strength) both.set(series, found)
  }
  return both
}

/** Whether no source of the six weeks before a change, but for those about it, is one of the six weeks after. */
function isSwapped(sources: Measured['sources'], change: number): boolean {
  const keys = (from: number, to: number) =>
    new Set(sources.filter(({ week }) => week >= from && week <= to).flatMap((held) => held.keys))
  const [before, after] = [keys(change - 2 - SWAP, change - 3), keys(change + 2, change + 1 + SWAP)]
  return before.size > 0 && after.size > 0 && [...before].every((key) => !after.has(key))
}

type Stretch = { first: number; last: number }

function within(weeks: readonly Week[], { first, last }: Stretch): number[] {
  return weeks.filter(({ week }) => week >= first && week <= last).map(({ value }) => value)
}

function levelsOf(
  all: ReadonlyMap<string, Measured>,
  adjusted: ReadonlyMap<string, readonly Week[]>,
  chapter: Stretch,
  before: Stretch | null,
  boundary: Boundary | undefined,
): ChapterLevel[] {
  const length = chapter.last - chapter.first + 1
  return [...all].flatMap(([series, { weeks, unit, sources }]) => {
    const values = within(weeks, chapter)
    const coverage = values.length / length
    if (coverage < COVERED) return []
    const sure = boundary?.changes.get(series)
    const past = before ? within(adjusted.get(series)!, before) : []
    const known = before !== null && past.length / (before.last - before.first + 1) >= COVERED
    const shift = sure && known ? median(within(adjusted.get(series)!, chapter)) - median(past) : null
    const told = shift !== null && Math.abs(shift) >= chapterSeries[series]! ? shift : null
    return [
      {
        series,
        unit,
        median: series === SLEEP_MIDPOINT ? clockMedian(values) : median(values),
        n: values.length,
        coverage,
        shift: told,
        q: told === null ? null : sure!.q,
        since: told === null ? null : dateOfDay(mondayOf(sure!.change.week)),
        gradual: told !== null && sure!.change.gradual,
        device: told !== null && isSwapped(sources, sure!.change.week),
      },
    ]
  })
}

/** Median of clock times about the one that is nearest to all of them. */
function clockMedian(values: readonly number[]): number {
  const around = (centre: number) =>
    values.map(
      (value) => ((((value - centre + DAY_MINUTES / 2) % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES) - DAY_MINUTES / 2,
    )
  const [centre] = values
    .map((value) => ({ value, cost: around(value).reduce((sum, apart) => sum + Math.abs(apart), 0) }))
    .sort((a, b) => a.cost - b.cost || a.value - b.value)
  return (((centre!.value + median(around(centre!.value))) % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES
}

/**
 * What coincides with a chapter: named for at least 3 of 10 of its days and twice as often as elsewhere in the data, or
 * named seldom and begun within two weeks of the chapter's beginning.
 */
function togetherOf(spans: readonly NamedSpan[], chapter: Stretch, present: readonly number[]): Chapter['together'] {
  const [first, last] = [mondayOf(chapter.first), mondayOf(chapter.last) + 6]
  const data = present.length * 7
  const length = last - first + 1
  const names = [...new Set(spans.map(({ name }) => name))].sort()
  const found = names.flatMap((name) => {
    const own = spans.filter((span) => span.name === name)
    const days = new Set<number>()
    for (const span of own) for (let day = span.first; day <= span.last; day++) days.add(day)
    const inside = [...days].filter((day) => day >= first && day <= last).length
    const share = inside / length
    const elsewhere = (days.size - inside) / Math.max(1, data - length)
    const lasts = share >= 0.3 && share >= 2 * elsewhere
    const begins = own.length <= 3 && own.some((span) => Math.abs(span.first - first) <= 14)
    if (!lasts && !begins) return []
    const refs = own.filter((span) => span.first <= last && span.last >= first).map(({ ref }) => ref)
    return refs.length === 0 ? [] : [{ name, ref: refs.sort()[0]!, share }]
  })
  return found.sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1)).slice(0, 3)
}

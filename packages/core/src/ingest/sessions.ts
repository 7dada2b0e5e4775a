import type { Profile } from '../memory/ports.js'
import type { Instant, LocalDate, SourceType, StageInterval } from '../observation/schema.js'
import { rankSources, typeRank } from './devices.js'

/** A session as far as choosing among rivals needs it. */
export interface SessionCandidate {
  id: string
  kind: 'sleep' | 'workout'
  source: string
  type: SourceType
  start: Instant
  end: Instant
  /** Of the END for sleep, of the start for workouts. */
  date: LocalDate
  nap: boolean
  activity: string | null
  stages: readonly StageInterval[]
  laps: number
  measures: Readonly<Record<string, number>>
  version: number | null
  first: Instant
}

/** What a session is among those of its time. */
export interface SessionRole {
  /** Sleep: the main sleep of its date. Workout: not linked to a richer one. */
  main: boolean
  /** A sleep of its own beside the main one. */
  nap: boolean
  /** Sleep: counts for the day, as main sleep or nap; a rival's or an older revision's account of the same does not. */
  counts: boolean
}

const asleepStages = new Set(['light', 'deep', 'rem', 'asleep_unspecified'])
const depths = new Set(['light', 'deep', 'rem'])
const napMs = 3 * 3_600_000

/** Seconds asleep as the vendor says, else from the stages; null where neither tells. */
export function asleepSeconds(session: Pick<SessionCandidate, 'measures' | 'stages'>): number | null {
  return session.measures.sleep_duration ?? stageSeconds(session.stages, (stage) => asleepStages.has(stage))
}

/** Seconds in some stages; null where the session has no stages that tell sleep from waking. */
export function stageSeconds(
  stages: readonly StageInterval[],
  wanted: (stage: StageInterval['stage']) => boolean,
): number | null {
  if (!stages.some(({ stage }) => asleepStages.has(stage))) return null
  let ms = 0
  for (const { stage, start, end } of stages) if (wanted(stage)) ms += end - start
  return ms / 1000
}

/**
 * Chooses among sleep sessions: those that overlap by half of the shorter are one night. A source that tells of one
 * night more than once has revised it, the newest holds (equally new: the longest). Of several sources one stands for
 * the night: one that knows when the person slept, then the person's rank, then the kind of device (watch before ring
 * before band before phone), then one that tells stages, then the longest. All that this source says of the night
 * counts, also where it is in parts. The main sleep of a date is its longest night; what the vendor calls a nap is one
 * only from three hours on. The others are naps.
 * @param sessions sleep of the wanted dates and the dates beside them
 */
export function chooseSleep(
  sessions: readonly SessionCandidate[],
  ranks: Profile['ranks'] = {},
): Map<string, SessionRole> {
  const roles = new Map<string, SessionRole>()
  const nights = new Map<LocalDate, SessionCandidate[]>()
  for (const cluster of clusters(sessions)) {
    const newest = newestPerSource(cluster, () => true)
    const order = rankOf(newest, 'sleep_session', ranks)
    const best = first(
      newest,
      (a, b) =>
        Number(asleepSeconds(b) !== null) - Number(asleepSeconds(a) !== null) ||
        order.own(a) - order.own(b) ||
        typeRank(a.type) - typeRank(b.type) ||
        Number(isStaged(b)) - Number(isStaged(a)) ||
        length(b) - length(a) ||
        order.all(a) - order.all(b) ||
        byName(a, b),
    )
    for (const session of cluster) {
      const counts = newest.includes(session) && session.source === best.source
      roles.set(session.id, { main: false, nap: session.nap, counts })
      if (counts) nights.set(session.date, [...(nights.get(session.date) ?? []), session])
    }
  }
  for (const of of nights.values()) {
    const able = of.filter((session) => !session.nap || length(session) >= napMs)
    const main =
      able.length > 0 ? first(able, (a, b) => length(b) - length(a) || a.start - b.start || byName(a, b)) : null
    for (const session of of) roles.set(session.id, { main: session === main, nap: session !== main, counts: true })
  }
  return roles
}

/**
 * Links workouts that overlap by half of the shorter and are of a compatible type; the richest (most measures, stages
 * and laps) stands for all of them.
 */
export function linkWorkouts(
  sessions: readonly SessionCandidate[],
  ranks: Profile['ranks'] = {},
): Map<string, SessionRole> {
  const newest = newestPerSource(sessions, compatible)
  const order = rankOf(newest, 'workout', ranks)
  const richestFirst = [...newest].sort(
    (a, b) =>
      order.own(a) - order.own(b) ||
      richness(b) - richness(a) ||
      order.all(a) - order.all(b) ||
      length(b) - length(a) ||
      byName(a, b),
  )
  // Not transitive: an unspecific account of the hour must not make a run and a lesson of yoga one.
  const mains: SessionCandidate[] = []
  for (const session of richestFirst)
    if (!mains.some((main) => isSame(main, session) && compatible(main, session))) mains.push(session)
  return new Map(
    sessions.map((session) => {
      const main = mains.includes(session)
      return [session.id, { main, nap: false, counts: main }]
    }),
  )
}

/** Equal, or one is unspecific, or both share a word (`indoor_cycling`, `cycling`). */
function compatible(a: SessionCandidate, b: SessionCandidate): boolean {
  if (a.activity === b.activity || isUnspecific(a.activity) || isUnspecific(b.activity)) return true
  const words = new Set(a.activity?.split('_'))
  return b.activity?.split('_').some((word) => words.has(word)) ?? true
}

/** Whether a night tells how deep the sleep was. */
function isStaged({ stages }: SessionCandidate): boolean {
  return stages.some(({ stage }) => depths.has(stage))
}

function isUnspecific(activity: string | null): boolean {
  return activity === null || activity === 'other' || activity === 'workout' || activity === 'unknown'
}

function richness(session: SessionCandidate): number {
  return Object.keys(session.measures).length + session.stages.length + session.laps
}

/** Groups sessions that overlap by at least half of the shorter one, transitively. */
function clusters(sessions: readonly SessionCandidate[]): SessionCandidate[][] {
  const sorted = [...sessions].sort((a, b) => a.start - b.start || a.end - b.end || byName(a, b))
  const group = sorted.map((_, i) => i)
  const find = (i: number): number => {
    let root = i
    while (group[root] !== root) root = group[root] as number
    return root
  }
  for (const [i, a] of sorted.entries())
    for (let j = i + 1; j < sorted.length; j++) {
      const b = sorted[j] as SessionCandidate
      if (b.start > a.end) break
      if (isSame(a, b)) group[find(j)] = find(i)
    }
  const found = new Map<number, SessionCandidate[]>()
  for (const [i, session] of sorted.entries()) {
    const root = find(i)
    found.set(root, [...(found.get(root) ?? []), session])
  }
  return [...found.values()]
}

function isSame(a: SessionCandidate, b: SessionCandidate): boolean {
  const overlap = Math.min(a.end, b.end) - Math.max(a.start, b.start)
  return (overlap > 0 || (a.start === b.start && a.end === b.end)) && overlap * 2 >= Math.min(length(a), length(b))
}

/** Of each source what it said last of one and the same time. Parts of a night that do not overlap all stay. */
function newestPerSource(
  cluster: readonly SessionCandidate[],
  fits: (a: SessionCandidate, b: SessionCandidate) => boolean,
): SessionCandidate[] {
  const stay: SessionCandidate[] = []
  const newestFirst = [...cluster].sort(
    (a, b) =>
      (b.version ?? Number.MIN_SAFE_INTEGER) - (a.version ?? Number.MIN_SAFE_INTEGER) ||
      b.first - a.first ||
      length(b) - length(a) ||
      byName(a, b),
  )
  for (const session of newestFirst)
    if (!stay.some((kept) => kept.source === session.source && isSame(kept, session) && fits(kept, session)))
      stay.push(session)
  return stay
}

function rankOf(sessions: readonly SessionCandidate[], metric: string, ranks: Profile['ranks'] = {}) {
  const own = ranks[metric] ?? ranks['*'] ?? []
  const all = rankSources(
    metric,
    sessions.map(({ source, type }) => ({ key: source, type })),
    ranks,
  ).map(({ key }) => key)
  return {
    own: (session: SessionCandidate) => (own.includes(session.source) ? own.indexOf(session.source) : own.length),
    all: (session: SessionCandidate) => all.indexOf(session.source),
  }
}

function length(session: SessionCandidate): number {
  return session.end - session.start
}

function byName(a: SessionCandidate, b: SessionCandidate): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

function first<T>(items: readonly T[], compare: (a: T, b: T) => number): T {
  return items.reduce((best, item) => (compare(item, best) < 0 ? item : best))
}

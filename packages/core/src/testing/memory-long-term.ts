import { AurenError } from '../errors.js'
import {
  type DayRow,
  type LongTerm,
  MERGED,
  type MetricSummary,
  type Profile,
  type SourceInfo,
  type StoredSample,
  type StoredSession,
  type StoredTag,
} from '../memory/ports.js'

/** What an in-process tier 2 of a test holds, of one person. */
export interface MemoryLongTermContent {
  days?: readonly DayRow[]
  samples?: readonly StoredSample[]
  sessions?: readonly StoredSession[]
  tags?: readonly StoredTag[]
  sources?: readonly SourceInfo[]
  profile?: Profile
  version?: number
}

/** A tier 2 over arrays, and what was asked of it. */
export interface MemoryLongTerm extends LongTerm {
  /** Reads so far, by method. */
  readonly reads: Record<string, number>
}

function unsupported(): never {
  throw new AurenError('AUREN_INTERNAL', 'The in-process tier 2 of tests is read-only: give it its content')
}

/**
 * Tier 2 over arrays, for tests of what reads it: the daily rows are those given, nothing is rolled up. Every scope
 * sees the same person. Writing throws AUREN_INTERNAL.
 */
export function createMemoryLongTerm(content: MemoryLongTermContent = {}): MemoryLongTerm {
  const { days = [], samples = [], sessions = [], tags = [], sources = [], profile = {}, version = 1 } = content
  const reads: Record<string, number> = {}
  let summaries: MetricSummary[] | undefined
  const counted = (name: string) => {
    reads[name] = (reads[name] ?? 0) + 1
  }
  return {
    reads,
    async write() {
      return unsupported()
    },
    async version() {
      return version
    },
    async days(_scope, { metrics, from, to, source = MERGED }) {
      counted('days')
      const wanted = new Set(metrics)
      return days.filter(
        (row) =>
          wanted.has(row.metric) &&
          row.date >= from &&
          row.date <= to &&
          (source === 'all' ? row.source !== MERGED : row.source === source),
      )
    },
    async samples(_scope, { metric, from, to, source }) {
      counted('samples')
      return samples.filter(
        (sample) =>
          sample.metric === metric &&
          sample.start < to &&
          (sample.end ?? sample.start + 1) > from &&
          (source === undefined || sample.source === source),
      )
    },
    async sessions(_scope, { kind, from, to, all }) {
      counted('sessions')
      return sessions.filter(
        (session) =>
          (kind === undefined || session.kind === kind) &&
          session.date >= from &&
          session.date <= to &&
          (all === true || session.main),
      )
    },
    async tags(_scope, { from, to, tag }) {
      counted('tags')
      return tags.filter((held) => held.date >= from && held.date <= to && (tag === undefined || held.tag === tag))
    },
    async metrics() {
      counted('metrics')
      summaries ??= summarise(days, samples)
      return summaries
    },
    async sources() {
      return [...sources]
    },
    async profile() {
      return profile
    },
    async setProfile() {
      unsupported()
    },
    // biome-ignore lint/correctness/useYield: there is nothing to yield, the method only has to exist
    async *scan() {
      unsupported()
    },
    // biome-ignore lint/correctness/useYield: there is nothing to yield, the method only has to exist
    async *identities() {
      unsupported()
    },
    async records() {
      return unsupported()
    },
    async erase() {
      return unsupported()
    },
  }
}

function summarise(days: readonly DayRow[], samples: readonly StoredSample[]): MetricSummary[] {
  const summaries = new Map<string, MetricSummary>()
  const note = (metric: string, date: string, source: string, n: number, day: number) => {
    const held = summaries.get(metric) ?? { metric, from: date, to: date, days: 0, n: 0, sources: [] }
    summaries.set(metric, {
      ...held,
      from: date < held.from ? date : held.from,
      to: date > held.to ? date : held.to,
      days: held.days + day,
      n: held.n + n,
      sources: source === MERGED || held.sources.includes(source) ? held.sources : [...held.sources, source].sort(),
    })
  }
  for (const row of days) note(row.metric, row.date, row.source, 0, row.source === MERGED ? 1 : 0)
  for (const { metric, source, start, offset } of samples) {
    note(metric, new Date(start + (offset ?? 0) * 60_000).toISOString().slice(0, 10), source, 1, 0)
  }
  return [...summaries.values()].sort((a, b) => (a.metric < b.metric ? -1 : 1))
}

import type { DayRow, SourceInfo, StoredSample, StoredSession, StoredTag } from '../../src/memory/ports.js'
import { createFactEngine } from '../../src/query/run.js'
import type { Fact, QueryInput } from '../../src/query/schema.js'
import { createMemoryLongTerm, type MemoryLongTermContent } from '../../src/testing/memory-long-term.js'

// Nothing here uses the engine's own calendar: dates are made with Date, in UTC.

export const scope = { user: 'ann', purpose: 'answer' } as const

export const watch: SourceInfo = { key: 'apple/a1/watch', provider: 'apple', name: 'Watch', type: 'watch' }
export const phone: SourceInfo = { key: 'apple/a1/phone', provider: 'apple', name: 'iPhone', type: 'phone' }

/** `YYYY-MM-DD` of the day `days` after `date`. */
export function plus(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

export function utc(text: string): number {
  return Date.parse(`${text}Z`)
}

export function day(metric: string, date: string, value: number, more: Partial<DayRow> = {}): DayRow {
  return {
    metric,
    source: 'merged',
    date,
    value,
    n: 1,
    sum: value,
    min: value,
    max: value,
    mean: value,
    sd: null,
    first: value,
    last: value,
    leq: null,
    bands: null,
    coverage: 1,
    parts: null,
    ...more,
  }
}

/** Days from `from` on, one per value; null is a day without data. */
export function series(metric: string, from: string, values: readonly (number | null)[]): DayRow[] {
  return values.flatMap((value, i) => (value === null ? [] : [day(metric, plus(from, i), value)]))
}

export function sample(metric: string, start: number, value: number, more: Partial<StoredSample> = {}): StoredSample {
  return {
    metric,
    source: watch.key,
    start,
    end: null,
    value,
    offset: 0,
    zoneBasis: 'carried',
    flags: 0,
    rawRef: 'raw-1',
    recordId: null,
    version: null,
    receivedAt: 0,
    ...more,
  }
}

let made = 0

export function session(
  kind: 'sleep' | 'workout',
  date: string,
  start: number,
  end: number,
  more: Partial<StoredSession> = {},
): StoredSession {
  made += 1
  return {
    id: `session-${made}`,
    kind,
    source: watch.key,
    start,
    end,
    date,
    offset: 0,
    main: true,
    nap: false,
    activity: kind === 'workout' ? 'running' : null,
    vendorActivity: null,
    stages: [],
    measures: {},
    text: null,
    flags: 0,
    rawRef: `raw-${made}`,
    recordId: null,
    receivedAt: 0,
    ...more,
  }
}

/** A workout on `date` at a time of day in UTC. */
export function run(date: string, at: string, minutes: number, more: Partial<StoredSession> = {}): StoredSession {
  const start = utc(`${date}T${at}:00`)
  return session('workout', date, start, start + minutes * 60_000, more)
}

/** A night that ends on `date`: `start` may be the evening before. */
export function night(date: string, from: string, to: string, more: Partial<StoredSession> = {}): StoredSession {
  const evening = from > '12:00'
  const start = utc(`${evening ? plus(date, -1) : date}T${from}:00`)
  return session('sleep', date, start, utc(`${date}T${to}:00`), more)
}

export function tag(name: string, date: string, more: Partial<StoredTag> = {}): StoredTag {
  made += 1
  const start = utc(`${date}T19:00:00`)
  return {
    id: `tag-${made}`,
    tag: name,
    source: phone.key,
    start,
    end: null,
    date,
    value: null,
    unit: null,
    text: null,
    rawRef: `raw-${made}`,
    receivedAt: 0,
    ...more,
  }
}

/** Asks the engine one question over what is given. */
export function asker(content: MemoryLongTermContent, today = '2026-11-23') {
  const longTerm = createMemoryLongTerm({ sources: [watch, phone], ...content })
  const engine = createFactEngine({ longTerm })
  const ask = (query: QueryInput, options: { lastPlus?: 0 | 1; today?: string } = {}): Promise<Fact> =>
    engine.ask(scope, query, { today, ...options })
  return { ask, engine, longTerm }
}

export const steps = { of: 'metric', metric: 'steps' } as const
export const restingHeartRate = { of: 'metric', metric: 'resting_heart_rate' } as const
export const heartRate = { of: 'metric', metric: 'heart_rate' } as const

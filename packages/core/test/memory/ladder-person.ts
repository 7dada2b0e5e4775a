import type { DayRow, StoredSession, StoredTag } from '../../src/memory/ports.js'
import { createMemoryLongTerm } from '../../src/testing/memory-long-term.js'
import { day } from '../query/person.js'

export const DAY = 86_400_000
/** Date `n` days after 2016-01-01, a Friday. */
export const dateAt = (n: number): string => new Date(Date.UTC(2016, 0, 1) + n * DAY).toISOString().slice(0, 10)

/** Nearly normal numbers, the same on every machine (Park-Miller). */
export function noise(seed: number): () => number {
  let state = seed
  const uniform = (): number => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
  for (let i = 0; i < 10; i++) uniform()
  return () => Array.from({ length: 12 }, uniform).reduce((a, b) => a + b, 0) - 6
}

/** A merged day. */
export function row(metric: string, date: string, value: number, coverage = 1): DayRow {
  return day(metric, date, value, { coverage, sources: ['watch'] })
}

/** A main sleep of a date whose middle is `minute` minutes after midnight UTC. */
export function night(date: string, minute: number): StoredSession {
  const middle = Date.parse(`${date}T00:00:00Z`) + minute * 60_000
  return {
    id: `night ${date}`,
    kind: 'sleep',
    source: 'watch',
    start: middle - 4 * 3_600_000,
    end: middle + 4 * 3_600_000,
    date,
    offset: 0,
    main: true,
    nap: false,
    activity: null,
    vendorActivity: null,
    stages: [],
    measures: {},
    text: null,
    flags: 0,
    rawRef: 'raw',
    recordId: null,
    receivedAt: 0,
  }
}

/** A tag over whole days. */
export function tag(name: string, from: string, days: number): StoredTag {
  const start = Date.parse(`${from}T00:00:00Z`)
  return {
    id: `${name} ${from}`,
    tag: name,
    source: 'phone',
    start,
    end: start + days * DAY,
    date: from,
    value: null,
    unit: null,
    text: null,
    rawRef: 'raw',
    receivedAt: 0,
  }
}

/** Tier 2 that holds exactly these. */
export function tier2(
  days: readonly DayRow[],
  tags: readonly StoredTag[] = [],
  sessions: readonly StoredSession[] = [],
) {
  return createMemoryLongTerm({ days, tags, sessions })
}

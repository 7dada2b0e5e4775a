import type { Journal } from '../events/ports.js'
import type { LongTerm, Scope } from '../memory/ports.js'
import type { Instant, ObservationInput, UserId } from '../observation/schema.js'
import type { IngestDoor } from '../plugin/auren.js'

/** Noon of a day on which no clock changes. */
export const noon = Date.UTC(2026, 4, 4, 12)
const minute = 60_000

/** A pulse at a minute after {@link noon}. */
export function beat(at: number, value: number, more: { version?: number } = {}): ObservationInput {
  return {
    shape: 'sample',
    metric: 'heart_rate',
    start: noon + at * minute,
    value,
    unit: '/min',
    source: { name: 'Test watch', type: 'watch' },
    offset: 0,
    zoneBasis: 'carried',
    ...more,
  }
}

/** What was accepted, kept by other means than AUREN's: per person, minute → value. */
export interface Oracle {
  /** Sends, and notes what was answered with an acceptance. */
  send(
    door: Pick<IngestDoor, 'observations'>,
    user: UserId,
    beats: readonly (readonly [at: number, value: number])[],
    options?: { key?: string; traceparent?: string },
  ): Promise<string>
  /** Takes values back: they were set aside. */
  forget(user: UserId, at: number): void
  users(): UserId[]
  /** What should be stored of a person. */
  expected(user: UserId): [at: number, value: number][]
}

/** An oracle that knows nothing yet. */
export function createOracle(): Oracle {
  const held = new Map<UserId, Map<number, number>>()
  const of = (user: UserId): Map<number, number> => {
    const mine = held.get(user) ?? new Map<number, number>()
    held.set(user, mine)
    return mine
  }
  return {
    async send(door, userId, beats, options = {}) {
      const answer = await door.observations({
        userId,
        provider: 'test',
        observations: beats.map(([at, value]) => beat(at, value)),
        ...options,
      })
      for (const [at, value] of beats) of(userId).set(at, value)
      return answer.id
    },
    forget: (user, at) => of(user).delete(at),
    users: () => [...held.keys()].sort(),
    expected: (user) => [...of(user)].sort(([a], [b]) => a - b),
  }
}

/** What is stored of a person, as minute and value. */
export async function storedBeats(longTerm: LongTerm, user: UserId): Promise<[at: number, value: number][]> {
  const samples = await longTerm.samples(scopeOf(user), { metric: 'heart_rate', from: 0, to: 4e12 })
  return samples.map(({ start, value }): [number, number] => [(start - noon) / minute, value]).sort(([a], [b]) => a - b)
}

/** How many samples the daily rows of a person count: each once. */
export async function countedBeats(longTerm: LongTerm, user: UserId): Promise<number> {
  const days = await longTerm.days(scopeOf(user), { from: '2000-01-01', to: '2100-01-01', metrics: ['heart_rate'] })
  return days.reduce((sum, { n }) => sum + n, 0)
}

/** All that tier 2 says of a person and that does not hold their name or a time of arrival. */
export async function everythingOf(longTerm: LongTerm, user: UserId): Promise<unknown> {
  const range = { from: '2000-01-01', to: '2100-01-01' }
  const samples = await longTerm.samples(scopeOf(user), { metric: 'heart_rate', from: 0, to: 4e12 })
  const days = await longTerm.days(scopeOf(user), { ...range, metrics: ['heart_rate'] })
  return {
    // Names of sources hold the account, which is the person's.
    days: days.map(({ sources, ...day }) => ({ ...day, sources: sources?.length })),
    samples: samples.map(({ start, value, flags }) => [start, value, flags]),
  }
}

/** Counters that must agree when nothing waits. */
export async function balance(journal: Journal): Promise<{ waiting: number; lost: number }> {
  const { waiting, accepted, stored } = await journal.lag()
  return { waiting, lost: accepted - stored }
}

/** Times of a clock that a test moves. */
export function steppingClock(start: Instant = noon + 24 * 60 * minute): { now(): Instant; step(ms?: number): void } {
  let at = start
  return {
    now: () => at,
    step: (ms = 1000) => {
      at += ms
    },
  }
}

function scopeOf(user: UserId): Scope {
  return { user, purpose: 'answer' }
}

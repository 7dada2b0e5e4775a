import type { Instant } from '../observation/schema.js'

/** A clock that stands still until it is moved. */
export interface FixedClock {
  now(): Instant
  set(at: Instant): void
  advance(ms: number): void
}

/** A clock for tests, at `start`. It may be set back: clocks of real machines are. */
export function fixedClock(start: Instant = Date.UTC(2026, 0, 5, 8)): FixedClock {
  let at = start
  return {
    now: () => at,
    set: (to) => {
      at = to
    },
    advance: (ms) => {
      at += ms
    },
  }
}

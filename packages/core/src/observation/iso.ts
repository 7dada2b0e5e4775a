import type { Instant } from './schema.js'

/**
 * Instant of a time in ISO 8601, with its offset or `Z`, as `Date.parse` has it; NaN where it is none, and where its month
 * does not have that day: `Date.parse` takes the 30th of February for the 2nd of March.
 */
export function isoInstant(text: string): Instant {
  const date = /^\d{4}-\d\d-\d\d/.exec(text)?.[0]
  if (date === undefined) return Number.NaN
  const hasDay = new Date(`${date}T00:00:00Z`).getUTCDate() === Number(date.slice(8))
  return hasDay ? Date.parse(text) : Number.NaN
}

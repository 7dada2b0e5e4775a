import type { Payload } from './payload.js'

type Json = Record<string, unknown>

/** Most activities of one payload. */
const MOST = 10_000

/**
 * Payloads in an answer of Strava's API as it is: one activity, or a list of them. Null where it is neither: zones, routes,
 * the athlete.
 */
export function payloadsOf(document: unknown): Payload[] | null {
  const given = Array.isArray(document) ? document : [document]
  const activities = given.slice(0, MOST)
  if (activities.length === 0 || given.length > MOST || !activities.every(isActivity)) return null
  // What a list says is abridged: the energy is only in the answer for one.
  const whole = !Array.isArray(document) && 'calories' in (document as Json)
  return [{ from: whole ? 'detail' : 'list', activities }]
}

function isActivity(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return 'start_date' in value && 'elapsed_time' in value && ('sport_type' in value || 'type' in value)
}

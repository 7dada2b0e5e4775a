import type { AurenError, Fetch } from '@auren/core'
import { type Refused, refusalOf } from '../../vendor/refusal.js'

/** An answer of the API; null where the person has not granted it, or the account has none of it. @throws AurenError */
export async function ask(fetch: Fetch, url: string, signal: AbortSignal): Promise<unknown> {
  const answer = await fetch(url, { signal, headers: { accept: 'application/json' } })
  if (answer.status === 200) return answer.json()
  if (answer.status === 403 || answer.status === 404) return null
  throw refused(answer, new URL(url).pathname)
}

/** The error that an answer stands for. @param what was asked for */
export function refused(answer: Refused, what: string): AurenError {
  const { headers } = answer
  return refusalOf(answer, {
    plugin: 'fitbit',
    name: 'Fitbit',
    what: `to ${what}`,
    told: Number(headers['retry-after'] ?? headers['fitbit-rate-limit-reset']),
    // 150 requests an hour and person, counted from the top of the hour.
    wait: 3600,
  })
}

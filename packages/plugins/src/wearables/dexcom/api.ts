import { AurenError, type Fetch } from '@auren/core'
import { refusalOf } from '../../vendor/refusal.js'

/** Calls are counted by the hour and application; Dexcom does not say how long to wait. */
const WAIT_SECONDS = 600

/** Fetches JSON of the API. @throws AurenError */
export async function get(
  fetch: Fetch,
  url: string,
  what: string,
  init: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<unknown> {
  const answer = await fetch(url, init)
  if (answer.status === 200) return answer.json()
  throw refusalOf(answer, { plugin: 'dexcom', name: 'Dexcom', what, wait: WAIT_SECONDS })
}

/** What is there is not what was asked for. */
export function notAsked(what: string, retryable = true): AurenError {
  return new AurenError('AUREN_VENDOR_FAILED', `Dexcom's answer for ${what} is not what it documents.`, {
    plugin: 'dexcom',
    retryable,
  })
}

import { AurenError, type Fetch } from '@auren/core'

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
  if (answer.status === 401)
    throw new AurenError('AUREN_VENDOR_UNAUTHORIZED', 'Dexcom no longer accepts the token. Connect again.', {
      plugin: 'dexcom',
    })
  if (answer.status === 429) {
    const told = Number(answer.headers['retry-after'])
    throw new AurenError('AUREN_VENDOR_LIMIT', 'Dexcom asks to slow down.', {
      plugin: 'dexcom',
      retryAfter: Number.isFinite(told) && told > 0 ? told : WAIT_SECONDS,
    })
  }
  throw new AurenError('AUREN_VENDOR_FAILED', `Dexcom answered ${what} with status ${answer.status}.`, {
    plugin: 'dexcom',
    retryable: answer.status >= 500,
  })
}

/** What is there is not what was asked for. */
export function notAsked(what: string, retryable = true): AurenError {
  return new AurenError('AUREN_VENDOR_FAILED', `Dexcom's answer for ${what} is not what it documents.`, {
    plugin: 'dexcom',
    retryable,
  })
}

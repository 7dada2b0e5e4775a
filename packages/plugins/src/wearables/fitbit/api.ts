import { AurenError, type Fetch } from '@auren/core'

/** An answer of the API; null where the person has not granted it, or the account has none of it. @throws AurenError */
export async function ask(fetch: Fetch, url: string, signal: AbortSignal): Promise<unknown> {
  const answer = await fetch(url, { signal, headers: { accept: 'application/json' } })
  if (answer.status === 200) return answer.json()
  if (answer.status === 403 || answer.status === 404 || answer.status === 400) return null
  throw refusalOf(answer)
}

/** The error that an answer stands for. */
export function refusalOf({
  status,
  headers,
}: {
  status: number
  headers: Readonly<Record<string, string>>
}): AurenError {
  if (status === 401)
    return new AurenError('AUREN_VENDOR_UNAUTHORIZED', 'Fitbit no longer accepts the token. Connect again.', {
      plugin: 'fitbit',
    })
  if (status === 429) {
    const wait = Number(headers['retry-after'] ?? headers['fitbit-rate-limit-reset'])
    return new AurenError('AUREN_VENDOR_LIMIT', 'Fitbit asks to slow down.', {
      plugin: 'fitbit',
      // 150 requests an hour and person, counted from the top of the hour.
      retryAfter: Number.isFinite(wait) && wait > 0 ? wait : 3600,
    })
  }
  return new AurenError('AUREN_VENDOR_FAILED', `Fitbit answered with status ${status}.`, {
    plugin: 'fitbit',
    retryable: status >= 500,
  })
}

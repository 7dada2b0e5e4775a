import { AurenError, type Fetch } from '@auren/core'
import { z } from 'zod'

const Answer = z.object({ status: z.int(), body: z.unknown() })
/** 100-102, 200 and 401: the token is not valid. 503: a code or refresh token is not. */
const notSignedIn = new Set([100, 101, 102, 200, 401])
/** The person has not granted the scope, or the application may not use the service. */
const notAllowed = new Set([214, 277, 2553, 2554, 2555])
const LIMITED = 601
/** 120 requests a minute. */
const WAIT_SECONDS = 60

/** The body of what Withings wraps as `{status, body}`, with HTTP status 200 also where it failed. @throws AurenError */
export function answerOf(answer: unknown, what: string): unknown {
  const parsed = Answer.safeParse(answer)
  if (!parsed.success) throw failed(`Withings' answer to ${what} is not what it documents.`)
  const { status, body } = parsed.data
  if (status === 0) return body
  if (status === LIMITED) throw limited()
  if (notSignedIn.has(status) || (status === 503 && what === 'the token request')) throw unauthorized()
  throw failed(`Withings answered ${what} with status ${status}.`, status >= 500)
}

/** Posts an action; null where this connection may not use it. @throws AurenError */
export async function post(
  fetch: Fetch,
  url: string,
  form: Record<string, string>,
  signal?: AbortSignal,
): Promise<unknown | null> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
    ...(signal ? { signal } : {}),
  })
  const what = form.action ?? 'a request'
  if (answer.status === 401) throw unauthorized()
  if (answer.status === 429) throw limited(Number(answer.headers['retry-after']))
  if (answer.status !== 200)
    throw failed(`Withings answered ${what} with HTTP status ${answer.status}.`, answer.status >= 500)
  const json = await answer.json()
  const refused = Answer.safeParse(json)
  return refused.success && notAllowed.has(refused.data.status) ? null : answerOf(json, what)
}

function unauthorized(): AurenError {
  return new AurenError('AUREN_VENDOR_UNAUTHORIZED', 'Withings no longer accepts the token. Connect again.', {
    plugin: 'withings',
  })
}

function limited(wait = WAIT_SECONDS): AurenError {
  return new AurenError('AUREN_VENDOR_LIMIT', 'Withings asks to slow down.', {
    plugin: 'withings',
    retryAfter: Number.isFinite(wait) && wait > 0 ? wait : WAIT_SECONDS,
  })
}

function failed(message: string, retryable = true): AurenError {
  return new AurenError('AUREN_VENDOR_FAILED', message, { plugin: 'withings', retryable })
}

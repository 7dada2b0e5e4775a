import { accessToken, renew } from '../session/token'
import { type Problem, problemOf, unreachable } from './problem'

/**
 * A request to a service, as whoever is signed in; where nobody is, as the person of this machine. A token that the
 * service no longer takes is renewed once.
 *
 * @throws Problem where it is refused or nothing answers; an AbortError where `signal` was raised
 */
export async function request(url: string, init: RequestInit = {}): Promise<Response> {
  const token = await accessToken()
  let response = await send(url, init, token)
  if (response.ok) return response
  const refused = await problemOf(response)
  if (!isOfSignIn(refused)) throw refused
  response = await send(url, init, await renew(token))
  if (!response.ok) throw await problemOf(response)
  return response
}

/**
 * The service did not look at the request, for who asks did not hold: it may be sent again. Any other 401 (a proxy's, a
 * vendor's that was handed on) says nothing of the person's sign-in, and what it answered may have been done.
 */
function isOfSignIn({ status, code }: Problem): boolean {
  return status === 401 && code === 'AUREN_UNAUTHENTICATED'
}

async function send(url: string, init: RequestInit, token: string | null): Promise<Response> {
  init.signal?.throwIfAborted()
  const headers = new Headers(init.headers)
  if (token !== null) headers.set('authorization', `Bearer ${token}`)
  try {
    // Health data belongs in no cache of the browser.
    return await fetch(url, { cache: 'no-store', ...init, headers })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw unreachable()
  }
}

/** Reads JSON. @throws Problem */
export async function getJson<T>(url: string, signal?: AbortSignal): Promise<T> {
  const response = await request(url, signal ? { signal } : {})
  return (await response.json()) as T
}

/** Sends JSON, and reads the answer where there is one. @throws Problem */
export async function sendJson<T>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  body?: unknown,
): Promise<T> {
  const response = await request(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  return (response.status === 204 ? undefined : await response.json().catch(() => undefined)) as T
}

/** Where NEUROS answers. */
export const NEUROS = import.meta.env.VITE_NEUROS_URL ?? '/api/neuros'
/** Where Biometric answers. */
export const BIOMETRIC = import.meta.env.VITE_BIOMETRIC_URL ?? '/api/biometric'

/** A refusal of a service (RFC 9457), or of the way there. `status` is 0 where nothing answered. */
export class Problem extends Error {
  readonly status: number
  /** `AUREN_…`; empty where the answer had none. */
  readonly code: string
  /** Seconds to wait, where the service said so. */
  readonly retryAfter: number | null

  constructor(status: number, code: string, message: string, retryAfter: number | null = null) {
    super(message)
    this.name = 'Problem'
    this.status = status
    this.code = code
    this.retryAfter = retryAfter
  }

  /** Whether the same request may work later. */
  get temporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

/** What to tell the person about anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof Problem) return error.message
  return 'Something went wrong in this app. Reload the page; if it happens again, please report it.'
}

async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => null)) as { detail?: unknown; code?: unknown } | null
  const retry = Number(response.headers.get('retry-after'))
  const detail = typeof body?.detail === 'string' ? body.detail : `The service answered with status ${response.status}.`
  const message =
    response.status === 401
      ? `${detail} This version of the app works on the machine that AUREN runs on, without signing in.`
      : detail
  return new Problem(
    response.status,
    typeof body?.code === 'string' ? body.code : '',
    message,
    retry > 0 ? retry : null,
  )
}

/**
 * A request to a service. @throws Problem where it is refused or nothing answers; an AbortError where `signal` was
 * raised
 */
export async function request(url: string, init: RequestInit = {}): Promise<Response> {
  let response: Response
  try {
    // Health data belongs in no cache of the browser.
    response = await fetch(url, { cache: 'no-store', ...init })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new Problem(0, '', 'AUREN does not answer. Is it running, and is this device online?')
  }
  if (!response.ok) throw await problemOf(response)
  return response
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

/** A path with its parts escaped and its query. */
export function address(
  base: string,
  parts: readonly string[],
  query: Record<string, string | number | undefined> = {},
): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  const search = given.length > 0 ? `?${new URLSearchParams(given as [string, string][])}` : ''
  return `${base}/v1/${parts.map(encodeURIComponent).join('/')}${search}`
}

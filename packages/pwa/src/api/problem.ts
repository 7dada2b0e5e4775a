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

/** Nothing answered. */
export const unreachable = (): Problem =>
  new Problem(0, '', 'AUREN does not answer. Is it running, and is this device online?')

/** What to tell the person about anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof Problem) return error.message
  return 'Something went wrong in this app. Reload the page; if it happens again, please report it.'
}

/** Reads a refusal. */
export async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => null)) as { detail?: unknown; code?: unknown } | null
  const retry = Number(response.headers.get('retry-after'))
  const detail = typeof body?.detail === 'string' ? body.detail : `The service answered with status ${response.status}.`
  return new Problem(response.status, typeof body?.code === 'string' ? body.code : '', detail, retry > 0 ? retry : null)
}

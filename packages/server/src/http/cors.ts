import { AurenError } from '@auren/core'
import type { RequestHandler } from 'express'

/** Default of the deployment: one label under vercel.app, and the two local development ports (DESIGN §9). */
const defaults = [
  /^https:\/\/[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.vercel\.app$/,
  /^http:\/\/localhost:(3000|5173)$/,
  /^http:\/\/127\.0\.0\.1:5173$/,
]

/** What an operator should hear about who may read answers; null where there is nothing to say. */
export function corsWarning(pinned: readonly string[] | null, production: boolean): string | null {
  if (pinned !== null || !production) return null
  return 'AUREN_CORS_ORIGINS is not set: any project on vercel.app may call this service from its pages. Pin your own, e.g. AUREN_CORS_ORIGINS=https://auren-pwa.vercel.app,https://auren-pwa-*-my-team.vercel.app'
}

/**
 * Checks the entries of `AUREN_CORS_ORIGINS`: exact origins, or with one `*` inside the first label, for the previews
 * of one project (`https://auren-pwa-*-my-team.vercel.app`).
 *
 * @throws AurenError AUREN_CONFIG_INVALID
 */
export function checkOrigins(pinned: readonly string[]): void {
  for (const entry of pinned) {
    const preview = /^https:\/\/[a-z0-9][a-z0-9-]{2,}-\*-[a-z0-9-]{2,}\.vercel\.app$/.test(entry)
    if (
      !preview &&
      (entry.includes('*') || !URL.canParse(entry) || new URL(entry).origin !== entry || !/^https?:/.test(entry))
    )
      throw new AurenError(
        'AUREN_CONFIG_INVALID',
        'AUREN_CORS_ORIGINS must be a comma list of origins such as https://auren-pwa.vercel.app, without a path; a * may stand between two dashes of the first label.',
      )
  }
}

/** Whether a page of this origin may read answers. `pinned` replaces the defaults. */
export function originAllowed(origin: string, pinned: readonly string[] | null): boolean {
  if (pinned === null) return defaults.some((pattern) => pattern.test(origin))
  return pinned.some((entry) => {
    const [head, tail] = entry.split('*') as [string, string | undefined]
    if (tail === undefined) return entry === origin
    const middle = origin.slice(head.length, -tail.length)
    return origin === head + middle + tail && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(middle)
  })
}

/** CORS with credentials: exact echo, `Vary: Origin`, nothing at all for a refused origin. */
export function cors(pinned: readonly string[] | null): RequestHandler {
  return (request, response, next) => {
    response.vary('Origin')
    const origin = request.headers.origin
    const allowed = origin !== undefined && originAllowed(origin, pinned)
    if (allowed) {
      response.setHeader('access-control-allow-origin', origin)
      response.setHeader('access-control-allow-credentials', 'true')
      response.setHeader('access-control-expose-headers', 'retry-after, x-auren-run')
    }
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      if (allowed) {
        response.setHeader('access-control-allow-methods', 'GET, HEAD, POST, PUT, PATCH, DELETE')
        response.setHeader(
          'access-control-allow-headers',
          'authorization, content-type, idempotency-key, last-event-id',
        )
        response.setHeader('access-control-max-age', '600')
      }
      response.status(204).end()
      return
    }
    next()
  }
}

import type { RequestHandler } from 'express'

/** Default of the deployment: one label under vercel.app, and the two local development ports (DESIGN §9). */
const defaults = [
  /^https:\/\/[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.vercel\.app$/,
  /^http:\/\/localhost:(3000|5173)$/,
  /^http:\/\/127\.0\.0\.1:5173$/,
]

/** Whether a page of this origin may read answers. `pinned` replaces the defaults. */
export function originAllowed(origin: string, pinned: readonly string[] | null): boolean {
  return pinned ? pinned.includes(origin) : defaults.some((pattern) => pattern.test(origin))
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

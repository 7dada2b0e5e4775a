import type { Request, RequestHandler, Response } from 'express'
import type { Logger } from '../log.js'
import { currentSpan, runInSpan } from '../trace.js'

/** Asked all the time by machines: told only where one looks closely. */
const quiet = new Set(['/healthz', '/readyz', '/health', '/metrics'])

/** One line for each request when it has ended: the route's pattern, never the path or the query. */
export function logRequests(service: string, log: Logger): RequestHandler {
  return (request, response, next) => {
    const began = performance.now()
    const span = currentSpan()
    response.once('close', () => {
      const route = routeOf(request)
      const line = {
        service,
        method: methodOf(request),
        route,
        status: statusOf(response),
        ms: Math.round((performance.now() - began) * 10) / 10,
        ...(span?.parent == null ? {} : { parent_id: span.parent }),
      }
      const write = (): void => log[quiet.has(route) ? 'debug' : 'info'](line, 'request')
      if (span) runInSpan(span, write)
      else write()
    })
    next()
  }
}

/** The pattern that a request met, such as `/v1/threads/:id`: ids would name persons, and grow without bound. */
export function routeOf(request: Request): string {
  const { path } = (request.route ?? {}) as { path?: unknown }
  return typeof path === 'string' ? path : 'other'
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** The method, where it is one that there is; clients may send any word. */
export function methodOf({ method }: Request): string {
  return methods.has(method) ? method : 'other'
}

/** What was answered; 499 where the other side left before the end. */
export function statusOf(response: Response): number {
  return response.writableFinished ? response.statusCode : 499
}

import { STATUS_CODES } from 'node:http'
import { AurenError, asAurenError, isAurenError } from '@auren/core'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from '../log.js'
import { routeOf } from '../observe/requests.js'

/** RFC 9457 body of an error. Never holds a health value. */
export function problemOf(error: AurenError, instance: string): Record<string, unknown> {
  return {
    type: 'about:blank',
    title: STATUS_CODES[error.status] ?? error.code,
    status: error.status,
    // Our own faults are told by code alone: a message from a library could hold a value.
    detail:
      error.code === 'AUREN_INTERNAL' ? 'Something went wrong on our side; the log has the details.' : error.message,
    instance,
    code: error.code,
    ...(error.issues.length > 0 ? { errors: error.issues } : {}),
    ...(error.retryAfter === undefined ? {} : { retry_after_seconds: error.retryAfter }),
  }
}

/** Turns whatever was thrown into application/problem+json. */
export function problems(log: Logger): ErrorRequestHandler {
  return (thrown, request, response, next) => {
    const error = fromExpress(thrown)
    if (error.status >= 500) log.error({ code: error.code, route: routeOf(request), err: error }, 'request failed')
    if (response.headersSent) return next(error)
    const retryAfter = error.retryAfter ?? (error.status === 503 ? 2 : undefined)
    if (retryAfter !== undefined) response.setHeader('retry-after', String(Math.ceil(retryAfter)))
    // What is too large is not read to its end, which a connection that goes on would need.
    if (error.status === 413) response.setHeader('connection', 'close')
    // A 404 may be stored by default, and would then hide what is made later.
    response.setHeader('cache-control', 'no-store')
    response
      .status(error.status)
      .type('application/problem+json')
      .send(JSON.stringify(problemOf(error, request.path)))
  }
}

/** The last handler: no such route. */
export const notFound: RequestHandler = (request) => {
  throw new AurenError(
    'AUREN_NOT_FOUND',
    `There is no ${request.method} ${request.path}. See /openapi.json for what there is.`,
  )
}

function fromExpress(thrown: unknown): AurenError {
  if (isAurenError(thrown)) return thrown
  const type = (thrown as { type?: unknown } | null)?.type
  if (type === 'entity.too.large')
    return new AurenError('AUREN_PAYLOAD_TOO_LARGE', 'The body is larger than this route takes.')
  if (type === 'entity.too.deep') return new AurenError('AUREN_INPUT_INVALID', 'The body is nested too deeply.')
  if (type === 'entity.parse.failed') return new AurenError('AUREN_INPUT_INVALID', 'The body is not valid JSON.')
  if (thrown instanceof URIError || type === 'encoding.unsupported' || type === 'charset.unsupported') {
    return new AurenError('AUREN_INPUT_INVALID', 'The request is not encoded as it should be.')
  }
  return asAurenError(thrown)
}

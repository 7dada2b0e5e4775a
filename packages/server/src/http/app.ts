import { AurenError } from '@auren/core'
import express, { type Express } from 'express'
import type { Logger } from '../log.js'
import type { Metrics } from '../metrics.js'
import { logRequests } from '../observe/requests.js'
import { traceRequests } from '../trace.js'
import { cors } from './cors.js'
import { refuseDeep } from './depth.js'
import { securityHeaders } from './headers.js'
import type { Identity } from './identity.js'
import { openapi } from './openapi.js'
import { notFound, problems } from './problem.js'
import { limitRequests } from './rate.js'
import { type Guard, mount, type Route } from './route.js'

/** Largest JSON body. Files go to /v1/imports, raw and in parts. */
const JSON_LIMIT = 4 * 1024 * 1024

/** What a service is made of. */
export interface ServiceParts {
  title: string
  /** Its name in the log. */
  service?: string
  version: string
  routes: readonly Route[]
  identity: Identity
  /** Limits and the audit log. */
  guard?: Guard
  /** Proxies in front that are believed (express's `trust proxy`); none by default. */
  trustProxy?: number | string[] | null
  corsOrigins: readonly string[] | null
  metrics: Metrics
  log: Logger
}

/** An express application with everything that both services share. */
export function createService(parts: ServiceParts): Express {
  const app = express()
  app.disable('x-powered-by')
  // Answers about a person are never stored, so nothing is asked for again by a tag.
  app.disable('etag')
  app.set('trust proxy', parts.trustProxy ?? false)
  app.set('query parser', 'simple')
  app.use(traceRequests)
  app.use(securityHeaders())
  app.use(cors(parts.corsOrigins))
  app.use(parts.metrics.observe, logRequests(parts.service ?? 'auren', parts.log))
  if (parts.guard) app.use(limitRequests(parts.guard.rates))
  const raw = new Set(
    parts.routes
      .filter((route) => route.rawBody)
      .map((route) => new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+')}$`)),
  )
  const json = express.json({
    limit: JSON_LIMIT,
    strict: false,
    type: ['application/json', 'application/*+json'],
    verify: refuseDeep,
  })
  app.use((request, response, next) => {
    for (const pattern of raw) if (pattern.test(request.path)) return next()
    // The parser would read all of it before it refuses it.
    if (Number(request.headers['content-length'] ?? 0) > JSON_LIMIT)
      throw new AurenError('AUREN_PAYLOAD_TOO_LARGE', `The body may have at most ${JSON_LIMIT} bytes.`)
    json(request, response, next)
  })
  const document = openapi(parts.title, parts.version, parts.routes)
  app.use(mount(parts.routes, parts.identity, parts.guard))
  app.get('/openapi.json', (_request, response) => {
    response.json(document)
  })
  app.get('/metrics', parts.metrics.page)
  app.use(notFound)
  app.use(problems(parts.log))
  return app
}

import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { AurenError } from '@auren/core'
import type { RequestHandler } from 'express'
import { isLocalRequest } from '../http/identity.js'
import type { MetricsAccess } from './config.js'

/** Media type and text of a scrape. */
export type Scrape = () => Promise<{ type: string; text: string }>

/** `/metrics` of a service's own port: only with the token, or, where none is set, for this very machine. */
export function metricsPage(scrape: Scrape, access: MetricsAccess): RequestHandler {
  return async (request, response, next) => {
    // Where metrics have a port of their own, or nobody may see them, there is no such page.
    if (access.port !== null || (access.token === null && !(access.local && isLocalRequest(request)))) return next()
    if (access.token !== null && !holds(request.headers.authorization, access.token)) {
      response.setHeader('www-authenticate', 'Bearer')
      throw new AurenError('AUREN_UNAUTHENTICATED', 'The metrics need a token: Authorization: Bearer …')
    }
    const { type, text } = await scrape()
    response.setHeader('cache-control', 'no-store').type(type).send(text)
  }
}

/** A server that has the metrics and nothing else, for a port that the outside cannot reach. */
export function createMetricsServer(scrape: Scrape, access: MetricsAccess): Server {
  return createServer({ requestTimeout: 10_000 }, (request, response) => {
    const answer = (status: number, type: string, text: string): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text)
    }
    if (request.method !== 'GET' || request.url !== '/metrics') return answer(404, 'text/plain', 'not found\n')
    if (access.token !== null && !holds(request.headers.authorization, access.token))
      return answer(401, 'text/plain', 'a bearer token is wanted\n')
    scrape().then(
      ({ type, text }) => answer(200, type, text),
      () => answer(500, 'text/plain', 'failed\n'),
    )
  })
}

function holds(authorization: string | undefined, token: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(authorization ?? ''), hash(`Bearer ${token}`))
}

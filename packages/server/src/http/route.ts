import { type AuditAction, type AuditEntry, AurenError, type UserId } from '@auren/core'
import type { Request, Response } from 'express'
import { Router } from 'express'
import type { z } from 'zod'
import { noteUser } from '../trace.js'
import { authorize, type Caller, type Identity, identify, type RouteScope } from './identity.js'
import type { Rates } from './rate.js'

/** What a handler gets: validated input, and who asks. */
export interface Call<Params, Query, Body> {
  params: Params
  query: Query
  body: Body
  user: UserId
  /** Who asks, and what they may do. Of a route without `auth`: nobody. */
  caller: Caller
  request: Request
  response: Response
  /** Aborted when the client goes away. */
  signal: AbortSignal
}

/** One route: what it takes, what it answers, and what it does. The OpenAPI document is made of these. */
export interface Route {
  method: 'get' | 'post' | 'put' | 'delete' | 'patch' | 'head'
  /** OpenAPI form: `/v1/threads/{id}`. */
  path: string
  summary: string
  tag: string
  /** False for routes that need nobody: health, webhooks. */
  auth: boolean
  /** What the caller needs; default `person`. */
  scope?: RouteScope
  /** Noted in the audit log before it is done. */
  audit?: AuditAction
  /** Limited by itself, besides the limits of all requests. */
  rate?: 'ask' | 'export'
  params?: z.ZodType
  query?: z.ZodType
  body?: z.ZodType
  /** Raw bytes, read by the handler. */
  rawBody?: boolean
  /** Media type of the answer; default application/json. */
  produces?: string
  /** Status of success; default 200. */
  status?: number
  response?: z.ZodType
  handle(call: Call<never, never, never>): Promise<unknown>
}

type Infer<S> = S extends z.ZodType ? z.infer<S> : undefined

/** Declares a route with its input types inferred from its schemas. */
export function route<
  P extends z.ZodType | undefined,
  Q extends z.ZodType | undefined,
  B extends z.ZodType | undefined,
>(
  spec: Omit<Route, 'handle' | 'params' | 'query' | 'body' | 'auth'> & {
    auth?: boolean
    params?: P
    query?: Q
    body?: B
    handle(call: Call<Infer<P>, Infer<Q>, Infer<B>>): Promise<unknown>
  },
): Route {
  return { auth: true, ...spec } as unknown as Route
}

/** Answered by the handler itself (streams). */
export const answered = Symbol('answered')

/** What stands before the routes of a service. */
export interface Guard {
  rates: Rates
  /** Writes an act into the audit log; where it cannot, the act does not happen. */
  note(entry: AuditEntry): Promise<void>
}

const nobody: Caller = { user: '', scopes: new Set(), via: 'token' }

/** Mounts routes on a router; every answer about a person is `no-store`. */
export function mount(routes: readonly Route[], identity: Identity, guard?: Guard): Router {
  const router = Router({ caseSensitive: true, strict: true })
  for (const spec of routes) {
    router[spec.method](spec.path.replace(/\{(\w+)\}/g, ':$1'), async (request: Request, response: Response) => {
      if (spec.auth) response.setHeader('cache-control', 'no-store')
      const caller = spec.auth ? await admit(spec, request, response, identity, guard) : nobody
      const abort = new AbortController()
      // Only a client that went away before its answer: an abort costs an exception with its stack.
      response.once('close', () => {
        if (!response.writableFinished) abort.abort()
      })
      const call = {
        params: parse(spec.params, request.params, 'path'),
        query: parse(spec.query, request.query, 'query'),
        body: spec.body ? parse(spec.body, request.body, 'body') : undefined,
        user: caller.user,
        caller,
        request,
        response,
        signal: abort.signal,
      }
      if (spec.audit && guard)
        await guard.note({
          action: spec.audit,
          actor: caller.user,
          subject: caller.user,
          reason: `${spec.method.toUpperCase()} ${spec.path}`,
        })
      const result = await spec.handle(call as Call<never, never, never>)
      if (result === answered) return
      if (result === undefined) response.status(spec.status ?? 204).end()
      else response.status(spec.status ?? 200).json(result)
    })
  }
  return router
}

/** Who asks, if they may ask this and not too often. */
async function admit(
  spec: Route,
  request: Request,
  response: Response,
  identity: Identity,
  guard: Guard | undefined,
): Promise<Caller> {
  // RFC 9110 §11.6.1 asks for it with every 401.
  response.setHeader('www-authenticate', 'Bearer')
  const caller = await identify(request, identity)
  response.removeHeader('www-authenticate')
  noteUser(caller.user)
  authorize(caller, spec.scope ?? 'person', spec.method)
  if (guard) {
    await guard.rates.take('person', caller.user)
    if (spec.rate) await guard.rates.take(spec.rate, caller.user)
    if (spec.produces === 'text/event-stream') response.on('close', guard.rates.openStream(caller.user))
  }
  return caller
}

function parse(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return undefined
  // No store keeps U+0000 in a text, so nothing is found by it either.
  if (where !== 'body' && Object.values(value ?? {}).some((part) => String(part).includes('\0')))
    throw new AurenError('AUREN_INPUT_INVALID', `The ${where} of the request holds a character that no text has.`)
  const result = schema.safeParse(value ?? {})
  if (result.success) return result.data
  throw new AurenError('AUREN_INPUT_INVALID', `The ${where} of the request is not valid: see errors`, {
    // A list of all keys of a body that nothing was asked of would be as long as the body.
    issues: result.error.issues.slice(0, 50).map((issue) => ({
      path: [where, ...issue.path.map(String)].join('.'),
      message: issue.message.slice(0, 300),
    })),
  })
}

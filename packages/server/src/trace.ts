import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { traceparentOf, type UserId } from '@auren/core'
import type { RequestHandler } from 'express'

/** A step of the work, in W3C Trace Context. */
export interface Span {
  /** 32 hexadecimal digits: what belongs together, from the first request to the last stored row. */
  trace: string
  /** 16 hexadecimal digits: this step. */
  span: string
  /** The step that led to this one; null where it began here. */
  parent: string | null
  /** Two hexadecimal digits; 01: the caller keeps this trace. */
  flags: string
  /** Who asks, once that is known. Written nowhere but as a keyed hash. */
  user?: UserId
}

const running = new AsyncLocalStorage<Span>()

/** 32 random hexadecimal digits; drawn ahead by Node, which single draws of bytes are not. The last 16 hold 62 random bits. */
function randomDigits(): string {
  return randomUUID().replaceAll('-', '')
}

/** A step below the one that a valid `traceparent` names; without one, the first of a new trace. */
export function beginSpan(traceparent?: string): Span {
  const span = randomDigits().slice(16)
  const given = traceparentOf(traceparent)
  if (given === undefined) return { trace: randomDigits(), span, parent: null, flags: '00' }
  const [, trace, parent, flags] = given.split('-') as [string, string, string, string]
  return { trace, span, parent, flags }
}

/** `traceparent` of a step, for whoever does what it leads to. */
export function traceparent({ trace, span, flags }: Span): string {
  return `00-${trace}-${span}-${flags}`
}

/** The step that the caller runs in, if any. */
export function currentSpan(): Span | undefined {
  return running.getStore()
}

/** Runs `work` within a step: what it logs, it logs with the step's ids. */
export function runInSpan<T>(span: Span, work: () => T): T {
  return running.run(span, work)
}

/** Says who asks, for the log lines of this request. */
export function noteUser(user: UserId): void {
  const span = running.getStore()
  if (span) span.user = user
}

/**
 * Gives each request a step of its own. Its `traceparent` becomes that step's, so that envelopes and jobs that the
 * request leads to carry it on; the id of the trace is the request's id. Calls to vendors never carry it: which of
 * our requests led to them is none of their business.
 */
export const traceRequests: RequestHandler = (request, response, next) => {
  const span = beginSpan(request.headers.traceparent as string | undefined)
  request.headers.traceparent = traceparent(span)
  response.setHeader('x-request-id', span.trace)
  running.run(span, next)
}

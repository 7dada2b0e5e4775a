import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Instant } from '../observation/schema.js'
import { requestOf, type VendorAnswer, type VendorHandler, type VendorRequest } from './vendor-http.js'
import { createVendorOAuth, type VendorOAuth, type VendorOAuthSpec } from './vendor-oauth.js'

/** What a vendor is made of. */
export interface VendorServerSpec {
  oauth?: VendorOAuthSpec
  /**
   * By method and path, such as `GET /v2/nights/{id}`; a path that ends in `*` takes all below it. A handler by itself wants
   * a token that works, where there is OAuth; `{ open }` does not.
   */
  routes?: Readonly<Record<string, VendorHandler | { open: VendorHandler }>>
  /** For tokens that do not work. @default 401 `{ error: 'invalid_token' }` */
  unauthorized?(request: VendorRequest): VendorAnswer
  /** Clock of tokens and codes. @default Date.now */
  now?(): Instant
}

/** A request, and with which status it was answered. */
export type AnsweredRequest = VendorRequest & { status: number }

/** A running vendor. */
export interface VendorServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string
  /** For a plugin's `hosts`. */
  readonly host: string
  /** Requests so far, newest last; a test may empty it. */
  requests: AnsweredRequest[]
  /** Requests of a path. */
  to(path: string): AnsweredRequest[]
  readonly oauth: VendorOAuth
  /** The next requests to routes, with a token that works where they want one, are answered 429: with `Retry-After`, or with headers of the vendor's own. */
  limit(n: number, said: { retryAfter?: number; headers?: Readonly<Record<string, string>>; body?: unknown }): void
  /**
   * The next requests to routes are answered like this; with a path, those of that path, which may be one of OAuth (what
   * such a request asks for is done all the same).
   */
  misbehave(n: number, answer: VendorAnswer, path?: string): void
  /** Nothing is answered before this is resolved. */
  holds: Promise<void> | null
  close(): Promise<void>
}

interface Odd {
  left: number
  answer: VendorAnswer
  path: string | undefined
}

/**
 * A vendor on a free port of 127.0.0.1, for tests of a plugin: OAuth as {@link VendorOAuthSpec} says (consent with state
 * and PKCE, rotation, reuse detection, expiry by a clock of the test), the routes that the test gives it, limits,
 * and whatever else vendors do wrong.
 *
 * @example
 * const vendor = await startVendorServer({
 *   oauth: { clientId: 'c', clientSecret: 's' },
 *   routes: { 'GET /v1/nights': ({ query }) => ({ body: cursorPage(nights, query.get('cursor'), 50) }) },
 * })
 */
export async function startVendorServer(spec: VendorServerSpec = {}): Promise<VendorServer> {
  const now = spec.now ?? Date.now
  const routes = Object.entries(spec.routes ?? {}).map(([name, route]) => ({ ...patternOf(name), route }))
  const oauth = createVendorOAuth(spec.oauth ?? { clientId: '', clientSecret: '' }, now, () => server.url)
  let odd: Odd[] = []

  const oddly = (path: string, named: boolean): VendorAnswer | null => {
    const found = odd.find((one) => one.path === path || (!named && one.path === undefined))
    if (!found) return null
    found.left--
    odd = odd.filter(({ left }) => left > 0)
    return found.answer
  }

  const answer = async (request: VendorRequest): Promise<VendorAnswer> => {
    const granted = spec.oauth ? oauth.handle(request) : null
    // What was asked for has been done all the same, as where an answer is lost on its way.
    if (granted) return oddly(request.path, true) ?? granted
    const found = routes.find(({ method, pattern }) => method === request.method && pattern.test(request.path))
    if (!found) return { status: 404, body: { error: 'not_found' } }
    const params = Object.fromEntries(
      Object.entries(found.pattern.exec(request.path)?.groups ?? {}).map(([name, said]) => [
        name,
        decodeURIComponent(said),
      ]),
    )
    const full = { ...request, params }
    if (typeof found.route !== 'function') return oddly(request.path, false) ?? found.route.open(full)
    if (spec.oauth && request.account === null)
      return spec.unauthorized?.(full) ?? { status: 401, body: { error: 'invalid_token' } }
    return oddly(request.path, false) ?? found.route(full)
  }

  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await requestOf(message)
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    const known = { ...request, account: bearer === undefined ? null : oauth.accountOf(bearer) }
    // As it came, before it is answered: whoever holds the answer back can look at it.
    const noted: AnsweredRequest = { ...known, status: 0 }
    server.requests.push(noted)
    await server.holds
    const { status = 200, headers = {}, body } = await answer(known)
    noted.status = status
    const raw = typeof body === 'string' || body instanceof Uint8Array
    const bytes = body === undefined || status === 204 ? '' : raw ? body : JSON.stringify(body)
    response.writeHead(status, { ...(raw ? {} : { 'content-type': 'application/json' }), ...headers }).end(bytes)
  }

  const http = createServer((message, response) => {
    handle(message, response).catch((error: Error) => response.writeHead(500).end(error.message))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const host = `127.0.0.1:${(http.address() as AddressInfo).port}`
  const server: VendorServer = {
    url: `http://${host}`,
    host,
    requests: [],
    to: (path) => server.requests.filter((request) => request.path === path),
    oauth,
    limit(n, { retryAfter, headers = {}, body = { error: 'rate_limited' } }) {
      const wait = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
      server.misbehave(n, { status: 429, headers: { ...wait, ...headers }, body })
    },
    misbehave(n, said, path) {
      if (n > 0) odd.push({ left: n, answer: said, path })
    },
    holds: null,
    async close() {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
  return server
}

function patternOf(name: string): { method: string; pattern: RegExp } {
  const [method = 'GET', path = '/'] = name.split(' ')
  const source = path
    .split(/(\{\w+\}|\*$)/)
    .map((part) => {
      if (part === '*') return '.*'
      return /^\{\w+\}$/.test(part) ? `(?<${part.slice(1, -1)}>[^/]+)` : part.replace(/[.+?^$()[\]|\\]/g, '\\$&')
    })
    .join('')
  return { method, pattern: new RegExp(`^${source}$`) }
}

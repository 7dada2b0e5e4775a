import { createHmac, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A document of a collection as the server keeps it. */
export type Document = Record<string, unknown> & { id?: string; day?: string }

/** A webhook subscription. */
export interface Subscription {
  id: string
  callback_url: string
  event_type: string
  data_type: string
  expiration_time: string
}

const subscriptionMs = 90 * 86_400_000

/**
 * A local server that behaves as Oura's API v2 does: OAuth with rotating refresh tokens, collections with pages and date
 * windows, single documents, 401 on expired tokens, 429 with Retry-After, webhook subscriptions with the challenge, and
 * signed notifications.
 */
export interface OuraServer {
  url: string
  /** Person's account id. */
  account: string
  collections: Map<string, Document[]>
  /** Requests so far, newest last. */
  requests: { method: string; path: string; status: number }[]
  pageSize: number
  /** Refresh requests that were answered with a new token. */
  refreshes: number
  /** Access tokens stop working. */
  expireTokens(): void
  /** The next n data requests are answered 429. */
  limit(n: number, retryAfterSeconds: number): void
  /** The next n data requests are answered like this. */
  misbehave(n: number, answer: { status: number; body: string; type?: string }): void
  /** A code as the person's browser would bring it back. */
  grant(): string
  /** Webhook subscriptions. */
  subscriptions: Map<string, Subscription>
  /** Data types that it does not know. */
  unknownTypes: Set<string>
  /** Clock of subscriptions. */
  now(): number
  /** Signs a notification as Oura does. */
  sign(event: Record<string, unknown>, at: number): { headers: Record<string, string>; body: string }
  close(): Promise<void>
}

/** Starts the server on a free loopback port. */
export async function startOura(options: { clientId: string; clientSecret: string }): Promise<OuraServer> {
  const codes = new Set<string>()
  let access = new Set<string>()
  const refresh = new Set<string>()
  let limited = { left: 0, retryAfter: 1 }
  let odd: { left: number; answer: { status: number; body: string; type?: string } } | null = null

  const issue = (): Record<string, unknown> => {
    const pair = { access_token: `access-${randomUUID()}`, refresh_token: `refresh-${randomUUID()}` }
    access.add(pair.access_token)
    refresh.add(pair.refresh_token)
    return { ...pair, token_type: 'bearer', expires_in: 86_400 }
  }

  const tokens = (form: URLSearchParams): [number, unknown] => {
    if (form.get('client_id') !== options.clientId || form.get('client_secret') !== options.clientSecret)
      return [401, { error: 'invalid_client' }]
    if (form.get('grant_type') === 'authorization_code')
      return codes.delete(form.get('code') ?? '') ? [200, issue()] : [400, { error: 'invalid_grant' }]
    // Refresh tokens work once: whoever refreshes twice with the same is refused.
    if (form.get('grant_type') === 'refresh_token' && refresh.delete(form.get('refresh_token') ?? '')) {
      server.refreshes++
      return [200, issue()]
    }
    return [400, { error: 'invalid_grant' }]
  }

  const data = (path: string[], query: URLSearchParams): [number, unknown, Record<string, string>?] => {
    const [collection = '', id] = path
    if (collection === 'personal_info') return [200, { id: server.account, age: 40, email: 'ada@example.org' }]
    const documents = server.collections.get(collection)
    if (!documents) return [404, { detail: 'Not Found' }]
    if (id !== undefined) {
      const found = documents.find((document) => document.id === id)
      return found ? [200, found] : [404, { detail: 'Document not found.' }]
    }
    const inWindow = documents.filter((document) => {
      if (collection === 'heartrate') {
        const at = String(document.timestamp)
        return (
          Date.parse(at) >= Date.parse(query.get('start_datetime') ?? '') &&
          Date.parse(at) < Date.parse(query.get('end_datetime') ?? '')
        )
      }
      const day = document.day ?? String(document.start_day ?? document.start_time ?? document.timestamp).slice(0, 10)
      return day >= (query.get('start_date') ?? '') && day < (query.get('end_date') ?? '')
    })
    const from = Number(query.get('next_token') ?? 0)
    const next = from + server.pageSize < inWindow.length ? String(from + server.pageSize) : null
    return [200, { data: inWindow.slice(from, from + server.pageSize), next_token: next }]
  }

  /** Asks the challenge of the address before it is taken. */
  const subscribe = async (body: string): Promise<[number, unknown]> => {
    const asked = JSON.parse(body) as Record<'callback_url' | 'verification_token' | 'event_type' | 'data_type', string>
    const { callback_url, verification_token, event_type, data_type } = asked
    if (server.unknownTypes.has(data_type)) return [422, { detail: [{ msg: 'unknown data type' }] }]
    const challenge = randomUUID()
    const answer = await fetch(`${callback_url}?${new URLSearchParams({ verification_token, challenge })}`)
    const said = (await answer.json().catch(() => null)) as { challenge?: unknown } | null
    if (answer.status !== 200 || said?.challenge !== challenge) return [400, { detail: 'verification failed' }]
    const id = randomUUID()
    const made = { id, callback_url, event_type, data_type, expiration_time: ending() }
    server.subscriptions.set(id, made)
    return [201, made]
  }
  /** Without a mark for UTC, as it is in the wild. */
  const ending = (): string => new Date(server.now() + subscriptionMs).toISOString().replace('Z', '')

  const webhooks = async (request: IncomingMessage, path: string, body: string): Promise<[number, unknown]> => {
    if (
      request.headers['x-client-id'] !== options.clientId ||
      request.headers['x-client-secret'] !== options.clientSecret
    )
      return [401, { detail: 'Unauthorized' }]
    const [first = '', second = ''] = path.split('/').filter((part) => part !== '')
    if (request.method === 'GET' && first === '') return [200, [...server.subscriptions.values()]]
    if (request.method === 'POST' && first === '') return subscribe(body)
    const held = server.subscriptions.get(request.method === 'PUT' && first === 'renew' ? second : first)
    if (!held) return [404, { detail: 'Not Found' }]
    if (request.method === 'DELETE') {
      server.subscriptions.delete(held.id)
      return [204, '']
    }
    if (request.method !== 'PUT') return [405, {}]
    held.expiration_time = ending()
    return [200, held]
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const send = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      server.requests.push({ method: request.method ?? '', path: url.pathname + url.search, status })
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(typeof body === 'string' ? body : JSON.stringify(body))
    }
    if (url.pathname === '/oauth/token') {
      const [status, body] = tokens(new URLSearchParams(Buffer.concat(chunks).toString()))
      return send(status, body)
    }
    if (url.pathname === '/oauth/revoke') {
      access.delete(url.searchParams.get('access_token') ?? '')
      return send(200, {})
    }
    if (url.pathname.startsWith('/v2/webhook/subscription')) {
      if (limited.left > 0) {
        limited = { ...limited, left: limited.left - 1 }
        return send(429, { detail: 'Request rate limit exceeded' }, { 'retry-after': String(limited.retryAfter) })
      }
      const path = url.pathname.slice('/v2/webhook/subscription'.length)
      const [status, body] = await webhooks(request, path, Buffer.concat(chunks).toString())
      return send(status, body)
    }
    if (!url.pathname.startsWith('/v2/usercollection/')) return send(404, { detail: 'Not Found' })
    const bearer = (request.headers.authorization ?? '').replace(/^Bearer /, '')
    if (!access.has(bearer)) return send(401, { detail: 'Unauthorized' })
    if (limited.left > 0) {
      limited = { ...limited, left: limited.left - 1 }
      return send(429, { detail: 'Request rate limit exceeded' }, { 'retry-after': String(limited.retryAfter) })
    }
    if (odd && odd.left > 0) {
      odd = { ...odd, left: odd.left - 1 }
      return send(odd.answer.status, odd.answer.body, { 'content-type': odd.answer.type ?? 'application/json' })
    }
    const [status, body] = data(url.pathname.split('/').slice(3).map(decodeURIComponent), url.searchParams)
    return send(status, body)
  }

  const http = createServer((request, response) => {
    handle(request, response).catch((error: Error) => response.writeHead(500).end(error.message))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))

  const server: OuraServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    account: 'oura-account-1',
    collections: new Map(),
    requests: [],
    pageSize: 50,
    refreshes: 0,
    subscriptions: new Map(),
    unknownTypes: new Set(),
    now: Date.now,
    expireTokens: () => {
      access = new Set()
    },
    limit: (n, retryAfterSeconds) => {
      limited = { left: n, retryAfter: retryAfterSeconds }
    },
    misbehave: (n, answer) => {
      odd = { left: n, answer }
    },
    grant: () => {
      const code = randomUUID()
      codes.add(code)
      return code
    },
    sign: (event, at) => {
      const body = JSON.stringify(event)
      const timestamp = String(Math.floor(at / 1000))
      const signature = createHmac('sha256', options.clientSecret)
        .update(timestamp + body)
        .digest('hex')
        .toUpperCase()
      return {
        headers: { 'content-type': 'application/json', 'x-oura-timestamp': timestamp, 'x-oura-signature': signature },
        body,
      }
    },
    close: () =>
      new Promise((resolve) => {
        http.closeAllConnections()
        http.close(() => resolve())
      }),
  }
  return server
}

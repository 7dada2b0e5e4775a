import { createHmac, randomUUID } from 'node:crypto'
import { startVendorServer, type VendorAnswer, type VendorRequest } from '@auren/core/testing'

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
  readonly requests: { method: string; path: string; status: number }[]
  pageSize: number
  /** Refresh requests that were answered with a new token. */
  readonly refreshes: number
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
  const isOurs = ({ headers }: VendorRequest): boolean =>
    headers['x-client-id'] === options.clientId && headers['x-client-secret'] === options.clientSecret

  const data = ({ params: { collection = '', id }, query }: VendorRequest): VendorAnswer => {
    if (collection === 'personal_info') return { body: { id: server.account, age: 40, email: 'ada@example.org' } }
    const documents = server.collections.get(collection)
    if (!documents) return { status: 404, body: { detail: 'Not Found' } }
    if (id !== undefined) {
      const found = documents.find((document) => document.id === id)
      return found ? { body: found } : { status: 404, body: { detail: 'Document not found.' } }
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
    return { body: { data: inWindow.slice(from, from + server.pageSize), next_token: next } }
  }

  /** Asks the challenge of the address before it is taken. */
  const subscribe = async (request: VendorRequest): Promise<VendorAnswer> => {
    const asked = request.json() as Record<'callback_url' | 'verification_token' | 'event_type' | 'data_type', string>
    const { callback_url, verification_token, event_type, data_type } = asked
    if (server.unknownTypes.has(data_type)) return { status: 422, body: { detail: [{ msg: 'unknown data type' }] } }
    const challenge = randomUUID()
    const answer = await fetch(`${callback_url}?${new URLSearchParams({ verification_token, challenge })}`)
    const said = (await answer.json().catch(() => null)) as { challenge?: unknown } | null
    if (answer.status !== 200 || said?.challenge !== challenge)
      return { status: 400, body: { detail: 'verification failed' } }
    const id = randomUUID()
    const made = { id, callback_url, event_type, data_type, expiration_time: ending() }
    server.subscriptions.set(id, made)
    return { status: 201, body: made }
  }
  /** Without a mark for UTC, as it is in the wild. */
  const ending = (): string => new Date(server.now() + subscriptionMs).toISOString().replace('Z', '')

  const webhooks = async (request: VendorRequest): Promise<VendorAnswer> => {
    if (!isOurs(request)) return { status: 401, body: { detail: 'Unauthorized' } }
    const [first = '', second = ''] = request.path.split('/').slice(4)
    if (request.method === 'GET' && first === '') return { body: [...server.subscriptions.values()] }
    if (request.method === 'POST' && first === '') return subscribe(request)
    const held = server.subscriptions.get(request.method === 'PUT' && first === 'renew' ? second : first)
    if (!held) return { status: 404, body: { detail: 'Not Found' } }
    if (request.method === 'DELETE') {
      server.subscriptions.delete(held.id)
      return { status: 204 }
    }
    if (request.method !== 'PUT') return { status: 405, body: {} }
    held.expiration_time = ending()
    return { body: held }
  }

  const vendor = await startVendorServer({
    oauth: { ...options, refresh: 'rotate', accessMs: 86_400_000, account: 'oura-account-1' },
    unauthorized: () => ({ status: 401, body: { detail: 'Unauthorized' } }),
    routes: {
      ...Object.fromEntries(
        ['GET', 'POST', 'PUT', 'DELETE'].map((method) => [`${method} /v2/webhook/subscription*`, { open: webhooks }]),
      ),
      'POST /oauth/revoke': {
        open: ({ query }) => {
          vendor.oauth.end(query.get('access_token') ?? '')
          return { body: {} }
        },
      },
      'GET /v2/usercollection/{collection}': data,
      'GET /v2/usercollection/{collection}/{id}': data,
    },
  })
  const server: OuraServer = {
    url: vendor.url,
    account: 'oura-account-1',
    collections: new Map(),
    get requests() {
      return vendor.requests.map(({ method, path, query, status }) => {
        const search = query.toString()
        return { method, path: search ? `${path}?${search}` : path, status }
      })
    },
    pageSize: 50,
    get refreshes() {
      return vendor.oauth.refreshes
    },
    subscriptions: new Map(),
    unknownTypes: new Set(),
    now: Date.now,
    expireTokens: () => vendor.oauth.expire(),
    limit: (n, retryAfter) => vendor.limit(n, { retryAfter, body: { detail: 'Request rate limit exceeded' } }),
    misbehave: (n, { status, body, type = 'application/json' }) =>
      vendor.misbehave(n, { status, body, headers: { 'content-type': type } }),
    grant: () => vendor.oauth.grant(),
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
    close: () => vendor.close(),
  }
  return server
}

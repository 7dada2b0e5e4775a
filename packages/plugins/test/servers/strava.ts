import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Item = Record<string, unknown>

/** A local server that behaves as Strava's API v3 does: OAuth, the list and its details, streams, limits, one subscription. */
export interface StravaServer {
  url: string
  athlete: number
  activities: Item[]
  streams: Map<string, Item>
  subscriptions: { id: number; callback_url: string }[]
  /** What the subscription's address answered when it was made. */
  challenged: string[]
  requests: { method: string; path: string; status: number }[]
  deauthorized: number
  /** Asks the address of a subscription, as Strava does before it takes it. */
  ask(url: URL): string
  limit(n: number, headers: Record<string, string>): void
  grant(): string
  close(): Promise<void>
}

/** Starts the server on a free loopback port. */
export async function startStrava(options: { clientId: string; clientSecret: string }): Promise<StravaServer> {
  const codes = new Set<string>()
  const access = new Set<string>()
  const refresh = new Set<string>()
  let limited = { left: 0, headers: {} as Record<string, string> }

  const issue = (): Item => {
    const pair = { access_token: `access-${randomUUID()}`, refresh_token: `refresh-${randomUUID()}` }
    access.add(pair.access_token)
    refresh.add(pair.refresh_token)
    return { ...pair, token_type: 'Bearer', expires_in: 21_600, expires_at: 1_800_000_000 }
  }
  const isOurs = (form: URLSearchParams): boolean =>
    form.get('client_id') === options.clientId && form.get('client_secret') === options.clientSecret

  const tokens = (form: URLSearchParams): [number, unknown] => {
    if (!isOurs(form)) return [401, { message: 'Authorization Error' }]
    if (form.get('grant_type') === 'authorization_code' && codes.delete(form.get('code') ?? ''))
      return [200, { ...issue(), athlete: { id: server.athlete, firstname: 'Robin' } }]
    if (form.get('grant_type') === 'refresh_token' && refresh.delete(form.get('refresh_token') ?? ''))
      return [200, issue()]
    return [400, { message: 'Bad Request' }]
  }

  const subscriptions = (method: string, id: string | undefined, form: URLSearchParams): [number, unknown] => {
    if (!isOurs(form)) return [401, { message: 'Authorization Error' }]
    if (method === 'GET') return [200, server.subscriptions]
    if (method === 'DELETE') {
      const before = server.subscriptions.length
      server.subscriptions = server.subscriptions.filter((one) => String(one.id) !== id)
      return server.subscriptions.length < before ? [204, null] : [404, { message: 'Record Not Found' }]
    }
    if (server.subscriptions.length > 0) return [400, { errors: [{ code: 'already exists' }] }]
    const url = new URL(form.get('callback_url') ?? '')
    const challenge = randomUUID()
    url.searchParams.set('hub.mode', 'subscribe')
    url.searchParams.set('hub.challenge', challenge)
    url.searchParams.set('hub.verify_token', form.get('verify_token') ?? '')
    const body = server.ask(url)
    server.challenged.push(body)
    if (body !== JSON.stringify({ 'hub.challenge': challenge })) return [400, { errors: [{ code: 'not verifiable' }] }]
    const made = { id: 120_475, callback_url: form.get('callback_url') ?? '' }
    server.subscriptions.push(made)
    return [201, { id: made.id }]
  }

  const data = (path: string, query: URLSearchParams): [number, unknown] => {
    if (path === '/api/v3/athlete') return [200, { id: server.athlete }]
    if (path === '/api/v3/athlete/activities') {
      const size = Number(query.get('per_page'))
      const from = (Number(query.get('page')) - 1) * size
      const after = Number(query.get('after'))
      const listed = server.activities
        .filter((one) => Date.parse(String(one.start_date)) / 1000 > after && one.private !== true)
        .map(({ calories: _calories, laps: _laps, description: _description, ...summary }) => summary)
      return [200, listed.slice(from, from + size)]
    }
    const [, id = '', streams] = /^\/api\/v3\/activities\/(\d+)(\/streams)?$/.exec(path) ?? []
    const found = server.activities.find((one) => String(one.id) === id && one.private !== true)
    if (!found) return [404, { message: 'Record Not Found' }]
    if (!streams) return [200, found]
    return server.streams.has(id) ? [200, server.streams.get(id)] : [404, { message: 'Record Not Found' }]
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const form = new URLSearchParams([...url.searchParams, ...new URLSearchParams(Buffer.concat(chunks).toString())])
    const method = request.method ?? 'GET'
    const send = ([status, body]: [number, unknown], headers: Record<string, string> = {}): void => {
      server.requests.push({ method, path: url.pathname, status })
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(status === 204 ? '' : JSON.stringify(body))
    }
    if (url.pathname === '/api/v3/oauth/token') return send(tokens(form))
    if (url.pathname.startsWith('/api/v3/push_subscriptions'))
      return send(subscriptions(method, url.pathname.split('/')[4], form))
    if (!access.has((request.headers.authorization ?? '').replace(/^Bearer /, '')))
      return send([401, { message: 'Authorization Error' }])
    if (url.pathname === '/oauth/deauthorize') {
      server.deauthorized++
      return send([200, {}])
    }
    if (limited.left > 0) {
      limited = { ...limited, left: limited.left - 1 }
      return send([429, { message: 'Rate Limit Exceeded' }], limited.headers)
    }
    send(data(url.pathname, url.searchParams))
  }

  const http = createServer((request, response) => {
    handle(request, response).catch((error: Error) => response.writeHead(500).end(error.message))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))

  const server: StravaServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    athlete: 134_815,
    activities: [],
    streams: new Map(),
    subscriptions: [],
    challenged: [],
    requests: [],
    deauthorized: 0,
    ask: () => '',
    limit: (n, headers) => {
      limited = { left: n, headers }
    },
    grant: () => {
      const code = randomUUID()
      codes.add(code)
      return code
    },
    close: () =>
      new Promise((resolve) => {
        http.closeAllConnections()
        http.close(() => resolve())
      }),
  }
  return server
}

import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Item = Record<string, unknown>

/**
 * A local server that behaves as Fitbit's Web API does: tokens by Basic authentication and PKCE, refresh tokens that work
 * once, days and spans of days, a list of logs by pages, subscriptions of a person, a limit with its reset.
 */
export interface FitbitServer {
  url: string
  userId: string
  timezone: string
  /** Nights by `dateOfSleep`, activities by `startDate`, weighings by `date`. */
  sleep: Item[]
  activities: Item[]
  weight: Item[]
  steps: Map<string, number>
  /** Logs as the list has them, by pages of `pageSize`. */
  logs: Item[]
  pageSize: number
  /** The day on which something was drunk. */
  drank: string
  subscriptions: Set<string>
  revoked: Set<string>
  /** Paths that the person has not granted. */
  denied: Set<string>
  requests: { method: string; path: string }[]
  /** The next n data requests are answered with this status. */
  refuse(n: number, status: number, headers?: Record<string, string>): void
  /** This page of the list of logs (from 1) is answered with 500, once. */
  refusePage(page: number): void
  /** A code as the sign-in page gives it. */
  grant(challenge: string): string
  close(): Promise<void>
}

/** Starts it on a free loopback port. */
export async function startFitbit(client: { clientId: string; clientSecret: string }): Promise<FitbitServer> {
  const codes = new Map<string, string>()
  const access = new Set<string>()
  const refresh = new Set<string>()
  const basic = `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`
  let noPage = 0
  let refused = { left: 0, status: 0, headers: {} as Record<string, string> }

  const tokens = (form: Record<string, string>, authorization: string): [number, Item] => {
    if (authorization !== basic) return [401, { success: false, errors: [{ errorType: 'invalid_client' }] }]
    const challenge = createHash('sha256')
      .update(form.code_verifier ?? '')
      .digest('base64url')
    const known =
      form.grant_type === 'authorization_code'
        ? codes.get(form.code ?? '') === challenge && codes.delete(form.code ?? '')
        : refresh.delete(form.refresh_token ?? '')
    if (!known) return [400, { success: false, errors: [{ errorType: 'invalid_grant' }] }]
    const pair = { access_token: `access-${randomUUID()}`, refresh_token: `refresh-${randomUUID()}` }
    access.add(pair.access_token)
    refresh.add(pair.refresh_token)
    return [200, { ...pair, expires_in: 28_800, token_type: 'Bearer', user_id: server.userId, scope: 'sleep' }]
  }

  const within = (items: Item[], key: string, from: string, to = from): Item[] =>
    items.filter((item) => String(item[key]) >= from && String(item[key]) <= to)

  const data = (path: string, query: URLSearchParams): Item | null => {
    const [, kind = '', from = '', to] =
      /^\/1(?:\.2)?\/user\/-\/(.+?)\/date\/(\d{4}-\d\d-\d\d)(?:\/(.+?))?\.json$/.exec(path) ?? []
    const last = to && /^\d{4}/.test(to) ? to : from
    switch (kind) {
      case 'sleep':
        return { sleep: within(server.sleep, 'dateOfSleep', from, last) }
      case 'body/log/weight':
        return { weight: within(server.weight, 'date', from, last) }
      case 'activities':
        return {
          activities: within(server.activities, 'startDate', from),
          summary: { steps: server.steps.get(from) ?? 0 },
        }
      case 'activities/steps':
        return {
          'activities-steps': [...server.steps]
            .filter(([date]) => date >= from && date <= last)
            .map(([dateTime, value]) => ({ dateTime, value: String(value) })),
        }
      case 'foods/log/water':
        return {
          'foods-log-water':
            from <= server.drank && last >= server.drank ? [{ dateTime: server.drank, value: '1500' }] : [],
        }
      default:
        break
    }
    if (path === '/1/user/-/profile.json') return { user: { timezone: server.timezone, offsetFromUTCMillis: 0 } }
    if (path === '/1/user/-/activities/list.json') {
      const offset = Number(query.get('offset') ?? 0)
      const after = query.get('afterDate') ?? ''
      const logs = server.logs.filter(({ startTime }) => String(startTime).slice(0, 10) > after)
      const more = offset + server.pageSize < logs.length
      const next = `https://api.fitbit.com${path}?afterDate=${after}&offset=${offset + server.pageSize}&limit=100&sort=asc`
      return {
        activities: logs.slice(offset, offset + server.pageSize),
        pagination: { next: more ? next : '', previous: '' },
      }
    }
    return kind === '' ? null : {}
  }

  const subscriptions = (method: string, path: string): [number, Item] => {
    const name = /apiSubscriptions\/(.+)\.json$/.exec(path)?.[1]
    if (name === undefined)
      return [200, { apiSubscriptions: [...server.subscriptions].map((subscriptionId) => ({ subscriptionId })) }]
    if (method === 'DELETE') return [server.subscriptions.delete(name) ? 204 : 404, {}]
    const known = server.subscriptions.has(name)
    server.subscriptions.add(name)
    return [known ? 200 : 201, { subscriptionId: name }]
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
    const { authorization = '' } = request.headers
    const method = request.method ?? ''
    const send = (status: number, answer: Item, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(status === 204 ? undefined : JSON.stringify(answer))
    }
    server.requests.push({ method, path: pathname })
    if (pathname === '/oauth2/token') return send(...tokens(form, authorization))
    if (pathname === '/oauth2/revoke') {
      if (authorization === basic) server.revoked.add(form.token ?? '')
      return send(200, {})
    }
    if (!access.has(authorization.replace(/^Bearer /, '')))
      return send(401, { errors: [{ errorType: 'expired_token' }] })
    if (refused.left > 0) {
      refused = { ...refused, left: refused.left - 1 }
      return send(refused.status, {}, refused.headers)
    }
    if (pathname.includes('apiSubscriptions')) return send(...subscriptions(method, pathname))
    if ([...server.denied].some((part) => pathname.includes(part)))
      return send(403, { errors: [{ errorType: 'insufficient_scope' }] })
    if (pathname.endsWith('list.json') && Number(searchParams.get('offset')) === (noPage - 1) * server.pageSize) {
      noPage = 0
      return send(500, {})
    }
    const answer = data(pathname, searchParams)
    send(answer ? 200 : 404, answer ?? {})
  }

  const http = createServer((request, response) => {
    handle(request, response).catch((error: Error) => response.writeHead(500).end(error.message))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const server: FitbitServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    userId: 'ABC123',
    timezone: 'Asia/Kolkata',
    sleep: [],
    activities: [],
    weight: [],
    steps: new Map(),
    logs: [],
    pageSize: 2,
    drank: '',
    subscriptions: new Set(),
    revoked: new Set(),
    denied: new Set(),
    requests: [],
    refusePage: (page) => {
      noPage = page
    },
    refuse: (left, status, headers = {}) => {
      refused = { left, status, headers }
    },
    grant: (challenge) => {
      const code = randomUUID()
      codes.set(code, challenge)
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

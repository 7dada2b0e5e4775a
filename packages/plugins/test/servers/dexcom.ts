import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Item = Record<string, unknown>

/** A record, with when Dexcom received it. */
export interface Kept {
  record: Item & { systemTime: string }
  received: number
}

/**
 * A local server that behaves as Dexcom's API v3 does: OAuth with refresh tokens that work once, spans of 30 days at
 * most, the range of dates of what has come since, limits.
 */
export interface DexcomServer {
  url: string
  userId: string
  kept: Record<'egvs' | 'events' | 'calibrations', Kept[]>
  requests: string[]
  /** The next n requests for data are answered so. */
  refuse(n: number, status: number, headers?: Record<string, string>): void
  grant(): string
  token(): string
  close(): Promise<void>
}

const days = 86_400_000

/** Starts the server on a free loopback port. */
export async function startDexcom(options: { clientId: string; clientSecret: string }): Promise<DexcomServer> {
  const codes = new Set<string>()
  const access = new Set<string>()
  const refresh = new Set<string>()
  let refused = { left: 0, status: 0, headers: {} as Record<string, string> }

  const issue = (): Item => {
    const pair = { access_token: `access-${randomUUID()}`, refresh_token: `refresh-${randomUUID()}` }
    access.add(pair.access_token)
    refresh.add(pair.refresh_token)
    return { ...pair, expires_in: 7200, token_type: 'Bearer', refresh_expires_in: 0 }
  }
  const tokens = (form: URLSearchParams): [number, unknown] => {
    if (form.get('client_id') !== options.clientId || form.get('client_secret') !== options.clientSecret)
      return [401, { error: 'invalid_client' }]
    const fresh =
      form.get('grant_type') === 'authorization_code'
        ? codes.delete(form.get('code') ?? '')
        : refresh.delete(form.get('refresh_token') ?? '')
    return fresh ? [200, issue()] : [400, { error: 'invalid_grant' }]
  }
  const at = ({ record }: Kept): number => Date.parse(`${record.systemTime.slice(0, 19)}Z`)
  const moment = (kept: Kept): Item => ({ systemTime: kept.record.systemTime, displayTime: kept.record.systemTime })

  const data = (path: string, query: URLSearchParams): [number, unknown] => {
    const name = path.split('/').at(-1) as keyof DexcomServer['kept'] | 'dataRange'
    if (name === 'dataRange') {
      const since = query.get('lastSyncTime')
      const ranges = Object.entries(server.kept).flatMap(([collection, all]) => {
        const found = all
          .filter(({ received }) => since === null || received > Date.parse(`${since}Z`))
          .sort((a, b) => at(a) - at(b))
        return found.length > 0
          ? [[collection, { start: moment(found[0] as Kept), end: moment(found.at(-1) as Kept) }]]
          : []
      })
      return [
        200,
        { recordType: 'dataRange', recordVersion: '3.0', userId: server.userId, ...Object.fromEntries(ranges) },
      ]
    }
    const [from, to] = [query.get('startDate'), query.get('endDate')]
    if (!from || !to || /Z|\+/.test(from + to)) return [400, { errors: ['dates'] }]
    const [begin, end] = [Date.parse(`${from}Z`), Date.parse(`${to}Z`)]
    if (!(end > begin) || end - begin > 30 * days) return [400, { errors: ['the span is too long'] }]
    const records = (server.kept[name] ?? []).filter((one) => at(one) >= begin && at(one) < end)
    return [
      200,
      {
        recordType: name.slice(0, -1),
        recordVersion: '3.0',
        userId: server.userId,
        records: records.map(({ record }) => record),
      },
    ]
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const url = new URL(request.url ?? '/', 'http://localhost')
    const send = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    }
    server.requests.push(`${url.pathname}${url.search}`)
    if (url.pathname === '/v3/oauth2/token')
      return send(...tokens(new URLSearchParams(Buffer.concat(chunks).toString())))
    if (!access.has((request.headers.authorization ?? '').replace(/^Bearer /, ''))) return send(401, {})
    if (refused.left > 0) {
      refused = { ...refused, left: refused.left - 1 }
      return send(refused.status, {}, refused.headers)
    }
    send(...data(url.pathname, url.searchParams))
  }
  const http = createServer((request, response) => {
    handle(request, response).catch((error: Error) => response.writeHead(500).end(error.message))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))

  const server: DexcomServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    userId: 'a'.repeat(64),
    kept: { egvs: [], events: [], calibrations: [] },
    requests: [],
    refuse: (n, status, headers = {}) => {
      refused = { left: n, status, headers }
    },
    grant: () => {
      const code = randomUUID()
      codes.add(code)
      return code
    },
    token: () => String(issue().access_token),
    close: () =>
      new Promise((resolve) => {
        http.closeAllConnections()
        http.close(() => resolve())
      }),
  }
  return server
}

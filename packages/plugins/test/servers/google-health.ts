import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Item = Record<string, unknown>

/**
 * A local server that behaves as Google does: sign-in codes bound to a PKCE challenge, refreshes that bring no new
 * refresh token, points by filter and page token (newest first), sums of days, the published key set; and it signs.
 */
export interface GoogleServer {
  url: string
  healthUserId: string
  /** Points by data type. */
  points: Map<string, Item[]>
  /** Sums by data type. */
  rollups: Map<string, Item[]>
  /** Data types that the person has not granted. */
  denied: Set<string>
  pageSize: number
  requests: { method: string; path: string; query: Record<string, string>; body: string }[]
  /** The next n data requests are answered with this status. */
  refuse(n: number, status: number, headers?: Record<string, string>): void
  /** A code as the sign-in page gives it. */
  grant(challenge: string): string
  /** Signs as the current key does; `rotate` begins another. */
  sign(body: string | Uint8Array): string
  rotate(): void
  /** How the key set is answered. */
  keysStatus: number
  revoked: Set<string>
  close(): Promise<void>
}

/** Starts it on a free loopback port. */
export async function startGoogle(client: { clientId: string; clientSecret: string }): Promise<GoogleServer> {
  const codes = new Map<string, string>()
  const access = new Set<string>()
  const refresh = new Set<string>()
  let refused = { left: 0, status: 0, headers: {} as Record<string, string> }
  const keys: { id: number; privateKey: KeyObject; value: string }[] = []

  const token = (form: Record<string, string>): [number, Item] => {
    if (form.client_id !== client.clientId || form.client_secret !== client.clientSecret)
      return [401, { error: 'invalid_client' }]
    const issued = { access_token: `access-${randomUUID()}`, expires_in: 3599, token_type: 'Bearer', scope: 'a b' }
    if (form.grant_type === 'authorization_code') {
      const challenge = codes.get(form.code ?? '')
      codes.delete(form.code ?? '')
      const made = createHash('sha256')
        .update(form.code_verifier ?? '')
        .digest('base64url')
      if (challenge !== made) return [400, { error: 'invalid_grant' }]
      access.add(issued.access_token)
      const refresh_token = `refresh-${randomUUID()}`
      refresh.add(refresh_token)
      return [200, { ...issued, refresh_token }]
    }
    if (!refresh.has(form.refresh_token ?? '')) return [400, { error: 'invalid_grant' }]
    access.add(issued.access_token)
    return [200, issued]
  }

  const page = (items: Item[], query: Record<string, string>): Item => {
    const size = Math.min(server.pageSize, Number(query.pageSize ?? 1440))
    const from = Number(query.pageToken ?? 0)
    const more = from + size < items.length
    return { dataPoints: items.slice(from, from + size), ...(more ? { nextPageToken: String(from + size) } : {}) }
  }

  const data = (type: string, method: string, query: Record<string, string>, body: string): [number, Item] => {
    if (server.denied.has(type))
      return [403, { error: { code: 403, status: 'PERMISSION_DENIED', message: 'insufficient scope' } }]
    if (method === 'dailyRollUp') {
      const { range } = JSON.parse(body) as { range: Record<'start' | 'end', { date: Day }> }
      const within = (item: Item): boolean => {
        const at = dayMs((item.civilStartTime as { date: Day }).date)
        return at >= dayMs(range.start.date) && at < dayMs(range.end.date)
      }
      return [200, { rollupDataPoints: (server.rollups.get(type) ?? []).filter(within) }]
    }
    const filter = /^([a-z0-9_.]+) >= "([^"]+)" AND \1 < "([^"]+)"$/.exec(query.filter ?? '')
    if (!filter || filter[1]?.split('.')[0] !== type.replaceAll('-', '_'))
      return [400, { error: { code: 400, status: 'INVALID_ARGUMENT', message: 'filter' } }]
    const [, path = '', from = '', to = ''] = filter
    const found = (server.points.get(type) ?? [])
      .map((item) => ({ item, at: timeAt(item, path) }))
      .filter(({ at }) => at >= from && at < to)
      .sort((a, b) => (a.at < b.at ? 1 : -1))
    return [
      200,
      page(
        found.map(({ item }) => item),
        query,
      ),
    ]
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const query = Object.fromEntries(searchParams)
    const send = (status: number, answer: Item, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(answer))
    }
    server.requests.push({ method: request.method ?? '', path: pathname, query, body })
    if (pathname === '/googlehealthapi/webhooks/webhooks_public_keyset.json')
      return send(server.keysStatus, server.keysStatus === 200 ? keySet() : {})
    if (pathname === '/token') return send(...token(Object.fromEntries(new URLSearchParams(body))))
    if (pathname === '/revoke') {
      server.revoked.add(new URLSearchParams(body).get('token') ?? '')
      return send(200, {})
    }
    if (!access.has((request.headers.authorization ?? '').replace(/^Bearer /, '')))
      return send(401, { error: { code: 401, status: 'UNAUTHENTICATED' } })
    if (pathname === '/v4/users/me/identity')
      return send(200, { name: 'users/me/identity', healthUserId: server.healthUserId, legacyUserId: 'ABC123' })
    const asked = /^\/v4\/users\/me\/dataTypes\/([a-z0-9-]+)\/dataPoints(?::(\w+))?$/.exec(pathname)
    if (!asked) return send(404, {})
    if (refused.left > 0) {
      refused = { ...refused, left: refused.left - 1 }
      return send(refused.status, { error: { code: refused.status } }, refused.headers)
    }
    send(...data(asked[1] ?? '', asked[2] ?? 'list', query, body))
  }

  const keySet = (): Item => ({
    primaryKeyId: keys.at(-1)?.id,
    key: keys.map(({ id, value }) => ({
      keyData: {
        typeUrl: 'type.googleapis.com/google.crypto.tink.EcdsaPublicKey',
        value,
        keyMaterialType: 'ASYMMETRIC_PUBLIC',
      },
      status: 'ENABLED',
      keyId: id,
      outputPrefixType: 'TINK',
    })),
  })

  const http = createServer((request, response) => {
    handle(request, response).catch((error: Error) => response.writeHead(500).end(error.message))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const server: GoogleServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    healthUserId: 'h-0001',
    points: new Map(),
    rollups: new Map(),
    denied: new Set(),
    pageSize: 2,
    requests: [],
    refuse: (left, status, headers = {}) => {
      refused = { left, status, headers }
    },
    grant: (challenge) => {
      const code = randomUUID()
      codes.set(code, challenge)
      return code
    },
    sign(body) {
      const { id, privateKey } = keys.at(-1) as (typeof keys)[number]
      const prefix = Buffer.alloc(5)
      prefix[0] = 1
      prefix.writeUInt32BE(id, 1)
      const der = sign('sha256', Buffer.from(body), { key: privateKey, dsaEncoding: 'der' })
      return Buffer.concat([prefix, der]).toString('base64')
    },
    rotate() {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
      const field = (tag: number, bytes: Buffer) => Buffer.concat([Buffer.from([tag, bytes.length]), bytes])
      const parts = [
        field(0x12, Buffer.from([0x08, 3, 0x10, 2, 0x18, 2])),
        field(0x1a, Buffer.from(x, 'base64url')),
        field(0x22, Buffer.from(y, 'base64url')),
      ]
      keys.push({ id: 1000 + keys.length, privateKey, value: Buffer.concat(parts).toString('base64') })
    },
    keysStatus: 200,
    revoked: new Set(),
    close: () =>
      new Promise((resolve) => {
        http.closeAllConnections()
        http.close(() => resolve())
      }),
  }
  server.rotate()
  return server
}

interface Day {
  year: number
  month: number
  day: number
}

function dayMs({ year, month, day }: Day): number {
  return Date.UTC(year, month - 1, day)
}

/** The time of a point that a filter names, as text that sorts. */
function timeAt(item: Item, path: string): string {
  const camel = path.split('.').map((part) => part.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()))
  const [field = '', ...rest] = camel
  const last = rest.at(-1) ?? ''
  if (last === 'date') {
    const { year, month, day } = (item[field] as { date: Day }).date
    return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10)
  }
  // Civil times are not kept beside each point: they are the physical ones shifted by the offset.
  if (last === 'civilStartTime') {
    const { startTime, startUtcOffset = '0s' } = (
      item[field] as { interval: { startTime: string; startUtcOffset?: string } }
    ).interval
    return new Date(Date.parse(startTime) + Number(startUtcOffset.slice(0, -1)) * 1000).toISOString().slice(0, 19)
  }
  const value = rest.reduce<unknown>((inner, key) => (inner as Item)[key], item[field])
  return new Date(String(value)).toISOString()
}

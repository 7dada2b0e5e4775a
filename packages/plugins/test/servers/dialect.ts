import { createHmac, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  AurenError,
  defineWearable,
  type ObservationInput,
  type RawRequest,
  type Source,
  type WearablePlugin,
  type WebhookPlan,
} from '@auren/core'
import { z } from 'zod'

/** A request that the vendor was sent. */
export interface Asked {
  method: string
  path: string
  authorization: string | undefined
  form: Record<string, string>
}

/** An invented vendor that has every oddity of an OAuth dialect, and subscriptions. */
export interface DialectServer {
  url: string
  asked: Asked[]
  /** Requests of a path, oldest first. */
  to(path: string): Asked[]
  /** Access tokens that work. */
  tokens: Set<string>
  /** The next answers, by path; then the usual ones. */
  next: Map<string, { status: number; headers?: Record<string, string>; body?: unknown }[]>
  /** Answers not before this. */
  holds: Promise<void> | null
  close(): Promise<void>
}

/** Its secret. */
export const secret = 'dialect secret'

/** Starts it on a free loopback port. */
export async function startDialect(): Promise<DialectServer> {
  const refresh = new Set<string>()
  const issue = (): unknown => {
    const pair = { access_token: `access-${randomUUID()}`, refresh_token: `refresh-${randomUUID()}` }
    server.tokens.add(pair.access_token)
    refresh.add(pair.refresh_token)
    // Wrapped, with a number as text, and the account in it.
    return { status: 0, body: { ...pair, expires_in: '3600', userid: 77 } }
  }
  const usual = ({ path, form, authorization }: Asked): [number, unknown] => {
    if (path === '/token') {
      const basic = `Basic ${Buffer.from('my%3Aclient:s%C3%A9cret+%2B').toString('base64')}`
      if (authorization !== basic || form.action !== 'requesttoken' || 'client_secret' in form) return [401, {}]
      const fresh =
        form.grant_type === 'authorization_code' ? form.code === 'code' : refresh.delete(form.refresh_token ?? '')
      return fresh ? [200, issue()] : [400, {}]
    }
    if (path === '/application') return [200, {}]
    return server.tokens.has((authorization ?? '').replace('Bearer ', '')) ? [200, {}] : [401, {}]
  }
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const asked: Asked = {
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization,
      form: Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString())),
    }
    server.asked.push(asked)
    await server.holds
    const odd = server.next.get(asked.path)?.shift()
    const [status, body] = odd ? [odd.status, odd.body ?? {}] : usual(asked)
    response.writeHead(status, { 'content-type': 'application/json', ...odd?.headers }).end(JSON.stringify(body))
  }
  const http = createServer((request, response) => {
    handle(request, response).catch((error: Error) => response.writeHead(500).end(error.message))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const server: DialectServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    asked: [],
    to: (path) => server.asked.filter((one) => one.path === path),
    tokens: new Set(),
    next: new Map(),
    holds: null,
    close: () =>
      new Promise((resolve) => {
        http.closeAllConnections()
        http.close(() => resolve())
      }),
  }
  return server
}

const Payload = z.object({ clocks: z.array(z.object({ at: z.iso.datetime({ local: true }), bpm: z.number() })) })
const source: Source = { name: 'Dialect watch', type: 'watch' }

/** Its plugin: floating clocks, every field of the OAuth dialect, subscriptions of the connection or the application. */
export function dialect(
  server: DialectServer,
  { of = 'connection', ...more }: { of?: 'application' | 'connection' } & Partial<WearablePlugin> = {},
): WearablePlugin {
  const post = (path: string) => `${server.url}${path}`
  return {
    ...defineWearable({
      kind: 'wearable',
      id: 'dialect',
      version: '1.0.0',
      payload: Payload,
      *normalize({ clocks }, ctx): Iterable<ObservationInput> {
        for (const { at, bpm } of clocks) {
          const zone = ctx.zoneAt(Date.parse(`${at}Z`))
          // Enough for what is tested: the zone that was said stands in the record's name.
          yield {
            shape: 'sample',
            metric: 'heart_rate',
            start: Date.parse(`${at}Z`),
            value: bpm,
            unit: '/min',
            source,
            offset: null,
            zoneBasis: 'floating',
            recordId: `${zone}`,
          }
        }
      },
      hosts: [new URL(server.url).host],
      webhook: {
        verify: ({ headers, body }) =>
          headers['x-sign'] === createHmac('sha256', secret).update(body).digest('hex')
            ? { ok: true }
            : { ok: false, reason: 'no' },
        plan: (body) => body as WebhookPlan<z.infer<typeof Payload>>[],
      },
      oauth: {
        authorizeUrl: post('/authorize'),
        tokenUrl: post('/token'),
        scopes: ['a', 'b'],
        scopeSeparator: ',',
        clientId: 'my:client',
        clientSecret: 'sécret +',
        clientAuth: 'basic',
        pkce: true,
        authorizeParams: { prompt: 'consent' },
        tokenParams: { action: 'requesttoken' },
        unwrap: (answer) => (answer as { body: unknown }).body,
        account: async (_fetch, _token, answer) => String((answer as { userid: number }).userid),
        async connected(fetch, token, account) {
          const answer = await fetch(post(`/users/${account}`), {
            method: 'POST',
            headers: { authorization: `Bearer ${token}` },
          })
          if (answer.status !== 200) throw new Error('not registered')
        },
        async disconnected(fetch, token, account) {
          await fetch(post(`/users/${account}`), { method: 'DELETE', headers: { authorization: `Bearer ${token}` } })
        },
      },
      pull: {
        everyMs: 30 * 24 * 3_600_000,
        async *all(ctx) {
          await ctx.fetch(post('/all'))
          yield { payload: { clocks: [] } }
        },
      },
      subscription: {
        of,
        everyMs: 24 * 3_600_000,
        async maintain(ctx) {
          const times = Number(ctx.state.times ?? 0) + 1
          const form = { callback: ctx.callbackUrl, account: ctx.account ?? '', times: String(times) }
          const answer = await ctx.fetch(post(of === 'application' ? '/application' : '/subscriptions'), {
            method: 'POST',
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: new URLSearchParams(form).toString(),
          })
          if (answer.status === 429) throw limited(answer.headers['retry-after'])
          if (answer.status !== 200) throw new Error(`status ${answer.status}`)
          return { times }
        },
        async cancel(ctx) {
          await ctx.fetch(post(`/subscriptions/${ctx.account}/${ctx.state.times}`), { method: 'DELETE' })
        },
      },
    }),
    ...more,
  } as WearablePlugin
}

/** A delivery of its webhook. */
export function delivery(plans: unknown[]): RawRequest {
  const body = Buffer.from(JSON.stringify(plans))
  const sign = createHmac('sha256', secret).update(body).digest('hex')
  return { method: 'POST', headers: { 'x-sign': sign }, query: {}, body, now: 0 }
}

function limited(wait: string | undefined): Error {
  return new AurenError('AUREN_VENDOR_LIMIT', 'slow down', { retryAfter: Number(wait) })
}

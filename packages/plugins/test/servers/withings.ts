import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Item = Record<string, unknown>

/**
 * A local server that behaves as Withings' API does: every answer has HTTP status 200 and says in its body how it went;
 * tokens by `action=requesttoken` with refresh tokens that work once; pages by offset; notifications with their list.
 */
export interface WithingsServer {
  url: string
  userid: number
  /** Groups of measures, nights, workouts, days; `modified` is what `lastupdate` is held against. */
  groups: Item[]
  nights: Item[]
  workouts: Item[]
  days: Item[]
  /** States by Unix second of the night's start. */
  states: Map<number, Item[]>
  profiles: { appli: number; callbackurl: string; expires: number }[]
  requests: { path: string; form: Record<string, string> }[]
  pageSize: number
  /** The next n data requests are answered with this status in the body. */
  refuse(n: number, status: number): void
  grant(): string
  close(): Promise<void>
}

/** Starts the server on a free loopback port. */
export async function startWithings(options: { clientId: string; clientSecret: string }): Promise<WithingsServer> {
  const codes = new Set<string>()
  const access = new Set<string>()
  const refresh = new Set<string>()
  let refused = { left: 0, status: 0 }

  const issue = (): Item => {
    const pair = { access_token: `access-${randomUUID()}`, refresh_token: `refresh-${randomUUID()}` }
    access.add(pair.access_token)
    refresh.add(pair.refresh_token)
    return {
      status: 0,
      body: { userid: server.userid, ...pair, expires_in: 10_800, scope: 'user.metrics', token_type: 'Bearer' },
    }
  }

  const tokens = (form: Record<string, string>): Item => {
    if (form.action !== 'requesttoken') return { status: 2554, body: {}, error: 'Not implemented' }
    if (form.client_id !== options.clientId || form.client_secret !== options.clientSecret)
      return { status: 503, body: {}, error: 'Invalid Params: invalid client_id' }
    if (form.grant_type === 'authorization_code' && codes.delete(form.code ?? '')) return issue()
    if (form.grant_type === 'refresh_token' && refresh.delete(form.refresh_token ?? '')) return issue()
    return { status: 503, body: {}, error: 'Invalid Params' }
  }

  const page = (items: Item[], name: string, form: Record<string, string>, more: Item = {}): Item => {
    const from = Number(form.offset ?? 0)
    const next = from + server.pageSize
    return {
      status: 0,
      body: {
        ...more,
        [name]: items.slice(from, next),
        ...(next < items.length ? { more: true, offset: next } : { more: false, offset: 0 }),
      },
    }
  }

  const within = (items: Item[], form: Record<string, string>, at: string): Item[] =>
    items.filter((item) => {
      if (form.lastupdate !== undefined) return Number(item.modified) >= Number(form.lastupdate)
      const second = Number(item[at])
      if (form.startdateymd !== undefined) {
        const day = new Date(second * 1000).toISOString().slice(0, 10)
        return day >= form.startdateymd && day <= String(form.enddateymd)
      }
      return second >= Number(form.startdate) && second <= Number(form.enddate)
    })

  const notify = (form: Record<string, string>): Item => {
    const same = (profile: { appli: number; callbackurl: string }): boolean =>
      profile.appli === Number(form.appli) && profile.callbackurl === form.callbackurl
    if (form.action === 'list') return { status: 0, body: { profiles: server.profiles } }
    if (form.action === 'subscribe') {
      if (!server.profiles.some(same))
        server.profiles.push({
          appli: Number(form.appli),
          callbackurl: String(form.callbackurl),
          expires: 2_147_483_647,
        })
      return { status: 0, body: {} }
    }
    const before = server.profiles.length
    server.profiles = server.profiles.filter((profile) => !same(profile))
    return server.profiles.length < before ? { status: 0, body: {} } : { status: 294, body: {} }
  }

  const answer = (path: string, form: Record<string, string>): Item => {
    switch (`${path} ${form.action}`) {
      case '/measure getmeas':
        return page(within(server.groups, form, 'date'), 'measuregrps', form, { timezone: 'Europe/Berlin' })
      case '/v2/measure getactivity':
        return page(within(server.days, form, 'modified'), 'activities', form)
      case '/v2/measure getworkouts':
        return page(within(server.workouts, form, 'startdate'), 'series', form)
      case '/v2/measure getintradayactivity':
        return { status: 0, body: { series: [] } }
      case '/v2/sleep getsummary':
        return page(within(server.nights, form, 'startdate'), 'series', form)
      case '/v2/sleep get':
        return { status: 0, body: { series: server.states.get(Number(form.startdate)) ?? [] } }
      default:
        return path === '/notify' ? notify(form) : { status: 2554, body: {} }
    }
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
    const send = (body: Item): void => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    server.requests.push({ path: pathname, form })
    if (pathname === '/v2/oauth2') return send(tokens(form))
    const bearer = (request.headers.authorization ?? '').replace(/^Bearer /, '')
    if (!access.has(bearer)) return send({ status: 401, body: {}, error: 'XRequestID: invalid_token' })
    if (refused.left > 0) {
      refused = { ...refused, left: refused.left - 1 }
      return send({ status: refused.status, body: {}, error: 'Too many request' })
    }
    send(answer(pathname, form))
  }

  const http = createServer((request, response) => {
    handle(request, response).catch((error: Error) => response.writeHead(500).end(error.message))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))

  const server: WithingsServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    userid: 4_711_001,
    groups: [],
    nights: [],
    workouts: [],
    days: [],
    states: new Map(),
    profiles: [],
    requests: [],
    pageSize: 2,
    refuse: (n, status) => {
      refused = { left: n, status }
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

import { randomUUID } from 'node:crypto'
import {
  type AnsweredRequest,
  numberedPage,
  startVendorServer,
  type VendorAnswer,
  type VendorRequest,
} from '@auren/core/testing'

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
  requests: AnsweredRequest[]
  deauthorized: number
  /** Asks the address of a subscription, as Strava does before it takes it. */
  ask(url: URL): string
  limit(n: number, headers: Record<string, string>): void
  grant(): string
  close(): Promise<void>
}

/** Starts the server on a free loopback port. */
export async function startStrava(options: { clientId: string; clientSecret: string }): Promise<StravaServer> {
  const isOurs = (form: URLSearchParams): boolean =>
    form.get('client_id') === options.clientId && form.get('client_secret') === options.clientSecret

  const subscriptions = ({ method, params, query, form: sent }: VendorRequest): VendorAnswer => {
    const form = new URLSearchParams([...query, ...Object.entries(sent)])
    if (!isOurs(form)) return { status: 401, body: { message: 'Authorization Error' } }
    if (method === 'GET') return { body: server.subscriptions }
    if (method === 'DELETE') {
      const before = server.subscriptions.length
      server.subscriptions = server.subscriptions.filter((one) => String(one.id) !== params.id)
      return server.subscriptions.length < before
        ? { status: 204 }
        : { status: 404, body: { message: 'Record Not Found' } }
    }
    if (server.subscriptions.length > 0) return { status: 400, body: { errors: [{ code: 'already exists' }] } }
    const url = new URL(form.get('callback_url') ?? '')
    const challenge = randomUUID()
    url.searchParams.set('hub.mode', 'subscribe')
    url.searchParams.set('hub.challenge', challenge)
    url.searchParams.set('hub.verify_token', form.get('verify_token') ?? '')
    const body = server.ask(url)
    server.challenged.push(body)
    if (body !== JSON.stringify({ 'hub.challenge': challenge }))
      return { status: 400, body: { errors: [{ code: 'not verifiable' }] } }
    const made = { id: 120_475, callback_url: form.get('callback_url') ?? '' }
    server.subscriptions.push(made)
    return { status: 201, body: { id: made.id } }
  }

  const listed = ({ query }: VendorRequest): VendorAnswer => {
    const after = Number(query.get('after'))
    const all = server.activities
      .filter((one) => Date.parse(String(one.start_date)) / 1000 > after && one.private !== true)
      .map(({ calories: _calories, laps: _laps, description: _description, ...summary }) => summary)
    return { body: numberedPage(all, Number(query.get('page')), Number(query.get('per_page'))).items }
  }
  const missing: VendorAnswer = { status: 404, body: { message: 'Record Not Found' } }
  const found = (id: string | undefined): Item | undefined =>
    server.activities.find((one) => String(one.id) === id && one.private !== true)

  const vendor = await startVendorServer({
    oauth: {
      ...options,
      tokenPath: '/api/v3/oauth/token',
      refresh: 'rotate',
      accessMs: 21_600_000,
      answer: (tokens) => ({
        ...tokens,
        token_type: 'Bearer',
        expires_at: 1_800_000_000,
        athlete: { id: server.athlete, firstname: 'Robin' },
      }),
      refuse: (error) =>
        error === 'invalid_client'
          ? { status: 401, body: { message: 'Authorization Error' } }
          : { status: 400, body: { message: 'Bad Request' } },
    },
    unauthorized: () => ({ status: 401, body: { message: 'Authorization Error' } }),
    routes: {
      'GET /api/v3/push_subscriptions': { open: subscriptions },
      'POST /api/v3/push_subscriptions': { open: subscriptions },
      'DELETE /api/v3/push_subscriptions/{id}': { open: subscriptions },
      'POST /oauth/deauthorize': () => {
        server.deauthorized++
        return { body: {} }
      },
      'GET /api/v3/athlete': () => ({ body: { id: server.athlete } }),
      'GET /api/v3/athlete/activities': listed,
      'GET /api/v3/activities/{id}': ({ params }) => (found(params.id) ? { body: found(params.id) } : missing),
      'GET /api/v3/activities/{id}/streams': ({ params: { id = '' } }) =>
        found(id) && server.streams.has(id) ? { body: server.streams.get(id) } : missing,
    },
  })
  const server: StravaServer = {
    url: vendor.url,
    athlete: 134_815,
    activities: [],
    streams: new Map(),
    subscriptions: [],
    challenged: [],
    get requests() {
      return vendor.requests
    },
    set requests(held) {
      vendor.requests = held
    },
    deauthorized: 0,
    ask: () => '',
    limit: (n, headers) => vendor.limit(n, { headers, body: { message: 'Rate Limit Exceeded' } }),
    grant: () => vendor.oauth.grant(),
    close: () => vendor.close(),
  }
  return server
}

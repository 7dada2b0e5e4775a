import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

type Doc = Record<string, unknown>

/** A site: documents by collection, an access token, a secret. */
export interface NightscoutServer {
  url: string
  host: string
  token: string
  secret: string
  units: string
  kept: { entries: Doc[]; treatments: Doc[] }
  /** Addresses that were asked for, decoded. */
  requests: string[]
  /** Whether there is an API v3. */
  v3: boolean
  /** Documents of one page by the API v3 (API3_MAX_LIMIT). */
  mostDocs: number
  /** Answers the next requests with a status. */
  refuse(status: number, times: number): void
  close(): Promise<void>
}

/** A site as cgm-remote-monitor answers: API v1 by time, API v3 with what was changed, tokens exchanged for short ones. */
export async function startNightscout(): Promise<NightscoutServer> {
  let refusing = { status: 0, times: 0 }
  const jwt = 'header.payload.signature'
  const site: NightscoutServer = {
    url: '',
    host: '',
    token: 'reader-0123456789abcdef',
    secret: 'a secret of more than twelve letters',
    units: 'mmol',
    kept: { entries: [], treatments: [] },
    requests: [],
    v3: true,
    mostDocs: 1000,
    refuse(status, times) {
      refusing = { status, times }
    },
    close: () =>
      new Promise((resolve) => {
        http.closeAllConnections()
        http.close(() => resolve())
      }),
  }
  const hash = (): string => createHash('sha1').update(site.secret).digest('hex')

  const answer = (request: IncomingMessage): { status: number; body: unknown } => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const [, api, version, name = '', action, since] = pathname.split('/')
    if (api !== 'api') return { status: 404, body: {} }
    if (version === 'v2')
      return pathname === `/api/v2/authorization/request/${site.token}`
        ? { status: 200, body: { token: jwt, sub: 'reader', iat: 0, exp: 3600 } }
        : { status: 401, body: { status: 401, message: 'Unauthorized' } }
    const bearer = request.headers.authorization === `Bearer ${jwt}`
    const collection = name.replace(/\.json$/, '')
    if (version === 'v1') {
      if (!bearer && request.headers['api-secret'] !== hash()) return { status: 401, body: { status: 401 } }
      if (collection === 'status') return { status: 200, body: { status: 'ok', settings: { units: site.units } } }
      return { status: 200, body: byTime(collection, searchParams) }
    }
    if (!site.v3) return { status: 404, body: {} }
    if (!bearer) return { status: 401, body: { status: 401, message: 'Missing or bad access token or JWT' } }
    if (action !== 'history') return { status: 404, body: {} }
    const changed = docsOf(collection)
      .filter((doc) => Number(doc.srvModified) > Number(since))
      .sort((a, b) => Number(a.srvModified) - Number(b.srvModified))
      .slice(0, site.mostDocs)
      .map(({ _id, ...doc }) => ({ ...doc, identifier: doc.identifier ?? _id }))
    return { status: 200, body: { status: 200, result: changed } }
  }
  const docsOf = (collection: string): Doc[] => (collection === 'entries' ? site.kept.entries : site.kept.treatments)
  const byTime = (collection: string, query: URLSearchParams): Doc[] => {
    const field = collection === 'entries' ? 'date' : 'created_at'
    const at = (doc: Doc): number => new Date(doc[field] as string | number).getTime()
    const bound = (which: string): number => {
      const text = query.get(`find[${field}][${which}]`) ?? ''
      return /^\d+$/.test(text) ? Number(text) : Date.parse(text)
    }
    return docsOf(collection)
      .filter((doc) => at(doc) >= bound('$gte') && at(doc) <= bound('$lte'))
      .sort((a, b) => at(b) - at(a))
      .slice(0, Number(query.get('count') ?? 10))
  }

  const http = createServer((request, response) => {
    site.requests.push(decodeURIComponent(request.url ?? ''))
    const refused = refusing.times > 0
    if (refused) refusing.times--
    const { status, body } = refused ? { status: refusing.status, body: {} } : answer(request)
    const headers = status === 429 ? { 'retry-after': '9' } : {}
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  site.host = `127.0.0.1:${(http.address() as AddressInfo).port}`
  site.url = `http://${site.host}`
  return site
}

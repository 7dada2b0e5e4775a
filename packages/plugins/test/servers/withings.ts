import { type AnsweredRequest, offsetPage, startVendorServer } from '@auren/core/testing'

type Item = Record<string, unknown>
type Form = Readonly<Record<string, string>>

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
  requests: AnsweredRequest[]
  pageSize: number
  /** The next n data requests are answered with this status in the body. */
  refuse(n: number, status: number): void
  grant(): string
  close(): Promise<void>
}

/** Starts the server on a free loopback port. */
export async function startWithings(options: { clientId: string; clientSecret: string }): Promise<WithingsServer> {
  const page = (items: Item[], name: string, form: Form, more: Item = {}): Item => {
    const { items: found, next } = offsetPage(items, Number(form.offset ?? 0), server.pageSize)
    return { status: 0, body: { ...more, [name]: found, more: next !== null, offset: next ?? 0 } }
  }

  const within = (items: Item[], form: Form, at: string): Item[] =>
    items.filter((item) => {
      if (form.lastupdate !== undefined) return Number(item.modified) >= Number(form.lastupdate)
      const second = Number(item[at])
      if (form.startdateymd !== undefined) {
        const day = new Date(second * 1000).toISOString().slice(0, 10)
        return day >= form.startdateymd && day <= String(form.enddateymd)
      }
      return second >= Number(form.startdate) && second <= Number(form.enddate)
    })

  const notify = (form: Form): Item => {
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

  const answer = (path: string, form: Form): Item => {
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

  const vendor = await startVendorServer({
    oauth: {
      ...options,
      tokenPath: '/v2/oauth2',
      refresh: 'rotate',
      accessMs: 10_800_000,
      tokenFields: { action: 'requesttoken' },
      answer: (tokens) => ({
        status: 0,
        body: { userid: server.userid, ...tokens, token_type: 'Bearer', scope: 'user.metrics' },
      }),
      refuse: (error) => ({
        body:
          error === 'invalid_request'
            ? { status: 2554, body: {}, error: 'Not implemented' }
            : { status: 503, body: {}, error: 'Invalid Params' },
      }),
    },
    unauthorized: () => ({ body: { status: 401, body: {}, error: 'XRequestID: invalid_token' } }),
    routes: { 'POST /*': ({ path, form }) => ({ body: answer(path, form) }) },
  })
  const server: WithingsServer = {
    url: vendor.url,
    userid: 4_711_001,
    groups: [],
    nights: [],
    workouts: [],
    days: [],
    states: new Map(),
    profiles: [],
    get requests() {
      return vendor.requests
    },
    set requests(held) {
      vendor.requests = held
    },
    pageSize: 2,
    refuse: (n, status) => vendor.misbehave(n, { body: { status, body: {}, error: 'Too many request' } }),
    grant: () => vendor.oauth.grant(),
    close: () => vendor.close(),
  }
  return server
}

import type { AurenError, Fetch, PullContext } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { nightscout } from '../src/wearables/nightscout/index.js'
import { type NightscoutServer, startNightscout } from './servers/nightscout.js'

const now = Date.parse('2026-06-10T12:00:00Z')
const minutes = 60_000
const days = 24 * 60 * minutes

let site: NightscoutServer
beforeAll(async () => {
  site = await startNightscout()
})
afterAll(() => site.close())
beforeEach(() => {
  site.kept = { entries: [], treatments: [] }
  site.requests = []
  site.v3 = true
  site.mostDocs = 1000
  site.refuse(0, 0)
})

const local = () => nightscout({ privateSites: site.url })
const sent: { url: string; credentials: string | undefined }[] = []
const bare: Fetch = async (url, init) => {
  sent.push({ url, credentials: init?.credentials })
  const answer = await fetch(url, { headers: init?.headers ?? {}, redirect: 'error' })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    text: async () => text,
    bytes: async () => Buffer.from(text),
    json: async () => JSON.parse(text) as unknown,
  }
}
const ctx = (more: Partial<PullContext> = {}): PullContext => ({
  account: site.host,
  secret: site.token,
  fetch: bare,
  now,
  state: {},
  signal: new AbortController().signal,
  ...more,
})
interface Doc {
  _id?: string
  identifier?: string
}
const pull = async (more: Partial<PullContext> = {}, plugin = local()) => {
  const ids: string[] = []
  const units = new Set<unknown>()
  let state = more.state ?? {}
  for await (const page of plugin.pull!.all(ctx(more))) {
    const { collection, records, units: shown } = plugin.payload.parse(page.payload)
    ids.push(...(records as Doc[]).map(({ _id, identifier }) => `${collection}/${identifier ?? _id}`))
    units.add(shown)
    state = JSON.parse(JSON.stringify(page.state ?? state))
  }
  return { ids, state, units: [...units] }
}
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: AurenError) => error,
  )
const entry = (_id: string, date: number) => ({ _id, type: 'sgv', sgv: 100, date })
const treatment = (_id: string, at: number, more: object = {}) => ({
  _id,
  eventType: 'Carb Correction',
  carbs: 20,
  created_at: new Date(at).toISOString(),
  ...more,
})

describe('the site', () => {
  it('is named by where it is, and refused without a token, or with an address that is none or that has a token in it', () => {
    const spec = nightscout().site!
    const given = (url: string, token = 't') => spec.given.safeParse({ url, token })
    expect(given('https://site.example', ' ').success).toBe(false)
    for (const url of [
      '',
      'site',
      'ftp://site.example',
      'https://site.example/?token=reader-0123456789abcdef',
      'https://me:secret@site.example',
    ])
      expect(given(url).error?.issues[0], url).toMatchObject({
        path: ['url'],
        message: expect.not.stringMatching(/reader|secret/),
      })
    const accounts = ['https://Site.example/', 'http://site.example', 'https://site.example:8443/sub/'].map((url) =>
      spec.accountOf({ url, token: 't' }),
    )
    expect(accounts).toEqual(['site.example', 'site.example', 'site.example:8443/sub'])
    expect(accounts.map(spec.hostOf)).toEqual(['site.example', 'site.example', 'site.example:8443'])
    expect(() => nightscout({ privateSites: 'home' })).toThrow(/privateSites has something/)
  })

  it('is opened with an access token that is exchanged, or with the secret as its hash; no token of the connection goes along', async () => {
    site.kept.entries = [entry('a', now - days)]
    sent.length = 0
    expect((await pull()).ids).toEqual(['entries/a'])
    expect(site.requests[0]).toBe(`/api/v2/authorization/request/${site.token}`)
    expect(site.requests.slice(1).filter((path) => path.includes(site.token))).toEqual([])
    site.requests = []
    expect((await pull({ secret: site.secret })).ids).toEqual(['entries/a'])
    expect(site.requests.filter((path) => path.includes('secret') || path.includes('/v3/'))).toEqual([])
    expect(new Set(sent.map(({ credentials }) => credentials))).toEqual(new Set(['omit']))
  })

  it('that does not take the token says so, and the token is in no message', async () => {
    for (const token of ['other-0123456789abcdef', 'another secret of the operator']) {
      const error = await failure(pull({ secret: token }))
      expect(error).toMatchObject({ code: 'AUREN_VENDOR_UNAUTHORIZED' })
      expect(String(error?.message)).not.toContain(token)
    }
  })

  it('is asked over https, unless the operator has named it otherwise', async () => {
    sent.length = 0
    const error = await failure(
      pull({ account: 'site.example/sub', fetch: async (url) => Promise.reject(new Error(url)) }),
    )
    expect(error?.message).toBe(`https://site.example/sub/api/v2/authorization/request/${site.token}`)
    await pull()
    expect(sent.length).toBeGreaterThan(0)
    expect(sent.every(({ url }) => url.startsWith(`${site.url}/api/`))).toBe(true)
  })
})

describe('the pull', () => {
  it('goes back through all years, page by page, and loses nothing at their edges', async () => {
    site.kept.entries = Array.from({ length: 2500 }, (_, i) => entry(`g${i}`, now - Math.floor(i / 3) * 5 * minutes))
    site.kept.treatments = [treatment('old', Date.parse('2014-05-01T08:00:00Z')), treatment('new', now - days)]
    const { ids, units } = await pull()
    expect(new Set(ids).size).toBe(2502)
    expect(units).toEqual(['mmol'])
    expect(site.requests.filter((path) => path.startsWith('/api/v1/entries'))).toHaveLength(3)
  })

  it('ends where a page is of one millisecond', async () => {
    site.kept.entries = [
      ...Array.from({ length: 1000 }, (_, i) => entry(`g${i}`, now - days)),
      entry('before', now - 2 * days),
    ]
    expect(new Set((await pull()).ids).size).toBe(1001)
  })

  it('reads the last two days again, and no more', async () => {
    site.kept.entries = [entry('old', now - 20 * days), entry('a', now - days)]
    const { state } = await pull()
    site.kept.entries.push(entry('late', now - 1.5 * days))
    site.requests = []
    expect((await pull({ now: now + minutes, state })).ids.sort()).toEqual(['entries/a', 'entries/late'])
    expect(site.requests.filter((path) => path.startsWith('/api/v1/entries'))).toHaveLength(1)
  })

  it('goes on where it broke off, and then has what has come since', async () => {
    site.kept.entries = Array.from({ length: 2500 }, (_, i) => entry(`g${i}`, now - i * 5 * minutes))
    let state: Record<string, unknown> = {}
    for await (const page of local().pull!.all(ctx())) {
      state = JSON.parse(JSON.stringify(page.state))
      break
    }
    site.kept.entries.push(entry('new', now + 10 * minutes))
    const { ids } = await pull({ now: now + 15 * minutes, state })
    expect(ids).toContain('entries/g2499')
    expect(ids).toContain('entries/new')
    // The page that was kept is not asked for once more, but for its edge and for the two days.
    expect(new Set(ids).size).toBe(1501 + 1 + 2 * 24 * 12 + 1)
  })

  it('hears of changes and deletions of old documents, and of each once', async () => {
    site.kept.treatments = [
      { ...treatment('x', now - 90 * days), identifier: 'v3', srvModified: now - 90 * days },
      treatment('v1', now - 90 * days),
    ]
    const { state } = await pull()
    const later = now + 3 * days
    site.kept.treatments = [
      { ...treatment('x', now - 90 * days), identifier: 'v3', srvModified: later - minutes, isValid: false },
    ]
    const changed = await pull({ now: later, state })
    expect(changed.ids).toEqual(['treatments/v3', 'treatments/v3'])
    site.requests = []
    // The last one is asked for again, for others may be of its millisecond.
    expect((await pull({ now: later + days, state: changed.state })).ids).toEqual(['treatments/v3'])
  })

  it('has all changes, however few the site gives at once', async () => {
    const { state } = await pull()
    site.mostDocs = 2
    site.kept.treatments = [1, 2, 3, 4, 5].map((i) => ({
      ...treatment(`t${i}`, now - 90 * days),
      srvModified: now + i * minutes,
    }))
    expect(new Set((await pull({ now: now + days, state })).ids).size).toBe(5)
  })

  it('does without changes where the site has no API v3', async () => {
    site.v3 = false
    site.kept.treatments = [treatment('v1', now - days)]
    expect((await pull()).ids).toEqual(['treatments/v1'])
  })

  it('waits as long as it is told, and tries again what fails for a while', async () => {
    site.refuse(429, 1)
    expect(await failure(pull())).toMatchObject({ code: 'AUREN_VENDOR_LIMIT', retryAfter: 9 })
    site.refuse(502, 1)
    expect(await failure(pull())).toMatchObject({ code: 'AUREN_VENDOR_FAILED', retryable: true })
  })
})

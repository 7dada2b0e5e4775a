import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { boundedFetch } from '../../../core/src/ingest/fetch.js'
import { startTwo, type Two } from './two-persons.js'

const servers: Server[] = []
let two: Two
beforeAll(async () => {
  two = await startTwo()
  const { here, ann, oura } = two
  const code = oura.grant()
  const { state } = (await two.call('biometric', 'POST', '/v1/connections/oura', ann.token)).json
  const path = `/v1/connections/oura/callback?code=${code}&state=${encodeURIComponent(state as string)}`
  expect((await two.call('biometric', 'GET', path, null)).status).toBe(200)
  await here.auren.ingest.settled()
})
afterAll(async () => {
  for (const server of servers) server.closeAllConnections()
  for (const server of servers) server.close()
  await two?.close()
})

const stored = async (): Promise<string[]> =>
  (
    await two.here.auren.longTerm.sessions(
      { user: two.ann.user, purpose: 'display' },
      { from: '2000-01-01', to: '2040-01-01', all: true },
    )
  ).map(({ recordId }) => recordId ?? '')
const aside = async (): Promise<{ reason: string }[]> =>
  two.here.auren.ingest.quarantine.list({ user: two.ann.user, limit: 1000 })
const night = (id: string, change: Record<string, unknown> = {}): Record<string, unknown> => ({
  id,
  day: '2026-11-20',
  type: 'long_sleep',
  bedtime_start: '2026-11-19T23:00:00.000+01:00',
  bedtime_end: '2026-11-20T07:00:00.000+01:00',
  total_sleep_duration: 25_200,
  time_in_bed: 28_800,
  average_hrv: 50,
  ...change,
})

describe('a vendor that answers wrongly (C25)', () => {
  it('negative, endless and reversed durations are set aside or left out, never stored', async () => {
    const odd = [
      night('negative', { total_sleep_duration: -25_200 }),
      night('endless', { total_sleep_duration: 1e300 }),
      night('reversed', {
        bedtime_start: '2026-11-20T07:00:00.000+01:00',
        bedtime_end: '2026-11-19T23:00:00.000+01:00',
      }),
      night('text', { total_sleep_duration: '25200; drop table auren.inbox' }),
      night('timeless', { bedtime_start: 'yesterday' }),
    ]
    two.oura.collections.set('sleep', odd)
    const before = (await aside()).length
    for (const { id } of odd) expect((await two.notify({ object_id: id })).status).toBe(200)
    await two.here.auren.ingest.settled()
    const sessions = await two.here.auren.longTerm.sessions(
      { user: two.ann.user, purpose: 'display' },
      { from: '2000-01-01', to: '2040-01-01', all: true },
    )
    for (const { measures, start, end } of sessions) {
      expect(end).toBeGreaterThan(start)
      const duration = measures.sleep_duration
      if (duration != null) expect(duration).toSatisfy((seconds: number) => seconds >= 0 && seconds <= 86_400)
    }
    expect((await aside()).length).toBeGreaterThan(before)
    expect(sessions.map(({ recordId }) => recordId)).not.toContain('sleep/reversed')
  })

  it('a notification about an account of nobody reaches nobody’s data, whatever object it names', async () => {
    const before = await stored()
    const asked = two.oura.requests.length
    expect((await two.notify({ user_id: 'somebody else', object_id: 'negative' })).status).toBe(200)
    expect((await two.notify({ user_id: two.ann.user, object_id: 'negative', event_type: 'delete' })).status).toBe(200)
    await two.here.auren.ingest.settled()
    expect(await stored()).toEqual(before)
    expect(two.oura.requests.length).toBe(asked)
  })

  it('an object id cannot lead elsewhere on the vendor’s server', async () => {
    for (const id of ['../../../oauth/token', 'x/../../personal_info', 'a?access_token=1#b', 'a\r\nhost: evil'])
      expect((await two.notify({ object_id: id })).status).toBeLessThan(500)
    await two.here.auren.ingest.settled()
    for (const { path } of two.oura.requests)
      expect(path).toMatch(/^\/(v2\/usercollection\/[a-z0-9_]+(\/[^/?#]+)?(\?|$)|oauth\/token$)/i)
  })

  // What fails is tried again later, so this comes last.
  it.each([
    ['HTML with 200', { status: 200, body: '<html>Sign in</html>', type: 'text/html' }],
    ['HTML that says it is JSON', { status: 200, body: '<!doctype html><p>{}</p>' }],
    ['nothing', { status: 200, body: '' }],
    ['a list', { status: 200, body: '[]' }],
    ['null', { status: 200, body: 'null' }],
    ['a document of somebody else’s', { status: 200, body: JSON.stringify(night('of-somebody-else')) }],
    ['a redirect', { status: 302, body: '' }],
    ['a page where a document was asked for', { status: 200, body: JSON.stringify({ data: [night('paged')] }) }],
  ])('%s: stores nothing, and the services go on', async (_name, answer) => {
    const before = await stored()
    two.oura.misbehave(1, answer)
    expect((await two.notify({ object_id: `asked-${_name.length}` })).status).toBe(200)
    await expect.poll(() => two.oura.requests.at(-1)?.path, { timeout: 30_000 }).toContain(`asked-${_name.length}`)
    two.oura.misbehave(0, answer)
    expect(await stored()).toEqual(before)
    expect((await two.call('neuros', 'GET', '/readyz', null)).status).toBe(200)
  })
})

describe('a vendor that answers too much, or too slowly (C25)', () => {
  const serve = async (handler: RequestListener): Promise<string> => {
    const server = createServer(handler)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const plugin = (url: string): { id: string; hosts: string[] } => ({ id: 'vendor', hosts: [new URL(url).host] })

  it('is left at 32 MiB of 100 MB', async () => {
    let sent = 0
    const url = await serve((_request, response) => {
      const chunk = Buffer.alloc(1_000_000, 'x')
      const more = (): void => {
        while (sent < 100_000_000 && !response.destroyed) {
          sent += chunk.length
          if (!response.write(chunk)) return void response.once('drain', more)
        }
        if (!response.destroyed) response.end()
      }
      more()
    })
    await expect(boundedFetch(plugin(url))(url)).rejects.toMatchObject({
      code: 'AUREN_VENDOR_FAILED',
      retryable: false,
    })
    expect(sent).toBeLessThan(60_000_000)
  })

  it('is left where it says 100 MB in a bomb: nothing is decompressed', async () => {
    let accepted: string | undefined
    const url = await serve((request, response) => {
      accepted = request.headers['accept-encoding']
      response.setHeader('content-encoding', 'gzip').end('{"not":"packed"}')
    })
    const answer = await boundedFetch(plugin(url))(url)
    expect(accepted).toBe('identity')
    expect(await answer.text()).toBe('{"not":"packed"}')
  })

  it('is left when its time is over, also where a byte comes now and then', async () => {
    const timers: NodeJS.Timeout[] = []
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('[')
      timers.push(setInterval(() => response.write(' '), 20))
    })
    try {
      await expect(boundedFetch(plugin(url), { timeoutMs: 500 })(url)).rejects.toMatchObject({
        code: 'AUREN_VENDOR_FAILED',
      })
    } finally {
      for (const timer of timers) clearInterval(timer)
    }
  })
})

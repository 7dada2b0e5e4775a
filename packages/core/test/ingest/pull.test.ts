import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { AurenError } from '../../src/errors.js'
import type { Connection } from '../../src/events/ports.js'
import { boundedFetch } from '../../src/ingest/fetch.js'
import type { ObservationInput } from '../../src/observation/schema.js'
import type { WearablePlugin } from '../../src/plugin/types.js'
import { account, pulse, type Rig, rig, start, toy, user } from './toy.js'

/** A vendor of our own: tokens that rotate, pages, limits. */
interface Vendor {
  url: string
  host: string
  /** Valid access token; whoever sends another gets 401. */
  access: string
  /** The one refresh token that works, once. */
  refresh: string
  refreshes: number
  requests: string[]
  /** Answers of /pages, one per request; the last again and again. */
  pages: ((response: ServerResponse) => void)[]
}

const servers: Server[] = []
const rigs: Rig[] = []
afterEach(async () => {
  for (const held of rigs.splice(0)) await held.close()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function vendor(): Promise<Vendor> {
  const held: Vendor = {
    url: '',
    host: '',
    access: 'access-0',
    refresh: 'refresh-0',
    refreshes: 0,
    requests: [],
    pages: [],
  }
  held.url = await listen((request, response) => {
    const url = request.url ?? ''
    held.requests.push(url)
    if (url === '/token') {
      let body = ''
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      request.on('end', () => {
        if (new URLSearchParams(body).get('refresh_token') !== held.refresh)
          return void response.writeHead(400).end('{}')
        held.refreshes++
        held.access = `access-${held.refreshes}`
        held.refresh = `refresh-${held.refreshes}`
        response.end(JSON.stringify({ access_token: held.access, refresh_token: held.refresh, expires_in: 3600 }))
      })
      return
    }
    if (request.headers.authorization !== `Bearer ${held.access}`) return void response.writeHead(401).end()
    const next = held.pages.length > 1 ? held.pages.shift() : held.pages[0]
    next?.(response)
  })
  held.host = new URL(held.url).host
  return held
}

const page = (items: ObservationInput[], next: number | null) => (response: ServerResponse) =>
  void response.end(JSON.stringify({ items, next }))

function puller(of: Vendor): WearablePlugin {
  const check = (status: number, headers: Readonly<Record<string, string>>): void => {
    if (status === 401) throw new AurenError('AUREN_VENDOR_UNAUTHORIZED', 'connect again')
    if (status === 429)
      throw new AurenError('AUREN_VENDOR_LIMIT', 'slow down', { retryAfter: Number(headers['retry-after']) })
    if (status !== 200) throw new AurenError('AUREN_VENDOR_FAILED', `status ${status}`)
  }
  return toy({
    hosts: [of.host],
    oauth: {
      authorizeUrl: `${of.url}/authorize`,
      tokenUrl: `${of.url}/token`,
      scopes: [],
      clientId: 'c',
      clientSecret: 's',
      pkce: false,
      account: async () => account,
    },
    pull: {
      everyMs: 3_600_000,
      async *all(ctx) {
        for (let at: number | null = Number(ctx.state.next ?? 0); at !== null; ) {
          const answer = await ctx.fetch(`${of.url}/pages?at=${at}`, { signal: ctx.signal })
          check(answer.status, answer.headers)
          const body = (await answer.json()) as { items: unknown[]; next: number | null }
          at = body.next
          yield { payload: { account: ctx.account, items: body.items }, state: { next: at ?? 0 } }
        }
      },
      async *one(ctx, what) {
        const answer = await ctx.fetch(`${of.url}/one/${what.id}`)
        check(answer.status, answer.headers)
        yield { payload: { account: ctx.account, items: ((await answer.json()) as { items: unknown[] }).items } }
      },
    },
    webhook: {
      verify: () => ({ ok: true }),
      plan: (body) => [{ account, fetch: [{ resource: 'r', id: (body as { id: string }).id }] }],
    },
  } as Partial<WearablePlugin>) as WearablePlugin
}

async function connected(of: Vendor, tokens: Partial<NonNullable<Connection['tokens']>> = {}): Promise<Rig> {
  const held = await rig({ plugin: puller(of), connect: false })
  rigs.push(held)
  await held.ingest.connections.adopt(user, 'toy', account, {
    accessToken: of.access,
    refreshToken: of.refresh,
    ...tokens,
  })
  await held.ingest.settled()
  return held
}
const connection = async ({ journal }: Rig): Promise<Connection> =>
  (await journal.transaction((tx) => journal.connections.list(tx, { user })))[0] as Connection

describe('a fetch of a plugin', () => {
  it('leaves the token away where it is told to, and hands over bytes as they came', async () => {
    const of = await vendor()
    of.pages = [page([], null)]
    const file = Buffer.from([0x0e, 0xff, 0x00, 0x80, 0xfe])
    const seen: (string | undefined)[] = []
    const bucket = await listen((request, response) => {
      seen.push(request.headers.authorization)
      // As presigned addresses do: one right at a time.
      response.writeHead(request.headers.authorization === undefined ? 200 : 400).end(file)
    })
    const got: { status: number; bytes: Uint8Array }[] = []
    const plugin = {
      ...puller(of),
      hosts: [of.host, new URL(bucket).host],
      pull: {
        everyMs: 3_600_000,
        async *all(ctx) {
          for (const credentials of ['omit', 'include'] as const) {
            const answer = await ctx.fetch(`${bucket}/file.fit?X-Amz-Signature=y`, { credentials })
            got.push({ status: answer.status, bytes: await answer.bytes() })
          }
          yield { payload: { account: ctx.account, items: [] } }
        },
      },
    } as WearablePlugin
    const held = await rig({ plugin, connect: false })
    rigs.push(held)
    await held.ingest.connections.adopt(user, 'toy', account, { accessToken: of.access })
    await held.ingest.settled()
    expect(seen).toEqual([undefined, `Bearer ${of.access}`])
    expect(got.map(({ status }) => status)).toEqual([200, 400])
    expect(Buffer.compare(got[0]?.bytes as Uint8Array, file)).toBe(0)
  })

  it('bounds bytes as it bounds text', async () => {
    const url = await listen((_, response) => void response.end(Buffer.alloc(1001)))
    const fetch = boundedFetch({ id: 'toy', hosts: [new URL(url).host] }, { mostBytes: 1000 })
    await expect(fetch(url)).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED' })
  })
})

describe('a pull', () => {
  it('commits pages one by one with the cursor, and starts there the next time', async () => {
    const of = await vendor()
    of.pages = [page([pulse(start, 60)], 1), page([pulse(start + 1, 61)], 2), page([], null)]
    const held = await connected(of)
    expect(held.store.values()).toEqual([60, 61])
    expect(of.requests).toEqual(['/pages?at=0', '/pages?at=1', '/pages?at=2'])
    expect((await connection(held)).state).toEqual({ next: 0 })
    // Nothing was in the last page, so nothing of it is kept.
    expect(await held.journal.lag()).toMatchObject({ accepted: 2, stored: 2 })
  })

  it('that breaks off keeps what it had, and goes on from there', async () => {
    const of = await vendor()
    of.pages = [
      page([pulse(start, 60)], 1),
      (response) => void response.writeHead(500).end(),
      page([pulse(start + 1, 61)], null),
    ]
    const held = await connected(of)
    expect(held.store.values()).toEqual([60])
    expect((await connection(held)).state).toEqual({ next: 1 })
    held.clock.advance(60_000)
    await held.ingest.settled()
    expect(held.store.values()).toEqual([60, 61])
    expect(of.requests).toEqual(['/pages?at=0', '/pages?at=1', '/pages?at=1'])
  })

  it('is repeated when its time has come', async () => {
    const of = await vendor()
    of.pages = [page([], null)]
    const held = await connected(of)
    expect(of.requests).toHaveLength(1)
    held.clock.advance(3_599_999)
    await held.ingest.settled()
    expect(of.requests).toHaveLength(1)
    held.clock.advance(3_600_001)
    await held.ingest.settled()
    expect(of.requests.length).toBeGreaterThan(1)
  })

  it('waits as long as the vendor asks it to', async () => {
    const of = await vendor()
    of.pages = [
      (response) => void response.writeHead(429, { 'retry-after': '120' }).end(),
      page([pulse(start, 60)], null),
    ]
    const held = await connected(of)
    held.clock.advance(119_999)
    await held.ingest.settled()
    expect(of.requests).toHaveLength(1)
    held.clock.advance(1)
    await held.ingest.settled()
    expect(held.store.values()).toEqual([60])
  })
})

describe('tokens', () => {
  it('that are about to end are renewed first, and the rotated one is kept before it is used', async () => {
    const of = await vendor()
    of.pages = [page([pulse(start, 60)], null)]
    const held = await connected(of, { expiresAt: start + 30_000 })
    expect(of.requests).toEqual(['/token', '/pages?at=0'])
    expect((await connection(held)).tokens).toMatchObject({
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      expiresAt: start + 3_600_000,
    })
    expect(held.store.values()).toEqual([60])
  })

  it('that the vendor refuses are renewed once', async () => {
    const of = await vendor()
    of.pages = [page([pulse(start, 60)], null)]
    const held = await connected(of, { accessToken: 'stale' })
    expect(of.requests).toEqual(['/pages?at=0', '/token', '/pages?at=0'])
    expect(held.store.values()).toEqual([60])
    expect(of.refreshes).toBe(1)
  })

  it('are renewed once, whoever needs them: ten fetches in two processes, a token that works once', async () => {
    const of = await vendor()
    of.pages = [page([], null)]
    const one = await connected(of)
    // Nothing is done until all of it waits.
    const fetched = new Set<string>()
    const { journal, clock, store } = one
    of.pages = [(response) => void response.end(JSON.stringify({ items: [pulse(start, 60)], next: null }))]
    await journal.transaction(async (tx) => {
      const held = await connection(one)
      await journal.connections.save(tx, { ...held, tokens: { accessToken: 'stale', refreshToken: of.refresh } })
      for (let i = 0; i < 10; i++)
        await journal.addJob(tx, {
          kind: 'fetch',
          user,
          payload: { connection: held.id, what: { resource: 'r', id: `${i}` } },
        })
    })
    const two = await rig({ plugin: puller(of), connect: false, journal, clock, store })
    rigs.push(two)
    await Promise.all([one.ingest.settled(), two.ingest.settled()])
    for (const url of of.requests) if (url.startsWith('/one/')) fetched.add(url)
    expect(fetched.size).toBe(10)
    expect(of.refreshes).toBe(1)
    expect(await connection(one)).toMatchObject({ status: 'active', tokens: { refreshToken: 'refresh-1' } })
    const jobs = await journal.transaction((tx) => journal.listJobs(tx, { kind: 'fetch' }))
    expect(jobs.map(({ state }) => state)).toEqual(Array(10).fill('done'))
  })

  it('that cannot be renewed mark the connection, and nobody asks again', async () => {
    const of = await vendor()
    of.pages = [page([], null)]
    const held = await connected(of, { accessToken: 'stale', refreshToken: 'stale' })
    expect(await connection(held)).toMatchObject({ status: 'error' })
    const asked = of.requests.length
    held.clock.advance(24 * 3_600_000)
    await held.ingest.settled()
    expect(of.requests).toHaveLength(asked)
    // Connecting anew is all it takes.
    await held.ingest.connections.adopt(user, 'toy', account, { accessToken: of.access, refreshToken: of.refresh })
    await held.ingest.settled()
    expect(of.requests).toHaveLength(asked + 1)
    expect(await connection(held)).toMatchObject({ status: 'active', error: null })
  })
})

describe('a notification', () => {
  it('is answered before the vendor is asked, and fetched once however often it comes', async () => {
    const of = await vendor()
    of.pages = [page([pulse(start, 60)], null)]
    const held = await connected(of)
    of.requests.length = 0
    const body = new TextEncoder().encode('{"id":"x1"}')
    for (let i = 0; i < 3; i++) expect(await held.post(body)).toBe(200)
    await held.ingest.settled()
    expect(of.requests).toEqual(['/one/x1'])
    expect(held.store.values()).toEqual([60])
  })
})

describe('fetch as a plugin has it', () => {
  const plugin = (hosts: string[]) => ({ id: 'toy', hosts })

  it('goes only where the plugin said', async () => {
    const url = await listen((_, response) => void response.end('{}'))
    const fetch = boundedFetch(plugin([new URL(url).host]))
    expect((await fetch(url)).status).toBe(200)
    for (const address of [
      'https://example.org/',
      'http://169.254.169.254/latest',
      url.replace('127.0.0.1', 'localhost'),
      'file:///etc/passwd',
    ])
      await expect(fetch(address)).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
    await expect(boundedFetch(plugin(['10.0.0.1']))('http://10.0.0.1/')).rejects.toMatchObject({
      code: 'AUREN_FORBIDDEN',
    })
  })

  it('follows no redirect', async () => {
    const url = await listen((_, response) => void response.writeHead(302, { location: 'https://example.org/' }).end())
    await expect(boundedFetch(plugin([new URL(url).host]))(url)).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED' })
  })

  it('stops reading at its limit', async () => {
    const url = await listen((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024)
      const more = (): void => {
        while (response.write(chunk)) if (response.destroyed) return
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    })
    await expect(boundedFetch(plugin([new URL(url).host]))(url)).rejects.toMatchObject({
      code: 'AUREN_VENDOR_FAILED',
      retryable: false,
    })
  })

  it('stops when it is told to, and says when nobody is there', async () => {
    const url = await listen(() => undefined)
    const abort = new AbortController()
    const asked = boundedFetch(plugin([new URL(url).host]))(url, { signal: abort.signal })
    abort.abort()
    await expect(asked).rejects.toMatchObject({ code: 'AUREN_ABORTED' })
    await expect(boundedFetch(plugin(['127.0.0.1:9']))('http://127.0.0.1:9/')).rejects.toMatchObject({
      code: 'AUREN_VENDOR_FAILED',
      retryable: true,
    })
  })
})

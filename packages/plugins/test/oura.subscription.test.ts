import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { oura } from '@auren/plugins/oura'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRig, type Rig } from './ingest-rig.js'
import { type OuraServer, startOura } from './servers/oura.js'

const secrets = { clientId: 'client', clientSecret: 's3cret', verificationToken: 'tök3n' }
const hour = 3_600_000

let fake: OuraServer
let rig: Rig
let door: Server
let publicUrl = ''

/** Our own webhook, as Oura reaches it. */
async function openDoor(): Promise<Server> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    rig.auren.ingest
      .webhook('oura', {
        method: 'GET',
        headers: {},
        query: Object.fromEntries(url.searchParams),
        body: new Uint8Array(),
        now: 0,
      })
      .then(({ status, body }) => response.writeHead(status).end(body))
      .catch(() => response.writeHead(500).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

beforeEach(async () => {
  fake = await startOura(secrets)
  door = await openDoor()
  publicUrl = `http://127.0.0.1:${(door.address() as AddressInfo).port}`
  rig = await openRig({ plugins: [oura({ ...secrets, baseURL: fake.url })], publicUrl })
  fake.now = () => Date.UTC(2026, 0, 5, 8)
})
afterEach(async () => {
  await rig.close()
  await fake.close()
  await new Promise((resolve) => door.close(resolve))
})

const held = () => [...fake.subscriptions.values()]
const asked = (method: string) => fake.requests.filter((one) => one.method === method && one.path.includes('webhook'))

describe('subscriptions', () => {
  it('are one for each event and kind of document, and Oura’s challenge is answered meanwhile', async () => {
    await rig.auren.ingest.settled()
    expect(new Set(held().map((one) => one.callback_url))).toEqual(new Set([`${publicUrl}/webhooks/oura`]))
    expect(new Set(held().map((one) => one.event_type))).toEqual(new Set(['create', 'update', 'delete']))
    const kinds = new Set(held().map((one) => one.data_type))
    expect(kinds).toContain('vo2_max')
    expect(kinds).not.toContain('heartrate')
    expect(held()).toHaveLength(kinds.size * 3)
    // The next time, nothing is left to do.
    rig.advance(6 * hour)
    await rig.auren.ingest.settled()
    expect(asked('GET')).toHaveLength(2)
    expect(asked('POST')).toHaveLength(kinds.size * 3)
    expect(asked('PUT')).toEqual([])
  })

  it('are renewed a week before they end, and made again where Oura has cancelled them', async () => {
    await rig.auren.ingest.settled()
    const made = held().length
    const [gone] = held()
    fake.subscriptions.delete(gone?.id ?? '')
    rig.advance(6 * hour)
    await rig.auren.ingest.settled()
    expect(held()).toHaveLength(made)
    expect(asked('POST')).toHaveLength(made + 1)

    for (const one of held()) one.expiration_time = '2026-02-01T00:00:00'
    rig.advance(Date.UTC(2026, 0, 25, 1) - Date.UTC(2026, 0, 5, 14))
    fake.now = () => Date.UTC(2026, 0, 25, 1)
    await rig.auren.ingest.settled()
    expect(asked('PUT')).toHaveLength(made)
    expect(held().every((one) => one.expiration_time.startsWith('2026-04-25'))).toBe(true)
  })

  it('of kinds that Oura does not know are gone without', async () => {
    fake.unknownTypes.add('daily_resilience')
    await rig.auren.ingest.settled()
    const kinds = new Set(held().map((one) => one.data_type))
    expect(kinds).not.toContain('daily_resilience')
    expect(kinds.size).toBeGreaterThan(10)
    fake.unknownTypes.clear()
    rig.advance(6 * hour)
    await rig.auren.ingest.settled()
    expect(held().filter((one) => one.data_type === 'daily_resilience')).toHaveLength(3)
  })

  it('that Oura limits are asked for when it said', async () => {
    await rig.auren.ingest.settled()
    fake.limit(1, 120)
    rig.advance(6 * hour)
    await rig.auren.ingest.settled()
    expect(asked('GET').map(({ status }) => status)).toEqual([200, 429])
    rig.advance(119_000)
    await rig.auren.ingest.settled()
    expect(asked('GET')).toHaveLength(2)
    rig.advance(1000)
    await rig.auren.ingest.settled()
    expect(asked('GET').map(({ status }) => status)).toEqual([200, 429, 200])
  })
})

describe('subscriptions of', () => {
  const plugin = () => oura({ ...secrets, baseURL: fake.url })
  const ctx = (callbackUrl: string, state: Record<string, unknown> = {}) => ({
    callbackUrl,
    state,
    account: null,
    now: Date.UTC(2026, 0, 5, 8),
    signal: new AbortController().signal,
    fetch: async (url: string, init: object = {}) => {
      const response = await fetch(url, init)
      const text = await response.text()
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        text: async () => text,
        json: async () => JSON.parse(text),
        bytes: async () => Buffer.from(text),
      }
    },
  })

  it('an address that we had before are taken back, and those of others stay', async () => {
    await rig.auren.ingest.settled()
    const before = `${publicUrl}/webhooks/oura`
    const other = { id: 'x', callback_url: 'https://other.example', event_type: 'create', data_type: 'sleep' }
    fake.subscriptions.set('x', { ...other, expiration_time: '2027-01-01T00:00:00' })
    const made = held().length - 1
    const state = await plugin().subscription?.maintain(
      ctx(`${publicUrl}/moved/webhooks/oura`, { callbackUrl: before }),
    )
    expect(state).toEqual({ callbackUrl: `${publicUrl}/moved/webhooks/oura` })
    expect(held().filter((one) => one.callback_url === before)).toEqual([])
    expect(held()).toHaveLength(made + 1)
    await plugin().subscription?.cancel?.(ctx(`${publicUrl}/moved/webhooks/oura`))
    expect(held().map(({ id }) => id)).toEqual(['x'])
  })

  it('an address that Oura cannot reach are an error that may pass; a refused secret is one that does not', async () => {
    await expect(plugin().subscription?.maintain(ctx('http://127.0.0.1:9/webhooks/oura'))).rejects.toMatchObject({
      code: 'AUREN_VENDOR_FAILED',
      retryable: true,
    })
    const wrong = oura({ ...secrets, clientSecret: 'wrong', baseURL: fake.url })
    const failure = await wrong.subscription?.maintain(ctx(publicUrl)).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'AUREN_VENDOR_FAILED', retryable: false })
    expect(String(failure)).not.toContain('wrong')
  })
})

describe('a person who disconnects', () => {
  it('takes the token back at Oura', async () => {
    const { connections } = rig.auren.ingest
    const { state } = await connections.begin('ada', 'oura', 'https://auren.example/back')
    await connections.finish('oura', { code: fake.grant(), state })
    await rig.auren.ingest.settled()
    await connections.remove('ada', 'oura')
    expect(fake.requests.at(-1)).toMatchObject({ method: 'POST', status: 200 })
    expect(fake.requests.at(-1)?.path).toMatch(/^\/oauth\/revoke\?access_token=access-/)
  })
})

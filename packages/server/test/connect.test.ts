import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startVendorServer, type VendorServer } from '@auren/core/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type NightscoutServer, startNightscout } from '../../plugins/test/servers/nightscout.js'
import { createClient } from '../src/cli/client.js'
import { connections } from '../src/cli/commands/connections.js'
import { recordedOutput } from './harness.js'
import { startTwo, type Two } from './security/two-persons.js'

let two: Two
let site: NightscoutServer
let terra: VendorServer
/** Something inside the network: no person may have it asked. */
let inside: { server: Server; port: number; asked: string[] }
/** Users of Terra by the reference that they came with. */
let users: { user_id: string; reference_id: string; provider: string }[] = []
const now = Date.now()

beforeAll(async () => {
  site = await startNightscout()
  site.kept.entries = [{ _id: 'e1', type: 'sgv', sgv: 117, date: now - 3_600_000 }]
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end('[]')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  inside = { server, port: (server.address() as AddressInfo).port, asked }
  terra = await startVendorServer({
    routes: {
      'POST /api/widget/session': (request) => ({
        status: 201,
        body: {
          status: 'success',
          url: `${terra.url}/session/${(request.json() as { reference_id: string }).reference_id}`,
        },
      }),
      'GET /api/v2/userInfo': ({ query }) => ({
        // Somebody else's is among them: what is not of the reference is left.
        body: {
          users: users.filter((user) => user.reference_id === query.get('reference_id') || user.user_id === 'odd'),
        },
      }),
      'DELETE /api/v2/auth/deauthenticateUser': () => ({ body: { status: 'success' } }),
      'GET /api/v2/{type}': ({ query, params }) => ({
        body: {
          user: { user_id: query.get('user_id'), provider: 'GARMIN' },
          type: params.type,
          data:
            params.type === 'daily'
              ? [
                  {
                    metadata: {
                      start_time: `${query.get('start_date')}T00:00:00+01:00`,
                      end_time: `${query.get('start_date')}T23:59:00+01:00`,
                    },
                    distance_data: { steps: 4321 },
                  },
                ]
              : [],
        },
      }),
    },
  })
  two = await startTwo({
    NIGHTSCOUT_PRIVATE_SITES: site.url,
    TERRA_SIGNING_SECRET: 's3cret',
    TERRA_DEV_ID: 'dev',
    TERRA_API_KEY: 'the-api-key',
    TERRA_BASE_URL: `${terra.url}/api/v2`,
  })
})
afterAll(async () => {
  await two?.close()
  await site?.close()
  await terra?.close()
  inside?.server.closeAllConnections()
  inside?.server.close()
})
beforeEach(() => {
  site.requests = []
  inside.asked.length = 0
})

const connect = (token: string, provider: string, given?: Record<string, string>) =>
  two.call('biometric', 'POST', `/v1/connections/${provider}`, token, given ? { body: { given } } : {})
const listed = async (token: string): Promise<{ provider: string; account: string; status: string; error: string }[]> =>
  JSON.parse((await two.call('biometric', 'GET', '/v1/connections', token)).text)
const metricsOf = async (token: string): Promise<{ metric: string; n: number }[]> =>
  JSON.parse((await two.call('neuros', 'GET', '/v1/metrics', token)).text)
/** Comes back as a browser does: nobody is signed in. */
const comeBack = (url: string) => {
  const { pathname, search } = new URL(url)
  return two.call('biometric', 'GET', `${pathname}${search}`, null)
}

describe('what can be connected', () => {
  it('is said with the way that each takes here, and the fields of a site as its plugin describes them', async () => {
    const { status, text } = await two.call('biometric', 'GET', '/v1/vendors', two.ann.token)
    expect(status).toBe(200)
    const all = JSON.parse(text) as { provider: string; title: string; connect: string | null; files: boolean }[]
    const ways = Object.fromEntries(all.map((one) => [one.provider, one.connect]))
    // Garmin's secrets are not set here: its exports can be read, and nobody connects it.
    expect(ways).toMatchObject({ nightscout: 'site', terra: 'page', garmin: null, 'apple-health': null })
    expect(all.find(({ provider }) => provider === 'garmin')).toMatchObject({
      title: 'Garmin',
      files: true,
      fields: [],
    })
    expect(all.find(({ provider }) => provider === 'nightscout')).toMatchObject({
      title: 'Nightscout',
      fields: [
        { name: 'url', title: 'Address of your site', secret: false },
        { name: 'token', title: 'Access token', secret: true },
      ],
    })
    expect(all.map(({ title }) => title)).toEqual(
      all.map(({ title }) => title).sort((a, b) => a.localeCompare(b, 'en')),
    )
    expect(text).not.toContain('the-api-key')
  })

  it('and what cannot is said to the person with what they can do instead', async () => {
    const { status, json } = await connect(two.ann.token, 'garmin')
    expect(status).toBe(400)
    expect(json.detail).toMatch(/not set its secrets.*can be imported/)
  })

  it('by every plugin has a name that a person reads', async () => {
    const { text } = await two.call('biometric', 'GET', '/v1/vendors', two.ann.token)
    for (const { provider, title } of JSON.parse(text)) expect(title, provider).toMatch(/^[A-Z]/)
  })
})

describe('a Nightscout site', () => {
  it.each([
    ['nothing', undefined, ['url', 'token']],
    ['an address that is none', { url: 'my site', token: 'SECRET-1' }, ['url']],
    ['an address with the token in it', { url: 'https://a.example/?token=SECRET-1', token: 'SECRET-1' }, ['url']],
    ['something that nobody asked for', { url: 'https://a.example', token: 'SECRET-1', role: 'admin' }, ['']],
  ])('is not connected by %s, and what was given is not said again', async (_name, given, fields) => {
    const { status, json, text } = await connect(two.ann.token, 'nightscout', given as Record<string, string>)
    expect(status).toBe(400)
    expect((json.errors as { path: string }[]).map(({ path }) => path)).toEqual(fields)
    expect(text).not.toContain('SECRET-1')
  })

  it('is never one of this network, however its address is written, unless the operator named it', async () => {
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]'])
      for (const scheme of ['http', 'https']) {
        const url = `${scheme}://${host}:${inside.port}`
        const { status } = await connect(two.ann.token, 'nightscout', { url, token: 't' })
        expect(status, url).toBe(403)
      }
    for (const host of ['169.254.169.254', '10.0.0.1', '192.168.1.1', '[fd00:ec2::254]'])
      expect((await connect(two.ann.token, 'nightscout', { url: `https://${host}`, token: 't' })).status, host).toBe(
        403,
      )
    expect(inside.asked).toEqual([])
    expect(await listed(two.ann.token)).toEqual([])
  })

  it('is kept only where it opens with the token', async () => {
    const { status, text } = await connect(two.ann.token, 'nightscout', {
      url: site.url,
      token: 'wrong-0123456789abcdef',
    })
    expect(status).toBe(422)
    expect(text).not.toContain('wrong-0123456789abcdef')
    expect(await listed(two.ann.token)).toEqual([])
  })

  it('is pulled from then on, is one person’s, and its token is told to nobody', async () => {
    const answer = await connect(two.ann.token, 'nightscout', { url: `${site.url}/`, token: site.token })
    expect(answer.status).toBe(201)
    expect(answer.json).toMatchObject({ url: '', connection: { account: site.host, status: 'active' } })
    await two.here.auren.ingest.settled()
    expect(await metricsOf(two.ann.token)).toContainEqual(expect.objectContaining({ metric: 'glucose', n: 1 }))
    expect(JSON.stringify([answer.text, await listed(two.ann.token)])).not.toContain(site.token)
    // Ben has the token, too: the site is Ann's already.
    expect((await connect(two.ben.token, 'nightscout', { url: site.url, token: site.token })).status).toBe(409)
    expect(await listed(two.ben.token)).toEqual([])
  })

  it('that takes the token no longer says so, and goes on once it is connected again', async () => {
    const kept = site.token
    site.token = 'newer-fedcba9876543210'
    expect((await two.call('biometric', 'POST', '/v1/connections/nightscout/sync', two.ann.token)).status).toBe(202)
    await two.here.auren.ingest.settled()
    const [broken] = await listed(two.ann.token)
    expect(broken).toMatchObject({ status: 'error', error: expect.stringContaining('does not accept the token') })
    expect(broken?.error).not.toContain(kept)
    expect((await connect(two.ann.token, 'nightscout', { url: site.url, token: site.token })).status).toBe(201)
    expect((await listed(two.ann.token))[0]).toMatchObject({ status: 'active', error: null })
  })
})

describe('Terra', () => {
  const widget = () => terra.to('/api/widget/session').at(-1)?.json() as Record<string, string>

  it('is connected on its own page, and whose it is is asked of Terra, not read from the address', async () => {
    const begun = await connect(two.ann.token, 'terra')
    expect(begun.status).toBe(201)
    const { reference_id, auth_success_redirect_url } = widget()
    expect(begun.json.url).toBe(`${terra.url}/session/${reference_id}`)
    expect(reference_id).toMatch(/^[\w-]{43}$/)
    expect(terra.to('/api/widget/session').at(-1)?.headers).toMatchObject({
      'dev-id': 'dev',
      'x-api-key': 'the-api-key',
    })
    users = [
      { user_id: 'watch-of-ann', reference_id: reference_id as string, provider: 'GARMIN' },
      { user_id: 'scale-of-ann', reference_id: reference_id as string, provider: 'WITHINGS' },
      { user_id: 'odd', reference_id: 'another', provider: 'OURA' },
    ]
    const back = await comeBack(`${auth_success_redirect_url}&user_id=somebody-else&resource=GARMIN`)
    expect(back.status).toBe(200)
    const accounts = (await listed(two.ann.token)).filter(({ provider }) => provider === 'terra')
    expect(accounts.map(({ account }) => account).sort()).toEqual(['scale-of-ann', 'watch-of-ann'])
    await two.here.auren.ingest.settled()
    expect(await metricsOf(two.ann.token)).toContainEqual(expect.objectContaining({ metric: 'steps' }))
    // No token of ours goes along: there is none.
    expect(terra.to('/api/v2/daily').every(({ headers }) => headers.authorization === undefined)).toBe(true)
  })

  it('is connected once by one reference, for whoever began, and for nobody by another', async () => {
    const used = widget().auth_success_redirect_url as string
    expect((await comeBack(used)).status).toBe(422)
    expect((await comeBack(used.replace(/state=.*/, `state=${'x'.repeat(43)}`))).status).toBe(422)
    await connect(two.ben.token, 'terra')
    const { reference_id, auth_success_redirect_url, auth_failure_redirect_url } = widget()
    expect((await comeBack(auth_failure_redirect_url as string)).status).toBe(422)
    // He gave up: Terra knows of nobody.
    expect((await comeBack(auth_success_redirect_url as string)).status).toBe(422)
    await connect(two.ben.token, 'terra')
    users.push({ user_id: 'watch-of-ann', reference_id: widget().reference_id as string, provider: 'GARMIN' })
    // What is Ann's does not become his.
    expect((await comeBack(widget().auth_success_redirect_url as string)).status).toBe(409)
    expect(await listed(two.ben.token)).toEqual([])
    expect(reference_id).not.toBe(widget().reference_id)
  })

  it('comes back also by an address that Terra has put its own behind with a second question mark', async () => {
    await connect(two.ben.token, 'terra')
    const { reference_id, auth_success_redirect_url } = widget()
    users.push({ user_id: 'ring-of-ben', reference_id: reference_id as string, provider: 'OURA' })
    expect((await comeBack(`${auth_success_redirect_url}?user_id=x&resource=OURA`)).status).toBe(200)
    expect(await listed(two.ben.token)).toMatchObject([{ provider: 'terra', account: 'ring-of-ben', status: 'active' }])
  })

  it('is told when a person has disconnected', async () => {
    expect((await two.call('biometric', 'DELETE', '/v1/connections/terra', two.ben.token)).status).toBe(204)
    expect(terra.to('/api/v2/auth/deauthenticateUser').map(({ query }) => query.get('user_id'))).toEqual([
      'ring-of-ben',
    ])
    expect(await listed(two.ben.token)).toEqual([])
  })

  it('that refuses makes no connection, and the key is in no answer', async () => {
    terra.misbehave(1, { status: 401, body: {} }, '/api/widget/session')
    const { status, text } = await connect(two.ben.token, 'terra')
    expect(status).toBeGreaterThanOrEqual(400)
    expect(text).not.toContain('the-api-key')
  })
})

describe('auren connect', () => {
  it('opens a site with a token from a file, shows what is connected, fetches and ends it', async () => {
    const { output, printed } = recordedOutput()
    const said = () => printed.splice(0).join('\n')
    const client = createClient(two.here.services.addresses as { neuros: string; biometric: string }, two.ann.token)
    await connections.remove(client, output, 'nightscout')
    const folder = await mkdtemp(join(tmpdir(), 'auren-connect-'))
    try {
      await writeFile(join(folder, 'token'), `${site.token}\n`)
      const given = [`url=${site.url}`, `token=@${join(folder, 'token')}`]
      said()
      expect(await connections.begin(client, output, 'nightscout', given)).toBe(0)
      expect(said()).toContain(`Connected: ${site.host}`)
      await connections.list(client, output)
      expect(said()).toMatch(new RegExp(`nightscout +${site.host} +active`))
      expect(await connections.sync(client, output, 'nightscout')).toBe(0)
      await connections.begin(client, output, 'terra', [])
      expect(said()).toContain(`${terra.url}/session/`)
      await connections.remove(client, output, 'nightscout')
      await connections.list(client, output)
      expect(said()).not.toMatch(new RegExp(site.host))
      await expect(connections.begin(client, output, 'nightscout', ['secret'])).rejects.toThrow(/name=value/)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { reachOf } from '../../../core/src/ingest/addresses.js'
import { boundedFetch } from '../../../core/src/ingest/fetch.js'
import { allowsOwn, createGuardedFetch, type Resolve } from '../../../core/src/ingest/guarded-fetch.js'
import { openai } from '../../../plugins/src/models/openai/index.js'
import { createOidc } from '../../src/identity/oidc.js'

/** A server inside: whoever gets an answer of it got past the guard. */
let inside: { url: string; port: number; asked: string[] }
const servers: Server[] = []

async function serve(handler: RequestListener): Promise<{ url: string; port: number }> {
  const server = createServer(handler)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port }
}

beforeAll(async () => {
  const asked: string[] = []
  const server = await serve((request, response) => {
    asked.push(request.url ?? '')
    response.setHeader('content-type', 'application/json').end('{"inside":true}')
  })
  inside = { ...server, asked }
})
afterEach(() => {
  expect(inside.asked.splice(0)).toEqual([])
})
afterAll(() => {
  for (const server of servers) server.closeAllConnections()
  for (const server of servers) server.close()
})

/** A name server that answers with these addresses, in turn. */
function answers(...addresses: string[]): { resolve: Resolve; asked: () => number } {
  let asked = 0
  return {
    asked: () => asked,
    resolve: (_name, _options, callback) => {
      const address = addresses[Math.min(asked++, addresses.length - 1)] as string
      callback(null, [{ address, family: address.includes(':') ? 6 : 4 }])
    },
  }
}

describe('where an address leads (C7)', () => {
  it.each([
    ['93.184.215.14', 'public'],
    ['2606:2800:21f:cb07:6820:80da:af6b:8b2c', 'public'],
    ['::ffff:93.184.215.14', 'public'],
    ['64:ff9b::5db8:d70e', 'public'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['0:0:0:0:0:0:0:1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['64:ff9b::127.0.0.1', 'loopback'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.100.100.200', 'private'],
    ['fd12:3456::1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['169.254.169.254', 'never'],
    ['::ffff:169.254.169.254', 'never'],
    ['::ffff:a9fe:a9fe', 'never'],
    ['fd00:ec2::254', 'never'],
    ['fe80::1', 'never'],
    ['fe80::1%eth0', 'never'],
    ['fec0::1', 'never'],
    ['0.0.0.0', 'never'],
    ['::', 'never'],
    ['::127.0.0.1', 'never'],
    ['2002:7f00:1::', 'never'],
    ['2001::1', 'never'],
    ['224.0.0.1', 'never'],
    ['ff02::1', 'never'],
    ['255.255.255.255', 'never'],
    ['172.32.0.1', 'public'],
    ['128.0.0.1', 'public'],
    ['', 'never'],
    ['localhost', 'never'],
  ])('%s: %s', (address, reach) => {
    expect(reachOf(address)).toBe(reach)
  })
})

describe('what a plugin may call (C7)', () => {
  const forms = (port: number): string[] => [
    `http://127.0.0.1:${port}/`,
    `http://127.1:${port}/`,
    `http://0x7f000001:${port}/`,
    `http://2130706433:${port}/`,
    `http://0177.0.0.1:${port}/`,
    `http://[::1]:${port}/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
    `http://[::ffff:7f00:1]:${port}/`,
    `http://0.0.0.0:${port}/`,
    `http://localhost:${port}/`,
    `http://localhost.:${port}/`,
    `https://api.vendor.example@127.0.0.1:${port}/`,
    `https://127.0.0.1:${port}/`,
    `https://api.vendor.example:${port}/`,
    'http://169.254.169.254/latest/meta-data/',
    'http://api.vendor.example:6379/',
    'https://api.vendor.example:6379/',
    'https://user:secret@api.vendor.example/',
    'file:///etc/passwd',
    `gopher://127.0.0.1:${port}/_GET`,
    'data:application/json,{}',
    'ftp://api.vendor.example/',
    'http://api.vendor.example/',
  ]

  it('is its own host by https, and no form of any other address', async () => {
    const { resolve, asked } = answers('93.184.215.14')
    const fetch = boundedFetch({ id: 'vendor', hosts: ['api.vendor.example'] }, { resolve })
    for (const address of forms(inside.port))
      await expect(fetch(address), address).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
    expect(asked()).toBe(0)
  })

  it.each([
    '127.0.0.1',
    '::1',
    '::ffff:127.0.0.1',
    '10.0.0.5',
    '169.254.169.254',
    '192.168.0.1',
    'fd00:ec2::254',
    '0.0.0.0',
  ])('is not its host where the name resolves to %s', async (address) => {
    const host = `api.vendor.example:${inside.port}`
    const fetch = boundedFetch({ id: 'vendor', hosts: [host] }, answers(address))
    await expect(fetch(`https://${host}/`)).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
  })

  it('nor where one of several addresses is inside', async () => {
    const host = `api.vendor.example:${inside.port}`
    const resolve: Resolve = (_name, _options, callback) =>
      callback(null, [
        { address: '93.184.215.14', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ])
    const fetch = boundedFetch({ id: 'vendor', hosts: [host] }, { resolve })
    await expect(fetch(`https://${host}/`)).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
  })

  it('is asked for once per connection: a name that is rebound has no second answer to give', async () => {
    // The first answer is inside, the second would be outside, and the other way round.
    for (const order of [
      ['127.0.0.1', '93.184.215.14'],
      ['10.0.0.1', '127.0.0.1'],
    ]) {
      const host = `rebind.example:${inside.port}`
      const names = answers(...order)
      const fetch = boundedFetch({ id: 'vendor', hosts: [host] }, names)
      await expect(fetch(`https://${host}/`)).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
      expect(names.asked()).toBe(1)
    }
  })

  it('connects to the address that was looked at', async () => {
    // The answer is allowed here, so that where it leads can be seen: to the address itself, without another look-up.
    const names = answers('127.0.0.1', '192.0.2.1')
    const fetch = createGuardedFetch({ allows: (_url, reach) => reach === 'loopback', ...names })
    const answer = await fetch(`http://named.example:${inside.port}/seen`)
    expect(await answer.json()).toEqual({ inside: true })
    expect(names.asked()).toBe(1)
    expect(inside.asked.splice(0)).toEqual(['/seen'])
  })

  it('is not followed to where it redirects', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const { url } = await serve(
        (_request, response) => void response.writeHead(status, { location: inside.url }).end('moved'),
      )
      const fetch = boundedFetch({ id: 'vendor', hosts: [new URL(url).host] })
      await expect(fetch(url)).rejects.toMatchObject({ code: 'AUREN_VENDOR_FAILED' })
    }
  })
})

describe('what an operator’s own setting may reach (C7)', () => {
  const ask = async (base: string, target: string, address: string, listed = false): Promise<number> => {
    const fetch = createGuardedFetch({ allows: allowsOwn(new URL(base), listed), ...answers(address) })
    const answer = await fetch(target)
    await answer.body?.cancel()
    return answer.status
  }

  it('is the address that it names itself, and nothing beside it', async () => {
    expect(await ask(inside.url, `${inside.url}/own`, '127.0.0.1')).toBe(200)
    expect(inside.asked.splice(0)).toEqual(['/own'])
    const other = await serve((_request, response) => void response.end('{}'))
    for (const target of [other.url, `http://named.example:${inside.port}`, `http://[::ffff:127.0.0.1]:${inside.port}`])
      await expect(ask(inside.url, target, '127.0.0.1')).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
  })

  it('is a private address behind a name only where the operator says so of that name', async () => {
    const base = `http://model.internal:${inside.port}`
    await expect(ask(base, base, '127.0.0.1')).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
    expect(await ask(base, `${base}/listed`, '127.0.0.1', true)).toBe(200)
    expect(inside.asked.splice(0)).toEqual(['/listed'])
  })

  it('is never the metadata of a cloud', async () => {
    await expect(
      ask('http://169.254.169.254', 'http://169.254.169.254', '169.254.169.254', true),
    ).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
    const base = 'http://model.internal'
    await expect(ask(base, base, '169.254.169.254', true)).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
  })
})

describe('the model’s endpoint (C7)', () => {
  const ask = async (baseURL: string): Promise<unknown> => {
    const provider = await openai({ model: 'm', baseURL, timeoutMs: 10_000 }).open(undefined as never)
    for await (const _ of provider.stream(
      [{ role: 'user', content: 'hello' }] as never,
      {
        signal: AbortSignal.timeout(10_000),
      } as never,
    ));
    return null
  }

  it.each(['http://169.254.169.254/v1', 'http://[::ffff:169.254.169.254]/v1', 'http://0.0.0.0:1/v1', 'file:///v1'])(
    'is not %s',
    async (address) => {
      await expect(ask(address)).rejects.toMatchObject({
        code: expect.stringMatching(/AUREN_(FORBIDDEN|MODEL_FAILED)/),
      })
    },
  )

  it('is not followed to where it redirects, and a person’s words with it', async () => {
    const { url } = await serve((_request, response) => void response.writeHead(307, { location: inside.url }).end())
    await expect(ask(`${url}/v1`)).rejects.toMatchObject({ code: 'AUREN_MODEL_FAILED' })
  })
})

describe('what a sign-in provider’s metadata names (C7)', () => {
  const verify = (jwksOf: (own: string) => string, production = false): Promise<unknown> => {
    let url = ''
    return serve((request, response) => {
      const body =
        request.url === '/.well-known/openid-configuration'
          ? { issuer: url, jwks_uri: jwksOf(url), authorization_endpoint: `${url}/a`, token_endpoint: `${url}/t` }
          : {}
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
    }).then((server) => {
      url = server.url
      const config = { issuer: url, audience: 'us', client: null, signup: 'open' as const, privateNetwork: false }
      const oidc = createOidc(config, { production }, { account: async () => null }, async () => null, Date.now)
      // A header and claims that are well-formed, so that the keys are asked for.
      const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
      const token = `${part({ alg: 'RS256', kid: 'k' })}.${part({ iss: url, sub: 's' })}.${'a'.repeat(40)}`
      return oidc.verify(token)
    })
  }

  it('is not asked where it is inside, has another port, or is no https', async () => {
    for (const address of [
      inside.url,
      `http://localhost:${inside.port}/keys`,
      `http://127.1:${inside.port}/keys`,
      `http://[::ffff:127.0.0.1]:${inside.port}/keys`,
      `https://127.0.0.1:${inside.port}/keys`,
      'http://169.254.169.254/keys',
      'https://169.254.169.254/keys',
      'https://keys.example:6379/keys',
      'https://user@keys.example/keys',
      'gopher://127.0.0.1/keys',
    ])
      await expect(
        verify(() => address),
        address,
      ).rejects.toThrow()
  })

  it('is not followed to where it redirects', async () => {
    const there = await serve((_request, response) => void response.writeHead(302, { location: inside.url }).end())
    await expect(verify(() => there.url)).rejects.toThrow()
  })

  it('is not asked over http in production, also where it is this machine', async () => {
    await expect(verify((own) => `${own}/keys`, true)).rejects.toThrow()
  })
})

import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createService } from '../src/http/app.js'
import { originAllowed } from '../src/http/cors.js'
import type { Identity } from '../src/http/identity.js'
import { route } from '../src/http/route.js'
import { createLog } from '../src/log.js'
import { createMetrics } from '../src/metrics.js'

const lag = async () => ({
  waiting: 3,
  oldestMs: 2000,
  quarantined: 1,
  jobs: 0,
  planned: 0,
  accepted: 7,
  published: 0,
  stored: 4,
  duplicates: 0,
  log: { name: 'table', health: { connected: true, since: 0, code: null }, behind: 3, dropped: 0 },
})
let port = 0
let keys: Awaited<ReturnType<typeof generateKeyPair>>
const server = createServer()

beforeAll(async () => {
  keys = await generateKeyPair('EdDSA')
  const identity: Identity = {
    local: 'me',
    origins: ['http://localhost:5173'],
    async bearer(text) {
      const checks = { algorithms: ['EdDSA'], issuer: 'auren', audience: 'auren-api', requiredClaims: ['sub'] }
      const { payload } = await jwtVerify(text, keys.publicKey, checks)
      if (!payload.sub) throw new Error('nobody')
      return { user: payload.sub, scopes: new Set(['read', 'write']), via: 'session' }
    },
  }
  const app = createService({
    title: 'Test',
    version: '1.0.0',
    identity,
    corsOrigins: null,
    log: createLog('silent'),
    metrics: createMetrics('neuros', { lag }),
    routes: [
      route({ method: 'get', path: '/v1/who', tag: 't', summary: 'who', handle: async ({ user }) => ({ user }) }),
      route({
        method: 'post',
        path: '/v1/echo/{id}',
        tag: 't',
        summary: 'echo',
        params: z.object({ id: z.string() }),
        body: z.object({ n: z.number() }),
        handle: async ({ params, body }) => ({ ...params, ...body }),
      }),
      route({
        method: 'get',
        path: '/v1/fail',
        tag: 't',
        summary: 'fail',
        handle: () => Promise.reject(new Error('heart rate 61.73717')),
      }),
    ],
  })
  server.on('request', app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method: options.method ?? 'GET',
        headers: { host: `localhost:${port}`, ...options.headers },
      },
      (response) => {
        let body = ''
        response.on('data', (chunk) => {
          body += String(chunk)
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      },
    )
    request.on('error', reject)
    request.end(options.body)
  })
}

const token = (
  change: { alg?: string; iss?: string; aud?: string; exp?: string; sub?: string; key?: CryptoKey } = {},
) =>
  new SignJWT(change.sub === '' ? {} : { sub: change.sub ?? 'ada' })
    .setProtectedHeader({ alg: change.alg ?? 'EdDSA' })
    .setIssuer(change.iss ?? 'auren')
    .setAudience(change.aud ?? 'auren-api')
    .setExpirationTime(change.exp ?? '5m')
    .sign(change.key ?? keys.privateKey)

describe('identity', () => {
  it('takes a request from this machine for the local person', async () => {
    expect(JSON.parse((await ask('/v1/who')).body)).toEqual({ user: 'me' })
    expect((await ask('/v1/who', { headers: { origin: 'http://localhost:5173' } })).status).toBe(200)
  })

  it.each([
    ['a rebound name', { host: 'evil.example:8000' }],
    ['a page elsewhere', { origin: 'https://evil.example' }],
    ['a sandboxed page', { origin: 'null' }],
  ])('refuses %s', async (_name, headers) => {
    const answer = await ask('/v1/who', { headers })
    expect(answer.status).toBe(401)
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'AUREN_UNAUTHENTICATED', status: 401 })
  })

  it('takes the subject of a valid token, from anywhere on this machine', async () => {
    const headers = { authorization: `Bearer ${await token()}`, origin: 'https://evil.example' }
    expect(JSON.parse((await ask('/v1/who', { headers })).body)).toEqual({ user: 'ada' })
  })

  it('refuses every token that is not ours, rather than fall back to the local person', async () => {
    const other = await generateKeyPair('EdDSA')
    const forged = [
      await token({ iss: 'someone' }),
      await token({ aud: 'another-api' }),
      await token({ exp: '-5m' }),
      await token({ sub: '' }),
      await token({ key: other.privateKey }),
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"ada"}').toString('base64url')}.`,
      'x'.repeat(100_000),
    ]
    for (const bad of forged) {
      const answer = await ask('/v1/who', { headers: { authorization: `Bearer ${bad}` } }).catch(() => ({
        status: 431,
      }))
      expect([401, 431]).toContain(answer.status)
    }
    expect((await ask('/v1/who', { headers: { authorization: 'Basic bWU6bWU=' } })).status).toBe(401)
  })
})

describe('problems', () => {
  it('says what was wrong where, and nothing of ours', async () => {
    const headers = { 'content-type': 'application/json' }
    const wrong = await ask('/v1/echo/a', { method: 'POST', headers, body: '{"n":"61.73717"}' })
    expect(wrong.status).toBe(400)
    expect(JSON.parse(wrong.body)).toMatchObject({ code: 'AUREN_INPUT_INVALID', errors: [{ path: 'body.n' }] })
    expect(wrong.body).not.toContain('61.73717')
    expect((await ask('/v1/echo/a', { method: 'POST', headers, body: '{"n":' })).status).toBe(400)
    expect(
      (await ask('/v1/echo/a', { method: 'POST', headers, body: `{"n":1,"pad":"${'x'.repeat(5_000_000)}"}` })).status,
    ).toBe(413)
    expect((await ask('/v1/nothing')).status).toBe(404)
  })

  it('never shows the words of an unexpected error', async () => {
    const answer = await ask('/v1/fail')
    expect(answer.status).toBe(500)
    expect(answer.body).not.toContain('61.73717')
  })

  it('never lets an answer about a person be stored', async () => {
    expect((await ask('/v1/who')).headers['cache-control']).toBe('no-store')
  })
})

describe('CORS', () => {
  const refused = [
    'http://auren.vercel.app',
    'https://x.vercel.app.evil.com',
    'https://evilvercel.app',
    'https://a.b.vercel.app',
    'null',
    'http://localhost:3000.evil.com',
    'http://localhost:30000',
    'HTTPS://AUREN.VERCEL.APP',
    'https://auren.vercel.app:444',
  ]
  it.each(refused)('sends nothing to %s', async (origin) => {
    expect(originAllowed(origin, null)).toBe(false)
    const answer = await ask('/healthz', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET' },
    })
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    expect(answer.headers.vary).toContain('Origin')
  })

  it('echoes the deployment’s origin, until the list is pinned', () => {
    expect(originAllowed('https://auren-pwa.vercel.app', null)).toBe(true)
    expect(originAllowed('https://auren-pwa.vercel.app', ['https://my.example'])).toBe(false)
    expect(originAllowed('https://my.example', ['https://my.example'])).toBe(true)
  })
})

describe('metrics and OpenAPI', () => {
  it('exports what the journal says, by names without persons', async () => {
    await ask('/v1/who')
    const { body } = await ask('/metrics')
    expect(body).toMatch(/^auren_outbox_waiting 3$/m)
    expect(body).toMatch(/^auren_outbox_oldest_seconds 2$/m)
    expect(body).toMatch(/route="\/v1\/who"/)
    expect(body).not.toMatch(/"me"|"ada"/)
  })

  it('describes every route', async () => {
    const document = JSON.parse((await ask('/openapi.json')).body) as {
      openapi: string
      paths: Record<string, Record<string, { requestBody?: unknown; parameters?: unknown[] }>>
    }
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths)).toEqual(['/v1/who', '/v1/echo/{id}', '/v1/fail'])
    expect(document.paths['/v1/echo/{id}']?.post?.parameters).toHaveLength(1)
    expect(document.paths['/v1/echo/{id}']?.post?.requestBody).toBeDefined()
  })
})

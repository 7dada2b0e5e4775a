import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRewrites } from '../src/pwa/rewrites.js'
import { createPwaServer } from '../src/pwa/server.js'

const folder = mkdtempSync(join(tmpdir(), 'auren-pwa-'))
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>AUREN</title>')
const seen: { url: string; host: string; method: string; body: string }[] = []
const upstream = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => {
    body += String(chunk)
  })
  request.on('end', () => {
    if (request.url === '/dies') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: one\n\n', () => response.socket?.destroy())
      return
    }
    if (request.url === '/silent') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-auren-run': 'r2' })
      response.flushHeaders()
      return
    }
    seen.push({ url: request.url ?? '', host: request.headers.host ?? '', method: request.method ?? '', body })
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-auren-run': 'r1' })
    response.write('data: one\n\n')
    response.end('data: two\n\n')
  })
})
let pwa: Server
let port = 0

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
function ask(
  path: string,
  options: { method?: string; host?: string; body?: string } = {},
): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method: options.method ?? 'GET',
        headers: { host: options.host ?? `localhost:${port}` },
      },
      (response) => {
        let body = ''
        response.on('data', (chunk) => {
          body += String(chunk)
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }))
      },
    )
    request.on('error', reject)
    request.end(options.body)
  })
}

beforeAll(async () => {
  const to = await listen(upstream)
  const rewrites = await readRewrites(join(import.meta.dirname, '..', '..', '..', 'vercel.json'))
  pwa = createServer(
    createPwaServer(
      folder,
      rewrites,
      new Map([
        [8000, to],
        [8888, 1],
      ]),
    ),
  )
  port = await listen(pwa)
})
afterAll(() => {
  pwa.close()
  upstream.close()
})

describe('rewrites', () => {
  it('take only pattern and port from vercel.json', async () => {
    const rewrites = await readRewrites(join(import.meta.dirname, '..', '..', '..', 'vercel.json'))
    expect(rewrites).toEqual([
      { prefix: '/api/neuros/', port: 8000 },
      { prefix: '/api/biometric/', port: 8888 },
    ])
  })

  it('go to this machine with the prefix stripped, streams and bodies passed through', async () => {
    const answer = await ask('/api/neuros/v1/query?x=1', { method: 'POST', body: '{"a":1}' })
    expect(answer).toMatchObject({ status: 200, body: 'data: one\n\ndata: two\n\n' })
    expect(answer.headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-auren-run': 'r1' })
    expect(seen.at(-1)).toMatchObject({ url: '/v1/query?x=1', method: 'POST', body: '{"a":1}' })
    expect(seen.at(-1)?.host).toMatch(/^127\.0\.0\.1:/)
  })

  it('end the page’s stream when the service dies in mid-answer', async () => {
    const parts: string[] = []
    const ended = new Promise<boolean>((resolve, reject) => {
      httpRequest(
        { host: '127.0.0.1', port, path: '/api/neuros/dies', headers: { host: `localhost:${port}` } },
        (answer) => {
          answer.on('data', (chunk) => parts.push(String(chunk)))
          answer.on('error', () => undefined)
          // Cut off, and not as if all had been said.
          answer.on('close', () => resolve(answer.complete))
        },
      )
        .on('error', reject)
        .end()
    })
    expect(await ended).toBe(false)
    expect(parts.join('')).toBe('data: one\n\n')
  })

  it('pass the beginning of an answer on that says nothing yet', async () => {
    const run = await new Promise((resolve, reject) => {
      const headers = { host: `localhost:${port}` }
      const asked = httpRequest({ host: '127.0.0.1', port, path: '/api/neuros/silent', headers }, (answer) => {
        answer.on('error', () => undefined)
        asked.destroy()
        resolve(answer.headers['x-auren-run'])
      })
      asked.on('error', reject).end()
    })
    expect(run).toBe('r2')
  })

  it('say so where nothing answers', async () => {
    expect((await ask('/api/biometric/healthz')).status).toBe(502)
  })

  it('refuse a rewrite that they cannot read', async () => {
    const file = join(folder, 'vercel.json')
    writeFileSync(file, JSON.stringify({ rewrites: [{ source: '/x', destination: 'http://127.0.0.1:1/y' }] }))
    await expect(readRewrites(file)).rejects.toMatchObject({ code: 'AUREN_CONFIG_INVALID' })
  })
})

describe('the page', () => {
  it('comes with a strict policy and without inline anything', async () => {
    const { headers, status } = await ask('/')
    expect(status).toBe(200)
    expect(headers['content-security-policy']).toContain("default-src 'self'")
    expect(headers['content-security-policy']).not.toContain('unsafe')
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
  })

  it('answers deep links with the page, and missing files with 404', async () => {
    expect((await ask('/memory')).body).toContain('AUREN')
    expect((await ask('/assets/gone.js')).status).toBe(404)
  })

  it('refuses a name that was rebound to this machine, also for the forwarded paths', async () => {
    expect((await ask('/', { host: 'evil.example' })).status).toBe(421)
    const before = seen.length
    expect((await ask('/api/neuros/v1/query', { host: `evil.example:${port}` })).status).toBe(421)
    expect(seen).toHaveLength(before)
  })
})

import { request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBoundedServer, SERVER_BOUNDS } from '../../src/http/server.js'
import { bearer } from '../identity-http.js'
import { startTwo, type Two } from './two-persons.js'

let two: Two
let base: URL
beforeAll(async () => {
  two = await startTwo()
  base = new URL(two.here.services.addresses.biometric as string)
})
afterAll(() => two?.close())

const begin = async (size?: number): Promise<string> =>
  (
    await two.call('biometric', 'POST', '/v1/imports', two.ann.token, {
      body: { name: 'export.zip', ...(size === undefined ? {} : { size }) },
    })
  ).json.id as string
const put = async (
  id: string,
  offset: number,
  body: string,
): Promise<{ status: number; json: Record<string, unknown> }> =>
  two.call('biometric', 'PUT', `/v1/imports/${id}/parts?offset=${offset}`, two.ann.token, {
    body,
    headers: { 'content-type': 'application/octet-stream' },
  })
const sizeOf = async (id: string): Promise<unknown> => {
  const { json } = await two.call('biometric', 'GET', `/v1/imports/${id}`, two.ann.token)
  return (json.progress as { bytes: number }).bytes
}

/** Says that it will send so much, sends a little, and tells the answer and how much was taken by then. */
function announce(
  method: string,
  path: string,
  length: number,
  type = 'application/octet-stream',
): Promise<{ status: number; sent: number }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      new URL(path, base),
      {
        method,
        headers: { ...bearer(two.ann.token), 'content-type': type, 'content-length': length, 'idempotency-key': 'k' },
      },
      (response) => {
        resolve({ status: response.statusCode ?? 0, sent: sent.socket?.bytesWritten ?? 0 })
        sent.destroy()
      },
    )
    sent.on('error', reject)
    sent.flushHeaders()
  })
}

describe('an upload (C19)', () => {
  it('of 20 GB is refused by what it says, before a byte of it is read', async () => {
    const id = await begin()
    for (const [method, path, type] of [
      ['PUT', `/v1/imports/${id}/parts?offset=0`, 'application/octet-stream'],
      ['POST', '/v1/observations', 'application/json'],
      ['POST', '/v1/imports', 'application/json'],
      ['POST', '/webhooks/oura', 'application/json'],
    ] as const) {
      const { status, sent } = await announce(method, path, 20 * 1024 ** 3, type)
      expect(status, path).toBe(413)
      expect(sent, path).toBeLessThan(2000)
    }
    const whole = await two.call('biometric', 'POST', '/v1/imports', two.ann.token, {
      body: { name: 'x.zip', size: 65 * 1024 ** 3 },
    })
    expect(whole.status).toBe(413)
    expect(await sizeOf(id)).toBe(0)
  })

  it('that does not say its length is cut at the limit', async () => {
    const id = await begin()
    const status = await new Promise<number>((resolve, reject) => {
      const sent = request(
        new URL(`/v1/imports/${id}/parts?offset=0`, base),
        { method: 'PUT', headers: { ...bearer(two.ann.token), 'transfer-encoding': 'chunked' } },
        (response) => {
          resolve(response.statusCode ?? 0)
          sent.destroy()
        },
      )
      sent.on('error', reject)
      const chunk = Buffer.alloc(1024 * 1024)
      for (let n = 0; n < 6; n++) sent.write(chunk)
    })
    expect(status).toBe(413)
    expect(await sizeOf(id)).toBe(0)
  })

  it('that breaks off in the middle keeps its place, and goes on from there', async () => {
    const id = await begin(200)
    expect((await put(id, 0, 'a'.repeat(100))).json).toEqual({ size: 100 })
    await new Promise<void>((resolve) => {
      const sent = request(new URL(`/v1/imports/${id}/parts?offset=100`, base), {
        method: 'PUT',
        headers: { ...bearer(two.ann.token), 'content-length': 100 },
      })
      sent.on('error', () => undefined)
      sent.once('close', () => resolve())
      sent.write('b'.repeat(50), () => sent.destroy())
    })
    // Half a part is none; a half upload does not pass for a whole one.
    expect(await sizeOf(id)).toBe(100)
    expect((await two.call('biometric', 'POST', `/v1/imports/${id}/start`, two.ann.token)).status).toBe(409)
    expect((await put(id, 100, 'b'.repeat(100))).json).toEqual({ size: 200 })
    expect((await put(id, 100, 'b'.repeat(100))).json).toEqual({ size: 200 })
    expect((await put(id, 300, 'c')).status).toBe(409)
  })

  it('that lies about what it is is read by what is in it, and fails as an import, not as a service', async () => {
    for (const [type, name] of [
      ['application/zip', 'export.zip'],
      ['text/xml', 'export.xml'],
      ['application/json', '../../../../etc/passwd'],
      ['multipart/form-data; boundary=x', 'C:\\export.zip\u0000.txt'],
    ] as const) {
      const begun = await two.call('biometric', 'POST', '/v1/imports', two.ann.token, {
        body: { name, plugin: 'apple-health' },
      })
      expect(begun.status).toBe(201)
      const id = begun.json.id as string
      const part = await two.call('biometric', 'PUT', `/v1/imports/${id}/parts?offset=0`, two.ann.token, {
        body: 'MZ this is a program',
        headers: { 'content-type': type },
      })
      expect(part.status).toBe(200)
      expect((await two.call('biometric', 'POST', `/v1/imports/${id}/start`, two.ann.token)).status).toBe(202)
      await two.here.auren.ingest.settled()
      const { json } = await two.call('biometric', 'GET', `/v1/imports/${id}`, two.ann.token)
      expect(json.state, name).toBe('dead')
    }
    expect((await two.call('neuros', 'GET', '/readyz', null)).status).toBe(200)
  })

  it('and another at once do not mix; of one part sent twice at once, one is kept', async () => {
    const [a, b] = await Promise.all([begin(), begin()])
    const words = ['a'.repeat(3000), 'b'.repeat(5000)]
    await Promise.all([
      put(a as string, 0, words[0] as string),
      put(b as string, 0, words[1] as string),
      put(a as string, 0, words[0] as string),
    ])
    expect([await sizeOf(a as string), await sizeOf(b as string)]).toEqual([3000, 5000])
  })
})

describe('a connection that takes its time (C19)', () => {
  it('is bounded in the services as in this test', () => {
    expect(SERVER_BOUNDS.headersMs).toBeLessThanOrEqual(15_000)
    expect(SERVER_BOUNDS.requestMs).toBeLessThanOrEqual(300_000)
  })

  const slow = async (first: string, drip: string): Promise<string> => {
    const server = createBoundedServer({ headersMs: 300, requestMs: 600, checkMs: 50 })
    server.on('request', (asked, response) => {
      asked.resume().once('end', () => response.end('took it'))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      return await new Promise((resolve) => {
        const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(first))
        let text = ''
        const dripping = setInterval(() => socket.writable && socket.write(drip), 40)
        socket.on('error', () => undefined)
        socket.on('data', (chunk) => {
          text += String(chunk)
        })
        socket.once('close', () => {
          clearInterval(dripping)
          resolve(text)
        })
      })
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }

  it('for its header is ended', async () => {
    expect(await slow('GET / HTTP/1.1\r\nhost: x\r\n', 'x-a: b\r\n')).toMatch(/^HTTP\/1\.1 408/)
  })

  it('for its body is ended', async () => {
    expect(await slow('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n', 'x')).toMatch(/^HTTP\/1\.1 408/)
  })

  it('or says too much before its body is ended', async () => {
    const socket = connect(Number(base.port), base.hostname)
    const answer = await new Promise<string>((resolve) => {
      socket.on('error', () => undefined)
      socket.once('data', (chunk) => resolve(String(chunk)))
      socket.write(`GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: ${'y'.repeat(20_000)}\r\n\r\n`)
    })
    socket.destroy()
    expect(answer).toMatch(/^HTTP\/1\.1 431/)
  })
})

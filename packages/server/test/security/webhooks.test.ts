import { createHmac, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTwo, type Two } from './two-persons.js'

/** How a vendor signs. */
interface Signer {
  /** Headers over raw bytes. @param at in ms */
  sign(body: string | Uint8Array, at: number): Record<string, string>
  /** A delivery about an account. */
  body(account: string): Record<string, unknown>
  signature: string
  timestamp: string
}

/** One for every wearable with a webhook that can be installed: what has none here fails below. */
const signers: Record<string, Signer> = {
  oura: {
    signature: 'x-oura-signature',
    timestamp: 'x-oura-timestamp',
    body: (account) => ({
      event_type: 'create',
      data_type: 'sleep',
      object_id: randomBytes(8).toString('hex'),
      event_time: '2026-11-20T10:00:00Z',
      user_id: account,
    }),
    sign(body, at) {
      const timestamp = String(Math.floor(at / 1000))
      const mac = createHmac('sha256', 's3cret').update(timestamp).update(body).digest('hex').toUpperCase()
      return { 'x-oura-timestamp': timestamp, 'x-oura-signature': mac }
    },
  },
}

let two: Two
beforeAll(async () => {
  two = await startTwo()
})
afterAll(() => two?.close())

const post = (
  provider: string,
  headers: Record<string, string | string[]>,
  body: string | Uint8Array,
  chunked = false,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request(
      `${two.here.services.addresses.biometric}/webhooks/${provider}`,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
      },
      (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0))
      },
    )
    sent.on('error', reject)
    if (!chunked) return void sent.end(body)
    const bytes = Buffer.from(body)
    for (let at = 0; at < bytes.length; at += 7) sent.write(bytes.subarray(at, at + 7))
    sent.end()
  })
/** Deliveries of accounts that nobody connected are set aside, one each: their number is what took effect. */
const effects = async (): Promise<number> => (await two.here.auren.lag()).quarantined

it('has a signer for every wearable that takes webhooks', () => {
  const installed = two.here.auren.plugins
    .list()
    .flatMap((plugin) => ('webhook' in plugin && plugin.webhook ? [plugin.id] : []))
  expect(installed).toEqual(Object.keys(signers))
})

describe.each(Object.entries(signers))('a delivery to /webhooks/%s (C5)', (provider, signer) => {
  const fresh = (): string => JSON.stringify(signer.body(`account ${randomBytes(6).toString('hex')}`))
  const signed = (body: string | Uint8Array, minutes = 0): Record<string, string> =>
    signer.sign(body, Date.now() + minutes * 60_000)
  const refused = async (headers: Record<string, string | string[]>, body: string | Uint8Array): Promise<void> => {
    const before = await effects()
    expect([400, 401]).toContain(await post(provider, headers, body))
    expect(await effects()).toBe(before)
  }

  it('is taken with its signature, once however often it comes', async () => {
    const body = fresh()
    const headers = signed(body)
    const before = await effects()
    expect([await post(provider, headers, body), await post(provider, headers, body)]).toEqual([200, 200])
    expect(await Promise.all(Array.from({ length: 8 }, () => post(provider, headers, body)))).toEqual(
      Array(8).fill(200),
    )
    // Signed anew at another second, it is the same delivery still.
    expect(await post(provider, signed(body, 1), body)).toBe(200)
    expect(await effects()).toBe(before + 1)
  })

  it('is taken in chunks of any size: the raw bytes are what is hashed', async () => {
    const body = `${fresh().replace('{', '{ ').replace(',', ' ,\n')}\n`
    const before = await effects()
    expect(await post(provider, signed(body), body, true)).toBe(200)
    expect(await effects()).toBe(before + 1)
  })

  it('is refused without a signature, without its time, with an empty or a wrong one', async () => {
    const body = fresh()
    const { [signer.signature]: signature = '', [signer.timestamp]: timestamp = '' } = signed(body)
    await refused({}, body)
    await refused({ [signer.signature]: signature }, body)
    await refused({ [signer.timestamp]: timestamp }, body)
    await refused({ [signer.signature]: '', [signer.timestamp]: timestamp }, body)
    const forged = createHmac('sha256', 'another secret').update(timestamp).update(body).digest('hex').toUpperCase()
    for (const wrong of [
      forged,
      `${signature}00`,
      signature.slice(2),
      `sha256=${signature}`,
      `${signature.slice(0, 32)} ${signature.slice(32)}`,
      'undefined',
      '*',
      '\u00e9'.repeat(64),
    ])
      await refused({ [signer.signature]: wrong, [signer.timestamp]: timestamp }, body)
  })

  it('is refused with any one digit of the signature changed', async () => {
    const body = fresh()
    const headers = signed(body)
    const signature = headers[signer.signature] as string
    for (let at = 0; at < signature.length; at++) {
      const digit = signature[at] === '0' ? '1' : '0'
      const wrong = `${signature.slice(0, at)}${digit}${signature.slice(at + 1)}`
      expect(await post(provider, { ...headers, [signer.signature]: wrong }, body)).toBe(401)
    }
  })

  it('is refused with the signature of the same JSON written otherwise', async () => {
    const value = signer.body('rewritten')
    const compact = JSON.stringify(value)
    const pretty = JSON.stringify(value, null, 2)
    const reordered = JSON.stringify(Object.fromEntries(Object.entries(value).reverse()))
    await refused(signed(pretty), compact)
    await refused(signed(reordered), compact)
    await refused(signed(`${compact} `), compact)
    await refused(signed(compact), compact.replace('rewritten', 'tampered'))
  })

  it('is refused six minutes old, six minutes early, and with a time that is none', async () => {
    const body = fresh()
    await refused(signed(body, -6), body)
    await refused(signed(body, 6), body)
    for (const time of ['', '0', '-1', 'NaN', '1e9', String(Date.now()), ` ${Math.floor(Date.now() / 1000)}.5`]) {
      const mac = createHmac('sha256', 's3cret').update(time).update(body).digest('hex').toUpperCase()
      await refused({ [signer.signature]: mac, [signer.timestamp]: time }, body)
    }
  })

  it('is refused with two signatures of which one is right', async () => {
    const body = fresh()
    const headers = signed(body)
    const signature = headers[signer.signature] as string
    for (const pair of [
      [signature, '0'.repeat(64)],
      ['0'.repeat(64), signature],
    ])
      await refused({ ...headers, [signer.signature]: pair }, body)
  })

  it('is nobody’s at the address of another vendor, or of none', async () => {
    const body = fresh()
    const before = await effects()
    for (const other of ['apple-health', 'whoop', 'x', 'pglite'])
      expect(await post(other, signed(body), body)).toBe(404)
    expect(await effects()).toBe(before)
  })

  it('is refused empty, compressed, and longer than it says it may be', async () => {
    await refused(signed(''), '')
    const body = fresh()
    const packed = gzipSync(body)
    await refused({ ...signed(packed), 'content-encoding': 'gzip' }, packed)
    await refused({ ...signed(body), 'content-encoding': 'gzip' }, packed)
    const before = await effects()
    expect(await post(provider, signed('x'), ' '.repeat(4 * 1024 * 1024 + 1))).toBe(413)
    expect(await effects()).toBe(before)
  })

  it('is refused cut off, or with a length and chunks at once', async () => {
    const body = fresh()
    const { hostname, port } = new URL(two.here.services.addresses.biometric as string)
    const head = Object.entries(signed(body)).map(([name, value]) => `${name}: ${value}\r\n`)
    const raw = (lines: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(Number(port), hostname, () => socket.end(lines))
        let text = ''
        socket.on('data', (chunk) => {
          text += String(chunk)
        })
        socket.once('close', () => resolve(text))
      })
    const before = await effects()
    const start = `POST /webhooks/${provider} HTTP/1.1\r\nhost: x\r\n${head.join('')}`
    const smuggled = await raw(
      `${start}content-length: ${body.length}\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    )
    expect(smuggled).toMatch(/^HTTP\/1\.1 400/)
    expect(await raw(`${start}content-length: ${body.length + 10}\r\n\r\n${body}`)).not.toMatch(/ 200 /)
    expect(await effects()).toBe(before)
  })
})

import { readFileSync } from 'node:fs'
import type { AurenError, Fetch, RawRequest } from '@auren/core'
import { describe, expect, it } from 'vitest'
import { googleHealth } from '../src/wearables/google-health/index.js'

interface Vector {
  name: string
  body: string
  signature: string
}
const vectors = JSON.parse(
  readFileSync(new URL('fixtures/google-health/signature-vectors.json', import.meta.url), 'utf8'),
) as { authorization: string; keyset: { key: unknown[] }; accepted: Vector[]; refused: Vector[] }

const MINUTE = 60_000
const DAY = 1440 * MINUTE
const now = Date.UTC(2026, 2, 8, 2)

/** The plugin, and Google's key set as it is answered. */
function open() {
  const asked: string[] = []
  const answers = { status: 200, body: vectors.keyset as unknown }
  const fetch: Fetch = async (url) => {
    asked.push(url)
    if (answers.status === 0) throw new Error('not reached')
    return {
      status: answers.status,
      headers: {},
      text: async () => '',
      json: async () => answers.body,
      bytes: async () => new Uint8Array(),
    }
  }
  const plugin = googleHealth({ clientId: 'c', clientSecret: 's', webhookSecret: vectors.authorization })
  const check = async (request: RawRequest) => {
    await plugin.webhook?.prepare?.(request, { fetch })
    return plugin.webhook?.verify(request)
  }
  return { plugin, asked, answers, check }
}

function requestOf(
  { body, signature }: { body: string | Uint8Array; signature?: string | undefined },
  { authorization = vectors.authorization, at = now }: { authorization?: string | undefined; at?: number } = {},
): RawRequest {
  const headers = {
    ...(authorization === '' ? {} : { authorization }),
    ...(signature === undefined ? {} : { 'google-health-api-signature': signature }),
  }
  return { method: 'POST', headers, query: {}, body: Buffer.from(body), now: at }
}

const [first] = vectors.accepted as [Vector, ...Vector[]]

describe('both signatures', () => {
  it.each(vectors.accepted)('accepts $name', async (vector) => {
    expect(await open().check(requestOf(vector))).toMatchObject({ ok: true })
  })

  it.each(vectors.refused)('refuses what is signed $name', async (vector) => {
    expect(await open().check(requestOf(vector))).toMatchObject({ ok: false })
  })

  it('refuses every single-bit mutation of the body and of the signature', async () => {
    const { check, plugin } = open()
    await check(requestOf(first))
    const verdict = (request: RawRequest) => plugin.webhook?.verify(request).ok
    const flips = (bytes: Buffer) =>
      Array.from({ length: bytes.length * 8 }, (_, bit) => {
        const flipped = Buffer.from(bytes)
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
        return flipped
      })
    expect(verdict(requestOf(first))).toBe(true)
    for (const body of flips(Buffer.from(first.body)))
      expect(verdict(requestOf({ body, signature: first.signature }))).toBe(false)
    // Of the bytes, and of the letters that spell them: spare bits and strange letters of base64 included.
    for (const bytes of flips(Buffer.from(first.signature, 'base64')))
      expect(verdict(requestOf({ body: first.body, signature: bytes.toString('base64') }))).toBe(false)
    for (const letters of flips(Buffer.from(first.signature, 'latin1')))
      expect(verdict(requestOf({ body: first.body, signature: letters.toString('latin1') }))).toBe(false)
    for (const secret of flips(Buffer.from(vectors.authorization, 'latin1')))
      expect(verdict(requestOf(first, { authorization: secret.toString('latin1') }))).toBe(false)
  })

  it('refuses either without the other, and what is not in the documented form', async () => {
    const { check } = open()
    await check(requestOf(first))
    expect(await check(requestOf({ body: first.body }))).toMatchObject({ ok: false })
    expect(await check(requestOf(first, { authorization: '' }))).toMatchObject({ ok: false })
    const raw = Buffer.from(first.signature, 'base64')
    const forms = [
      '',
      'AQ==',
      raw.subarray(5).toString('base64'),
      raw.toString('hex'),
      `${first.signature}=`,
      ` ${first.signature}`,
      Buffer.concat([raw, Buffer.from([0])]).toString('base64'),
      'A'.repeat(100_000),
    ]
    for (const signature of forms)
      expect(await check(requestOf({ body: first.body, signature }))).toMatchObject({ ok: false })
    const { reason } = (await check(requestOf({ body: first.body, signature: '' }))) as { reason: string }
    expect(reason).not.toContain(vectors.authorization)
  })

  it('takes two deliveries for one where their signatures are the same', async () => {
    const { check } = open()
    const keys = await Promise.all([check(requestOf(first)), check(requestOf(first, { at: now + DAY }))])
    expect(new Set(keys.map((verdict) => verdict?.ok && verdict.deliveryKey)).size).toBe(1)
  })
})

describe('the published keys', () => {
  it('are fetched from Google’s host only, once a day', async () => {
    const { check, asked, plugin } = open()
    for (const at of [now, now + 5 * MINUTE, now + DAY - 1]) await check(requestOf(first, { at }))
    expect(asked).toEqual(['https://www.gstatic.com/googlehealthapi/webhooks/webhooks_public_keyset.json'])
    expect(plugin.hosts).toContain('www.gstatic.com')
    await check(requestOf(first, { at: now + DAY + MINUTE }))
    expect(asked).toHaveLength(2)
  })

  it('are not asked for by who does not know the secret', async () => {
    const { check, asked } = open()
    await check(requestOf(first, { authorization: 'Bearer guess' }))
    await check(requestOf({ body: first.body, signature: 'nonsense' }))
    expect(asked).toEqual([])
  })

  it('are fetched again for one that is unknown, at most once in ten minutes', async () => {
    const { check, asked, answers } = open()
    const [known, ...others] = vectors.keyset.key
    answers.body = { key: [known] }
    await check(requestOf(first))
    const second = vectors.accepted[1] as Vector
    for (let i = 1; i < 60; i++)
      expect(await check(requestOf(second, { at: now + i * 10_000 }))).toMatchObject({ ok: false })
    expect(asked).toHaveLength(1)
    answers.body = { key: [known, ...others] }
    expect(await check(requestOf(second, { at: now + 10 * MINUTE }))).toMatchObject({ ok: true })
    expect(asked).toHaveLength(2)
  })

  it('go on to be used while Google does not answer, for a week', async () => {
    const { check, answers, asked } = open()
    await check(requestOf(first))
    for (const status of [0, 500]) {
      answers.status = status
      const at = now + 6 * DAY + status * MINUTE
      expect(await check(requestOf(first, { at }))).toMatchObject({ ok: true })
    }
    answers.status = 200
    answers.body = { key: [] }
    await expect(check(requestOf(first, { at: now + 7 * DAY + MINUTE }))).rejects.toMatchObject({
      code: 'AUREN_VENDOR_FAILED',
      retryable: true,
    })
    expect(asked.length).toBeGreaterThan(2)
  })

  it('are asked for in one request however many deliveries wait, and a failure is no verdict', async () => {
    const { check, asked, answers } = open()
    answers.status = 503
    const waiting = await Promise.allSettled([1, 2, 3].map(() => check(requestOf(first))))
    expect(waiting.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(asked).toHaveLength(1)
  })
})

describe('the handshake', () => {
  const body = '{"type": "verification"}'
  const challenge = (request: RawRequest) => open().plugin.webhook?.challenge?.(request)

  it('is answered with 201 to who knows the secret, and with 401 to who does not', () => {
    expect(challenge(requestOf({ body }))).toEqual({ status: 201, body: '' })
    expect(challenge(requestOf({ body }, { authorization: '' }))).toEqual({ status: 401, body: '' })
    expect(challenge(requestOf({ body }, { authorization: 'Bearer guess' }))).toEqual({ status: 401, body: '' })
  })

  it('is nothing else: a notification is not let in by it', () => {
    expect(challenge(requestOf(first))).toBeNull()
    expect(challenge(requestOf({ body: '{"type":"verification","data":{}}' }))).toBeNull()
    expect(challenge(requestOf({ body: '"verification"' }))).toBeNull()
    expect(challenge(requestOf({ body: ' '.repeat(1000) + body }))).toBeNull()
    expect(challenge({ ...requestOf({ body: '' }), method: 'GET' })).toBeNull()
  })
})

describe('the options', () => {
  it('must have every secret, and a long one for the webhook', () => {
    const all = { clientId: 'c', clientSecret: 's', webhookSecret: vectors.authorization }
    for (const lacking of [{ clientId: '' }, { clientSecret: '' }, { webhookSecret: '' }, { webhookSecret: 'short' }]) {
      try {
        googleHealth({ ...all, ...lacking })
        expect.unreachable()
      } catch (error) {
        expect((error as AurenError).code).toBe('AUREN_CONFIG_INVALID')
      }
    }
  })
})

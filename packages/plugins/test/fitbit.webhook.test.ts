import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { AurenError, RawRequest } from '@auren/core'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { fitbit } from '../src/wearables/fitbit/index.js'

const plugin = fitbit({ clientId: 'c', clientSecret: 's3cret', verifyCode: 'cöde' })

describe('the webhook', () => {
  const body = JSON.stringify([
    { collectionType: 'sleep', date: '2026-03-01', ownerId: 'ABC123', ownerType: 'user', subscriptionId: 's' },
  ])
  const sign = (text: string | Uint8Array) => createHmac('sha1', 's3cret&').update(text).digest('base64')
  const request = (text: string | Uint8Array, signature?: string, now = 0): RawRequest => ({
    method: 'POST',
    headers: signature === undefined ? {} : { 'x-fitbit-signature': signature },
    query: {},
    body: Buffer.from(text),
    now,
  })
  const verify = (...args: Parameters<typeof request>) => plugin.webhook?.verify(request(...args))
  const flips = (bytes: Buffer) =>
    Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      return flipped
    })

  it('takes what is signed, and nothing of which a single bit differs', () => {
    expect(verify(body, sign(body))).toMatchObject({ ok: true })
    for (const flipped of flips(Buffer.from(body))) expect(verify(flipped, sign(body))).toMatchObject({ ok: false })
    for (const flipped of flips(Buffer.from(sign(body), 'base64')))
      expect(verify(body, flipped.toString('base64'))).toMatchObject({ ok: false })
    for (const flipped of flips(Buffer.from(sign(body), 'latin1')))
      expect(verify(body, flipped.toString('latin1'))).toMatchObject({ ok: false })
  })

  it('refuses with 404, as Fitbit wants it: unsigned, signed without the ampersand, in other forms', () => {
    const bare = createHmac('sha1', 's3cret').update(body).digest('base64')
    const hex = createHmac('sha1', 's3cret&').update(body).digest('hex')
    for (const signature of [undefined, '', bare, hex, `${sign(body)} `, sign(body).replace('=', '')])
      expect(verify(body, signature)).toMatchObject({ ok: false, status: 404 })
  })

  it('takes the same words for one delivery for ten seconds: later the day is news', () => {
    const key = (now: number) => {
      const verdict = verify(body, sign(body), now)
      return verdict?.ok ? verdict.deliveryKey : null
    }
    expect(key(20_000)).toBe(key(29_999))
    expect(key(20_000)).not.toBe(key(30_000))
  })

  const vectors = shared('payloads', 'signature-vectors', 'vectors.json')
  it.skipIf(!vectors)('verifies the vector of the evaluation set', () => {
    const all = JSON.parse(readFileSync(vectors ?? '', 'utf8')) as {
      vendor: string
      secret: string
      headers: Record<string, string>
      body: string
    }[]
    const own = all.filter(({ vendor }) => vendor === 'fitbit')
    expect(own).toHaveLength(1)
    for (const { secret, headers, body: text } of own) {
      const { webhook } = fitbit({ clientId: 'c', clientSecret: secret, verifyCode: 'v' })
      expect(webhook?.verify(request(text, headers['X-Fitbit-Signature']))).toMatchObject({ ok: true })
    }
  })

  it('answers the right code with 204, and a wrong one with 404', () => {
    const challenge = (query: Record<string, string>, method: 'GET' | 'POST' = 'GET') =>
      plugin.webhook?.challenge?.({ ...request(''), method, query })
    expect(challenge({ verify: 'cöde' })).toEqual({ status: 204, body: '' })
    expect(challenge({ verify: 'code' })).toEqual({ status: 404, body: '' })
    expect(challenge({ verify: '' })).toEqual({ status: 404, body: '' })
    expect(challenge({})).toBeNull()
    expect(challenge({ verify: 'cöde' }, 'POST')).toBeNull()
  })

  it('tells which days of whom to fetch, and who has ended it', () => {
    const told = (ownerId: string, collectionType: string, date?: string) => ({ ownerId, collectionType, date })
    expect(
      plugin.webhook?.plan(
        [
          told('a', 'activities', '2026-03-01'),
          told('a', 'activities', '2026-03-01'),
          told('a', 'sleep', '2026-03-02'),
          told('b', 'userRevokedAccess', '2026-03-01'),
          told('c', 'deleteUser'),
          told('d', 'friends', '2026-03-01'),
          { nobody: 1 },
        ],
        { receivedAt: 0 },
      ),
    ).toEqual([
      {
        account: 'a',
        fetch: [
          { resource: 'activities', params: { date: '2026-03-01' } },
          { resource: 'sleep', params: { date: '2026-03-02' } },
        ],
      },
      { account: 'b', lifecycle: 'deauthorized' },
      { account: 'c', lifecycle: 'deauthorized' },
      { account: 'd' },
      { account: 'no-owner-id' },
    ])
    for (const other of [{}, [], 'x', [{}]])
      expect(() => plugin.webhook?.plan(other, { receivedAt: 0 })).toThrow(
        expect.objectContaining({ code: 'AUREN_PAYLOAD_INVALID' }),
      )
    expect(plugin.webhook?.accepted).toBe(204)
  })
})

describe('the options', () => {
  it('must have every secret', () => {
    const all = { clientId: 'c', clientSecret: 's', verifyCode: 'v' }
    for (const name of ['clientId', 'clientSecret', 'verifyCode'] as const) {
      try {
        fitbit({ ...all, [name]: '' })
        expect.unreachable()
      } catch (error) {
        expect((error as AurenError).code).toBe('AUREN_CONFIG_INVALID')
      }
    }
  })
})

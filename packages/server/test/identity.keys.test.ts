import type { IdentityStore } from '@auren/core'
import { decodeProtectedHeader } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { createAccessTokens } from '../src/identity/access.js'
import { createSigningKeys, type SigningKeys } from '../src/identity/keys.js'

const minute = 60_000
let at = 0
let kept: Awaited<ReturnType<IdentityStore['signingKeys']>> = []
let looks = 0
const signIn = '3b241101-e2bb-4255-8caf-4136c566a962'
// What two processes share. The real store is tried in sql.identity.test.ts; here it is time that is made.
const store = {
  async signingKeys() {
    looks++
    return kept
  },
  async addSigningKey(key: (typeof kept)[number]) {
    kept = [key, ...kept]
  },
  signIn: async () => ({ id: signIn, user: 'ann', createdAt: 0, usedAt: 0, expiresAt: 1e15 }),
} as unknown as IdentityStore
const open = (): Promise<SigningKeys> => createSigningKeys({ jwtKeys: null }, store, () => at)
const kidOf = (token: string): string => decodeProtectedHeader(token).kid as string

beforeEach(() => {
  at = Date.UTC(2026, 0, 1)
  kept = []
})

describe('keys of access tokens', () => {
  it('are shared by processes: a rotation is noticed by all, and nothing that was signed breaks', async () => {
    const [one, two] = [await open(), await open()]
    expect(kept).toHaveLength(1)
    const [tokensOne, tokensTwo] = [one, two].map((keys) => createAccessTokens(keys, store, () => at))
    const before = (await tokensTwo?.issue('ann', signIn, ['read'])) as string
    at += 10_000
    expect(await one.rotate()).toBe(true)
    const after = (await tokensOne?.issue('ann', signIn, ['read'])) as string
    expect(kidOf(after)).not.toBe(kidOf(before))
    expect(await tokensTwo?.verify(after)).toMatchObject({ user: 'ann' })
    expect(await tokensOne?.verify(before)).toMatchObject({ user: 'ann' })
    at += minute
    expect(kidOf((await tokensTwo?.issue('ann', signIn, ['read'])) as string)).toBe(kidOf(after))
  })

  it('stop when all that they signed has expired', async () => {
    const keys = await open()
    const { kid: first } = await keys.current()
    at += minute
    await keys.rotate()
    at += 11 * minute
    expect(await keys.find(first)).not.toBeNull()
    at += 2 * minute
    expect(await keys.find(first)).toBeNull()
    expect((await keys.jwks()).keys).toHaveLength(1)
  })

  it('are not looked up for every id that somebody invents', async () => {
    const keys = await open()
    at += minute
    const before = looks
    for (let i = 0; i < 1000; i++) expect(await keys.find(`../${i}' or 1=1`)).toBeNull()
    expect(looks - before).toBe(1)
  })

  it('sign for ten minutes', async () => {
    const tokens = createAccessTokens(await open(), store, () => at)
    const token = await tokens.issue('ann', signIn, ['read'])
    at += 9 * minute
    expect(await tokens.verify(token)).toMatchObject({ via: 'session', signIn })
    at += 2 * minute
    await expect(tokens.verify(token)).rejects.toThrow()
  })
})

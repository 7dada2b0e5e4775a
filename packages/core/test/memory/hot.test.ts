import * as vitest from 'vitest'
import { describe, expect, it } from 'vitest'
import type { Vault } from '../../src/index.js'
import { memoryHot } from '../../src/memory/hot.js'
import { sealedHot } from '../../src/memory/sealed-hot.js'
import { testHot } from '../../src/testing/hot.js'

/** Flips every bit and puts the person's name in front; a destroyed key opens nothing. */
function flippingVault(): Vault & { destroy(user: string): void } {
  const destroyed = new Set<string>()
  const flip = (bytes: Uint8Array) => bytes.map((byte) => byte ^ 0xff)
  const check = (user: string) => {
    if (destroyed.has(user)) throw new Error('the key is gone')
  }
  return {
    async seal(user, plain) {
      check(user)
      return flip(Buffer.concat([Buffer.from(`${user}|`), plain]))
    },
    async open(user, sealed) {
      check(user)
      const plain = Buffer.from(flip(sealed))
      const head = Buffer.from(`${user}|`)
      if (!plain.subarray(0, head.length).equals(head)) throw new Error('not for this person')
      return plain.subarray(head.length)
    },
    keyed: async () => [],
    destroy: (user) => destroyed.add(user),
  }
}

describe('in process', () => {
  testHot({ runner: vitest, open: async () => ({ hot: memoryHot(), close: async () => undefined }) })

  it('holds so many persons at most; who was read or written last stays', async () => {
    const hot = memoryHot({ persons: 2 })
    const entry = { version: 1, date: '2026-05-04', value: 1 }
    await hot.put('ann', 'today', entry)
    await hot.put('bob', 'today', entry)
    await hot.get('ann', 'today')
    await hot.put('cy', 'today', entry)
    expect(await hot.get('ann', 'today')).toEqual(entry)
    expect(await hot.get('bob', 'today')).toBe(null)
  })
})

describe('sealed', () => {
  testHot({
    runner: vitest,
    open: async () => ({ hot: sealedHot(memoryHot(), flippingVault()), close: async () => undefined }),
  })

  const entry = { version: 1, date: '2026-05-04', value: { note: 'CANARY-7f3', bpm: 61.73717 } }

  it('lets nothing readable stand in the tier', async () => {
    const seen: unknown[] = []
    const inner = memoryHot()
    const hot = sealedHot(
      {
        ...inner,
        put: async (user, key, put) => {
          seen.push(put)
          await inner.put(user, key, put)
        },
      },
      flippingVault(),
    )
    await hot.put('ann', 'today', entry)
    expect(seen.length).toBe(1)
    expect(JSON.stringify(seen)).not.toMatch(/CANARY|61\.73717/)
    expect(Buffer.from((seen[0] as { value: string }).value, 'base64').toString('latin1')).not.toMatch(
      /CANARY|61\.73717/,
    )
    expect(await hot.get('ann', 'today')).toEqual(entry)
  })

  it('has nothing of a person whose key was destroyed, of somebody else, or that nobody sealed', async () => {
    const inner = memoryHot()
    const vault = flippingVault()
    const hot = sealedHot(inner, vault)
    await hot.put('ann', 'today', entry)
    const [stored] = await Promise.all([inner.get('ann', 'today.1')])
    expect(stored).not.toBe(null)
    await inner.put('bob', 'today.1', { version: 1, date: '2026-05-04', value: stored?.value })
    await inner.put('cy', 'today.1', entry)
    expect(await hot.get('bob', 'today')).toBe(null)
    expect(await hot.get('cy', 'today')).toBe(null)
    vault.destroy('ann')
    expect(await hot.get('ann', 'today')).toBe(null)
    await hot.put('ann', 'today', { ...entry, version: 2 })
    expect((await inner.get('ann', 'today.1'))?.version).toBe(1)
  })
})

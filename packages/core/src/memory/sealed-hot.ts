import type { Vault } from '../plugin/types.js'
import type { Hot } from './ports.js'

/**
 * Names the form of what is kept: raise it when a view's shape or computation changes, so that processes of two versions
 * that share a hot tier never take each other's entries.
 */
const form = 1

/**
 * A hot tier outside of this process that keeps sealed values only: what stands there is opened with the person's key,
 * and is nothing once an erasure has destroyed that, though the wipe may have failed. What cannot be sealed is not kept,
 * what cannot be opened is not there.
 */
export function sealedHot(hot: Hot, vault: Vault): Hot {
  const name = (key: string): string => `${key}.${form}`
  const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value ?? null))
  return {
    ...hot,
    async get(user, key) {
      const held = await hot.get(user, name(key))
      if (held === null || typeof held.value !== 'string') return null
      try {
        const plain = await vault.open(user, Buffer.from(held.value, 'base64'))
        return { ...held, value: JSON.parse(Buffer.from(plain).toString()) as unknown }
      } catch {
        return null
      }
    },
    async put(user, key, entry) {
      let sealed: Uint8Array
      try {
        sealed = await vault.seal(user, bytes(entry.value))
      } catch {
        return
      }
      await hot.put(user, name(key), { ...entry, value: Buffer.from(sealed).toString('base64') })
    },
  }
}

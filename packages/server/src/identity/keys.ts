import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { IdentityStore } from '@auren/core'
import { calculateJwkThumbprint, type JWK } from 'jose'
import type { IdentityConfig } from './config.js'

/** One of the keys that access tokens are signed with. */
export interface SigningKey {
  /** RFC 7638 thumbprint. */
  kid: string
  privateKey: KeyObject
  publicKey: KeyObject
}

/** Keys of this installation's own tokens. */
export interface SigningKeys {
  current(): Promise<SigningKey>
  /** By `kid`, which is compared and nothing else. */
  find(kid: string): Promise<SigningKey | null>
  /** What `/.well-known/jwks.json` shows: public parts only. */
  jwks(): Promise<{ keys: JWK[] }>
  /** Makes a new current key; the older ones go on verifying. False where the keys are the environment's to rotate. */
  rotate(): Promise<boolean>
}

/** Shortest time between two looks into the store for a key that is not known here, in ms. */
const cooldown = 5_000

/** Keys given by `AUREN_JWT_KEY`, else kept in the store, sealed, so that sign-ins outlive a restart. */
export async function createSigningKeys(
  config: Pick<IdentityConfig, 'jwtKeys'>,
  store: IdentityStore,
  now: () => number,
): Promise<SigningKeys> {
  let keys: SigningKey[] = []
  let lookedAt = Number.NEGATIVE_INFINITY

  const load = async (): Promise<void> => {
    lookedAt = now()
    keys = config.jwtKeys
      ? await Promise.all(config.jwtKeys.map((pem) => toKey(createPrivateKey(pem))))
      : await Promise.all(
          (await store.signingKeys()).map(({ jwk }) => toKey(createPrivateKey({ key: jwk, format: 'jwk' }))),
        )
  }
  const make = async (): Promise<void> => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const { kid } = await toKey(privateKey)
    await store.addSigningKey({
      id: kid,
      jwk: privateKey.export({ format: 'jwk' }) as Record<string, unknown>,
      createdAt: now(),
    })
    await load()
  }

  await load()
  if (keys.length === 0) await make()
  return {
    current: async () => keys[0] as SigningKey,
    async find(kid) {
      const known = keys.find((key) => key.kid === kid)
      if (known || config.jwtKeys || now() - lookedAt < cooldown) return known ?? null
      // Another process may have rotated; a flood of invented ids looks once in a while.
      await load()
      return keys.find((key) => key.kid === kid) ?? null
    },
    jwks: async () => ({
      keys: keys.map(({ kid, publicKey }) => ({
        ...(publicKey.export({ format: 'jwk' }) as JWK),
        kid,
        alg: 'EdDSA',
        use: 'sig',
      })),
    }),
    async rotate() {
      if (config.jwtKeys) return false
      await make()
      return true
    },
  }
}

async function toKey(privateKey: KeyObject): Promise<SigningKey> {
  const publicKey = createPublicKey(privateKey)
  return { kid: await calculateJwkThumbprint(publicKey.export({ format: 'jwk' }) as JWK), privateKey, publicKey }
}

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { IdentityStore, Instant } from '@auren/core'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { ACCESS_SECONDS } from './access-terms.js'
import type { IdentityConfig } from './config.js'

/** One of the keys that access tokens are signed with. */
export interface SigningKey {
  /** RFC 7638 thumbprint. */
  kid: string
  privateKey: KeyObject
  publicKey: KeyObject
  /** 0 for keys of the environment. */
  createdAt: Instant
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
/** Within this time every process knows of a rotation, in ms. */
const noticed = 60_000
/** How long an older key goes on after the next one was made: whatever it signed has then expired, in ms. */
const retired = ACCESS_SECONDS * 1000 + 2 * noticed

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
      ? await Promise.all(config.jwtKeys.map((pem) => toKey(createPrivateKey(pem), 0)))
      : await Promise.all(
          (await store.signingKeys()).map(({ jwk, createdAt }) =>
            toKey(createPrivateKey({ key: jwk, format: 'jwk' }), createdAt),
          ),
        )
  }
  const make = async (): Promise<void> => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const { kid } = await toKey(privateKey, now())
    await store.addSigningKey({
      id: kid,
      jwk: privateKey.export({ format: 'jwk' }) as Record<string, unknown>,
      createdAt: now(),
    })
    await load()
  }

  /** Newest first; an older one for as long as what it signed can live. */
  const live = (): SigningKey[] =>
    config.jwtKeys ? keys : keys.filter((_, i) => i === 0 || (keys[i - 1] as SigningKey).createdAt > now() - retired)

  await load()
  if (keys.length === 0) await make()
  return {
    async current() {
      if (!config.jwtKeys && now() - lookedAt >= noticed) await load()
      return keys[0] as SigningKey
    },
    async find(kid) {
      const known = live().find((key) => key.kid === kid)
      if (known || config.jwtKeys || now() - lookedAt < cooldown) return known ?? null
      // Another process may have rotated; a flood of invented ids looks once in a while.
      await load()
      return live().find((key) => key.kid === kid) ?? null
    },
    jwks: async () => ({
      keys: live().map(({ kid, publicKey }) => ({
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

async function toKey(privateKey: KeyObject, createdAt: Instant): Promise<SigningKey> {
  const publicKey = createPublicKey(privateKey)
  const kid = await calculateJwkThumbprint(publicKey.export({ format: 'jwk' }) as JWK)
  return { kid, privateKey, publicKey, createdAt }
}

import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { AurenError, type IdentityStore, type UserId } from '@auren/core'
import type { AccessTokens } from './access.js'
import { ACCESS_SECONDS } from './access-terms.js'
import type { Record as Note } from './audit.js'

/** How long a sign-in lasts without signing in again, in ms: 30 days. */
export const SIGN_IN_MS = 30 * 24 * 60 * 60_000

/** What a page gets: the access token stays in its memory; the refresh token goes into the cookie. */
export interface Grant {
  user: UserId
  accessToken: string
  /** Seconds. */
  expiresIn: number
  refreshToken: string
}

/** Sign-ins with rotating refresh tokens. */
export interface Sessions {
  begin(user: UserId): Promise<Grant>
  /**
   * A new access token, and a new refresh token in the place of this one. The same token at the same moment (two tabs)
   * is one refresh; a token that was rotated before ends the sign-in.
   * @throws AurenError AUREN_UNAUTHENTICATED
   */
  refresh(refreshToken: string): Promise<Grant>
  /** Ends the sign-in of a refresh token; an unknown one is nothing to end. */
  end(refreshToken: string): Promise<void>
}

/** SHA-256 in hex: enough for secrets of 256 random bits. */
export function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

const form = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([\w-]{43})$/

/** Sign-ins over the store. */
export function createSessions(store: IdentityStore, access: AccessTokens, note: Note, now: () => number): Sessions {
  const running = new Map<string, Promise<Grant>>()
  const fresh = (id: string): string => `${id}.${randomBytes(32).toString('base64url')}`

  const grant = async (user: UserId, id: string, refreshToken: string): Promise<Grant> => {
    const account = await store.account(user)
    if (!account) throw ended()
    return {
      user,
      accessToken: await access.issue(user, id, account.scopes),
      expiresIn: ACCESS_SECONDS,
      refreshToken,
    }
  }

  const rotate = async (refreshToken: string): Promise<Grant> => {
    const id = form.exec(refreshToken)?.[1]
    if (id === undefined) throw ended()
    const next = fresh(id)
    const rotated = await store.rotateSignIn(id, digest(refreshToken), digest(next), now())
    if (!rotated) throw ended()
    if (rotated.reused) {
      await note({
        action: 'session.reuse',
        actor: null,
        subject: rotated.user,
        reason: 'a used refresh token came again',
      })
      throw ended()
    }
    return grant(rotated.user, id, next)
  }

  return {
    async begin(user) {
      const at = now()
      const id = randomUUID()
      const refreshToken = fresh(id)
      await store.addSignIn({
        id,
        user,
        hash: digest(refreshToken),
        createdAt: at,
        usedAt: at,
        expiresAt: at + SIGN_IN_MS,
      })
      return grant(user, id, refreshToken)
    },
    refresh(refreshToken) {
      const key = digest(refreshToken)
      let one = running.get(key)
      if (!one) {
        one = rotate(refreshToken).finally(() => running.delete(key))
        running.set(key, one)
      }
      return one
    },
    async end(refreshToken) {
      const id = form.exec(refreshToken)?.[1]
      const held = id === undefined ? null : await store.signIn(id, now())
      if (!held || id === undefined) return
      // Whoever holds any token of the family may end it; a forged one is told from a rotated one by nobody else.
      const rotated = await store.rotateSignIn(id, digest(refreshToken), digest(fresh(id)), now())
      if (rotated) await store.endSignIns(held.user, { only: id })
      await note({ action: 'session.end', actor: held.user, subject: held.user, reason: 'signed out' })
    },
  }
}

function ended(): AurenError {
  return new AurenError('AUREN_UNAUTHENTICATED', 'This sign-in has ended: sign in again.')
}

import { type AccessScope, AurenError, type IdentityStore } from '@auren/core'
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { Caller } from '../http/identity.js'
import { ACCESS_SECONDS, ALGORITHM, AUDIENCE, ISSUER } from './access-terms.js'
import type { SigningKeys } from './keys.js'

const Claims = z.object({ sub: z.string().min(1).max(128), sid: z.uuid(), scope: z.string().max(100) })
const scopes: readonly AccessScope[] = ['read', 'write', 'operate']

/** Our own short-lived access tokens. */
export interface AccessTokens {
  issue(user: string, signIn: string, granted: readonly AccessScope[]): Promise<string>
  /** Whose it is, if the sign-in that it came from still holds. @throws AurenError AUREN_UNAUTHENTICATED */
  verify(token: string): Promise<Caller>
}

/** Access tokens signed with the installation's keys. Time is `now`'s, in ms. */
export function createAccessTokens(keys: SigningKeys, store: IdentityStore, now: () => number): AccessTokens {
  return {
    async issue(user, signIn, granted) {
      const { kid, privateKey } = await keys.current()
      const seconds = Math.floor(now() / 1000)
      return new SignJWT({ sid: signIn, scope: granted.join(' ') })
        .setProtectedHeader({ alg: ALGORITHM, kid, typ: 'at+jwt' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(user)
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + ACCESS_SECONDS)
        .sign(privateKey)
    },
    async verify(token) {
      const { kid } = decodeProtectedHeader(token)
      const key = typeof kid === 'string' ? await keys.find(kid) : null
      if (!key) throw new AurenError('AUREN_UNAUTHENTICATED', 'The token is not valid.')
      const { payload } = await jwtVerify(token, key.publicKey, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        typ: 'at+jwt',
        requiredClaims: ['sub', 'exp', 'iat', 'aud'],
        maxTokenAge: ACCESS_SECONDS,
        clockTolerance: 30,
        currentDate: new Date(now()),
      })
      const { sub, sid, scope } = Claims.parse(payload)
      // A token must not outlive a sign-out, a changed password or an erasure.
      const signIn = await store.signIn(sid, now())
      if (signIn?.user !== sub) throw new AurenError('AUREN_UNAUTHENTICATED', 'This sign-in has ended: sign in again.')
      const granted = scope.split(' ')
      return {
        user: sub,
        scopes: new Set(scopes.filter((name) => granted.includes(name))),
        via: 'session',
        signIn: sid,
      }
    },
  }
}

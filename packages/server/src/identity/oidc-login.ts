import { randomBytes } from 'node:crypto'
import { AurenError, type IdentityStore, type UserId } from '@auren/core'
import { z } from 'zod'
import type { OidcConfig } from './config.js'
import { type Oidc, subjectOf } from './oidc.js'
import { digest } from './sessions.js'

const Flow = z.object({
  binding: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  back: z.string(),
  invitation: z.string().nullable(),
})
const flowMs = 10 * 60_000

/** Signing in at the provider: authorization code with PKCE, a one-time state, a nonce, and the same browser. */
export interface OidcLogin {
  /** Where to send the browser, and the secret that its cookie must bring back. */
  begin(options: { back: string; invitation: string | null }): Promise<{ url: string; binding: string }>
  /** The provider sent the browser back. @throws AurenError AUREN_UNAUTHENTICATED */
  finish(query: URLSearchParams, binding: string | null): Promise<{ user: UserId; back: string }>
}

/** A path of the PWA to come back to; anything that could lead elsewhere becomes its start. */
export function safePath(path: string | undefined): string {
  return path !== undefined && /^\/(?![/\\])[\w/?&=.%~-]*$/.test(path) ? path : '/'
}

/** Signing in at the provider. `enter` finds or makes the person behind a subject. */
export function createOidcLogin(
  config: OidcConfig,
  oidc: Oidc,
  store: IdentityStore,
  publicUrl: string,
  enter: (issuer: string, subject: string, invitation: string | null) => Promise<UserId>,
  now: () => number,
): OidcLogin {
  const redirect = `${publicUrl}/v1/auth/callback`
  return {
    async begin({ back, invitation }) {
      const client = await import('openid-client')
      const configuration = await oidc.configuration()
      const state = client.randomState()
      const nonce = client.randomNonce()
      const verifier = client.randomPKCECodeVerifier()
      const binding = randomBytes(32).toString('base64url')
      const flow: z.infer<typeof Flow> = { binding: digest(binding), nonce, verifier, back, invitation }
      await store.keepOnce(digest(`oidc ${state}`), flow, now() + flowMs)
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: redirect,
        scope: 'openid',
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      return { url: url.href, binding }
    },

    async finish(query, binding) {
      const client = await import('openid-client')
      const state = query.get('state') ?? ''
      const flow = Flow.safeParse(await store.takeOnce(digest(`oidc ${state}`), now())).data
      // Another browser than the one that began would sign its person in as somebody else.
      if (!flow || binding === null || digest(binding) !== flow.binding) throw refused()
      const tokens = await client
        .authorizationCodeGrant(await oidc.configuration(), new URL(`${redirect}?${query}`), {
          pkceCodeVerifier: flow.verifier,
          expectedState: state,
          expectedNonce: flow.nonce,
          idTokenExpected: true,
        })
        .catch((cause: unknown) => {
          throw refused(cause)
        })
      return { user: await enter(config.issuer, subjectOf(tokens.claims()?.sub), flow.invitation), back: flow.back }
    },
  }
}

function refused(cause?: unknown): AurenError {
  return new AurenError('AUREN_UNAUTHENTICATED', 'The sign-in did not come back as it began: begin again.', { cause })
}

import { AurenError, defineWearable, type WearablePlugin } from '@auren/core'
import { payloadsOf } from './documents.js'
import { createKeys } from './keys.js'
import { metrics } from './metrics.js'
import { normalize } from './normalize.js'
import { type GoogleHealthOptions, placesOf } from './options.js'
import { Identity, Payload } from './payload.js'
import { planOf } from './plan.js'
import { pullAll, pullOne } from './pull.js'
import { challenge, prepare, verify } from './verify.js'

export type { GoogleHealthOptions } from './options.js'

const SCOPES = 'https://www.googleapis.com/auth/googlehealth.'

/**
 * Google Health API v4, the successor of the Fitbit Web API: notifications with both of their signatures, notification →
 * fetch, OAuth with PKCE, pull of every data type that is read, and the sums of days.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where a secret is empty or short
 */
export function googleHealth(options: GoogleHealthOptions): WearablePlugin<'google-health', Payload, never> {
  const { api, signIn, tokens, keySet } = placesOf(options)
  const keys = createKeys(keySet)
  return defineWearable({
    kind: 'wearable',
    id: 'google-health',
    title: 'Google Health',
    version: '0.1.0',
    payload: Payload,
    normalize,
    documents: payloadsOf,
    metrics,
    hosts: [...new Set([api, tokens, keySet].map((url) => new URL(url).host))],
    webhook: {
      challenge: (request) => challenge(request, options.webhookSecret),
      prepare: (request, ctx) => prepare(request, options.webhookSecret, keys, ctx),
      verify: (request) => verify(request, options.webhookSecret, keys),
      plan: planOf,
      accepted: 204,
    },
    oauth: {
      authorizeUrl: `${signIn}/o/oauth2/v2/auth`,
      tokenUrl: `${tokens}/token`,
      scopes: ['activity_and_fitness', 'health_metrics_and_measurements', 'sleep', 'nutrition'].map(
        (area) => `${SCOPES}${area}.readonly`,
      ),
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      pkce: true,
      // A refresh token is given only to who asks for it, and again only where the person is asked again.
      authorizeParams: { access_type: 'offline', prompt: 'consent' },
      async account(fetch, accessToken) {
        const answer = await fetch(`${api}/v4/users/me/identity`, {
          headers: { authorization: `Bearer ${accessToken}` },
        })
        const identity = Identity.safeParse(answer.status === 200 ? await answer.json() : null)
        if (!identity.success)
          throw new AurenError('AUREN_VENDOR_FAILED', 'Google did not say whose token this is.', {
            plugin: 'google-health',
          })
        return identity.data.healthUserId
      },
      async disconnected(fetch, accessToken) {
        await fetch(`${tokens}/revoke`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ token: accessToken }).toString(),
        })
      },
    },
    pull: {
      one: (ctx, what) => pullOne(api, ctx, what),
      all: (ctx) => pullAll(api, ctx),
      everyMs: 6 * 3_600_000,
    },
  })
}

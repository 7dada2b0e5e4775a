import { AurenError, defineWearable, type WearablePlugin } from '@auren/core'
import { z } from 'zod'
import { archive } from './archive.js'
import { payloadsOf } from './documents.js'
import { metrics } from './metrics.js'
import { normalize } from './normalize.js'
import { type FitbitOptions, placesOf } from './options.js'
import { Payload } from './payload.js'
import { planOf } from './plan.js'
import { pullAll, pullOne } from './pull.js'
import { cancel, maintain } from './subscription.js'
import { challenge, verify } from './verify.js'

export type { FitbitOptions } from './options.js'

const Token = z.object({ user_id: z.string().min(1).max(100) })

/**
 * Fitbit: the export of an account (Google Takeout, or Fitbit's own archive), and the Web API that came before the Google
 * Health API, with its webhook: signature, verification, days fetched again, revoked access.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where a secret is empty: an unsigned webhook is never accepted
 */
export function fitbit(options: FitbitOptions): WearablePlugin<'fitbit', Payload, never> {
  const { base, signIn } = placesOf(options)
  return defineWearable({
    kind: 'wearable',
    id: 'fitbit',
    title: 'Fitbit',
    version: '0.1.0',
    payload: Payload,
    normalize,
    documents: payloadsOf,
    metrics,
    hosts: [new URL(base).host],
    webhook: {
      verify: (request) => verify(request, options.clientSecret),
      challenge: (request) => challenge(request, options.verifyCode),
      plan: planOf,
      accepted: 204,
    },
    oauth: {
      authorizeUrl: `${signIn}/oauth2/authorize`,
      tokenUrl: `${base}/oauth2/token`,
      scopes: [
        'activity',
        'cardio_fitness',
        'heartrate',
        'nutrition',
        'oxygen_saturation',
        'profile',
        'respiratory_rate',
        'sleep',
        'temperature',
        'weight',
      ],
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      clientAuth: 'basic',
      pkce: true,
      async account(_fetch, _accessToken, answer) {
        const token = Token.safeParse(answer)
        if (!token.success)
          throw new AurenError('AUREN_VENDOR_FAILED', 'Fitbit did not say whose token this is.', { plugin: 'fitbit' })
        return token.data.user_id
      },
      async disconnected(fetch, accessToken) {
        const basic = Buffer.from(`${options.clientId}:${options.clientSecret}`).toString('base64')
        await fetch(`${base}/oauth2/revoke`, {
          method: 'POST',
          headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ token: accessToken }).toString(),
        })
      },
    },
    pull: {
      one: (ctx, what) => pullOne(base, ctx, what),
      all: (ctx) => pullAll(base, ctx),
      everyMs: 12 * 3_600_000,
    },
    subscription: {
      of: 'connection',
      maintain: (ctx) => maintain(base, ctx),
      cancel: (ctx) => cancel(base, ctx),
      everyMs: 24 * 3_600_000,
    },
    file: archive,
  })
}

import { AurenError, defineWearable, type WearablePlugin } from '@auren/core'
import { z } from 'zod'
import { archive } from './archive.js'
import { metrics } from './metrics.js'
import { normalize } from './normalize.js'
import { Payload } from './payload.js'
import { planOf } from './plan.js'
import { askForPast, pullOne } from './pull.js'
import { verify } from './verify.js'

/** What a Garmin application is registered with. */
export interface GarminOptions {
  clientId: string
  clientSecret: string
  /** A long random secret of your own: the addresses in Garmin's endpoint tool end with `?key=` and it. */
  webhookSecret: string
  /** Where the API answers. @default 'https://apis.garmin.com' */
  baseURL?: string
  /** Where persons sign in. @default 'https://connect.garmin.com', or `baseURL` where that is set */
  signInURL?: string
  /** Where tokens are given. @default 'https://diauth.garmin.com', or `baseURL` where that is set */
  tokenURL?: string
}

/** Shorter keys can be guessed. */
const LEAST_SECRET = 16
const User = z.object({ userId: z.string().min(1).max(200) })

/**
 * Garmin Health and Activity API: push and ping, OAuth 2 with PKCE, asking for the past, and the export of an account.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where a secret is empty, or the webhook's is short: Garmin signs nothing
 */
export function garmin(options: GarminOptions): WearablePlugin<'garmin', Payload, never> {
  for (const name of ['clientId', 'clientSecret', 'webhookSecret'] as const) {
    if (!options[name])
      throw new AurenError(
        'AUREN_CONFIG_INVALID',
        `garmin: ${name} is empty. ${name === 'webhookSecret' ? 'Choose a long random one.' : 'Take it from your Garmin application.'}`,
        { plugin: 'garmin' },
      )
  }
  if (options.webhookSecret.length < LEAST_SECRET)
    throw new AurenError(
      'AUREN_CONFIG_INVALID',
      `garmin: webhookSecret must have ${LEAST_SECRET} letters or more: it is all that vouches for a delivery.`,
      { plugin: 'garmin' },
    )
  const plain = (url: string): string => url.replace(/\/$/, '')
  const base = plain(options.baseURL ?? 'https://apis.garmin.com')
  const signIn = plain(options.signInURL ?? options.baseURL ?? 'https://connect.garmin.com')
  const tokens = plain(options.tokenURL ?? options.baseURL ?? 'https://diauth.garmin.com')
  return defineWearable({
    kind: 'wearable',
    id: 'garmin',
    title: 'Garmin',
    version: '0.1.0',
    payload: Payload,
    normalize,
    metrics,
    hosts: [...new Set([new URL(base).host, new URL(tokens).host])],
    webhook: {
      verify: (request) => verify(request, options),
      plan: planOf,
    },
    oauth: {
      authorizeUrl: `${signIn}/oauth2Confirm`,
      tokenUrl: `${tokens}/di-oauth2-service/oauth/token`,
      scopes: [],
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      pkce: true,
      async account(fetch, accessToken) {
        const answer = await fetch(`${base}/wellness-api/rest/user/id`, {
          headers: { authorization: `Bearer ${accessToken}` },
        })
        const user = User.safeParse(answer.status === 200 ? await answer.json() : null)
        if (!user.success)
          throw new AurenError('AUREN_VENDOR_FAILED', 'Garmin did not say whose token this is.', { plugin: 'garmin' })
        return user.data.userId
      },
      async disconnected(fetch, accessToken) {
        await fetch(`${base}/wellness-api/rest/user/registration`, {
          method: 'DELETE',
          headers: { authorization: `Bearer ${accessToken}` },
        })
      },
    },
    pull: {
      one: (ctx, what) => pullOne(base, ctx, what),
      all: (ctx) => askForPast(base, ctx),
      everyMs: 24 * 3_600_000,
    },
    file: archive,
  })
}

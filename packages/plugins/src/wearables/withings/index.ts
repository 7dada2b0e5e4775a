import { AurenError, defineWearable, type WearablePlugin } from '@auren/core'
import { answerOf } from './api.js'
import { archive } from './archive.js'
import { payloadsOf } from './documents.js'
import { metrics } from './metrics.js'
import { normalize } from './normalize.js'
import { accountOf, type Notification, Payload, readNotification, resourcesOf } from './payload.js'
import { pullAll, pullOne } from './pull.js'
import { cancel, maintain } from './subscription.js'
import { verify } from './verify.js'

/** What a Withings application is registered with. */
export interface WithingsOptions {
  clientId: string
  clientSecret: string
  /** A secret of your own, from which the key in each person's callback address is made: Withings signs nothing. */
  callbackSecret: string
  /** Where the API answers. @default 'https://wbsapi.withings.net' */
  baseURL?: string
  /** Where persons sign in. @default 'https://account.withings.com', or `baseURL` where that is set */
  signInURL?: string
}

/**
 * Withings: body measures, blood pressure, sleep, activity and workouts by OAuth, notifications and pull; and the archive
 * of CSV files that a person can download.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where a secret is empty: a notification without its key is never accepted
 */
export function withings(options: WithingsOptions): WearablePlugin<'withings', Payload, never> {
  for (const name of ['clientId', 'clientSecret', 'callbackSecret'] as const) {
    if (!options[name])
      throw new AurenError(
        'AUREN_CONFIG_INVALID',
        `withings: ${name} is empty. ${name === 'callbackSecret' ? 'Choose a long random one.' : 'Take it from your Withings application.'}`,
        { plugin: 'withings' },
      )
  }
  const base = (options.baseURL ?? 'https://wbsapi.withings.net').replace(/\/$/, '')
  const signIn = (options.signInURL ?? options.baseURL ?? 'https://account.withings.com').replace(/\/$/, '')
  return defineWearable({
    kind: 'wearable',
    id: 'withings',
    title: 'Withings',
    version: '0.1.0',
    payload: Payload,
    normalize,
    documents: payloadsOf,
    metrics,
    hosts: [new URL(base).host],
    webhook: {
      verify: (request) => verify(request, options.callbackSecret),
      // Withings looks whether the address is there before it takes it.
      challenge: ({ method }) => (method === 'POST' ? null : { status: 200, body: '' }),
      plan(body) {
        const notification = readNotification(body)
        if (!notification)
          throw new AurenError('AUREN_PAYLOAD_INVALID', 'This is not a notification of Withings.', {
            plugin: 'withings',
          })
        return [planOf(notification)]
      },
    },
    oauth: {
      authorizeUrl: `${signIn}/oauth2_user/authorize2`,
      tokenUrl: `${base}/v2/oauth2`,
      scopes: ['user.info', 'user.metrics', 'user.activity', 'user.sleepevents'],
      scopeSeparator: ',',
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      pkce: false,
      tokenParams: { action: 'requesttoken' },
      unwrap: (answer) => answerOf(answer, 'the token request'),
      account: async (_fetch, _accessToken, answer) => accountOf(answer),
    },
    pull: {
      one: (ctx, what) => pullOne(base, ctx, what),
      all: (ctx) => pullAll(base, ctx),
      everyMs: 6 * 3_600_000,
    },
    subscription: {
      of: 'connection',
      maintain: (ctx) => maintain(base, ctx, options.callbackSecret),
      cancel: (ctx) => cancel(base, ctx),
      everyMs: 24 * 3_600_000,
    },
    file: archive,
  })
}

function planOf({ userid, appli, action, startdate, enddate }: Notification): {
  account: string
  fetch?: { resource: string; params?: Record<string, string> }[]
  lifecycle?: 'deauthorized'
} {
  // 46: what the person did with the account. Unlinked, or gone; a word that is not known ends nothing.
  if (appli === 46)
    return action === 'delete' || action === 'unlink'
      ? { account: userid, lifecycle: 'deauthorized' }
      : { account: userid }
  const params = startdate !== undefined && enddate !== undefined ? { start: `${startdate}`, end: `${enddate}` } : {}
  // What the body says is not signed: only that something is new is taken from it, and fetched.
  return { account: userid, fetch: resourcesOf(appli).map((resource) => ({ resource, params })) }
}

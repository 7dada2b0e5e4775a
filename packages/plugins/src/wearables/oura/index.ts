import { AurenError, defineWearable, type WearablePlugin } from '@auren/core'
import { z } from 'zod'
import { archive } from './archive.js'
import { payloadsOf } from './documents.js'
import { metrics } from './metrics.js'
import { normalize } from './normalize.js'
import { collectionOf, Notification, Payload } from './payload.js'
import { pullAll, pullOne } from './pull.js'
import { cancel, maintain } from './subscription.js'
import { challenge, verify } from './verify.js'

/** What an Oura application is registered with. */
export interface OuraOptions {
  clientId: string
  clientSecret: string
  /** Given to Oura with each webhook subscription, and asked back in its challenge. */
  verificationToken: string
  /** Where the API answers. @default 'https://api.ouraring.com' */
  baseURL?: string
  /** Where persons sign in. @default 'https://cloud.ouraring.com', or `baseURL` where that is set */
  signInURL?: string
}

const PersonalInfo = z.object({ id: z.string().min(1).max(200) })

/**
 * Oura API v2: webhooks (signature, challenge, subscriptions that are kept up), notification → fetch, OAuth, pull of every
 * collection; and the download of an account's data.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where a secret is empty: an unsigned webhook is never accepted
 */
export function oura(options: OuraOptions): WearablePlugin<'oura', Payload, never> {
  for (const name of ['clientId', 'clientSecret', 'verificationToken'] as const) {
    if (!options[name])
      throw new AurenError('AUREN_CONFIG_INVALID', `oura: ${name} is empty. Take it from your Oura application.`, {
        plugin: 'oura',
      })
  }
  const base = (options.baseURL ?? 'https://api.ouraring.com').replace(/\/$/, '')
  const signIn = (options.signInURL ?? options.baseURL ?? 'https://cloud.ouraring.com').replace(/\/$/, '')
  return defineWearable({
    kind: 'wearable',
    id: 'oura',
    title: 'Oura',
    version: '0.1.0',
    payload: Payload,
    normalize,
    documents: payloadsOf,
    metrics,
    hosts: [new URL(base).host],
    webhook: {
      verify: (request) => verify(request, options.clientSecret),
      challenge: (request) => challenge(request, options.verificationToken),
      plan(body) {
        const event = Notification.safeParse(body)
        if (!event.success)
          throw new AurenError('AUREN_PAYLOAD_INVALID', 'This is not a notification of Oura.', { plugin: 'oura' })
        const { event_type, data_type, object_id, user_id } = event.data
        const collection = collectionOf(data_type)
        // A collection that is not read here: accepted, so that Oura keeps the subscription, and kept raw.
        if (!collection) return [{ account: user_id }]
        if (event_type === 'delete')
          return [{ account: user_id, payload: { collection, documents: [], missing: [object_id] } }]
        return [{ account: user_id, fetch: [{ resource: collection, id: object_id }] }]
      },
    },
    oauth: {
      authorizeUrl: `${signIn}/oauth/authorize`,
      tokenUrl: `${base}/oauth/token`,
      scopes: ['personal', 'daily', 'heartrate', 'workout', 'tag', 'session', 'spo2Daily'],
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      pkce: false,
      async account(fetch, accessToken) {
        const answer = await fetch(`${base}/v2/usercollection/personal_info`, {
          headers: { authorization: `Bearer ${accessToken}` },
        })
        const info = PersonalInfo.safeParse(answer.status === 200 ? await answer.json() : null)
        if (!info.success)
          throw new AurenError('AUREN_VENDOR_FAILED', 'Oura did not say whose token this is.', { plugin: 'oura' })
        return info.data.id
      },
      async disconnected(fetch, accessToken) {
        await fetch(`${base}/oauth/revoke?${new URLSearchParams({ access_token: accessToken })}`, { method: 'POST' })
      },
    },
    pull: {
      one: (ctx, what) => pullOne(base, ctx, what),
      all: (ctx) => pullAll(base, ctx),
      everyMs: 6 * 3_600_000,
    },
    subscription: {
      of: 'application',
      maintain: (ctx) => maintain(base, ctx, options),
      cancel: (ctx) => cancel(base, ctx, options),
      everyMs: 6 * 3_600_000,
    },
    file: archive,
  })
}

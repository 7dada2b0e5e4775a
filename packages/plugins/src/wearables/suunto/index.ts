import { AurenError, defineWearable, type WearablePlugin, type WebhookPlan } from '@auren/core'
import { z } from 'zod'
import { lookup } from '../../vendor/lookup.js'
import { metrics } from './metrics.js'
import { normalize } from './normalize.js'
import { type Kind, Notification, Payload } from './payload.js'
import { pullAll, pullOne } from './pull.js'
import { verify } from './verify.js'

/** What a Suunto application is registered with. */
export interface SuuntoOptions {
  clientId: string
  clientSecret: string
  /** Of the product in Suunto's API zone. */
  subscriptionKey: string
  /** Of the notifications in Suunto's API zone: it signs what arrives. */
  notificationSecret: string
  /** Where the API answers. @default 'https://cloudapi.suunto.com' */
  baseURL?: string
  /** Where persons sign in and tokens are given. @default 'https://cloudapi-oauth.suunto.com', or `baseURL` where that is set */
  signInURL?: string
}

const Claims = z.object({ user: z.string().min(1).max(200) })
/** What notifications bring, by their type. */
const notified = lookup<Kind>({
  SUUNTO_247_SLEEP_CREATED: 'sleep',
  SUUNTO_247_ACTIVITY_CREATED: 'activity',
  SUUNTO_247_RECOVERY_CREATED: 'recovery',
})

/**
 * Suunto cloud API: signed notifications, OAuth, workouts, sleep, activity, recovery and sums of days.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where a secret is empty: an unsigned notification is never accepted
 */
export function suunto(options: SuuntoOptions): WearablePlugin<'suunto', Payload, never> {
  for (const name of ['clientId', 'clientSecret', 'subscriptionKey', 'notificationSecret'] as const) {
    if (!options[name])
      throw new AurenError('AUREN_CONFIG_INVALID', `suunto: ${name} is empty. Take it from Suunto's API zone.`, {
        plugin: 'suunto',
      })
  }
  const base = (options.baseURL ?? 'https://cloudapi.suunto.com').replace(/\/$/, '')
  const signIn = (options.signInURL ?? options.baseURL ?? 'https://cloudapi-oauth.suunto.com').replace(/\/$/, '')
  const api = { base, subscriptionKey: options.subscriptionKey }
  return defineWearable({
    kind: 'wearable',
    id: 'suunto',
    title: 'Suunto',
    version: '0.1.0',
    payload: Payload,
    normalize,
    metrics,
    hosts: [...new Set([new URL(base).host, new URL(signIn).host])],
    webhook: {
      verify: (request) => verify(request, options.notificationSecret),
      plan(body) {
        const told = Notification.safeParse(body)
        if (!told.success)
          throw new AurenError('AUREN_PAYLOAD_INVALID', 'This is not a notification of Suunto.', { plugin: 'suunto' })
        return [planOf(told.data)]
      },
    },
    oauth: {
      authorizeUrl: `${signIn}/oauth/authorize`,
      tokenUrl: `${signIn}/oauth/token`,
      scopes: ['workout'],
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      clientAuth: 'basic',
      pkce: false,
      async account(_fetch, accessToken, answer) {
        // The name that notifications use: beside the token, or in it.
        const user = Claims.safeParse(answer).data?.user ?? Claims.safeParse(claimsOf(accessToken)).data?.user
        if (user === undefined)
          throw new AurenError('AUREN_VENDOR_FAILED', 'Suunto did not say whose token this is.', { plugin: 'suunto' })
        return user
      },
      async disconnected(fetch, accessToken) {
        const query = new URLSearchParams({ client_id: options.clientId })
        await fetch(`${signIn}/oauth/deauthorize?${query}`, { headers: { authorization: `Bearer ${accessToken}` } })
      },
    },
    pull: {
      one: (ctx, what) => pullOne(api, ctx, what),
      all: (ctx) => pullAll(api, ctx),
      everyMs: 24 * 3_600_000,
    },
  })
}

/** What a notification brings is taken; along a workout more was measured, which is fetched. */
function planOf({ type, username, workout, gear, samples }: z.infer<typeof Notification>): WebhookPlan<Payload> {
  const kind = notified[type]
  if (kind) return { account: username, payload: { kind, items: samples ?? [] } }
  if (type !== 'WORKOUT_CREATED' || !workout) return { account: username }
  const key = z.union([z.string().min(1).max(100), z.int()]).safeParse(workout.workoutKey)
  return {
    account: username,
    payload: { kind: 'workouts', items: [gear === undefined ? workout : { gear, ...workout }] },
    ...(key.success ? { fetch: [{ resource: 'workout', id: String(key.data) }] } : {}),
  }
}

/** What a token of three parts says of itself. Suunto gave it to us: nothing is proved by it. */
function claimsOf(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
  } catch {
    return null
  }
}

import { AurenError, defineWearable, type WearablePlugin, type WebhookPlan } from '@auren/core'
import { modelsOf } from '../../vendor/closed.js'
import { metrics } from './metrics.js'
import { normalize } from './normalize.js'
import { pageOf } from './page.js'
import { dataOf, Event, isDataType, Payload } from './payload.js'
import { pullAll, pullPayload } from './pull.js'
import { verify } from './verify.js'

/** What a Terra application is registered with. */
export interface TerraOptions {
  /** Of the webhook destination, from the dashboard: it signs what arrives. */
  signingSecret: string
  /** Developer id, for asking Terra; without it and the key nothing is asked, only received. */
  devId?: string
  apiKey?: string
  /** Where the API answers. @default 'https://access.tryterra.co/api/v2' */
  baseURL?: string
  /** Hosts that an address of a large payload (`s3_payload`) may have, separated by commas. @default Terra's own bucket */
  payloadHosts?: string
  /**
   * Whether models may be told of what Terra has from Strava, whose terms forbid it (docs/plugins/strava.md); what other
   * vendors measured is open. @default 'closed'
   */
  models?: 'open' | 'closed'
}

/**
 * Terra: one webhook for the devices of many vendors. Signed deliveries of activity, sleep, body, daily, nutrition and
 * menstruation, and what becomes of a connection.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where the signing secret is empty: an unsigned delivery is never accepted
 */
export function terra(options: TerraOptions): WearablePlugin<'terra', Payload, never> {
  const { signingSecret, devId, apiKey } = options
  if (!signingSecret)
    throw new AurenError(
      'AUREN_CONFIG_INVALID',
      'terra: signingSecret is empty. Take it from your webhook destination in the dashboard.',
      { plugin: 'terra' },
    )
  if (Boolean(devId) !== Boolean(apiKey))
    throw new AurenError('AUREN_CONFIG_INVALID', 'terra: devId and apiKey belong together. Set both, or neither.', {
      plugin: 'terra',
    })
  const base = (options.baseURL ?? 'https://access.tryterra.co/api/v2').replace(/\/$/, '')
  const payloadHosts = (options.payloadHosts ?? 'terra-payload-bucket.s3.eu-west-2.amazonaws.com')
    .split(',')
    .flatMap((host) => host.trim() || [])
  return defineWearable({
    kind: 'wearable',
    id: 'terra',
    title: 'Terra',
    version: '0.1.0',
    models: modelsOf('terra', options.models),
    payload: Payload,
    normalize,
    metrics,
    hosts: [new URL(base).host, ...payloadHosts],
    webhook: {
      verify: (request) => verify(request, signingSecret),
      plan(body) {
        const event = Event.safeParse(body)
        if (!event.success)
          throw new AurenError('AUREN_PAYLOAD_INVALID', 'This is not an event of Terra.', { plugin: 'terra' })
        return planOf(event.data)
      },
    },
    ...(devId && apiKey ? { page: pageOf(base, { 'dev-id': devId, 'x-api-key': apiKey }) } : {}),
    pull: {
      one: (ctx, what) => pullPayload(payloadHosts, ctx, what),
      async *all(ctx) {
        if (devId && apiKey) yield* pullAll(base, { 'dev-id': devId, 'x-api-key': apiKey }, ctx)
      },
      everyMs: 24 * 3_600_000,
    },
  })
}

function planOf(event: Event): WebhookPlan<Payload>[] {
  const { type, user, old_user, new_user } = event
  if (type === 'user_reauth') {
    if (!new_user) return []
    // The connection goes on under a new id.
    return old_user ? [{ account: old_user.user_id, renamedTo: new_user.user_id }] : [{ account: new_user.user_id }]
  }
  if (type === 's3_payload' && event.url != null) {
    // Whose it is is in the payload; where the event itself does not say so, nobody's connection may fetch it.
    return [{ account: user?.user_id ?? 's3_payload', fetch: [{ resource: 's3_payload', id: event.url }] }]
  }
  // Cancelled sign-ins and the like name nobody.
  if (!user) return []
  const account = user.user_id
  if (type === 'deauth' || type === 'access_revoked') return [{ account, lifecycle: 'deauthorized' }]
  if (type === 'permission_change') {
    const scopes = (user.scopes ?? '').split(',').flatMap((scope) => scope.trim().slice(0, 100) || [])
    return [{ account, permissions: scopes }]
  }
  // auth, connection_error, large_request_*, athlete and what is new to us: accepted and kept raw.
  return [isDataType(type) ? { account, payload: dataOf(event, type) } : { account }]
}

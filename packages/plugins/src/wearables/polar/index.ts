import { AurenError, defineWearable, type WearablePlugin, type WebhookPlan } from '@auren/core'
import { z } from 'zod'
import { lookup } from '../../vendor/lookup.js'
import { archive } from './archive.js'
import { documents } from './documents.js'
import { metrics } from './metrics.js'
import { normalize } from './normalize.js'
import { type PolarOptions, placesOf } from './options.js'
import { Notification, Payload } from './payload.js'
import { pullAll, pullOne } from './pull.js'
import { maintain } from './subscription.js'
import { challenge, verify } from './verify.js'

export type { PolarOptions } from './options.js'

const Token = z.object({ x_user_id: z.union([z.int().min(0), z.string().min(1).max(100)]) })

/**
 * Polar AccessLink v3: signed webhooks, OAuth, exercises, nights, recharge, heart rate and days; and the archive of a Polar
 * Flow account.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where a secret is empty: an unsigned webhook is never accepted
 */
export function polar(options: PolarOptions): WearablePlugin<'polar', Payload, never> {
  const { base, signIn, tokens } = placesOf(options)
  return defineWearable({
    kind: 'wearable',
    id: 'polar',
    title: 'Polar',
    version: '0.1.0',
    payload: Payload,
    normalize,
    documents,
    metrics,
    hosts: [...new Set([new URL(base).host, new URL(tokens).host])],
    webhook: {
      verify: (request) => verify(request, options.webhookSecret),
      challenge,
      plan(body) {
        const told = Notification.safeParse(body)
        if (!told.success)
          throw new AurenError('AUREN_PAYLOAD_INVALID', 'This is not a webhook of Polar.', { plugin: 'polar' })
        return planOf(told.data)
      },
    },
    oauth: {
      authorizeUrl: `${signIn}/oauth2/authorization`,
      tokenUrl: `${tokens}/v2/oauth2/token`,
      scopes: ['accesslink.read_all'],
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      clientAuth: 'basic',
      pkce: false,
      async account(_fetch, _accessToken, answer) {
        const token = Token.safeParse(answer)
        if (!token.success)
          throw new AurenError('AUREN_VENDOR_FAILED', 'Polar did not say whose token this is.', { plugin: 'polar' })
        return String(token.data.x_user_id)
      },
      // Nothing is given of a person before they are registered, and nothing that was measured before.
      async connected(fetch, accessToken, account) {
        const answer = await fetch(`${base}/v3/users`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${accessToken}`,
            'content-type': 'application/json',
            accept: 'application/json',
          },
          body: JSON.stringify({ 'member-id': `auren-${account}` }),
        })
        // 409: registered already.
        if (answer.status !== 200 && answer.status !== 201 && answer.status !== 409)
          throw new AurenError('AUREN_VENDOR_FAILED', `Polar did not register the person: status ${answer.status}.`, {
            plugin: 'polar',
            retryable: answer.status >= 500,
          })
      },
      async disconnected(fetch, accessToken, account) {
        await fetch(`${base}/v3/users/${encodeURIComponent(account)}`, {
          method: 'DELETE',
          headers: { authorization: `Bearer ${accessToken}` },
        })
      },
    },
    pull: {
      one: (ctx, what) => pullOne(base, ctx, what),
      all: (ctx) => pullAll(base, ctx),
      everyMs: 12 * 3_600_000,
    },
    subscription: {
      of: 'application',
      maintain: (ctx) => maintain(base, ctx, options),
      everyMs: 24 * 3_600_000,
    },
    file: archive,
  })
}

/** Webhooks that name what is read. Their address is never followed: we know our own. */
const fetched = lookup<string>({
  EXERCISE: 'exercise',
  SLEEP: 'sleep',
  CONTINUOUS_HEART_RATE: 'heart_rate',
  ACTIVITY_SUMMARY: 'activity',
})

function planOf({ event, user_id, entity_id, date }: z.infer<typeof Notification>): WebhookPlan<Payload>[] {
  if (user_id === undefined) return []
  const account = String(user_id)
  const resource = fetched[event]
  const id = resource === 'exercise' ? entity_id : date
  return [{ account, ...(resource === undefined || id == null ? {} : { fetch: [{ resource, id }] }) }]
}

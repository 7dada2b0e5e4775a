import { AurenError, defineWearable, type WearablePlugin, type WebhookPlan } from '@auren/core'
import { z } from 'zod'
import { archive } from './archive.js'
import { documents } from './documents.js'
import { metrics } from './metrics.js'
import { normalize } from './normalize.js'
import { Notification, Payload } from './payload.js'
import { pullAll, pullOne } from './pull.js'
import { verify } from './verify.js'

/** What a WHOOP application is registered with. */
export interface WhoopOptions {
  clientId: string
  /** Signs the webhooks, too. */
  clientSecret: string
  /** Where the API answers, and persons sign in. @default 'https://api.prod.whoop.com' */
  baseURL?: string
}

const Profile = z.object({ user_id: z.union([z.int().min(0), z.string().min(1).max(100)]) })

/**
 * WHOOP API v2: signed webhooks, OAuth, sleep, recovery, workouts and cycles; and the archive that a person can ask for.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where a secret is empty: an unsigned webhook is never accepted
 */
export function whoop(options: WhoopOptions): WearablePlugin<'whoop', Payload, never> {
  for (const name of ['clientId', 'clientSecret'] as const) {
    if (!options[name])
      throw new AurenError('AUREN_CONFIG_INVALID', `whoop: ${name} is empty. Take it from your WHOOP application.`, {
        plugin: 'whoop',
      })
  }
  const base = (options.baseURL ?? 'https://api.prod.whoop.com').replace(/\/$/, '')
  return defineWearable({
    kind: 'wearable',
    id: 'whoop',
    title: 'WHOOP',
    version: '0.1.0',
    payload: Payload,
    normalize,
    documents,
    metrics,
    hosts: [new URL(base).host],
    webhook: {
      verify: (request) => verify(request, options.clientSecret),
      plan(body) {
        const told = Notification.safeParse(body)
        if (!told.success)
          throw new AurenError('AUREN_PAYLOAD_INVALID', 'This is not a webhook of WHOOP.', { plugin: 'whoop' })
        return [planOf(told.data)]
      },
    },
    oauth: {
      authorizeUrl: `${base}/oauth/oauth2/auth`,
      tokenUrl: `${base}/oauth/oauth2/token`,
      // Without `offline` there is no refresh token.
      scopes: ['offline', 'read:profile', 'read:recovery', 'read:cycles', 'read:sleep', 'read:workout'],
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      pkce: false,
      async account(fetch, accessToken) {
        const answer = await fetch(`${base}/developer/v2/user/profile/basic`, {
          headers: { authorization: `Bearer ${accessToken}` },
        })
        const profile = Profile.safeParse(answer.status === 200 ? await answer.json() : null)
        if (!profile.success)
          throw new AurenError('AUREN_VENDOR_FAILED', 'WHOOP did not say whose token this is.', { plugin: 'whoop' })
        return String(profile.data.user_id)
      },
      async disconnected(fetch, accessToken) {
        await fetch(`${base}/developer/v2/user/access`, {
          method: 'DELETE',
          headers: { authorization: `Bearer ${accessToken}` },
        })
      },
    },
    pull: {
      one: (ctx, what) => pullOne(base, ctx, what),
      all: (ctx) => pullAll(base, ctx),
      // Cycles have no webhook, and what a lost one told of must come.
      everyMs: 6 * 3_600_000,
    },
    file: archive,
  })
}

function planOf({ user_id, id, type }: z.infer<typeof Notification>): WebhookPlan<Payload> {
  const account = String(user_id)
  const [, kind, event] = /^(sleep|workout|recovery)\.(updated|deleted)$/.exec(type) ?? []
  if (kind !== 'sleep' && kind !== 'workout' && kind !== 'recovery') return { account }
  if (event === 'deleted') return { account, payload: { kind, items: [], missing: [String(id)] } }
  return { account, fetch: [{ resource: kind, id: String(id) }] }
}

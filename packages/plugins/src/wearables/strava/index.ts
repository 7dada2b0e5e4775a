import { AurenError, defineWearable, type WearablePlugin } from '@auren/core'
import { z } from 'zod'
import { archive } from './archive.js'
import { payloadsOf } from './documents.js'
import { normalize } from './normalize.js'
import type { StravaOptions } from './options.js'
import { accountOf, Event, Payload } from './payload.js'
import { pullAll, pullOne } from './pull.js'
import { cancel, maintain } from './subscription.js'
import { challenge, verify } from './verify.js'

export type { StravaOptions }

/**
 * Strava API v3: activities with what was measured in them, webhooks, OAuth, and the archive that a person can download.
 * Strava's API agreement forbids to use what its API returns with artificial intelligence: no model is told of it unless
 * `models` says so (docs/plugins/strava.md).
 *
 * @throws AurenError AUREN_CONFIG_INVALID where a secret is empty: an event that nothing vouches for is never accepted
 */
export function strava(options: StravaOptions): WearablePlugin<'strava', Payload, never> {
  for (const name of ['clientId', 'clientSecret', 'verifyToken'] as const) {
    if (!options[name])
      throw new AurenError(
        'AUREN_CONFIG_INVALID',
        `strava: ${name} is empty. ${name === 'verifyToken' ? 'Choose a long random one.' : 'Take it from your Strava application.'}`,
        { plugin: 'strava' },
      )
  }
  const { models = 'closed' } = options
  if (models !== 'open' && models !== 'closed')
    throw new AurenError('AUREN_CONFIG_INVALID', 'strava: models is either open or closed.', { plugin: 'strava' })
  const base = (options.baseURL ?? 'https://www.strava.com').replace(/\/$/, '')
  const api = `${base}/api/v3`
  return defineWearable({
    kind: 'wearable',
    id: 'strava',
    title: 'Strava',
    version: '0.1.0',
    models,
    payload: Payload,
    normalize,
    documents: payloadsOf,
    hosts: [new URL(base).host],
    webhook: {
      verify: (request) => verify(request, options),
      challenge: (request) => challenge(request, options.verifyToken),
      plan(body) {
        const event = Event.safeParse(body)
        if (!event.success)
          throw new AurenError('AUREN_PAYLOAD_INVALID', 'This is not an event of Strava.', { plugin: 'strava' })
        return [planOf(event.data)]
      },
    },
    oauth: {
      authorizeUrl: `${base}/oauth/authorize`,
      tokenUrl: `${api}/oauth/token`,
      scopes: ['read', 'activity:read_all'],
      scopeSeparator: ',',
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      pkce: false,
      authorizeParams: { approval_prompt: 'auto' },
      async account(fetch, accessToken, answer) {
        const named = accountOf(z.object({ athlete: z.unknown() }).safeParse(answer).data?.athlete)
        if (named !== null) return named
        const asked = await fetch(`${api}/athlete`, { headers: { authorization: `Bearer ${accessToken}` } })
        const account = accountOf(asked.status === 200 ? await asked.json() : null)
        if (account === null)
          throw new AurenError('AUREN_VENDOR_FAILED', 'Strava did not say whose token this is.', { plugin: 'strava' })
        return account
      },
      async disconnected(fetch, accessToken) {
        await fetch(`${base}/oauth/deauthorize`, {
          method: 'POST',
          headers: { authorization: `Bearer ${accessToken}` },
        })
      },
    },
    pull: {
      one: (ctx, what) => pullOne(api, ctx, what),
      all: (ctx) => pullAll(api, ctx),
      everyMs: 12 * 3_600_000,
    },
    subscription: {
      of: 'application',
      maintain: (ctx) => maintain(api, ctx, options),
      cancel: (ctx) => cancel(api, ctx, options),
      everyMs: 24 * 3_600_000,
    },
    file: archive,
  })
}

function planOf({ object_type, object_id, owner_id, updates }: Event): {
  account: string
  fetch?: { resource: string; id: string }[]
  lifecycle?: 'deauthorized'
} {
  if (object_type === 'athlete') {
    // The text "false", as Strava writes it.
    const ended = updates.authorized === 'false' || updates.authorized === false
    return ended ? { account: owner_id, lifecycle: 'deauthorized' } : { account: owner_id }
  }
  if (object_type !== 'activity') return { account: owner_id }
  // What an event says is not signed: also a deletion is looked up before it is believed.
  return { account: owner_id, fetch: [{ resource: 'activity', id: object_id }] }
}

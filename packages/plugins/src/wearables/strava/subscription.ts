import { AurenError, type SubscriptionContext } from '@auren/core'
import { z } from 'zod'
import { notAsked, refused } from './api.js'
import type { StravaOptions } from './options.js'
import { callbackKey } from './verify.js'

type Secrets = Pick<StravaOptions, 'clientId' | 'clientSecret' | 'verifyToken'>

const Subscriptions = z.array(z.object({ id: z.int(), callback_url: z.string() }).loose()).max(100)

/** Makes the one subscription that an application may have be ours. @throws AurenError AUREN_CONFLICT where it is in other use */
export async function maintain(
  api: string,
  ctx: SubscriptionContext,
  secrets: Secrets,
): Promise<Record<string, unknown>> {
  const url = new URL(ctx.callbackUrl)
  url.searchParams.set('key', callbackKey(secrets.verifyToken))
  const held = await list(api, ctx, secrets)
  const right = held.find(({ callback_url }) => callback_url === url.href)
  if (right) return { id: right.id }
  for (const { id, callback_url } of held) {
    if (!isOurs(callback_url, ctx) && ctx.state.id !== id)
      throw new AurenError(
        'AUREN_CONFLICT',
        'Your Strava application has a subscription with another address, and may have one only. Delete that first.',
        { plugin: 'strava' },
      )
    await remove(api, ctx, secrets, id)
  }
  const answer = await ctx.fetch(`${api}/push_subscriptions`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      ...credentials(secrets),
      callback_url: url.href,
      verify_token: secrets.verifyToken,
    }).toString(),
    signal: ctx.signal,
  })
  if (answer.status !== 200 && answer.status !== 201) throw refused(answer, 'the subscription', ctx.now)
  const made = z.object({ id: z.int() }).safeParse(await answer.json())
  if (!made.success) throw notAsked('the subscription')
  return { id: made.data.id }
}

/** Ends our subscription, and leaves any other. */
export async function cancel(api: string, ctx: SubscriptionContext, secrets: Secrets): Promise<void> {
  for (const { id, callback_url } of await list(api, ctx, secrets))
    if (isOurs(callback_url, ctx)) await remove(api, ctx, secrets, id)
}

function isOurs(callback: string, ctx: SubscriptionContext): boolean {
  const parsed = URL.canParse(callback) ? new URL(callback) : null
  const { origin, pathname } = new URL(ctx.callbackUrl)
  return parsed?.origin === origin && parsed.pathname === pathname
}

function credentials({ clientId, clientSecret }: Secrets): Record<string, string> {
  return { client_id: clientId, client_secret: clientSecret }
}

async function list(
  api: string,
  ctx: SubscriptionContext,
  secrets: Secrets,
): Promise<{ id: number; callback_url: string }[]> {
  const answer = await ctx.fetch(`${api}/push_subscriptions?${new URLSearchParams(credentials(secrets))}`, {
    signal: ctx.signal,
  })
  if (answer.status !== 200) throw refused(answer, 'the list of subscriptions', ctx.now)
  const listed = Subscriptions.safeParse(await answer.json())
  if (!listed.success) throw notAsked('the list of subscriptions')
  return listed.data
}

async function remove(api: string, ctx: SubscriptionContext, secrets: Secrets, id: number): Promise<void> {
  const answer = await ctx.fetch(`${api}/push_subscriptions/${id}?${new URLSearchParams(credentials(secrets))}`, {
    method: 'DELETE',
    signal: ctx.signal,
  })
  if (answer.status !== 204 && answer.status !== 200 && answer.status !== 404)
    throw refused(answer, 'the end of a subscription', ctx.now)
}

import { createHash } from 'node:crypto'
import { AurenError, type SubscriptionContext } from '@auren/core'
import { z } from 'zod'
import { refused } from './api.js'

const List = z.object({
  apiSubscriptions: z.array(z.object({ subscriptionId: z.string().max(200) }).loose()).max(1000),
})

/** One subscription to all collections of a person; its name is the same whenever it is asked for. */
export async function maintain(base: string, ctx: SubscriptionContext): Promise<Record<string, unknown>> {
  if (ctx.account === null) return {}
  const name = nameOf(ctx.account)
  const answer = await ctx.fetch(`${base}/1/user/-/apiSubscriptions.json`, { signal: ctx.signal })
  if (answer.status !== 200) throw refused(answer, 'a list of subscriptions')
  const held = List.safeParse(await answer.json())
  if (!held.success)
    throw new AurenError('AUREN_VENDOR_FAILED', 'Fitbit did not list its subscriptions.', { plugin: 'fitbit' })
  if (held.data.apiSubscriptions.some(({ subscriptionId }) => subscriptionId === name)) return { subscriptionId: name }
  const made = await ctx.fetch(`${base}/1/user/-/apiSubscriptions/${name}.json`, { method: 'POST', signal: ctx.signal })
  if (made.status !== 200 && made.status !== 201) throw refused(made, 'a subscription')
  return { subscriptionId: name }
}

/** Ends it. */
export async function cancel(base: string, ctx: SubscriptionContext): Promise<void> {
  if (ctx.account === null) return
  await ctx.fetch(`${base}/1/user/-/apiSubscriptions/${nameOf(ctx.account)}.json`, {
    method: 'DELETE',
    signal: ctx.signal,
  })
}

/** Names are unique over all persons of an application. */
function nameOf(account: string): string {
  return `auren-${createHash('sha256').update(account).digest('hex').slice(0, 20)}`
}

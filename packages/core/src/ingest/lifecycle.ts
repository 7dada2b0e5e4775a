import type { Journal, NewJob, Owner, Tx } from '../events/ports.js'
import type { WearablePlugin, WebhookPlan } from '../plugin/types.js'
import { PULL_JOB } from './connections.js'
import type { Subscriptions } from './subscriptions.js'

/** What becomes of connections stands on. */
export interface LifecyclePorts {
  journal: Journal
  subscriptions: Subscriptions
}

/** Whether a plan is about the subscription of all persons: then it need not name an account that anybody has connected. */
export function isOfApplication(plugin: WearablePlugin, plan: WebhookPlan<unknown>): boolean {
  return plan.lifecycle === 'subscription_lost' && plugin.subscription?.of === 'application'
}

/** Follows what a vendor says of a connection; what has to be fetched for it is returned. */
export async function followLifecycle(
  { journal, subscriptions }: LifecyclePorts,
  tx: Tx,
  plugin: WearablePlugin,
  plan: WebhookPlan<unknown>,
  connection: Owner | null,
  rawRef: string,
): Promise<NewJob[]> {
  if (connection && (plan.lifecycle === 'deauthorized' || plan.permissions)) {
    const held = await journal.connections.lock(tx, connection.id)
    if (held)
      await journal.connections.save(tx, {
        ...held,
        ...(plan.permissions ? { permissions: [...plan.permissions] } : {}),
        ...(plan.lifecycle === 'deauthorized' ? { status: 'revoked' as const, tokens: null } : {}),
      })
  }
  if (plan.lifecycle !== 'subscription_lost') return []
  const lost = isOfApplication(plugin, plan)
    ? (await journal.connections.list(tx, { provider: plugin.id })).filter(({ status }) => status === 'active')
    : connection
      ? [connection]
      : []
  await subscriptions.ask(tx, plugin, connection)
  if (!plugin.pull) return []
  return lost.map(({ id, user }) => ({
    kind: PULL_JOB,
    user,
    payload: { connection: id },
    key: `${rawRef}/pull/${id}`,
  }))
}

/** Has a connection go by the account's new name; false where that is somebody else's. */
export async function moveAccount(
  { journal, subscriptions }: LifecyclePorts,
  tx: Tx,
  plugin: WearablePlugin,
  connection: Owner,
  account: string,
): Promise<boolean> {
  if (account === connection.account) return true
  const there = (await journal.connections.list(tx, { provider: plugin.id, account })).filter(
    ({ user, status }) => user === connection.user || status !== 'revoked',
  )
  if (there.some(({ user }) => user !== connection.user)) return false
  const held = await journal.connections.lock(tx, connection.id)
  if (!held) return true
  const [same] = there
  // Connected under the new name already: that connection stays, and this one has ended with its name.
  if (same && same.status !== 'revoked') {
    await subscriptions.end(tx, plugin, held)
    await journal.connections.remove(tx, held.id)
    return true
  }
  if (same) await journal.connections.remove(tx, same.id)
  await journal.connections.save(tx, { ...held, account })
  return true
}

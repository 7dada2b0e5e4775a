import { AurenError, type WebhookPlan } from '@auren/core'
import { Named, type Payload, Permissions, Ping } from './payload.js'

/** Stands for entries that name nobody: they are set aside as of an account that nobody has connected. */
const NOBODY = 'no-user-id'

type Plan = WebhookPlan<Payload>

/**
 * Takes a delivery apart by person: one has summaries of many persons and types, notifications to be fetched, and news of
 * the connections.
 * @throws AurenError AUREN_PAYLOAD_INVALID where it holds no list at all
 */
export function planOf(body: unknown): Plan[] {
  const lists =
    typeof body === 'object' && body !== null && !Array.isArray(body)
      ? Object.entries(body).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]))
      : []
  if (lists.length === 0)
    throw new AurenError('AUREN_PAYLOAD_INVALID', 'This is no delivery of Garmin: it has no lists of summaries.', {
      plugin: 'garmin',
    })
  const plans = new Map<string, Plan>()
  for (const [type, items] of lists) {
    for (const item of items) {
      const named = Named.safeParse(item)
      const account = named.success ? named.data.userId : NOBODY
      const plan = plans.get(account) ?? { account }
      plans.set(account, plan)
      follow(plan, type.slice(0, 60), item)
    }
  }
  return [...plans.values()]
}

function follow(plan: Plan, type: string, item: unknown): void {
  if (type === 'deregistrations') {
    plan.lifecycle = 'deauthorized'
    return
  }
  if (type === 'userPermissionsChange') {
    const told = Permissions.safeParse(item)
    if (told.success) plan.permissions = told.data.permissions
    return
  }
  const ping = Ping.safeParse(item)
  // The file of an activity is binary, and its summary and details say the same.
  if (ping.success && type !== 'activityFiles') {
    plan.fetch = [...(plan.fetch ?? []), { resource: type, params: { url: ping.data.callbackURL } }]
    return
  }
  plan.payload ??= { userId: plan.account, summaries: {} }
  const held = plan.payload.summaries[type]
  if (held) held.push(item)
  else plan.payload.summaries[type] = [item]
}

import { AurenError, type WebhookPlan } from '@auren/core'
import { Notice, type Payload } from './payload.js'

/** Collections that say that the person, or Fitbit, has ended it. */
const ends = ['userRevokedAccess', 'deleteUser']
const collections = ['activities', 'body', 'foods', 'sleep']
/** Stands for entries that name nobody: they are set aside as of an account that nobody has connected. */
const NOBODY = 'no-owner-id'

/**
 * Which days of whom are new: a delivery has many persons. Only that is taken from it; the day is fetched.
 * @throws AurenError AUREN_PAYLOAD_INVALID where it is no list of notifications
 */
export function planOf(body: unknown): WebhookPlan<Payload>[] {
  const items = Array.isArray(body) ? body : []
  const plans = new Map<string, WebhookPlan<Payload>>()
  let read = 0
  for (const item of items) {
    const parsed = Notice.safeParse(item)
    if (parsed.success) read++
    const account = parsed.success ? parsed.data.ownerId : NOBODY
    const plan = plans.get(account) ?? { account }
    plans.set(account, plan)
    if (!parsed.success) continue
    const { collectionType, date } = parsed.data
    if (ends.includes(collectionType)) plan.lifecycle = 'deauthorized'
    else if (collections.includes(collectionType) && date) {
      const known = plan.fetch?.some(({ resource, params }) => resource === collectionType && params?.date === date)
      if (!known) plan.fetch = [...(plan.fetch ?? []), { resource: collectionType, params: { date } }]
    }
  }
  if (read === 0)
    throw new AurenError('AUREN_PAYLOAD_INVALID', 'This is no list of notifications of Fitbit.', { plugin: 'fitbit' })
  return [...plans.values()]
}

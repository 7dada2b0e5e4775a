import { z } from 'zod'
import type { Instant } from '../observation/schema.js'
import type { WearablePlugin } from '../plugin/types.js'
import { POSTED_KEY } from './payloads.js'

const Plan = z.object({ account: z.string(), payload: z.unknown() })

/** Whose and what a kept delivery is. */
export interface KeptFrom {
  account: string
  receivedAt: Instant
  deliveryKey: string
}

/**
 * The payloads about an account in the raw bytes of a delivery, which are a payload, a plan, what a vendor posted, or what a
 * person did.
 * @throws what is no JSON, and what the plugin's `plan` throws
 */
export function payloadsIn(
  plugin: WearablePlugin,
  body: Uint8Array,
  { account, receivedAt, deliveryKey }: KeptFrom,
): unknown[] {
  const json: unknown = JSON.parse(new TextDecoder().decode(body))
  if (plugin.payload.safeParse(json).success) return [json]
  if (deliveryKey.startsWith(POSTED_KEY)) return plugin.documents?.(json, '')?.slice(0, 1) ?? []
  const plan = Plan.safeParse(json)
  if (plan.success && plan.data.payload !== undefined) return [plan.data.payload]
  const plans = plugin.webhook?.plan(json, { receivedAt, account }) ?? []
  return plans.flatMap((one) => (one.account === account && one.payload !== undefined ? [one.payload] : []))
}

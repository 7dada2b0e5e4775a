import { z } from 'zod'
import type { Kind, Payload } from './payload.js'

const Page = z.object({ records: z.array(z.unknown()) })
/** An exchange as documentation writes it down. */
const Exchange = z.object({ response: z.object({ body: z.unknown() }) })

/** Payloads of a page or an object of WHOOP's API; null where it is none. */
export function documents(document: unknown): Payload[] | null {
  const body = Exchange.safeParse(document).data?.response.body ?? document
  const items = Page.safeParse(body).data?.records ?? (Array.isArray(body) ? body : [body])
  const payloads: Payload[] = []
  for (const item of items) {
    const kind = kindOf(item)
    if (kind === null) return null
    const last = payloads.at(-1)
    if (last?.kind === kind) last.items.push(item)
    else payloads.push({ kind, items: [item] })
  }
  return payloads
}

function kindOf(item: unknown): Kind | null {
  if (typeof item !== 'object' || item === null) return null
  const has = (name: string): boolean => Object.hasOwn(item, name)
  if (has('sleep_id')) return 'recovery'
  if (has('sport_id') || has('sport_name')) return 'workout'
  if (has('nap')) return 'sleep'
  if (has('height_meter') || has('weight_kilogram')) return 'body'
  return has('start') && has('score_state') ? 'cycle' : null
}

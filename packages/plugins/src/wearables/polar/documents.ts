import { z } from 'zod'
import type { Kind, Payload } from './payload.js'

/** Lists that AccessLink wraps in an object, by the name of the list. */
const Lists = z.object({ nights: z.array(z.unknown()) })
const Recharges = z.object({ recharges: z.array(z.unknown()) })

/** Payloads of an object or a list of Polar's API; null where it is none. */
export function documents(document: unknown): Payload[] | null {
  const items =
    Lists.safeParse(document).data?.nights ??
    Recharges.safeParse(document).data?.recharges ??
    (Array.isArray(document) ? document : [document])
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

/** Fields by which Polar's other objects are known: settings of its own, zones, guidance, lists of addresses. */
const others = [
  'activity_log',
  'activity_zones',
  'interval',
  'exercises',
  'physical_informations',
  'available',
  'alertness_level',
  'sleep_timezone_offset_minutes',
  'very_low',
  'in_zone',
  'zone',
  'events',
]

function kindOf(item: unknown): Kind | null {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return null
  const names = new Set(Object.keys(item).map((name) => name.replaceAll('-', '_')))
  const has = (...wanted: string[]): boolean => wanted.every((name) => names.has(name))
  if (has('start_time', 'duration') && (has('upload_time') || has('sport'))) return 'exercise'
  if (has('sleep_start_time')) return 'sleep'
  if (has('heart_rate_samples')) return 'heart_rate'
  if (has('ans_charge') || has('nightly_recharge_status')) return 'recharge'
  if (has('cardio_load')) return 'cardio_load'
  if (has('weight', 'height') || has('weight_source')) return 'physical'
  if (has('active_calories') || has('active_steps')) return 'activity'
  if (has('data') && !has('event')) return 'other'
  if (has('date', 'start_time', 'end_time')) return 'other'
  return others.some((name) => names.has(name)) ? 'other' : null
}

import { z } from 'zod'
import { lookup } from '../../vendor/lookup.js'
import { collections, type Payload } from './payload.js'

const Page = z.looseObject({ recordType: z.string().max(60), records: z.array(z.unknown()) })
const names = lookup<string>({
  egv: 'egvs',
  event: 'events',
  calibration: 'calibrations',
  device: 'devices',
  alert: 'alerts',
})

/**
 * Payloads in a document as Dexcom writes it: a page of the API v3, one of the older v2, single records, and readings of
 * the Share service. Devices, alerts and ranges of dates are known, and hold nothing measured.
 */
export function payloadsOf(document: unknown): Payload[] | null {
  if (Array.isArray(document)) {
    const found = document.map(payloadsOf)
    return found.length > 0 && found.every((one) => one !== null) ? merge(found.flat()) : null
  }
  if (typeof document !== 'object' || document === null) return null
  const page = Page.safeParse(document)
  if (page.success) {
    const { recordType, records } = page.data
    return [{ collection: names[recordType] ?? recordType, records }]
  }
  const fields = document as Readonly<Record<string, unknown>>
  if (fields.recordType === 'dataRange') return [{ collection: 'dataRange', records: [document] }]
  if ('ST' in fields && 'DT' in fields && 'Value' in fields) return [{ collection: 'share', records: [document] }]
  const older = [...collections, 'devices'].filter((name) => Array.isArray(fields[name]))
  if (older.length > 0)
    return older.map((collection) => ({
      collection,
      // The older API names the unit once.
      records: (fields[collection] as unknown[]).map((record) => ({ unit: fields.unit, ...(record as object) })),
    }))
  const range = [...collections].some((name) => typeof fields[name] === 'object' && 'start' in (fields[name] as object))
  if (range) return [{ collection: 'dataRange', records: [document] }]
  if (typeof fields.systemTime !== 'string') return null
  if (typeof fields.eventType === 'string') return [{ collection: 'events', records: [document] }]
  if ('alertName' in fields) return [{ collection: 'alerts', records: [document] }]
  if (!('value' in fields)) return null
  return [{ collection: 'trend' in fields || 'status' in fields ? 'egvs' : 'calibrations', records: [document] }]
}

function merge(payloads: readonly (Payload | null)[]): Payload[] {
  const records = new Map<string, unknown[]>()
  for (const payload of payloads) {
    if (payload) records.set(payload.collection, [...(records.get(payload.collection) ?? []), ...payload.records])
  }
  return [...records].map(([collection, all]) => ({ collection, records: all }))
}

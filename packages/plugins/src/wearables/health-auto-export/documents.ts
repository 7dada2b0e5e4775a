import type { Payload } from './payload.js'

const kinds = [
  'metrics',
  'workouts',
  'symptoms',
  'stateOfMind',
  'cycleTracking',
  'medications',
  'ecg',
  'heartRateNotifications',
]

/** Payloads in a document that is a part of one: without its envelope, one metric, or one workout, as documentation shows them. */
export function payloadsOf(document: unknown): Payload[] | null {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return null
  const held = document as Record<string, unknown>
  if (kinds.some((kind) => Array.isArray(held[kind]))) return [{ data: held as Payload['data'] }]
  if (typeof held.name === 'string' && Array.isArray(held.data)) return [{ data: { metrics: [held] } }]
  const parts = ['start', 'route', 'heartRate', 'heartRateData', 'heartRateRecovery']
  // A piece of a workout by itself is set aside with the reason, which tells more than that nobody knows it.
  return parts.some((part) => part in held) ? [{ data: { workouts: [held] } }] : null
}

import type { Payload, Resource } from './payload.js'

type Json = Record<string, unknown>

/**
 * Payloads in an answer of Withings' API as it is, or in its body: groups of measures, days, workouts, summaries of nights,
 * states of one night, minutes. Null where it is none of them.
 */
export function payloadsOf(document: unknown): Payload[] | null {
  if (!isObject(document)) return null
  const body = isObject(document.body) ? document.body : document
  const timezone = typeof body.timezone === 'string' ? body.timezone.slice(0, 80) : null
  const made = (resource: Resource, items: unknown[]): Payload[] => [{ resource, items, timezone }]
  if (Array.isArray(body.measuregrps)) return made('measures', body.measuregrps)
  if (Array.isArray(body.activities)) return made('activity', body.activities)
  const { series } = body
  if (isObject(series)) {
    const minutes = Object.entries(series).filter(([second]) => /^\d{1,12}$/.test(second))
    if (minutes.length === 0) return null
    return made(
      'intraday',
      minutes.map(([second, piece]) => ({ ...(isObject(piece) ? piece : {}), start: Number(second) })),
    )
  }
  if (!Array.isArray(series)) return null
  const [first] = series
  if (!isObject(first) || !('startdate' in first)) return null
  if ('category' in first) return made('workouts', series)
  return made('sleep', 'state' in first ? [nightOf(series)] : series)
}

/** States of sleep are asked for by the night, and do not say its id. */
function nightOf(states: readonly unknown[]): Json {
  const times = (name: string): number[] =>
    states.flatMap((state) => (isObject(state) && typeof state[name] === 'number' ? [state[name]] : []))
  return { startdate: least(times('startdate')), enddate: -least(times('enddate').map((end) => -end)), states }
}

function least(numbers: readonly number[]): number {
  return numbers.reduce((held, one) => Math.min(held, one), Number.POSITIVE_INFINITY)
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

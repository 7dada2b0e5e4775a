/** A value that a vendor, a broken export or somebody with bad intent may send. */
export interface HostileValue {
  name: string
  value: unknown
}

const nested = (): unknown => {
  let value: unknown = []
  for (let depth = 0; depth < 55; depth++) value = depth % 2 ? { a: value } : [value]
  return value
}

/** What stands in the place of every part of a golden payload, one after the other. */
export const hostileValues: readonly HostileValue[] = [
  { name: 'null', value: null },
  { name: 'NaN', value: Number.NaN },
  { name: 'infinity', value: Number.POSITIVE_INFINITY },
  { name: 'minus infinity', value: Number.NEGATIVE_INFINITY },
  { name: 'minus zero', value: -0 },
  { name: 'a negative number', value: -1 },
  { name: 'half', value: 0.5 },
  { name: 'the greatest number', value: Number.MAX_VALUE },
  { name: 'the greatest whole number', value: Number.MAX_SAFE_INTEGER },
  { name: 'the last instant in ms', value: 8.64e15 },
  { name: 'before the first instant', value: -8.64e15 - 1 },
  { name: 'the last second of 9999', value: 253_402_300_799 },
  { name: 'true', value: true },
  { name: 'a number as text', value: '12' },
  { name: 'an empty text', value: '' },
  { name: 'a blank', value: ' ' },
  { name: 'an unknown word', value: 'NOT_YET_INVENTED' },
  { name: '__proto__ as a word', value: '__proto__' },
  { name: 'constructor as a word', value: 'constructor' },
  { name: 'toString as a word', value: 'toString' },
  { name: 'a huge text', value: 'x'.repeat(200_000) },
  { name: 'what cannot be stored as text', value: 'a\0\ud800b' },
  { name: 'a text of digits', value: '9'.repeat(400) },
  { name: 'the far past', value: '0001-01-01T00:00:00Z' },
  { name: 'before every calendar', value: '-271821-04-20T00:00:00Z' },
  { name: 'the far future', value: '9999-12-31T23:59:59.999Z' },
  { name: 'after every calendar', value: '+275760-09-13T00:00:00.001Z' },
  { name: 'a day that is none', value: '2026-02-30' },
  { name: 'an instant in a gap', value: '2026-03-29T02:30:00' },
  { name: 'an impossible offset', value: '2026-03-29T02:30:00+99:99' },
  { name: 'an empty list', value: [] },
  { name: 'a list of nulls', value: [null, null] },
  { name: 'an empty object', value: {} },
  {
    name: 'prototype keys',
    value: JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1},"toString":1}'),
  },
  { name: 'deep nesting', value: nested() },
]

/** A place in a payload. */
export type Place = readonly (string | number)[]

/** Every place of a payload; of a list, its first two items stand for the others. */
export function placesOf(payload: unknown, most = 600): Place[] {
  const found: Place[] = []
  const walk = (value: unknown, place: Place): void => {
    if (found.length >= most) return
    if (place.length > 0) found.push(place)
    if (Array.isArray(value)) for (const [at, item] of value.slice(0, 2).entries()) walk(item, [...place, at])
    else if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value).slice(0, 80)) walk(inner, [...place, name])
  }
  walk(payload, [])
  return found
}

/** A payload with another value in one place; what is beside it is shared, so it must not be changed. */
export function replaced(payload: unknown, place: Place, value: unknown): unknown {
  return changed(payload, place, (held, last) => {
    if (Array.isArray(held)) return held.map((item, at) => (at === last ? value : item))
    return { ...(held as object), [last]: value }
  })
}

/** A payload without what is in one place. */
export function without(payload: unknown, place: Place): unknown {
  return changed(payload, place, (held, last) => {
    if (Array.isArray(held)) return held.filter((_, at) => at !== last)
    const { [last]: _, ...rest } = held as Record<string, unknown>
    return rest
  })
}

function changed(
  payload: unknown,
  [first, ...rest]: Place,
  change: (held: unknown, last: string | number) => unknown,
): unknown {
  if (first === undefined) return payload
  if (rest.length === 0) return change(payload, first)
  if (Array.isArray(payload)) return payload.map((item, at) => (at === first ? changed(item, rest, change) : item))
  if (typeof payload !== 'object' || payload === null) return payload
  return { ...payload, [first]: changed((payload as Record<string, unknown>)[first], rest, change) }
}

/** Lists of objects that stand highest in a payload: its items. */
export function listsOf(payload: unknown): Place[] {
  if (typeof payload !== 'object' || payload === null) return []
  return Object.entries(payload).flatMap(([name, value]): Place[] => {
    if (Array.isArray(value))
      return value.some((item) => typeof item === 'object' && item !== null && !Array.isArray(item)) ? [[name]] : []
    return listsOf(value).map((place) => [name, ...place])
  })
}

/** What stands in a place. */
export function at(payload: unknown, place: Place): unknown {
  return place.reduce<unknown>((held, name) => (held as Record<string | number, unknown> | null)?.[name], payload)
}

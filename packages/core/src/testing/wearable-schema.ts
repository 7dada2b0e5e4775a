import type fastCheck from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { z } from 'zod'

type FastCheck = typeof fastCheck
type Schema = z.core.$ZodType
/** What a schema says of itself; which of it is there depends on its kind. */
interface Def {
  type: string
  format?: string
  pattern?: RegExp
  offset?: boolean
  local?: boolean
  checks?: readonly { _zod: { def: Record<string, unknown> } }[]
  element?: Schema
  shape?: Record<string, Schema>
  catchall?: Schema
  keyType?: Schema
  valueType?: Schema
  items?: readonly Schema[]
  rest?: Schema | null
  options?: readonly Schema[]
  entries?: Record<string, string | number>
  values?: readonly unknown[]
  innerType?: Schema
  in?: Schema
  left?: Schema
  right?: Schema
  getter?: () => Schema
  defaultValue?: unknown
}

/** Deepest that a schema which holds itself is followed. */
const MOST_DEPTH = 12
const MOST_ITEMS = 6
const YEARS: [number, number] = [Date.UTC(1975, 0), Date.UTC(2075, 0)]

/** Where a schema stands in its payload: names of fields, `*` for items. Parts of real payloads are known by it. */
export type Fragments = ReadonlyMap<string, readonly unknown[]>

/**
 * Payloads made from a zod schema: what it accepts, as wildly as it accepts it. Where it accepts anything at all, parts of
 * real payloads that stand in the same place.
 */
export function arbitraryOf(fc: FastCheck, schema: Schema, fragments: Fragments = new Map()): Arbitrary<unknown> {
  const make = (of: Schema, path: string, depth: number): Arbitrary<unknown> => {
    const def = of._zod.def as unknown as Def
    const inner = (to: Schema | undefined, name?: string): Arbitrary<unknown> =>
      to ? make(to, name === undefined ? path : `${path}/${name}`, depth + 1) : fc.constant(undefined)
    if (depth > MOST_DEPTH) return fc.constantFrom<unknown>(null, undefined)
    switch (def.type) {
      case 'string':
        return orKnown(fc, text(fc, def), fragments.get(path), 'string')
      case 'number':
        return orKnown(fc, number(fc, def), fragments.get(path), 'number')
      case 'boolean':
        return fc.boolean()
      case 'bigint':
        return fc.bigInt()
      case 'date':
        return fc.date()
      case 'null':
        return fc.constant(null)
      case 'undefined':
      case 'void':
        return fc.constant(undefined)
      case 'nan':
        return fc.constant(Number.NaN)
      case 'literal':
        return fc.constantFrom(...(def.values ?? []))
      case 'enum':
        return fc.constantFrom(...Object.values(def.entries ?? {}))
      case 'array':
        return fc.array(inner(def.element, '*'), { ...lengths(def, MOST_ITEMS) })
      case 'tuple':
        return fc.tuple(...(def.items ?? []).map((item) => inner(item, '*')))
      case 'object':
        return orWhole(fc, objectOf(fc, def, inner), path === '' ? undefined : fragments.get(path))
      case 'record':
        return fc.dictionary(
          inner(def.keyType).map((key) => String(key)),
          inner(def.valueType, '*'),
          { maxKeys: MOST_ITEMS, noNullPrototype: true },
        )
      case 'union':
        return fc.oneof(...(def.options ?? []).map((option) => inner(option)))
      case 'intersection':
        return fc.tuple(inner(def.left), inner(def.right)).map(([a, b]) => ({ ...(a as object), ...(b as object) }))
      case 'optional':
        return fc.option(inner(def.innerType), { nil: undefined })
      case 'nullable':
        return fc.option(inner(def.innerType), { nil: null })
      case 'default':
      case 'prefault':
      case 'catch':
      case 'readonly':
      case 'nonoptional':
        return inner(def.innerType)
      case 'pipe':
        return inner(def.in)
      case 'lazy':
        return inner(def.getter?.())
      default:
        return anything(fc, fragments.get(path))
    }
  }
  return make(schema, '', 0)
}

/** The parts of payloads by where they stand. */
export function fragmentsOf(payloads: readonly unknown[]): Fragments {
  const found = new Map<string, unknown[]>()
  const walk = (value: unknown, path: string): void => {
    const held = found.get(path) ?? []
    if (held.length < 200) found.set(path, [...held, value])
    if (Array.isArray(value)) for (const item of value.slice(0, 50)) walk(item, `${path}/*`)
    else if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) {
        walk(inner, `${path}/${name}`)
        // As the value of a record, it stands for every name.
        if (found.size < 5000) found.set(`${path}/*`, [...(found.get(`${path}/*`) ?? []), inner].slice(0, 200))
      }
  }
  for (const payload of payloads) walk(payload, '')
  return found
}

/** Words and numbers of real payloads now and then: many schemas take any word and only some mean something. */
function orKnown(
  fc: FastCheck,
  made: Arbitrary<unknown>,
  known: readonly unknown[] | undefined,
  type: 'string' | 'number',
): Arbitrary<unknown> {
  const fitting = known?.filter((value) => typeof value === type) ?? []
  return fitting.length > 0 ? fc.oneof(made, fc.constantFrom(...fitting)) : made
}

/** Now and then an object as it was found: some have conditions between their fields that no schema tells. */
function orWhole(fc: FastCheck, made: Arbitrary<unknown>, known: readonly unknown[] | undefined): Arbitrary<unknown> {
  const fitting = known?.filter((value) => typeof value === 'object' && value !== null) ?? []
  return fitting.length > 0
    ? fc.oneof({ weight: 3, arbitrary: made }, { weight: 1, arbitrary: fc.constantFrom(...fitting) })
    : made
}

function anything(fc: FastCheck, known: readonly unknown[] | undefined): Arbitrary<unknown> {
  const json = fc.jsonValue({ maxDepth: 3 })
  return known && known.length > 0
    ? fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: json })
    : json
}

function objectOf(
  fc: FastCheck,
  def: Def,
  inner: (schema: Schema, name: string) => Arbitrary<unknown>,
): Arbitrary<unknown> {
  const fields = Object.entries(def.shape ?? {})
  const requiredKeys = fields.filter(([, field]) => field._zod.optin !== 'optional').map(([name]) => name)
  const made = fc.record(Object.fromEntries(fields.map(([name, field]) => [name, inner(field, name)])), {
    requiredKeys,
    noNullPrototype: true,
  } as { requiredKeys: never[]; noNullPrototype: boolean })
  // Vendors add fields: unknown ones must do no harm.
  const extra = fc.dictionary(fc.string({ maxLength: 12 }), fc.jsonValue({ maxDepth: 1 }), {
    maxKeys: 2,
    noNullPrototype: true,
  })
  return fc
    .tuple(made, fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: extra }))
    .map(([known, more]) => ({ ...more, ...(known as object) }))
}

function checksOf({ checks = [] }: Def): Record<string, unknown>[] {
  return checks.map((check) => check._zod.def)
}

function lengths(def: Def, most: number): { minLength: number; maxLength: number } {
  let minLength = 0
  let maxLength = Number.POSITIVE_INFINITY
  for (const check of checksOf(def)) {
    if (check.check === 'min_length') minLength = Math.max(minLength, Number(check.minimum))
    if (check.check === 'max_length') maxLength = Math.min(maxLength, Number(check.maximum))
    if (check.check === 'length_equals') minLength = maxLength = Number(check.length)
  }
  return { minLength, maxLength: Math.max(minLength, Math.min(maxLength, minLength + most)) }
}

function text(fc: FastCheck, def: Def): Arbitrary<string> {
  const instant = fc.integer({ min: YEARS[0], max: YEARS[1] }).map((at) => new Date(at).toISOString())
  if (def.format === 'datetime') {
    const zones = [
      'Z',
      ...(def.offset ? ['+00:00', '+05:45', '-03:30', '+14:00', '-12:00'] : []),
      ...(def.local ? [''] : []),
    ]
    return fc.tuple(instant, fc.constantFrom(...zones)).map(([at, zone]) => at.replace('Z', zone))
  }
  if (def.format === 'date') return instant.map((at) => at.slice(0, 10))
  if (def.format === 'time') return instant.map((at) => at.slice(11, 23))
  if (def.format === 'uuid' || def.format === 'guid') return fc.uuid()
  if (def.format === 'url') return fc.webUrl()
  if (def.format === 'email') return fc.emailAddress()
  const patterns = [def.pattern, ...checksOf(def).map(({ pattern }) => pattern)].filter(
    (pattern): pattern is RegExp => pattern instanceof RegExp,
  )
  const [pattern] = patterns
  if (pattern) return fc.stringMatching(pattern)
  const bounds = lengths(def, 24)
  return fc.oneof(
    fc.string({ ...bounds, unit: 'binary' }),
    fc.string(bounds),
    ...(bounds.minLength <= 20 && bounds.maxLength >= 20
      ? [instant.map((at) => `${at.slice(0, 19)}Z`), fc.constantFrom('constructor', '__proto__', 'toString', '0', '-1')]
      : []),
  )
}

function number(fc: FastCheck, def: Def): Arbitrary<number> {
  let [min, max] = [-1e12, 1e13]
  let whole = def.format !== undefined && def.format !== 'float32' && def.format !== 'float64'
  if (def.format === 'int32') [min, max] = [-(2 ** 31), 2 ** 31 - 1]
  for (const check of checksOf(def)) {
    const value = Number(check.value)
    if (check.check === 'greater_than') min = check.inclusive ? value : value + (whole ? 1 : 1e-9)
    if (check.check === 'less_than') max = check.inclusive ? value : value - (whole ? 1 : 1e-9)
    if (check.check === 'number_format' && String(check.format).includes('int')) whole = true
  }
  if (min > max) max = min
  const clamp = (value: number): number => Math.min(max, Math.max(min, value))
  const usual = fc.integer({ min: Math.ceil(clamp(0)), max: Math.max(Math.ceil(clamp(0)), Math.floor(clamp(300))) })
  const any = whole
    ? fc.integer({
        min: Math.max(Math.ceil(min), Number.MIN_SAFE_INTEGER),
        max: Math.min(Math.floor(max), Number.MAX_SAFE_INTEGER),
      })
    : fc.double({ min, max, noNaN: true })
  const seconds = fc.integer({ min: YEARS[0] / 1000, max: YEARS[1] / 1000 }).map(clamp)
  return fc.oneof(usual, any, whole && seconds ? seconds.map(Math.floor) : seconds)
}

import assert from 'node:assert/strict'
import { isAurenError } from '../errors.js'
import { type Accepted, accept, checkAll, type SetAside } from '../ingest/accept.js'
import { canonicalValue, identityKey } from '../observation/identity.js'
import type { Instant, Observation, ObservationInput } from '../observation/schema.js'
import type { NormalizeContext, WearablePlugin } from '../plugin/types.js'

/** What a normalizer is told beside its payload. */
export interface NormalizeWith {
  receivedAt: Instant
  account: string
  /** IANA zone of the person; null: nobody knows it. */
  zone: string | null
}

/** What became of one payload. */
export interface Normalized extends Accepted {
  yielded: ObservationInput[]
  /** What the normalizer itself set aside. */
  rejected: SetAside[]
}

/**
 * Runs a normalizer as the framework does, without what it must not use: its payload is frozen, and a clock, randomness,
 * timers and the network throw. Every observation must then be accepted or set aside with a reason.
 * @returns null where its schema refuses the payload, or the normalizer as AUREN_PAYLOAD_INVALID: it is set aside whole
 */
export function normalizeAlone<P>(
  plugin: WearablePlugin<string, P>,
  payload: unknown,
  { receivedAt, account, zone }: NormalizeWith,
): Normalized | null {
  const parsed = plugin.payload.safeParse(payload)
  if (!parsed.success) return null
  const rejected: SetAside[] = []
  const ctx: NormalizeContext = Object.freeze({
    receivedAt,
    account,
    zoneAt: () => zone,
    reject: (item: unknown, reason: string, detail: string) => rejected.push({ item, reason, detail }),
  })
  let yielded: ObservationInput[]
  try {
    yielded = withoutWorld(() => [...plugin.normalize(freeze(parsed.data), ctx)])
  } catch (error) {
    if (isAurenError(error) && error.code === 'AUREN_PAYLOAD_INVALID') return null
    throw error
  }
  const against = { provider: plugin.id, account, receivedAt, registry: plugin.metrics ?? {} }
  const made = { yielded, rejected, ...accept(yielded, against) }
  assertKept(made, checkAll(yielded, against).passed, (one) => {
    const { ordinal: _, ...unnumbered } = one as Observation & { ordinal?: number }
    const key = keyOf(plugin.id, account, unnumbered as Observation)
    return one.shape === 'deletion' ? key : `${key} ${canonicalValue(one)}`
  })
  return made
}

function assertKept(
  { yielded, rejected, accepted, aside }: Normalized,
  passed: readonly Observation[],
  named: (one: Observation) => string,
): void {
  for (const { reason, detail } of rejected) {
    assert.match(reason, /^[a-z][a-z0-9_]{0,59}$/, 'a reason is a short name in snake_case')
    assert.ok(typeof detail === 'string' && detail.length > 0, `${reason} is set aside without saying why`)
    assert.ok(detail.length <= 1000, `${reason}: the detail is not bounded in length`)
  }
  // A session with an impossible measure is both: as it came, and without the measure.
  const refused = aside.filter(({ measures }) => measures === undefined).length
  assert.equal(passed.length + refused, yielded.length, 'something is neither accepted nor set aside')
  // Equal twins within one payload are one record; nothing else may go.
  const held = new Set(accepted.map(named))
  for (const one of passed) assert.ok(held.has(named(one)), 'something that was accepted is not there')
  for (const observation of accepted)
    assert.deepEqual(JSON.parse(JSON.stringify(observation)), clean(observation), 'an observation must survive JSON')
}

/** Without what JSON leaves out, and with one zero. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean)
  if (typeof value === 'number') return value + 0
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => (inner === undefined ? [] : [[name, clean(inner)]])),
  )
}

/** What an observation is about; a deletion by record is about that record. */
export function keyOf(provider: string, account: string, observation: Observation): string {
  if (observation.shape === 'deletion' && observation.recordId !== undefined) return `record ${observation.recordId}`
  return identityKey(provider, account, observation)
}

/** Freezes all the way down. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) freeze(inner)
  return value
}

/** Runs something that may know neither the time nor chance nor anybody else. */
function withoutWorld<T>(run: () => T): T {
  const refuse = (what: string) => () => {
    throw new Error(`A normalizer is pure: it must not use ${what}. Times are in the payload, or ctx.receivedAt.`)
  }
  const RealDate = Date
  const FrozenDate = new Proxy(RealDate, {
    construct: (target, args) => (args.length === 0 ? refuse('new Date()')() : Reflect.construct(target, args)),
    apply: refuse('Date()'),
    get: (target, name) => (name === 'now' ? refuse('Date.now') : Reflect.get(target, name)),
  })
  const places: [target: object, name: string, value: unknown][] = [
    [globalThis, 'Date', FrozenDate],
    [globalThis, 'fetch', refuse('fetch')],
    [globalThis, 'setTimeout', refuse('setTimeout')],
    [globalThis, 'setImmediate', refuse('setImmediate')],
    [Math, 'random', refuse('Math.random')],
    [performance, 'now', refuse('performance.now')],
    [crypto, 'randomUUID', refuse('crypto.randomUUID')],
    [crypto, 'getRandomValues', refuse('crypto.getRandomValues')],
  ]
  const before = places.map(([target, name]) => Object.getOwnPropertyDescriptor(target, name))
  for (const [target, name, value] of places)
    Object.defineProperty(target, name, { value, configurable: true, writable: true })
  try {
    return run()
  } finally {
    for (const [at, [target, name]] of places.entries()) {
      const was = before[at]
      if (was) Object.defineProperty(target, name, was)
      else Reflect.deleteProperty(target, name)
    }
  }
}

import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { Observation } from '../observation/schema.js'
import type { WearablePlugin } from '../plugin/types.js'
import { proveArchive, provePublished, provePull } from './wearable-doors.js'
import { noEvidence, type WearableEvidence } from './wearable-evidence.js'
import { at, hostileValues, listsOf, placesOf, replaced, without } from './wearable-hostile.js'
import { type Golden, type Story, type WearableKit, withDefaults } from './wearable-kit.js'
import { freeze, type Normalized, normalizeAlone } from './wearable-run.js'
import { arbitraryOf, fragmentsOf } from './wearable-schema.js'
import { proveSignature } from './wearable-signatures.js'
import { standing } from './wearable-standing.js'

const HOUR = 3_600_000

/**
 * Conformance of a wearable: one call for its author, in any runner that has `describe` and `it`.
 * ```ts
 * import * as vitest from 'vitest'
 * wearableConformance(myRing(), { runner: vitest, golden: [{ name: 'a night', payload, expect: [{ metric: 'heart_rate', value: 61 }] }] })
 * ```
 * @returns what was seen, complete when the tests have run; {@link qualityOf} makes a level of it
 */
export function wearableConformance<P>(plugin: WearablePlugin<string, P>, kit: WearableKit): WearableEvidence {
  const {
    runner,
    golden,
    signatures = [],
    stories = [],
    published = [],
    archives = [],
    refused = [],
    endings = [],
  } = kit
  const { describe, it } = runner
  const seen = noEvidence(plugin as WearablePlugin)
  seen.docs = kit.docs ?? false
  seen.never = { ...kit.never }

  describe(`wearable: ${plugin.id}`, () => {
    for (const one of golden) {
      it(`reads ${one.name} as it must`, async () => {
        const made = normalizeGolden(plugin, one)
        const found = standing(plugin.id, 'account', [
          { receivedAt: withDefaults(one).receivedAt, accepted: made.accepted },
        ])
        assertHolds(found, one.expect)
        if (one.aside) assert.deepEqual(reasonsOf(made), [...one.aside].sort())
        if (one.exact) assert.equal(found.length, one.expect.length, 'as many observations as are expected')
        seen.golden++
      })
      it(`is pure, and says the same of ${one.name} however often it comes`, async () => {
        const [first, again] = [normalizeGolden(plugin, one), normalizeGolden(plugin, one)]
        assert.deepEqual(again, first)
        const { receivedAt } = withDefaults(one)
        const later = normalizeGolden(plugin, { ...one, receivedAt: receivedAt + HOUR })
        const once = standing(plugin.id, 'account', [{ receivedAt, accepted: first.accepted }])
        const twice = standing(plugin.id, 'account', [
          { receivedAt, accepted: first.accepted },
          { receivedAt: receivedAt + HOUR, accepted: later.accepted },
        ])
        assert.deepEqual(twice.map(unversioned), once.map(unversioned))
      })
      it(`does no harm with ${one.name} damaged in any place`, async () => {
        const { payload, ...context } = withDefaults(one)
        const tried = (damaged: unknown, what: string) => {
          seen.hostile++
          return attempt(plugin, damaged, context, what)
        }
        for (const place of placesOf(payload)) {
          for (const { name, value } of hostileValues)
            tried(replaced(payload, place, value), `${name} in ${place.join('.')}`)
          tried(without(payload, place), `nothing in ${place.join('.')}`)
        }
        for (const { value, name } of hostileValues) tried(value, `${name} instead of a payload`)
        assert.equal(({} as Record<string, unknown>).polluted, undefined, 'a payload changed every object there is')
      })
      it(`sets one broken item of ${one.name} aside, and reads the others`, async () => {
        const { payload, ...context } = withDefaults(one)
        const whole = normalizeGolden(plugin, one)
        for (const list of listsOf(payload)) {
          const items = at(payload, list) as unknown[]
          const joined = replaced(payload, list, [...items, 'no item at all', 7])
          const made = attempt(plugin, joined, context, `items that are none in ${list.join('.')}`)
          assert.ok(made, `${list.join('.')}: one broken item has the whole payload refused`)
          assert.deepEqual(made.accepted, whole.accepted, `${list.join('.')}: a broken item changes the others`)
          const more = made.rejected.length + made.aside.length - whole.rejected.length - whole.aside.length
          assert.ok(more >= 1, `${list.join('.')}: broken items are dropped without a word`)
        }
      })
    }

    it('does no harm with whatever fits its schema', async () => {
      const { default: fc } = await import('fast-check')
      const payloads = golden.map((one) => withDefaults(one).payload)
      const { runs = 150, seed = 20_260_105 } = kit
      let fitting = 0
      const made = arbitraryOf(fc, plugin.payload, fragmentsOf(payloads))
      const context = { receivedAt: Date.UTC(2026, 0, 5), account: 'account', zone: 'Europe/Berlin' }
      fc.assert(
        fc.property(made, (payload) => {
          if (attempt(plugin, payload, context, 'made from the schema')) fitting++
        }),
        { numRuns: runs, seed },
      )
      assert.ok(fitting >= runs / 10, `only ${fitting} of ${runs} payloads made from the schema fit it`)
      const damage = fc.array(fc.tuple(fc.nat(), fc.nat(hostileValues.length)), { minLength: 2, maxLength: 6 })
      fc.assert(
        fc.property(fc.nat(Math.max(0, payloads.length - 1)), damage, (which, damages) => {
          const damaged = damages.reduce<unknown>((payload, [where, what]) => {
            const places = placesOf(payload)
            const place = places[where % Math.max(1, places.length)] ?? []
            const hostile = hostileValues[what]
            return hostile ? replaced(payload, place, hostile.value) : without(payload, place)
          }, payloads[which])
          attempt(plugin, damaged, context, 'damaged in several places')
        }),
        { numRuns: runs, seed },
      )
      seen.properties += 2 * runs
    })

    for (const vector of signatures)
      it(`takes ${vector.name}, and refuses it with any bit changed`, async () => {
        const { vectors, fromVendor, mutations } = proveSignature(plugin as WearablePlugin, vector)
        seen.signatures.vectors += vectors
        seen.signatures.fromVendor += fromVendor
        seen.signatures.mutations += mutations
        if (vector.signsBody !== false) seen.capabilities.signature = true
      })
    for (const request of refused)
      it(`refuses ${request.name}`, async () => {
        assert.equal(plugin.webhook?.verify(request.request).ok, false)
        seen.refused++
      })
    for (const ending of endings)
      it(`ends the connection on ${ending.name}`, async () => {
        const plans = plugin.webhook?.plan(ending.body, { receivedAt: ending.receivedAt ?? Date.UTC(2026, 0, 5) }) ?? []
        const ended = plans.filter(({ lifecycle }) => lifecycle === 'deauthorized').map(({ account }) => account)
        assert.deepEqual(ended, [ending.account])
        seen.endings++
        seen.capabilities.lifecycle = true
      })

    for (const story of stories)
      it(`${story.kind}: ${story.name}`, async () => {
        proveStory(plugin, story)
        seen.stories[story.kind] = (seen.stories[story.kind] ?? 0) + 1
      })

    if (published.length > 0)
      it(`reads what is published of it, or says why not (${published.length} documents)`, async () => {
        seen.published = provePublished(plugin as WearablePlugin, published)
      })
    for (const archive of archives)
      it(`reads the export ${archive.name}`, async () => {
        const observations = await proveArchive(plugin as WearablePlugin, archive)
        seen.archives.files++
        seen.archives.observations += observations
        if (archive.from === 'vendor') seen.archives.fromVendor++
      })
    const { pull } = kit
    if (pull)
      it('pulls everything, then only what is new', async () => {
        seen.pull = await provePull(pull)
        seen.capabilities.backfill = seen.pull.backfillDays >= 30
      })
  })
  return seen
}

/** Null where the schema refuses it: then it is set aside whole. */
function attempt<P>(
  plugin: WearablePlugin<string, P>,
  payload: unknown,
  context: { receivedAt: number; account: string; zone: string | null },
  what: string,
): Normalized | null {
  try {
    return normalizeAlone(plugin, payload, context)
  } catch (cause) {
    throw new Error(`${plugin.id} with ${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

function normalizeGolden<P>(plugin: WearablePlugin<string, P>, golden: Golden): Normalized {
  const { payload, ...context } = withDefaults(golden)
  const made = attempt(plugin, freeze(structuredClone(payload)), context, golden.name)
  assert.ok(made, `${golden.name} does not fit the schema: ${plugin.payload.safeParse(payload).error?.message}`)
  return made
}

function reasonsOf({ rejected, aside }: Normalized): string[] {
  return [...rejected, ...aside].map(({ reason }) => reason).sort()
}

function unversioned(observation: Observation): Observation {
  const { version: _, ...rest } = observation
  return rest as Observation
}

/** Steps of a story in order, each of them twice, and (where each states a version) in the other order, too. */
function proveStory<P>(plugin: WearablePlugin<string, P>, { kind, steps, expect, exact = true }: Story): void {
  const deliveries = steps.map((step, i) => {
    const { receivedAt } = withDefaults(step)
    const made = normalizeGolden(plugin, {
      name: `delivery ${i + 1}`,
      expect: [],
      ...step,
      receivedAt: step.receivedAt ?? receivedAt + i * HOUR,
    })
    return { receivedAt: step.receivedAt ?? receivedAt + i * HOUR, accepted: made.accepted }
  })
  const after = standing(plugin.id, 'account', deliveries)
  assertHolds(after, expect)
  if (exact) assert.equal(after.length, expect.length, `${after.length} observations hold in the end`)
  if (kind === 'deleted') assert.ok(after.length < standing(plugin.id, 'account', deliveries.slice(0, 1)).length)
  const twice = deliveries.flatMap((one) => [one, one])
  assert.deepEqual(standing(plugin.id, 'account', twice), after, 'each delivered twice')
  // Only where each step states a later version than those before is the order of arrival no matter.
  const versions = deliveries.map(({ accepted }) => [...new Set(accepted.map(({ version }) => version))])
  const ordered = versions.every(
    ([version, ...more], i) =>
      version !== undefined && more.length === 0 && version > (versions[i - 1]?.[0] ?? -Infinity),
  )
  if (ordered) {
    const times = deliveries.map(({ receivedAt }) => receivedAt)
    const turned = [...deliveries].reverse().map((one, i) => ({ ...one, receivedAt: times[i] as number }))
    assert.deepEqual(standing(plugin.id, 'account', turned), after, 'arrived in the other order')
  }
}

/** Each of the expected is there, and none stands for two. */
function assertHolds(found: readonly Observation[], expected: readonly object[]): void {
  const left = [...found]
  for (const wanted of expected) {
    const which = left.findIndex((one) => isDeepStrictEqual(projected(one, wanted), wanted))
    if (which < 0) {
      const nearest = left.find((one) => one.shape === (wanted as { shape?: string }).shape) ?? left[0]
      assert.deepEqual(nearest ? projected(nearest, wanted) : found, wanted, 'expected, and not there')
    }
    left.splice(which, 1)
  }
}

/** Of a value, only what another one speaks of. */
function projected(value: unknown, like: unknown): unknown {
  if (Array.isArray(like) && Array.isArray(value)) {
    return value.length === like.length ? value.map((item, i) => projected(item, like[i])) : value
  }
  if (typeof like !== 'object' || like === null || typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.keys(like).map((name) => [
      name,
      projected((value as Record<string, unknown>)[name], (like as Record<string, unknown>)[name]),
    ]),
  )
}

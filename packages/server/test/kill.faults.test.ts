import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openMode } from './faults/modes.js'
import type { Mode, Place, World } from './faults/place.js'
import { killsOf } from './faults/size.js'
import { trappedExport, traps } from './kill/export.js'
import { type Kill, type Killed, prepareUpload, survive } from './kill/survive.js'
import { comparable, readTables, type Tables } from './kill/tables.js'

/** Every place that an import passes after its first. */
const places = [
  'import:step-before-commit',
  'import:step-after-commit',
  'relay:before-commit',
  'relay:after-commit',
  'consume:after-read',
  'consume:after-write',
  'consume:before-commit',
  'consume:after-commit',
]

/** Every place once, shuffled, the first or second time that it is passed; the receipt of the file before them. */
function planOf(seed: number): Kill[] {
  const random = xoroshiro128plus(seed)
  const shuffled = [...places]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = uniformInt(random, 0, i)
    ;[shuffled[i], shuffled[j]] = [shuffled[j] as string, shuffled[i] as string]
  }
  return [
    { place: seed % 2 === 0 ? 'ingest:before-receive' : 'ingest:after-receive', nth: 1 },
    ...shuffled.map((place) => ({ place, nth: uniformInt(random, 1, 2) })),
  ]
}

const seedsOf = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1)
/** On servers a dead process's job is taken over when its lease is over, 20 seconds later: few kills, at the first places. */
const installations: { name: string; mode: Mode; seeds: number[]; kills: number; anyTime: number[] }[] = [
  { name: 'embedded', mode: 'embedded', seeds: seedsOf(killsOf(4, 100)), kills: 9, anyTime: seedsOf(1) },
  { name: 'PostgreSQL', mode: 'table', seeds: seedsOf(killsOf(1, 20)), kills: 4, anyTime: [] },
]

describe.each(installations)('killed in an import: $name', ({ name, mode, seeds, kills, anyTime }) => {
  const open = openMode(mode)
  const counted: Killed[] = []
  let planned = 0
  let fired = 0
  let recovered = 0
  let world: World
  let prepared: Place
  let upload = ''
  let undisturbed: Tables

  beforeAll(async () => {
    if (!open) return
    world = open()
    prepared = await world.create()
    upload = await prepareUpload(prepared, trappedExport(70_000, 11))
    const place = await prepared.copy()
    const { view } = await survive(place, upload, [])
    expect(view).toMatchObject({ state: 'done', error: null })
    expect(view.progress.observations).toBeGreaterThan(20_000)
    expect(Object.fromEntries(view.rejected.map(({ reason, count }) => [reason, count]))).toMatchObject(traps)
    undisturbed = await readTables(place)
    expect(undisturbed).toMatchObject({ accepted: undisturbed.stored, waiting: 0, jobs: { done: 1 } })
  })
  afterAll(() => world?.close())

  const hold = async (plan: readonly Kill[]): Promise<void> => {
    const place = await prepared.copy()
    const { kills: killed, view } = await survive(place, upload, plan)
    planned += plan.length
    fired += killed.filter((one) => one.fired).length
    const inFlight = killed.filter((one) => one.inFlight)
    counted.push(...inFlight)
    expect(view).toMatchObject({ state: 'done', error: null })
    expect(comparable(await readTables(place))).toEqual(comparable(undisturbed))
    recovered += inFlight.length
  }

  it.skipIf(!open)('is the same the second time that nobody kills it', async () => {
    const place = await prepared.copy()
    await survive(place, upload, [])
    expect(comparable(await readTables(place))).toEqual(comparable(undisturbed))
  })

  it.skipIf(!open).each(seeds)('at named places, seed %i', (seed) => hold(planOf(seed).slice(0, kills)))

  it.skipIf(!open).each(anyTime)('at any time, seed %i', (seed) => {
    const random = xoroshiro128plus(1000 + seed)
    return hold(Array.from({ length: 6 }, () => ({ afterMs: uniformInt(random, 0, 1200) })))
  })

  it.skipIf(!open)('was killed often enough, and at every place', () => {
    const atPlaces = counted.flatMap(({ kill }) => ('place' in kill ? [kill.place] : []))
    console.log(
      `${name}, imports: ${planned} kills planned, ${fired} fired, ${counted.length} with work in flight (${atPlaces.length} of them at named places), ${recovered} recovered`,
    )
    // The last of a plan may find the work done.
    expect(atPlaces.length).toBeGreaterThanOrEqual((kills - 2) * seeds.length)
    // Few kills of each plan may leave one out.
    if (kills > places.length)
      expect(new Set(atPlaces)).toEqual(new Set([...places, 'ingest:before-receive', 'ingest:after-receive']))
    expect(recovered).toBe(counted.length)
  })
})

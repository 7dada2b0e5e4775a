import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { expect } from 'vitest'
import { createDriver, type Load, startLoad, until } from './driver.js'
import { type Member, type Planned, type Slot, startFleet } from './fleet.js'
import type { Place } from './place.js'
import { faultsOf, readEverything } from './stored.js'

/** Places that a process of Biometric passes with each delivery, and those that a worker does. */
export const passed = {
  biometric: ['ingest:before-receive', 'ingest:after-receive', 'ingest:before-commit', 'ingest:after-commit'],
  worker: [
    'relay:before-commit',
    'relay:after-commit',
    'consume:after-read',
    'consume:after-write',
    'consume:before-commit',
    'consume:after-commit',
  ],
} as const

/** A seeded plan: every place in turn, so that each comes about equally often, the first to third time it is passed. */
export function planOf(seed: number, places: readonly string[], kills: number): Planned[] {
  const random = xoroshiro128plus(seed)
  const from = uniformInt(random, 0, places.length - 1)
  return Array.from({ length: kills }, (_, i) => ({
    place: places[(from + i) % places.length] as string,
    nth: uniformInt(random, 1, 3),
  }))
}

/** What became of kills. */
export interface Tally {
  planned: number
  fired: number
  /** Fired while something was accepted and not stored, or unanswered. */
  inFlight: number
  places: Record<string, number>
}

/** Longest time without a death, in ms, before the workers change places. */
const QUIET_MS = 20_000

/** True where something that was sent is unanswered, or accepted and not stored. */
async function isInFlight(place: Place, load: Load): Promise<boolean> {
  if (load.inFlight() > 0) return true
  const left = await place.unfinished()
  return left !== null && (left.waiting > 0 || left.fetches > 0)
}

/**
 * Runs an installation under load while its processes kill themselves as planned, lets it come to rest, and holds what
 * is stored to what was accepted, and to a run that nobody disturbed.
 */
export async function killUnderLoad(prepared: Place, slots: readonly Slot[], seed: number): Promise<Tally> {
  const place = await prepared.copy()
  const tally: Tally = { planned: 0, fired: 0, inFlight: 0, places: {} }
  for (const { plan = [] } of slots) tally.planned += plan.length
  const fleet = await startFleet(place, slots)
  const load = startLoad(() => fleet.addresses('biometric'), { seed })

  let quietSince = Date.now()
  /** Lives a member's lives until its plan is done. */
  const live = async (member: Member): Promise<void> => {
    for (let armed = member.armed(); armed; armed = member.armed()) {
      const server = member.server()
      const sent = load.statuses[0] ?? 0
      const how = await server.ended
      quietSince = Date.now()
      if (how === 0 && moved.has(server)) {
        await member.start('same')
        continue
      }
      if (how !== 'SIGKILL') throw new Error(`A process ended by itself (${how}): ${server.complaints()}`)
      tally.fired++
      const working = await isInFlight(place, load)
      await member.start()
      // Answers that its death cut off; and what a folder's next process found in it.
      const cut = (load.statuses[0] ?? 0) > sent
      const found = await member.server().found.catch(() => null)
      if (working || cut || (found && found.waiting > 0)) {
        tally.inFlight++
        tally.places[armed.place] = (tally.places[armed.place] ?? 0) + 1
      }
    }
  }
  /**
   * One worker holds the relay, and partitions may be one's alone: a kill that waits for another worker's work never comes.
   * Where nobody has died for a while, the workers pass their work on, one after the other.
   */
  const moved = new Set<ReturnType<Member['server']>>()
  const workers = fleet.members.filter((member) => member.has('worker'))
  let turn = 0
  const watch = setInterval(() => {
    const waiting = fleet.members.some((member) => member.armed() !== null)
    if (workers.length < 2 || !waiting || Date.now() - quietSince < QUIET_MS) return
    quietSince = Date.now()
    const member = workers[turn++ % workers.length] as Member
    const server = member.server()
    moved.add(server)
    server.terminate()
    // Whoever's plan is done is watched by nobody.
    if (member.armed() === null) server.ended.then((how) => (how === 0 ? member.start('same') : undefined))
  }, 500)
  try {
    await Promise.all(fleet.members.map(live))
    await load.stop()
    await comeToRest(place, fleet)
  } finally {
    clearInterval(watch)
    await fleet.end()
  }
  await holds(place, load)
  await sameAsUndisturbed(prepared, place, load)
  return tally
}

/** Waits until nothing waits, and stops everybody in order. */
export async function comeToRest(place: Place, fleet: { stop(): Promise<void> }): Promise<void> {
  await until(async () => {
    const left = await place.unfinished()
    return left === null || (left.waiting === 0 && left.fetches === 0)
  })
  await fleet.stop()
}

/** Holds a place at rest to what was accepted, and answers to what may be answered. */
export async function holds(place: Place, load: Pick<Load, 'oracle' | 'violations'>): Promise<void> {
  expect(load.violations).toEqual([])
  expect(faultsOf(load.oracle, await readEverything(place))).toEqual([])
}

/** Sends once more what has come, where nobody disturbs it: the tables must be the same. */
async function sameAsUndisturbed(prepared: Place, disturbed: Place, load: Load): Promise<void> {
  const found = await readEverything(disturbed)
  const place = await prepared.copy()
  const fleet = await startFleet(place, [{}])
  try {
    const driver = createDriver(() => fleet.addresses('biometric'))
    const left = load.oracle.kept(found.of)
    const send = async (): Promise<void> => {
      for (let next = left.pop(); next; next = left.pop()) await driver.deliver(next)
    }
    await Promise.all([send(), send(), send(), send()])
    await comeToRest(place, fleet)
  } finally {
    await fleet.end()
  }
  expect((await readEverything(place)).digest).toBe(found.digest)
}

/** Adds up, and says so. */
export function report(name: string, tallies: readonly Tally[]): Tally {
  const sum: Tally = { planned: 0, fired: 0, inFlight: 0, places: {} }
  for (const { planned, fired, inFlight, places } of tallies) {
    sum.planned += planned
    sum.fired += fired
    sum.inFlight += inFlight
    for (const [place, n] of Object.entries(places)) sum.places[place] = (sum.places[place] ?? 0) + n
  }
  console.log(
    `${name}: ${sum.planned} kills planned, ${sum.fired} fired, ${sum.inFlight} with work in flight, all of them recovered ${JSON.stringify(sum.places)}`,
  )
  return sum
}

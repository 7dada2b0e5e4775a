import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { persons } from './place.js'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
/** Noon in Berlin, in May. */
const noon = Date.UTC(2025, 4, 4, 10)
/** Offset of all times, in minutes. */
const OFFSET = 120

/** Something that holds once it has been accepted. Facts of one `id` are one: the greatest version is it. */
export interface Held {
  id: string
  metric: 'heart_rate' | 'steps' | 'tag'
  start: number
  end: number | null
  value: number
  /** Local date. */
  date: string
  version: number
}

/** A delivery: what is sent, and what must come of it. */
export interface Parcel {
  person: string
  /** Its Idempotency-Key. */
  key: string
  observations: Record<string, unknown>[]
  holds: Held[]
  /** How many of its observations must be set aside. */
  aside: number
  /** Sent once and never again, whatever is answered. */
  once: boolean
}

/** An endless, seeded row of deliveries of several persons: overlapping, late, corrected, partly impossible. */
export function* parcels(seed: number): Generator<Parcel, never> {
  const random = xoroshiro128plus(seed)
  const draw = (from: number, to: number): number => uniformInt(random, from, to)
  for (let i = 0; ; i++) {
    const person = persons[draw(0, persons.length - 1)] as string
    const parcel: Parcel = { person, key: `${seed}-${i}`, observations: [], holds: [], aside: 0, once: false }
    const day = lateness[draw(0, lateness.length - 1)] as number
    const kind = draw(0, 9)
    if (kind <= 4) beats(parcel, noon + day * DAY + draw(0, 200) * MINUTE, draw(2, 12))
    else if (kind <= 6) steps(parcel, noon + day * DAY, draw(0, 30), draw(1, 6))
    else if (kind === 7) corrected(parcel, draw(0, 15), i + 1)
    // Each at an instant of its own.
    else if (kind === 8) tagged(parcel, noon + day * DAY + (seed % 50) * MINUTE + i, `tag-${seed}-${i}`)
    else {
      beats(parcel, noon + day * DAY + draw(0, 200) * MINUTE, 2)
      // No heart beats so fast.
      parcel.observations.push(sample('heart_rate', noon, 9000, '/min'))
      parcel.aside = 1
    }
    if (draw(0, 9) === 0) alone(parcel, noon - (3000 + i) * DAY + (seed % 100) * 5 * MINUTE)
    yield parcel
  }
}

/** Days before the last one, in days: some data come in years late. */
const lateness = [0, 0, 0, -1, -2, -36, -400, -1200]

/** A value that depends on the instant alone, so that whoever sends it again sends the same. */
const beatAt = (at: number): number => 50 + ((at / MINUTE) % 71)

function beats(parcel: Parcel, from: number, n: number): void {
  for (let at = from; at < from + n * MINUTE; at += MINUTE) {
    parcel.observations.push(sample('heart_rate', at, beatAt(at), '/min'))
    parcel.holds.push(held('heart_rate', at, null, beatAt(at)))
  }
}

function steps(parcel: Parcel, from: number, slot: number, n: number): void {
  for (let at = from + slot * 10 * MINUTE, k = 0; k < n; k++, at += 10 * MINUTE) {
    const value = 10 + ((at / MINUTE) % 97)
    parcel.observations.push({ ...sample('steps', at, value, '1'), end: at + 10 * MINUTE })
    parcel.holds.push(held('steps', at, at + 10 * MINUTE, value))
  }
}

/** A vendor's record that says its version: whichever order they come in, the newest holds. */
function corrected(parcel: Parcel, record: number, version: number): void {
  const at = noon - 7 * DAY + (400 + record) * MINUTE
  const value = 40 + (version % 100)
  parcel.observations.push({ ...sample('heart_rate', at, value, '/min'), recordId: `record-${record}`, version })
  parcel.holds.push({ ...held('heart_rate', at, null, value), id: `record-${record}`, version })
}

function tagged(parcel: Parcel, at: number, recordId: string): void {
  parcel.observations.push({ shape: 'tag', tag: 'alcohol', start: at, recordId, ...zone })
  parcel.holds.push({ ...held('tag', at, null, 1), id: recordId })
}

/** Its own days, so that it can be told whether it came: nobody sends it again. */
function alone(parcel: Parcel, from: number): void {
  parcel.once = true
  parcel.observations = []
  parcel.holds = []
  parcel.aside = 0
  beats(parcel, from, 3)
}

const zone = { offset: OFFSET, zoneBasis: 'carried' }

function sample(metric: string, start: number, value: number, unit: string): Record<string, unknown> {
  return { shape: 'sample', metric, start, value, unit, ...zone }
}

function held(metric: Held['metric'], start: number, end: number | null, value: number): Held {
  const date = new Date(start + OFFSET * MINUTE).toISOString().slice(0, 10)
  return { id: `${metric} ${start}`, metric, start, end, value, date, version: 0 }
}

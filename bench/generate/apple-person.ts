// An invented person with a phone and a watch, day by day out of a seed. Times are minutes since 1970 (UTC).
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

const dayMinutes = 1440

/** Dice of one day and one purpose: every part of an export can be made by itself, in any order. */
export interface Dice {
  /** An integer, both ends included. */
  int(from: number, to: number): number
  /** True with a probability. */
  chance(p: number): boolean
  /** A number in [from, to) with so many decimals. */
  number(from: number, to: number, decimals: number): number
}

export function dice(seed: number, purpose: number, day: number): Dice {
  let mixed = Math.imul(seed ^ Math.imul(purpose + 1, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(day + 1, 0xc2b2ae35)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  const rng = xoroshiro128plus(mixed ^ (mixed >>> 13))
  for (let i = 0; i < 4; i++) uniformInt(rng, 0, 1)
  return {
    int: (from, to) => uniformInt(rng, from, to),
    chance: (p) => uniformFloat64(rng) < p,
    number(from, to, decimals) {
      const scale = 10 ** decimals
      return Math.floor((from + uniformFloat64(rng) * (to - from)) * scale) / scale
    },
  }
}

/** The n-th (or, negative, last) Sunday of a month, as days since 1970. */
function sunday(year: number, month: number, nth: number): number {
  if (nth > 0) {
    const first = Date.UTC(year, month, 1) / 86_400_000
    return first + ((10 - (first % 7)) % 7) + 7 * (nth - 1)
  }
  const last = Date.UTC(year, month + 1, 0) / 86_400_000
  return last - ((last + 4) % 7)
}

/** Minutes east of UTC in Berlin: summer time from the last Sunday of March to that of October, 01:00 UTC. */
export function berlin(minute: number): number {
  const year = new Date(minute * 60_000).getUTCFullYear()
  const summer = minute >= sunday(year, 2, -1) * dayMinutes + 60 && minute < sunday(year, 9, -1) * dayMinutes + 60
  return summer ? 120 : 60
}

/** New York: second Sunday of March, 02:00 local, to the first of November, 02:00 local. */
function newYork(minute: number): number {
  const year = new Date(minute * 60_000).getUTCFullYear()
  const summer = minute >= sunday(year, 2, 2) * dayMinutes + 420 && minute < sunday(year, 10, 1) * dayMinutes + 360
  return summer ? -240 : -300
}

export interface Place {
  zone: string
  offset(minute: number): number
}
const home: Place = { zone: 'Europe/Berlin', offset: berlin }
const america: Place = { zone: 'America/New_York', offset: newYork }
const japan: Place = { zone: 'Asia/Tokyo', offset: () => 540 }

/** Two weeks in New York each March (the clocks change there), ten days in Tokyo each September. */
export function placeOf(day: number): Place {
  const date = new Date(day * 86_400_000)
  const at = (date.getUTCMonth() + 1) * 100 + date.getUTCDate()
  return at >= 305 && at <= 318 ? america : at >= 910 && at <= 919 ? japan : home
}

/** Local midnight that begins a civil date where the person is. */
function midnight(day: number, place: Place): number {
  const guess = day * dayMinutes - place.offset(day * dayMinutes)
  return day * dayMinutes - place.offset(guess)
}

export function wakeUp(seed: number, day: number): number {
  return midnight(day, placeOf(day)) + 400 + dice(seed, 1, day).int(0, 60)
}
export function bedtime(seed: number, day: number): number {
  return midnight(day, placeOf(day)) + 1360 + dice(seed, 2, day).int(0, 120)
}

/** A walk, as the watch and the phone each saw it. */
export interface Walk {
  watch: { from: number; to: number; steps: number }[]
  phone: { from: number; to: number; steps: number } | null
}

/** One day in twenty the watch stays at home; each evening it charges for an hour. */
export function wornAt(seed: number, day: number, minute: number): boolean {
  if (dice(seed, 3, day).chance(0.05)) return false
  const charging = bedtime(seed, day) - 150
  return minute < charging || minute >= charging + 60
}

export function walks(seed: number, day: number): Walk[] {
  const roll = dice(seed, 4, day)
  const found: Walk[] = []
  const stop = bedtime(seed, day) - 5
  for (let at = wakeUp(seed, day) + 5; ; ) {
    const length = roll.int(2, 12)
    if (at + length > stop) return found
    const worn = wornAt(seed, day, at) && wornAt(seed, day, at + length)
    const carried = roll.chance(worn ? 0.6 : 0.9)
    const watch: Walk['watch'] = []
    for (let from = at; from < at + length; ) {
      const to = Math.min(at + length, from + roll.int(1, 4))
      const steps = roll.int(15, 115) * (to - from)
      if (worn) watch.push({ from, to, steps })
      from = to
    }
    const early = roll.int(0, 1)
    const late = roll.int(0, 1)
    const phone = { from: at - early, to: at + length + late, steps: roll.int(12, 110) * length }
    found.push({ watch, phone: carried ? phone : null })
    at += length + roll.int(4, 45)
  }
}

export const sleepStages = ['Core', 'Deep', 'REM', 'Awake'] as const
export interface SleepPart {
  from: number
  to: number
  value: 'InBed' | 'AsleepUnspecified' | 'AsleepCore' | 'AsleepDeep' | 'AsleepREM' | 'Awake'
}
export interface Night {
  /** By the watch: stages, without overlaps. */
  watch: SleepPart[]
  /** By an app on the phone: in bed, asleep, and being awake lying over it. */
  app: SleepPart[]
}

/** The night that ends on a date; empty on nights in an aeroplane. */
export function night(seed: number, day: number): Night {
  const roll = dice(seed, 5, day)
  const from = bedtime(seed, day - 1)
  const to = wakeUp(seed, day)
  const none: Night = { watch: [], app: [] }
  if (to - from < 240 || to - from > 720) return none
  const asleep = from + roll.int(5, 25)
  const app: SleepPart[] = [
    { from: from - roll.int(0, 10), to: to + roll.int(0, 10), value: 'InBed' },
    { from: asleep, to, value: 'AsleepUnspecified' },
  ]
  const watch: SleepPart[] = []
  for (let at = asleep; at < to; ) {
    const stage = sleepStages[roll.int(0, 9) % 4] as (typeof sleepStages)[number]
    const end = Math.min(to, at + (stage === 'Awake' ? roll.int(1, 6) : roll.int(8, 45)))
    watch.push({ from: at, to: end, value: stage === 'Awake' ? 'Awake' : `Asleep${stage}` })
    if (stage === 'Awake') app.push({ from: at, to: end, value: 'Awake' })
    at = end
  }
  return { watch: dice(seed, 3, day).chance(0.05) ? [] : watch, app }
}

/** A nap after lunch, now and then. */
export function nap(seed: number, day: number): SleepPart[] {
  const roll = dice(seed, 6, day)
  if (!roll.chance(0.08)) return []
  const from = wakeUp(seed, day) + 400 + roll.int(0, 60)
  return [{ from, to: from + roll.int(20, 50), value: 'AsleepCore' }]
}

export interface Exercise {
  from: number
  to: number
  type: 'Running' | 'Cycling' | 'TraditionalStrengthTraining' | 'Yoga'
  metres: number
  kilocalories: number
  heartRate: number
}
export function exercise(seed: number, day: number): Exercise | null {
  const roll = dice(seed, 7, day)
  if (!roll.chance(0.45)) return null
  const types = ['Running', 'Cycling', 'TraditionalStrengthTraining', 'Yoga'] as const
  const type = types[roll.int(0, 3)] as Exercise['type']
  const minutes = roll.int(20, 75)
  const from = wakeUp(seed, day) + 600 + roll.int(0, 90)
  const speed = type === 'Running' ? 160 : type === 'Cycling' ? 380 : 0
  return {
    from,
    to: from + minutes,
    type,
    metres: minutes * (speed === 0 ? 0 : speed + roll.int(-30, 30)),
    kilocalories: minutes * roll.int(4, 12),
    heartRate: roll.int(95, 165),
  }
}

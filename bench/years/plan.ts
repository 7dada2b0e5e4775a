// What is planted in the ten years of a benchmark person: everything that a question is later asked about, and nothing
// that AUREN is told besides the measurements, the tags and the person's own words.
import { createHash } from 'node:crypto'
import { Temporal } from 'temporal-polyfill'
import { type Chance, chanceOf } from '../../packages/server/src/demo/chance.js'

/** The person's today: the data end the day before. */
export const TODAY = '2026-06-30'
/** Zone that the person was born in. */
export const HOME = 'Europe/Berlin'
/** Zone that they move to. */
export const AWAY = 'America/New_York'

/** Days of a person, both included, as numbers from the first day (0). */
export interface Span {
  from: number
  to: number
}

/** What is true of one invented person. Days are numbers from the first day. */
export interface Plan {
  seed: number
  first: Temporal.PlainDate
  days: number
  /** Sleep is 50 minutes shorter from here on. */
  job: number
  /** Sleep comes three and a half hours later, and 35 minutes less of it. */
  nights: Span
  /** 3,800 more steps a day. */
  training: Span
  /** A beta blocker: 7 beats less a minute. */
  drug: number
  /** From here on another device measures heart rate variability, 11 ms higher. */
  swap: number
  /** From here on lived in {@link AWAY}: the clock of the wall stays the same. A false friend: nothing changes. */
  move: number
  /** Winters (year of their January) without the rise of the resting heart rate. */
  mildWinters: readonly number[]
  /** Nothing was worn. */
  gaps: readonly Span[]
}

/** Effects that are there, in the metric's unit: tag → metric of the day after. All other pairs have none. */
export const effects: readonly { tag: string; metric: string; shift: number }[] = [
  { tag: 'alcohol', metric: 'resting_heart_rate', shift: 4 },
  { tag: 'alcohol', metric: 'sleep_duration', shift: -2100 },
  { tag: 'sauna', metric: 'hrv_rmssd', shift: 6 },
]

/** Pairs that look related and are not, with why. */
export const falseFriends: readonly { tag: string; metric: string; why: 'season' | 'chance' }[] = [
  { tag: 'late_meal', metric: 'resting_heart_rate', why: 'season' },
  { tag: 'ice_cream', metric: 'steps', why: 'season' },
  { tag: 'coffee', metric: 'hrv_rmssd', why: 'chance' },
]

/** Height of the wave of the resting heart rate over a year, in /min: highest in mid-January. */
export const WINTER_RISE = 4
/** Day of the year of that height. */
export const WINTER_PEAK = 15

/** Plan of a person: `number` from 0, whole years up to {@link TODAY}; the same numbers give the same person. */
export function planOf(number: number, years: number): Plan {
  const seed = 7_310_000 + number
  const chance = chanceFor({ seed }, 1000, 0)
  const first = Temporal.PlainDate.from(TODAY).subtract({ years })
  const days = first.until(TODAY, { largestUnit: 'days' }).days
  const at = (share: number): number => Math.round(days * share + (chance.uniform() - 0.5) * 80)
  const shifts = at(0.4)
  const training = at(0.72)
  const mild = first.year + 2 + Math.floor(chance.uniform() * Math.max(1, years - 3))
  return {
    seed,
    first,
    days,
    job: at(0.22),
    nights: { from: shifts, to: shifts + Math.round(days * 0.11) },
    training: { from: training, to: training + Math.round(days * 0.1) },
    drug: at(0.32),
    swap: at(0.62),
    move: at(0.88),
    mildWinters: [mild],
    gaps: [0.12, 0.28, 0.45, 0.67, 0.93].map((share) => {
      const from = at(share)
      return { from, to: from + 9 + Math.floor(chance.uniform() * 16) }
    }),
  }
}

/** Whether a day is in a span. */
export function inside(day: number, { from, to }: Span): boolean {
  return day >= from && day <= to
}

/** Civil date of a day. */
export function dateOf(plan: Plan, day: number): Temporal.PlainDate {
  return plan.first.add({ days: day })
}

/** Number of a day by its civil date. */
export function dayOf(plan: Plan, date: string | Temporal.PlainDate): number {
  return plan.first.until(date, { largestUnit: 'days' }).days
}

/**
 * Chance of one purpose on one day. Hashed, because chances of neighbouring seeds are alike on the same days: two tags
 * that have nothing to do with each other would be correlated.
 */
export function chanceFor({ seed }: Pick<Plan, 'seed'>, purpose: number, day: number): Chance {
  const hash = createHash('sha256').update(`${seed}/${purpose}/${day}`).digest()
  return chanceOf(hash.readInt32LE(0), hash.readUInt16LE(4))
}

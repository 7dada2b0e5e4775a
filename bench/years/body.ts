// A day of a benchmark person as it was: made from the plan and chance alone. The questions' answers come from here.
import { chanceFor, dateOf, inside, type Plan, WINTER_PEAK, WINTER_RISE } from './plan.js'

/** Metrics with a value on every day that something was worn, with their units; weight is taken once a week. */
export const units = {
  steps: '{steps}',
  hydration: 'mL',
  resting_heart_rate: '/min',
  hrv_rmssd: 'ms',
  sleep_duration: 's',
  weight: 'kg',
} as const
export type Metric = keyof typeof units

/** Tags that a person sets. */
export const tags = ['alcohol', 'sauna', 'coffee', 'late_meal', 'ice_cream'] as const
export type Tag = (typeof tags)[number]

/** One day: values in catalogue units, absent where nothing was measured; the night is that which ends on it. */
export interface Day {
  number: number
  date: string
  values: Partial<Record<Metric, number>>
  /** Minutes after midnight at which sleep began (negative: the evening before) and ended. */
  sleep: { from: number; to: number } | null
  tags: readonly Tag[]
}

/** How probable a tag is on a day: `late_meal` belongs to the winter and `ice_cream` to the summer, for no other reason. */
function isTagged(plan: Plan, number: number, tag: Tag): boolean {
  if (number < 0) return false
  const date = dateOf(plan, number)
  const winter = (1 + Math.cos((2 * Math.PI * (date.dayOfYear - WINTER_PEAK)) / 365.25)) / 2
  const probability = {
    alcohol: date.dayOfWeek === 5 || date.dayOfWeek === 6 ? 0.5 : 0.08,
    sauna: 0.18,
    coffee: 0.45,
    late_meal: 0.1 + 0.5 * winter,
    ice_cream: 0.05 + 0.5 * (1 - winter),
  }[tag]
  return chanceFor(plan, 1 + tags.indexOf(tag), number).happens(probability)
}

/** The wave of the year, 1 in mid-January and −1 in mid-July. */
function cold(plan: Plan, number: number): number {
  return Math.cos((2 * Math.PI * (dateOf(plan, number).dayOfYear - WINTER_PEAK)) / 365.25)
}

/** The mild winters lack the warm half of the wave: their resting heart rate stays where it is in autumn. */
function winterRise(plan: Plan, number: number): number {
  const date = dateOf(plan, number)
  const winter = date.month >= 8 ? date.year + 1 : date.year
  const wave = WINTER_RISE * cold(plan, number)
  return plan.mildWinters.includes(winter) ? Math.min(0, wave) : wave
}

const to = (value: number, step: number): number => Math.round(Math.round(value / step) * step * 1000) / 1000

/** A day of the person; pure. */
export function bodyOn(plan: Plan, number: number): Day {
  const date = dateOf(plan, number)
  const chance = chanceFor(plan, 0, number)
  const after = (tag: Tag): boolean => isTagged(plan, number - 1, tag)
  const worn = !plan.gaps.some((gap) => inside(number, gap))
  const shifts = inside(number, plan.nights)
  const seconds =
    27_000 +
    (number >= plan.job ? -3000 : 0) +
    (shifts ? -2100 : 0) +
    (after('alcohol') ? -2100 : 0) +
    (date.dayOfWeek >= 6 ? 1200 : 0) +
    chance.normal(0, 1500)
  const asleep = to(Math.max(9000, seconds), 60)
  const from = Math.round(-45 + (shifts ? 210 : 0) + (date.dayOfWeek >= 6 ? 40 : 0) + chance.normal(0, 20))
  const heart =
    57 + winterRise(plan, number) + (number >= plan.drug ? -7 : 0) + (after('alcohol') ? 4 : 0) + chance.normal(0, 1.6)
  const variability = 48 + (after('sauna') ? 6 : 0) + (number >= plan.swap ? 11 : 0) + chance.normal(0, 5)
  const steps = 8200 + (inside(number, plan.training) ? 3800 : 0) - 1500 * cold(plan, number) + chance.normal(0, 1700)
  const water = to(1800 - 350 * cold(plan, number) + chance.normal(0, 250), 10)
  const weight = to(76 + 3 * Math.sin((2 * Math.PI * number) / 1500) + chance.normal(0, 0.3), 0.1)
  return {
    number,
    date: date.toString(),
    values: {
      ...(worn
        ? {
            steps: Math.max(400, Math.round(steps)),
            resting_heart_rate: to(heart, 0.1),
            hrv_rmssd: to(Math.max(10, variability), 0.1),
            sleep_duration: asleep,
          }
        : {}),
      hydration: Math.max(300, water),
      ...(date.dayOfWeek === 7 ? { weight } : {}),
    },
    sleep: worn ? { from, to: from + asleep / 60 + 20 } : null,
    tags: tags.filter((tag) => isTagged(plan, number, tag)),
  }
}

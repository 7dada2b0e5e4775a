// A benchmark person over all of their years: days, words, corrections and erasures, each with the time it became known.
import { instantAt } from '../../packages/server/src/demo/plan.js'
import { bodyOn, type Day, type Metric } from './body.js'
import { chanceFor, dateOf, dayOf, HOME, inside, type Plan, planOf } from './plan.js'

/** Something that the person said; `topic` tells what takes the place of what. */
export interface Words {
  id: string
  kind: 'goal' | 'safety' | 'hypothesis' | 'note'
  topic: string
  text: string
  about: string[]
  /** Instant. */
  at: number
  /** A goal's hours. */
  value?: number
  /** Id of the words that these correct. */
  corrects?: string
  /** Taken back for good at the end. */
  forgotten?: boolean
}

/** A value that a device sent again, with another number, on a later day. */
export interface Correction {
  day: number
  metric: Metric
  value: number
  /** Number of the day on which it came. */
  known: number
}

/** A value that the person had deleted. */
export interface Erasure {
  day: number
  metric: Metric
}

/** Everything there is to know of an invented person. */
export interface Person {
  user: string
  plan: Plan
  /** As first measured. */
  days: readonly Day[]
  words: readonly Words[]
  corrections: readonly Correction[]
  erasures: readonly Erasure[]
  /** Days (numbers) on which everything known until then was consolidated: each 1 March. */
  checkpoints: readonly number[]
}

/** Noon in the person's first zone. */
export function noonOf(plan: Plan, day: number): number {
  return instantAt(dateOf(plan, day), 12 * 60, HOME).at
}

const places = ['Bernau', 'Kiel', 'Passau', 'Jena', 'Trier', 'Fulda', 'Emden', 'Bonn', 'Ulm', 'Worms', 'Celle', 'Gera']
const events = ['a swollen knee', 'a stiff neck', 'a new mattress', 'a dizzy spell', 'a migraine', 'a blister']

/** Makes a person of `years` whole years. */
export function personOf(number: number, years: number): Person {
  const plan = planOf(number, years)
  const days = Array.from({ length: plan.days }, (_, day) => bodyOn(plan, day))
  const checkpoints = Array.from({ length: years }, (_, i) => dayOf(plan, `${plan.first.year + 1 + i}-03-01`)).filter(
    (day) => day > 100 && day < plan.days,
  )
  const corrections = checkpoints.flatMap((checkpoint) =>
    Array.from({ length: 12 }, (_, i) => checkpoint - 4 - 2 * i).flatMap((day): Correction[] => {
      const value = days[day]?.values.resting_heart_rate
      return value === undefined
        ? []
        : [
            {
              day,
              metric: 'resting_heart_rate',
              value: Math.round((value - 8) * 10) / 10,
              known: Math.min(plan.days - 1, checkpoint + 40),
            },
          ]
    }),
  )
  return {
    user: `years-${number}`,
    plan,
    days,
    words: wordsOf(plan, years),
    corrections,
    erasures: erasuresOf(plan, days, years),
    checkpoints,
  }
}

/** One value of each year, away from everything that is asked about in sums. */
function erasuresOf(plan: Plan, days: readonly Day[], years: number): Erasure[] {
  return Array.from({ length: years }, (_, year) => {
    const metric: Metric = year % 2 === 0 ? 'hrv_rmssd' : 'weight'
    const from = Math.round(((year + 0.6) * plan.days) / years)
    const day = days.slice(from).find(({ values }) => values[metric] !== undefined)
    return day ? [{ day: day.number, metric }] : []
  }).flat()
}

function wordsOf(plan: Plan, years: number): Words[] {
  const words: Words[] = []
  const say = (day: number, said: Omit<Words, 'at' | 'id'>): string => {
    const id = `w${words.length}`
    words.push({ ...said, id, at: noonOf(plan, Math.min(plan.days - 1, Math.max(0, day))) })
    return id
  }
  const share = (part: number): number => Math.round(plan.days * part)
  for (let year = 0; year < years; year++) {
    const hours = 6 + ((year * 3 + plan.seed) % 5) * 0.5
    const day = Math.round(((year + 0.2) * plan.days) / years)
    say(day, {
      kind: 'goal',
      topic: 'sleep goal',
      text: `My goal is ${hours} hours of sleep`,
      about: ['sleep_duration'],
      value: hours,
    })
    for (const [half, forgotten] of [false, true].entries()) {
      // No two notes of a life are of the same event in the same place.
      const n = year * 2 + half
      const at = (n + Math.floor(n / places.length) + plan.seed) % places.length
      const topic = `${events[n % events.length]} in ${places[at]}`
      const text = `I had ${topic}, of which I wrote on a ${half === 0 ? 'slow' : 'bright'} day.`
      const on = Math.round(((year + 0.35 + 0.4 * half) * plan.days) / years)
      say(on, { kind: 'note', topic, text, about: [], ...(forgotten ? { forgotten } : {}) })
    }
  }
  const safety = (topic: string, first: number, then: number, texts: readonly [string, string]): void => {
    say(share(first), { kind: 'safety', topic, text: texts[0], about: ['safety'] })
    say(share(then), { kind: 'safety', topic, text: texts[1], about: ['safety'] })
  }
  safety('penicillin', 0.08, 0.52, ['I am allergic to penicillin', 'I am not allergic to penicillin'])
  safety('bee stings', 0.77, 0.83, ['I am mildly allergic to bee stings', 'I am severely allergic to bee stings'])
  safety('latex', 0.31, 0.9, ['I am severely allergic to latex', 'I am mildly allergic to latex'])
  safety('warfarin', 0.37, 0.61, ['I take warfarin', 'I no longer take warfarin'])
  const coffee = { kind: 'hypothesis', topic: 'coffee', about: ['coffee', 'sleep_duration'] } as const
  const about = [...coffee.about]
  const first = say(share(0.15), { ...coffee, about, text: 'I think coffee ruins my sleep' })
  say(share(0.57), { ...coffee, about, text: 'I think coffee does nothing to my sleep', corrects: first })
  return words.sort((a, b) => a.at - b.at)
}

/** A day's value as it is known at the end: corrected, or erased; undefined where nothing is known. */
export function valueNow(person: Person, day: number, metric: Metric): number | undefined {
  if (person.erasures.some((erased) => erased.day === day && erased.metric === metric)) return undefined
  const corrected = person.corrections.find((one) => one.day === day && one.metric === metric)
  return corrected?.value ?? person.days[day]?.values[metric]
}

/** Whether a day is in a gap. */
export function isGap(plan: Plan, day: number): boolean {
  return plan.gaps.some((gap) => inside(day, gap))
}

/** A seeded day within a span that fulfils a condition, or the first that does. */
export function pick(plan: Plan, purpose: number, from: number, to: number, fits: (day: number) => boolean): number {
  const chance = chanceFor(plan, 500 + purpose, from)
  for (let turn = 0; turn < 60; turn++) {
    const day = from + Math.floor(chance.uniform() * (to - from + 1))
    if (fits(day)) return day
  }
  for (let day = from; day <= to; day++) if (fits(day)) return day
  return from
}

// The same person as plain rows with a sentence each: what the baselines are given.
import type { Metric, Tag } from './body.js'
import { noonOf, type Person } from './person.js'
import { dateOf, type Plan } from './plan.js'

/** A row of a baseline's memory. */
export interface Row {
  id: string
  /** Number of the day that it is about, and when it came to be known. */
  day: number
  known: number
  text: string
  /** What is in it, as a table would hold it. */
  metric?: Metric
  value?: number
  source?: string
  /** Middle of the night in minutes after midnight. */
  midpoint?: number
  tag?: Tag
  said?: { kind: string; topic: string; text: string }
}

const titles: Readonly<Record<Metric, string>> = {
  steps: 'steps',
  hydration: 'hydration, water drunk in mL',
  resting_heart_rate: 'resting heart rate',
  hrv_rmssd: 'heart rate variability HRV',
  sleep_duration: 'sleep duration in seconds',
  weight: 'weight in kg',
}

/** `Thursday 14 March 2019` */
export function longDate(plan: Plan, day: number): string {
  return dateOf(plan, day).toLocaleString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
}

/** `14 March 2019` */
export function plainDate(plan: Plan, day: number): string {
  return dateOf(plan, day).toLocaleString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })
}

const sources: Readonly<Record<Metric, string>> = {
  steps: 'watch',
  hydration: 'diary',
  resting_heart_rate: 'watch',
  hrv_rmssd: 'watch',
  sleep_duration: 'watch',
  weight: 'scale',
}

/** Every row that is left of a person at the end: what was erased or taken back is gone, what was corrected is kept twice. */
export function rowsOf(person: Person): Row[] {
  const { plan } = person
  const rows: Row[] = []
  const measured = (day: number, metric: Metric, value: number, known: number, corrected: boolean): void => {
    const source = metric === 'hrv_rmssd' && day >= plan.swap ? 'ring' : sources[metric]
    const sleep = metric === 'sleep_duration' ? person.days[day]?.sleep : null
    const again = corrected
      ? `, corrected on ${plainDate(plan, Math.round(day + (known - noonOf(plan, day)) / DAY))}`
      : ''
    const clock = sleep ? `, asleep from ${clockOf(sleep.from)} to ${clockOf(sleep.to)}` : ''
    rows.push({
      id: `${day}/${metric}/${known}`,
      day,
      known,
      metric,
      value,
      source,
      ...(sleep ? { midpoint: (sleep.from + sleep.to) / 2 } : {}),
      text: `${longDate(plan, day)}: ${titles[metric]} ${value}${clock}, by ${source}${again}`,
    })
  }
  for (const day of person.days) {
    for (const [metric, value] of Object.entries(day.values) as [Metric, number][]) {
      if (person.erasures.some((erased) => erased.day === day.number && erased.metric === metric)) continue
      measured(day.number, metric, value, noonOf(plan, day.number), false)
    }
    for (const tag of day.tags)
      rows.push({
        id: `${day.number}/${tag}`,
        day: day.number,
        known: noonOf(plan, day.number),
        tag,
        text: `${longDate(plan, day.number)}: ${tag.replaceAll('_', ' ')}, noted in the diary`,
      })
  }
  for (const { day, metric, value, known } of person.corrections)
    measured(day, metric, value, noonOf(plan, known), true)
  for (const { id, kind, topic, text, at, forgotten } of person.words) {
    if (forgotten) continue
    const day = Math.round((at - noonOf(plan, 0)) / DAY)
    rows.push({
      id,
      day,
      known: at,
      said: { kind, topic, text },
      text: `${longDate(plan, day)}: said (${kind}) “${text}”`,
    })
  }
  return rows
}

const DAY = 86_400_000

function clockOf(minutes: number): string {
  const all = ((Math.round(minutes) % 1440) + 1440) % 1440
  return `${String(Math.floor(all / 60)).padStart(2, '0')}:${String(all % 60).padStart(2, '0')}`
}

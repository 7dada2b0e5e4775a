// Lives a person's years in AUREN: what was measured and said comes in by the doors that an app uses, in the order of
// time, with the clock where it was then; each 1 March everything known is consolidated.
import type { Auren, ObservationInput } from '@auren/core'
import { instantAt } from '../../packages/server/src/demo/plan.js'
import type { Day, Metric } from './body.js'
import { units } from './body.js'
import { noonOf, type Person } from './person.js'
import { AWAY, dateOf, HOME, type Plan } from './plan.js'

const BATCH = 2000
const PROVIDER = 'years'
const watch = { name: 'Years watch', type: 'watch' } as const
const ring = { name: 'Years ring', type: 'ring' } as const
const scale = { name: 'Years scale', type: 'scale' } as const
const diary = { name: 'Years diary', type: 'app' } as const

function zoneOf(plan: Plan, day: number): string {
  return day >= plan.move ? AWAY : HOME
}

function sourceOf(plan: Plan, day: number, metric: Metric) {
  if (metric === 'weight') return scale
  if (metric === 'hydration') return diary
  return metric === 'hrv_rmssd' && day >= plan.swap ? ring : watch
}

/** One value as an app delivers it. */
function measured(plan: Plan, day: number, metric: Metric, value: number): ObservationInput {
  const zone = zoneOf(plan, day)
  const date = dateOf(plan, day)
  const base = {
    metric,
    value,
    unit: units[metric],
    source: sourceOf(plan, day, metric),
    zoneBasis: 'carried',
  } as const
  const { at, offset } = instantAt(date, 7 * 60 + 30, zone)
  return metric === 'steps' || metric === 'hydration'
    ? { ...base, shape: 'daily_total', date: date.toString(), offset }
    : { ...base, shape: 'sample', start: at, offset }
}

/** Everything of a day. */
export function* observationsOf(plan: Plan, day: Day): Generator<ObservationInput> {
  const zone = zoneOf(plan, day.number)
  const date = dateOf(plan, day.number)
  for (const [metric, value] of Object.entries(day.values) as [Metric, number][])
    if (metric !== 'sleep_duration') yield measured(plan, day.number, metric, value)
  if (day.sleep) {
    const start = instantAt(date.subtract({ days: 1 }), 1440 + day.sleep.from, zone)
    const end = start.at + (day.sleep.to - day.sleep.from) * 60_000
    yield {
      shape: 'session',
      kind: 'sleep',
      start: start.at,
      end,
      measures: { sleep_duration: day.values.sleep_duration ?? 0 },
      source: watch,
      offset: start.offset,
      zoneBasis: 'carried',
    }
  }
  for (const tag of day.tags) {
    const { at, offset } = instantAt(date, 20 * 60 + 15, zone)
    yield { shape: 'tag', tag, start: at, offset, source: diary, zoneBasis: 'carried' }
  }
}

/** Clock that a run sets. */
export interface Clock {
  at: number
}

/** Puts a person in; resolves with the ids of the memories by the ids of the words. */
export async function deliver(auren: Auren, person: Person, clock: Clock): Promise<Map<string, string>> {
  const { plan, user } = person
  const memory = auren.memory.for(user)
  clock.at = noonOf(plan, 0) - 86_400_000
  await memory.setProfile({
    zones: [
      { from: 0, zone: HOME },
      { from: instantAt(dateOf(plan, plan.move), 0, AWAY).at, zone: AWAY },
    ],
  })
  const ids = new Map<string, string>()
  const send = async (observations: readonly ObservationInput[]): Promise<void> => {
    for (let at = 0; at < observations.length; at += BATCH) {
      const part = observations.slice(at, at + BATCH)
      const done = await auren.ingest.observations({ userId: user, provider: PROVIDER, observations: part })
      if (done.accepted !== part.length)
        throw new Error(`${part.length - done.accepted} were not accepted: ${done.items.find((i) => i.reason)?.reason}`)
    }
    await auren.ingest.settled()
  }
  const speak = async (until: number): Promise<void> => {
    for (const words of person.words) {
      if (ids.has(words.id) || words.at >= until) continue
      clock.at = words.at
      const before = words.corrects === undefined ? undefined : ids.get(words.corrects)
      const record = before
        ? await memory.correct(before, { text: words.text })
        : await memory.remember({ kind: words.kind, text: words.text, about: words.about })
      ids.set(words.id, record.id)
    }
  }
  const stops = [
    ...person.checkpoints.map((day) => ({ day, what: 'consolidate' as const })),
    ...[...new Set(person.corrections.map(({ known }) => known))].map((day) => ({ day, what: 'correct' as const })),
  ].sort((a, b) => a.day - b.day)
  let next = 0
  const live = async (until: number): Promise<void> => {
    await speak(noonOf(plan, until))
    clock.at = noonOf(plan, until)
    await send(person.days.slice(next, until).flatMap((day) => [...observationsOf(plan, day)]))
    next = until
  }
  for (const { day, what } of stops) {
    await live(day)
    if (what === 'consolidate') await memory.consolidate()
    else
      await send(
        person.corrections.filter(({ known }) => known === day).map((c) => measured(plan, c.day, c.metric, c.value)),
      )
  }
  await live(plan.days)
  await send(
    person.erasures.map(({ day, metric }) => ({
      shape: 'deletion',
      target: { shape: 'sample', of: metric, start: instantAt(dateOf(plan, day), 7 * 60 + 30, zoneOf(plan, day)).at },
      source: sourceOf(plan, day, metric),
      sticky: true,
    })),
  )
  for (const words of person.words) {
    const id = ids.get(words.id)
    if (words.forgotten && id) await memory.forget(id)
  }
  await memory.consolidate()
  return ids
}

// An invented person for what storage is measured on: heart rate every minute with jittered seconds, thirty daily
// metrics, nights with stages, workouts; hours without the watch, and journeys into other zones. The same every time.
import type { Observation } from '@auren/core'
import { Temporal } from 'temporal-polyfill'
import { observationsOn } from './people.js'

const HOME = 'Europe/Berlin'
/** Two weeks from these days of each year: month, day, zone. */
const journeys = [
  [2, 10, 'America/New_York'],
  [7, 3, 'Asia/Tokyo'],
  [10, 20, 'Asia/Kathmandu'],
] as const
const stages = ['light', 'deep', 'light', 'rem', 'awake'] as const

/** A 32-bit generator of numbers in [0, 1): mulberry32 (public domain, Tommy Ettinger). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

function zoneOn(date: Temporal.PlainDate): string {
  for (const [month, day, zone] of journeys) {
    const from = Temporal.PlainDate.from({ year: date.year, month, day })
    const into = from.until(date).total('days')
    if (into >= 0 && into < 14) return zone
  }
  return HOME
}

/** The person's zones, as a profile says them: from each instant on. */
export function zonesOf(first: Temporal.PlainDate, last: Temporal.PlainDate): { from: number; zone: string }[] {
  const zones = [{ from: 0, zone: HOME }]
  for (let date = first; Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: 1 })) {
    const zone = zoneOn(date)
    if (zone !== zones.at(-1)?.zone) zones.push({ from: date.toZonedDateTime(zone).epochMilliseconds, zone })
  }
  return zones
}

/** Everything of a local day. */
export function dayOf(date: Temporal.PlainDate): Observation[] {
  const zone = zoneOn(date)
  const random = randomOf(date.year * 10_000 + date.month * 100 + date.day)
  const [from, to] = [date, date.add({ days: 1 })].map((day) => day.toZonedDateTime(zoneOn(day)).epochMilliseconds)
  const offset = date.toZonedDateTime(zone).add({ hours: 12 }).offsetNanoseconds / 6e10
  const source = { name: 'Bench', type: 'watch' } as const
  const observations: Observation[] = []
  let heart = 58
  for (let hour = from as number; hour < (to as number); hour += 3_600_000) {
    // One hour in fifteen the watch lies on a table.
    if (random() < 1 / 15) continue
    for (let minute = 0; minute < 60 && hour + minute * 60_000 < (to as number); minute++) {
      heart += Math.round((random() - 0.5) * 8 + (66 - heart) * 0.05)
      const start = hour + minute * 60_000 + Math.floor(random() * 60) * 1000
      const value = Math.min(185, Math.max(42, heart))
      observations.push({
        shape: 'sample',
        metric: 'heart_rate',
        start,
        value,
        unit: '/min',
        source,
        offset,
        zoneBasis: 'carried',
      })
    }
  }
  for (const observation of observationsOn(date)) {
    const here = { ...observation, source, offset, zoneBasis: 'carried' } as Observation
    if (here.shape !== 'session' || here.kind !== 'sleep') observations.push(here)
    else observations.push({ ...here, stages: stagesOf(here.start, here.end) })
  }
  return observations
}

function stagesOf(start: number, end: number) {
  const length = Math.floor((end - start) / 20)
  return Array.from({ length: 20 }, (_, i) => ({
    stage: stages[i % stages.length] as (typeof stages)[number],
    start: start + i * length,
    end: start + (i + 1) * length,
  }))
}

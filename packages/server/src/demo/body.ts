import type { ObservationInput, SleepStage, Source, StageInterval } from '@auren/core'
import type { Temporal } from 'temporal-polyfill'
import { type Chance, chanceOf } from './chance.js'
import { DAYS, dateOf, instantAt, plan, within, zoneOf } from './plan.js'

const MINUTE = 60_000
const phone: Source = { name: 'Demo phone', type: 'phone' }
const watch: Source = { name: 'Demo watch', type: 'watch' }
const ring: Source = { name: 'Demo ring', type: 'ring' }
const scale: Source = { name: 'Demo scale', type: 'scale' }

/** What a day is like, before anything is measured. */
interface Day {
  number: number
  date: Temporal.PlainDate
  zone: string
  chance: Chance
  worn: boolean
  wearable: Source
  workday: boolean
  drank: boolean
  drankBefore: boolean
  ill: boolean
}

function dayOf(number: number, seed: number, last: Temporal.PlainDate): Day {
  const date = dateOf(number, last)
  return {
    number,
    date,
    zone: zoneOf(number),
    chance: chanceOf(seed, number),
    worn: !within(number, plan.gaps),
    wearable: number >= plan.deviceChange.from ? ring : watch,
    workday: date.dayOfWeek <= 5,
    drank: drankOn(number, seed, date),
    drankBefore: number > 0 && drankOn(number - 1, seed, date.subtract({ days: 1 })),
    ill: within(number, plan.illness) !== undefined,
  }
}

/** Fridays and Saturdays often, other evenings seldom. */
function drankOn(day: number, seed: number, date: Temporal.PlainDate): boolean {
  if (within(day, plan.illness)) return false
  return chanceOf(seed + 1, day).happens(date.dayOfWeek === 5 || date.dayOfWeek === 6 ? 0.45 : 0.07)
}

/** Everything that the demo person's devices measured on one day (the night that ends on it included). */
export function* observationsOf(number: number, seed: number, last: Temporal.PlainDate): Iterable<ObservationInput> {
  const day = dayOf(number, seed, last)
  const night = nightOf(day)
  if (day.worn && number > 0) yield* nightObservations(day, night)
  const awake = wakingDay(day, night)
  if (day.worn) yield* dayHeartRate(day, awake)
  yield* steps(day, awake)
  if (day.worn) yield* workouts(day)
  if (number % 7 === 2) yield weight(day)
  yield* tags(day)
}

interface Night {
  start: number
  end: number
  offset: number
  restingHeartRate: number
  hrv: number
  stages: StageInterval[]
}

/** The night that ends on the morning of the day, from the plan and chance alone. */
function nightOf(day: Day): Night {
  const { chance } = day
  const job = day.number >= plan.newJob.from && day.workday
  const late = day.drankBefore ? 35 : 0
  const bedtime = -55 + (job ? plan.newJob.bedtimeMinutes : 0) + (day.workday ? 0 : 45) + late + chance.normal(0, 22)
  const length = Math.max(
    240,
    462 + (job ? plan.newJob.durationMinutes : 0) + (day.workday ? 0 : 25) + chance.normal(0, 32) + (day.ill ? 70 : 0),
  )
  const { at: start, offset } = instantAt(day.date.subtract({ days: 1 }), 1440 + bedtime, day.zone)
  const end = start + Math.round(length) * MINUTE
  const season =
    plan.winterRise.amplitude * Math.cos((2 * Math.PI * (day.date.dayOfYear - plan.winterRise.peakDayOfYear)) / 365.25)
  const restingHeartRate =
    54 + season + (day.drankBefore ? plan.alcohol.restingHeartRate : 0) + (day.ill ? 8 : 0) + chance.normal(0, 1.3)
  const device = day.number >= plan.deviceChange.from ? plan.deviceChange.hrv : 0
  const hrv =
    52 - 0.8 * season + device + (day.drankBefore ? plan.alcohol.hrv : 0) + (day.ill ? -14 : 0) + chance.normal(0, 4.5)
  return { start, end, offset, restingHeartRate, hrv: Math.max(12, hrv), stages: stagesOf(day, start, end) }
}

/** Sleep in cycles of some ninety minutes: deep early, REM late, short wakes between. */
function stagesOf(day: Day, start: number, end: number): StageInterval[] {
  const { chance } = day
  const cycles = Math.max(3, Math.round((end - start) / (92 * MINUTE)))
  const deepLoss = day.drankBefore ? plan.alcohol.deepMinutes / cycles : 0
  const wakeGain = day.drankBefore ? plan.alcohol.awakeMinutes / cycles : 0
  const stages: StageInterval[] = []
  let at = start
  const add = (stage: SleepStage, minutes: number): void => {
    const to = Math.min(end, at + Math.max(0, Math.round(minutes)) * MINUTE)
    if (to > at) stages.push({ stage, start: at, end: to })
    at = to
  }
  for (let cycle = 0; cycle < cycles; cycle++) {
    const early = 1 - cycle / cycles
    add('awake', cycle === 0 ? chance.normal(9, 3) : chance.normal(3 + wakeGain, 1.5))
    add('light', chance.normal(22, 5))
    add('deep', chance.normal(8 + 26 * early + deepLoss, 4))
    add('light', chance.normal(20, 5))
    add('rem', chance.normal(9 + 18 * (1 - early), 4))
  }
  if (at < end) add('light', (end - at) / MINUTE)
  return stages
}

const sumOf = (stages: readonly StageInterval[], ...kinds: SleepStage[]): number =>
  stages.reduce((sum, stage) => sum + (kinds.includes(stage.stage) ? (stage.end - stage.start) / 1000 : 0), 0)

function* nightObservations(day: Day, night: Night): Iterable<ObservationInput> {
  const { chance } = day
  const base = { source: day.wearable, offset: night.offset, zoneBasis: 'carried' } as const
  const deep = sumOf(night.stages, 'deep')
  const light = sumOf(night.stages, 'light')
  const rem = sumOf(night.stages, 'rem')
  const awake = sumOf(night.stages, 'awake')
  const asleep = deep + light + rem
  yield {
    shape: 'session',
    kind: 'sleep',
    start: night.start,
    end: night.end,
    stages: night.stages,
    measures: {
      sleep_duration: asleep,
      sleep_deep: deep,
      sleep_light: light,
      sleep_rem: rem,
      sleep_awake: awake,
      sleep_efficiency: (100 * asleep) / (asleep + awake),
    },
    ...base,
    recordId: `night/${day.date}`,
  }
  const round = (value: number): number => Math.round(value * 10) / 10
  yield {
    shape: 'sample',
    metric: 'resting_heart_rate',
    start: night.end,
    value: round(night.restingHeartRate),
    unit: '/min',
    ...base,
  }
  yield {
    shape: 'sample',
    metric: 'respiratory_rate',
    start: night.end,
    value: round(14.2 + (day.ill ? 1.6 : 0) + chance.normal(0, 0.35)),
    unit: '/min',
    ...base,
  }
  yield {
    shape: 'sample',
    metric: 'oxygen_saturation',
    start: night.end,
    value: round(Math.min(100, chance.normal(96.8, 0.6))),
    unit: '%',
    ...base,
  }
  if (day.wearable === ring) {
    yield {
      shape: 'sample',
      metric: 'skin_temperature_deviation',
      start: night.end,
      value: Math.round((chance.normal(0, 0.15) + (day.ill ? 0.8 : 0)) * 100) / 100,
      unit: 'Cel',
      ...base,
    }
  }
  for (let at = night.start; at < night.end; at += 10 * MINUTE) {
    const through = (at - night.start) / (night.end - night.start)
    yield {
      shape: 'sample',
      metric: 'heart_rate',
      start: at,
      value: Math.round(night.restingHeartRate + 5 - 7 * Math.sin(Math.PI * through) + chance.normal(0, 2)),
      unit: '/min',
      ...base,
    }
    if (at % (30 * MINUTE) < 10 * MINUTE) {
      yield {
        shape: 'sample',
        metric: 'hrv_rmssd',
        start: at,
        value: round(Math.max(8, night.hrv + 8 * (through - 0.5) + chance.normal(0, 5))),
        unit: 'ms',
        ...base,
      }
    }
  }
}

interface Waking {
  from: number
  to: number
  offset: number
  busy: number
}

/** From getting up until half past ten in the evening. */
function wakingDay(day: Day, night: Night): Waking {
  const { at: to, offset } = instantAt(day.date, 22 * 60 + 30, day.zone)
  const busy = (day.ill ? 0.3 : 1) * (day.workday ? 1 : 1.15) * (within(day.number, plan.travel) ? 1.35 : 1)
  return { from: Math.min(night.end, to - 60 * MINUTE), to, offset, busy }
}

function* dayHeartRate(day: Day, waking: Waking): Iterable<ObservationInput> {
  const { chance } = day
  for (let at = waking.from; at < waking.to; at += 10 * MINUTE) {
    const value = Math.round(Math.max(45, chance.normal(74 + (day.ill ? 8 : 0), 9)))
    yield {
      shape: 'sample',
      metric: 'heart_rate',
      start: at,
      value,
      unit: '/min',
      source: day.wearable,
      offset: waking.offset,
      zoneBasis: 'carried',
    }
  }
}

/** The phone misses what is walked without it; the wearable sees more; both see much of the same. */
function* steps(day: Day, waking: Waking): Iterable<ObservationInput> {
  const { chance } = day
  const silent = within(day.number, plan.gaps.slice(0, 1)) !== undefined
  for (let at = waking.from; at + 30 * MINUTE <= waking.to; at += 30 * MINUTE) {
    const hour = ((at + waking.offset * MINUTE) % 86_400_000) / 3_600_000
    const rush = Math.abs(hour - 8.5) < 0.75 || Math.abs(hour - 17.5) < 0.75 ? 2.6 : 1
    const walked = Math.max(0, Math.round(chance.normal(255 * rush * waking.busy, 130)))
    if (walked === 0) continue
    const base = {
      shape: 'sample',
      metric: 'steps',
      start: at,
      end: at + 30 * MINUTE,
      unit: '{steps}',
      offset: waking.offset,
      zoneBasis: 'carried',
    } as const
    if (day.worn) {
      yield { ...base, value: walked, source: day.wearable }
      yield {
        ...base,
        metric: 'energy_active',
        value: Math.round(walked * 0.42) / 10,
        unit: 'kcal',
        source: day.wearable,
      }
    }
    if (!silent && chance.happens(0.7))
      yield { ...base, value: Math.round(walked * (0.55 + 0.35 * chance.uniform())), source: phone }
  }
}

function* workouts(day: Day): Iterable<ObservationInput> {
  const { chance } = day
  const runs = [2, 4, 7].includes(day.date.dayOfWeek) && !day.ill && chance.happens(0.75)
  const rides = day.date.dayOfWeek === 6 && !day.ill && chance.happens(0.4)
  if (!runs && !rides) return
  const minutes = Math.max(18, chance.normal(rides ? 85 : 41, rides ? 25 : 9))
  const { at: start, offset } = instantAt(day.date, rides ? 10 * 60 : 18 * 60 + 15, day.zone)
  const end = start + Math.round(minutes) * MINUTE
  const heart = Math.round(chance.normal(rides ? 131 : 148, 6))
  const distance = Math.round(
    ((end - start) / 1000) * (rides ? 6.2 : 2.75 + 0.00025 * day.number) * chance.normal(1, 0.04),
  )
  const base = { source: day.wearable, offset, zoneBasis: 'carried' } as const
  yield {
    shape: 'session',
    kind: 'workout',
    start,
    end,
    activity: rides ? 'cycling' : 'running',
    measures: {
      distance,
      energy_active: Math.round(((end - start) / MINUTE) * 10.5),
      heart_rate: heart,
      heart_rate_max: heart + Math.round(chance.normal(19, 4)),
    },
    recordId: `workout/${day.date}`,
    ...base,
  }
  for (let at = start; at < end; at += MINUTE) {
    yield {
      shape: 'sample',
      metric: 'heart_rate',
      start: at + 1000,
      value: Math.round(Math.max(80, chance.normal(heart, 5))),
      unit: '/min',
      ...base,
    }
  }
}

function weight(day: Day): ObservationInput {
  const months =
    (Math.min(Math.max(day.number, plan.weightLoss.from), plan.weightLoss.to) - plan.weightLoss.from) / 30.44
  const { at, offset } = instantAt(day.date, 7 * 60 + 20, day.zone)
  const value = Math.round((78.6 + plan.weightLoss.kgPerMonth * months + day.chance.normal(0, 0.4)) * 10) / 10
  return {
    shape: 'sample',
    metric: 'weight',
    start: at,
    value,
    unit: 'kg',
    source: scale,
    offset,
    zoneBasis: 'carried',
  }
}

function* tags(day: Day): Iterable<ObservationInput> {
  const base = { source: { name: 'Demo diary', type: 'app' }, zoneBasis: 'carried' } as const
  if (day.drank) {
    const { at, offset } = instantAt(day.date, 20 * 60 + 30, day.zone)
    yield { shape: 'tag', tag: 'alcohol', start: at, offset, ...base }
  }
  if (day.ill) {
    const { at, offset } = instantAt(day.date, 9 * 60, day.zone)
    yield { shape: 'tag', tag: 'illness', start: at, offset, ...base }
  }
  const trip = within(day.number, plan.travel)
  if (trip) {
    const { at, offset } = instantAt(day.date, 12 * 60, day.zone)
    yield { shape: 'tag', tag: 'travel', start: at, offset, text: trip.place, ...base }
  }
}

/** All days, oldest first. */
export function* demoDays(
  seed: number,
  last: Temporal.PlainDate,
): Iterable<{ date: string; observations: ObservationInput[] }> {
  for (let day = 0; day < DAYS; day++)
    yield { date: dateOf(day, last).toString(), observations: [...observationsOf(day, seed, last)] }
}

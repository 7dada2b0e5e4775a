import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ExportOptions, generateAppleExport } from '../../../bench/generate/apple-export.js'
import type { Truth } from '../../../bench/generate/apple-truth.js'
import { factsOf, type Installation, install } from './harness.js'

const RECORDS = 1_000_000

const PART = 4 * 1024 * 1024
const USER = { user: 'local', purpose: 'display' } as const
// The generator judges by a sample of days: a twentieth more, so that there are a million for sure.
const options: ExportOptions = { records: RECORDS * 1.05, seed: 11 }

/** What an import over HTTP came to. */
interface Imported {
  truth: Truth
  state: string
  error: string | null
  progress: { observations: number; rejected: number }
  rejected: { reason: string; count: number }[]
  seconds: number
}

/** Sends a generated export in parts over HTTP, as it is made, and waits until it is stored. */
async function importGenerated({ client, auren }: Installation, revision: 1 | 2): Promise<Imported> {
  const from = performance.now()
  const { id } = await client.call<{ id: string }>('biometric', 'POST', '/v1/imports', {
    name: `export-${revision}.xml`,
    plugin: 'apple-health',
  })
  let held: Buffer[] = []
  let size = 0
  let offset = 0
  const flush = async (): Promise<void> => {
    await client.send('biometric', 'PUT', `/v1/imports/${id}/parts?offset=${offset}`, Buffer.concat(held))
    offset += size
    held = []
    size = 0
  }
  const parts = generateAppleExport({ ...options, revision })
  let next = parts.next()
  for (; !next.done; next = parts.next()) {
    const bytes = Buffer.from(next.value)
    if (size + bytes.length > PART) await flush()
    held.push(bytes)
    size += bytes.length
  }
  await flush()
  await client.call('biometric', 'POST', `/v1/imports/${id}/start`)
  let last = ''
  for await (const event of client.events('biometric', 'GET', `/v1/imports/${id}/events`)) last = event.data
  await auren.ingest.settled()
  const seconds = (performance.now() - from) / 1000
  return { ...(JSON.parse(last) as Omit<Imported, 'truth' | 'seconds'>), truth: next.value, seconds }
}

/** Merged daily values. */
async function daysOf(here: Installation, metric: string): Promise<Map<string, number>> {
  const rows = await here.auren.longTerm.days(USER, { metrics: [metric], from: '1990-01-01', to: '2025-12-31' })
  return new Map(rows.map((row) => [row.date, row.value]))
}

/** Every planted day is there with its value, and no other day is. */
function expectDays(found: ReadonlyMap<string, number>, planted: Readonly<Record<string, number>>, digits = 3): void {
  const wrong = Object.entries(planted).filter(
    ([date, value]) => !(Math.abs((found.get(date) ?? Number.NaN) - value) < 10 ** -digits),
  )
  expect(wrong.slice(0, 5).map(([date, value]) => ({ date, value, found: found.get(date) }))).toEqual([])
  expect([...found.keys()].filter((date) => planted[date] === undefined)).toEqual([])
  expect(Object.keys(planted).length).toBeGreaterThan(300)
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]): number => sum(values) / values.length

let here: Installation
let first: Imported

beforeAll(async () => {
  here = await install()
  first = await importGenerated(here, 1)
  console.log(
    `${sum(Object.values(first.truth.records))} records, ${Math.round(first.truth.bytes / 1e6)} MB, ` +
      `${first.truth.days} days: stored in ${first.seconds.toFixed(0)} s`,
  )
})
afterAll(async () => {
  await here.close()
  await here.remove()
})

describe('a million records of a phone and a watch, over HTTP', () => {
  it('takes them all', () => {
    expect(sum(Object.values(first.truth.records))).toBeGreaterThanOrEqual(RECORDS)
    expect(first).toMatchObject({ state: 'done', error: null })
  })

  it('counts by type: every record that is not a repetition, no other', async () => {
    const { records, repeated } = first.truth
    const held = new Map((await here.auren.metrics('local')).map(({ metric, n }) => [metric, n]))
    const types = {
      heart_rate: 'HeartRate',
      oxygen_saturation: 'OxygenSaturation',
      respiratory_rate: 'RespiratoryRate',
      hrv_sdnn: 'HeartRateVariabilitySDNN',
      resting_heart_rate: 'RestingHeartRate',
      weight: 'BodyMass',
      blood_pressure_systolic: 'BloodPressureSystolic',
      blood_pressure_diastolic: 'BloodPressureDiastolic',
      audio_environmental: 'EnvironmentalAudioExposure',
    }
    for (const [metric, type] of Object.entries(types)) {
      const name = `HKQuantityTypeIdentifier${type}`
      expect(held.get(metric), metric).toBe((records[name] ?? 0) - (repeated[name] ?? 0))
    }
  })

  it('daily steps: a walk that both saw counts once, of the watch where it was worn', async () => {
    expectDays(await daysOf(here, 'steps'), first.truth.steps)
  })

  it('daily distance, in miles at first and in kilometres later', async () => {
    expectDays(await daysOf(here, 'distance'), first.truth.distance, 2)
  })

  it('daily means of the heart rate, siblings counted and repetitions not', async () => {
    const means = Object.fromEntries(Object.entries(first.truth.heartRate).map(([date, day]) => [date, day.mean]))
    expectDays(await daysOf(here, 'heart_rate'), means, 6)
  })

  it('oxygen saturation in per cent, heart rate variability, resting heart rate', async () => {
    const oxygen = Object.entries(first.truth.oxygenSaturation).map(([date, day]) => [date, day.mean])
    expectDays(await daysOf(here, 'oxygen_saturation'), Object.fromEntries(oxygen), 6)
    const sdnn = Object.entries(first.truth.hrvSdnn).map(([date, day]) => [date, day.mean])
    expectDays(await daysOf(here, 'hrv_sdnn'), Object.fromEntries(sdnn), 6)
    expectDays(await daysOf(here, 'resting_heart_rate'), first.truth.restingHeartRate)
  })

  it('weights, in pounds at first', async () => {
    expectDays(await daysOf(here, 'weight'), first.truth.weight)
  })

  it('seconds asleep and in each stage, by the watch', async () => {
    const { asleep, stages } = first.truth
    const nights = await here.auren.longTerm.sessions(USER, {
      kind: 'sleep',
      from: '1990-01-01',
      to: '2025-12-31',
      all: true,
    })
    const watch = nights.filter(
      (night) => night.source.includes('Watch') && !night.nap && night.end - night.start > 4 * 3_600_000,
    )
    const byDate = (field: string): Map<string, number> =>
      new Map(watch.map((night) => [night.date, night.measures[field] ?? Number.NaN]))
    expectDays(byDate('sleep_duration'), asleep.watch)
    for (const [field, stage] of [
      ['sleep_deep', 'deep'],
      ['sleep_rem', 'rem'],
      ['sleep_light', 'core'],
    ] as const) {
      const planted = Object.entries(stages).map(([date, night]) => [date, night[stage]])
      expectDays(byDate(field), Object.fromEntries(planted))
    }
  })

  it('workouts: how many, how long, how far', async () => {
    const { workouts } = first.truth
    const held = await here.auren.longTerm.sessions(USER, { kind: 'workout', from: '1990-01-01', to: '2025-12-31' })
    const told = held.map(({ date, start, end, measures }) =>
      [date, (end - start) / 1000, measures.distance === undefined ? null : Math.round(measures.distance)].join(' '),
    )
    const planted = workouts.map(({ date, seconds, metres }) => [date, seconds, metres].join(' '))
    expect(told.toSorted()).toEqual(planted.toSorted())
  })

  it('answers questions with the planted numbers', async () => {
    const today = '2025-07-01'
    const year = (values: Readonly<Record<string, number>>): number[] =>
      Object.entries(values).flatMap(([date, value]) => (date.startsWith('2024') ? [value] : []))
    const [steps] = await factsOf(here.client, 'What was my average step count in 2024?', today)
    expect(steps?.value).toBeCloseTo(mean(year(first.truth.steps)), 3)
    const [heart] = await factsOf(here.client, 'What was my average resting heart rate in 2024?', today)
    expect(heart?.value).toBeCloseTo(mean(year(first.truth.restingHeartRate)), 6)
    const [weight] = await factsOf(here.client, 'What was my average weight in 2024?', today)
    expect(weight?.value).toBeCloseTo(mean(year(first.truth.weight)), 4)
    const [best] = await factsOf(here.client, 'What was my best day for steps?', today)
    expect(best?.date).toBe(Object.entries(first.truth.steps).reduce((a, b) => (b[1] > a[1] ? b : a))[0])
  })
})

describe('the same person exports again: kilograms and kilometres throughout, corrections and deletions', () => {
  it('keeps what did not change, takes the corrections, and proposes nothing by itself for what is missing', async () => {
    const second = await importGenerated(here, 2)
    console.log(`second export: stored in ${second.seconds.toFixed(0)} s`)
    expect(second).toMatchObject({ state: 'done', error: null })
    // A weight that is no longer in the file stays until a person says otherwise.
    expectDays(await daysOf(here, 'weight'), { ...first.truth.weight, ...second.truth.weight })
    const corrected = Object.keys(second.truth.weight).filter(
      (date) => Math.abs((first.truth.weight[date] ?? 0) - (second.truth.weight[date] ?? 0)) > 0.05,
    )
    expect(corrected.length).toBeGreaterThan(30)
    expectDays(await daysOf(here, 'steps'), second.truth.steps)
    expectDays(await daysOf(here, 'distance'), second.truth.distance, 2)
    const means = Object.entries(second.truth.heartRate).map(([date, day]) => [date, day.mean])
    expectDays(await daysOf(here, 'heart_rate'), Object.fromEntries(means), 6)
    const held = new Map((await here.auren.metrics('local')).map(({ metric, n }) => [metric, n]))
    expect(held.get('weight')).toBe(Object.keys(first.truth.weight).length)
  })
})

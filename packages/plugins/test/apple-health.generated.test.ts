import { type Amount, accept, createCalendar, type Observation, sweep } from '@auren/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { type ExportOptions, generateAppleExport } from '../../../bench/generate/apple-export.js'
import type { Truth } from '../../../bench/generate/apple-truth.js'
import { fileOf, importAll } from './apple-health-files.js'

/** What the generator planted, and what came in, checked and converted by core. */
interface World {
  truth: Truth
  text: string
  seen: Observation[]
  rejected: { item: unknown; reason: string }[]
}
async function world(options: ExportOptions): Promise<World> {
  const writing = generateAppleExport(options)
  let text = ''
  for (;;) {
    const { done, value } = writing.next()
    if (done) {
      const { observations, rejected } = await importAll(fileOf(text))
      const receivedAt = Date.parse('2026-01-01T00:00:00Z')
      const { accepted, aside } = accept(observations, { provider: 'apple-health', account: 'robin', receivedAt })
      return { truth: value, text, seen: accepted, rejected: [...rejected, ...aside] }
    }
    text += value
  }
}

const dateOf = (at: number, offset: number | null) => new Date(at + (offset ?? 0) * 60_000).toISOString().slice(0, 10)
const samples = (seen: Observation[], metric: string) =>
  seen.flatMap((one) => (one.shape === 'sample' && one.metric === metric ? [one] : []))
const sessions = (seen: Observation[], kind: 'sleep' | 'workout') =>
  seen.flatMap((one) => (one.shape === 'session' && one.kind === kind ? [one] : []))

function byDate(
  seen: Observation[],
  metric: string,
): Record<string, { n: number; mean: number; min: number; max: number }> {
  const values: Record<string, number[]> = {}
  for (const { start, offset, value } of samples(seen, metric)) {
    const date = dateOf(start, offset)
    values[date] = [...(values[date] ?? []), value]
  }
  return Object.fromEntries(
    Object.entries(values).map(([date, all]) => [
      date,
      {
        n: all.length,
        mean: all.reduce((a, b) => a + b, 0) / all.length,
        min: Math.min(...all),
        max: Math.max(...all),
      },
    ]),
  )
}

/** The day's sums after core's merge of the devices. */
function merged(seen: Observation[], metric: string): Record<string, number> {
  const calendar = createCalendar()
  const days = new Map<string, Record<'watch' | 'phone', Amount[]>>()
  for (const { source, start, end = start, offset, zoneBasis, value } of samples(seen, metric))
    for (const { day, share, ...part } of calendar.split({ start, end, offset, zoneBasis })) {
      const sources = days.get(day.date) ?? { watch: [], phone: [] }
      days.set(day.date, sources)
      sources[source.type as 'watch' | 'phone'].push({ ...part, value: value * share, version: null, first: 0 })
    }
  return Object.fromEntries(
    [...days].map(([date, { watch, phone }]) => [
      date,
      sweep(
        [
          { key: 'watch', amounts: watch, total: null },
          { key: 'phone', amounts: phone, total: null },
        ],
        86_400_000,
      ).sum,
    ]),
  )
}

function expectClose(actual: Record<string, number>, planted: Record<string, number>): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(planted).sort())
  for (const [date, value] of Object.entries(planted))
    expect([date, actual[date]]).toEqual([date, expect.closeTo(value, 6)])
}

// From the New Year over a fortnight in New York, where the clocks change, and the change of clocks at home.
const span = { end: '2025-04-14', months: 3.4, seed: 7 } as const

describe('what was planted in a generated export', () => {
  let found: World
  beforeAll(async () => {
    found = await world(span)
  })

  it('is all there, each record once', () => {
    const { truth, seen, rejected, text } = found
    expect(truth.bytes).toBe(Buffer.byteLength(text))
    const ignored = new Map(
      rejected.map(({ item }) => [(item as { name: string }).name, (item as { count: number }).count]),
    )
    const { records, repeated } = truth
    expect(ignored.get('HKCategoryTypeIdentifierAppleStandHour')).toBe(records.HKCategoryTypeIdentifierAppleStandHour)
    expect(ignored.get('HKQuantityTypeIdentifierAppleWalkingSteadiness')).toBe(
      records.HKQuantityTypeIdentifierAppleWalkingSteadiness,
    )
    expect(rejected.every(({ reason }) => reason === 'ignored' || reason === 'unknown_type')).toBe(true)
    const counts = {
      HeartRate: 'heart_rate',
      StepCount: 'steps',
      DistanceWalkingRunning: 'distance',
      OxygenSaturation: 'oxygen_saturation',
      RespiratoryRate: 'respiratory_rate',
      ActiveEnergyBurned: 'energy_active',
      BasalEnergyBurned: 'energy_basal',
      BodyMass: 'weight',
      HeartRateVariabilitySDNN: 'hrv_sdnn',
      RestingHeartRate: 'resting_heart_rate',
      EnvironmentalAudioExposure: 'audio_environmental',
      BloodPressureSystolic: 'blood_pressure_systolic',
      BloodPressureDiastolic: 'blood_pressure_diastolic',
    }
    expect(repeated.HKQuantityTypeIdentifierHeartRate).toBeGreaterThan(0)
    for (const [type, metric] of Object.entries(counts)) {
      const name = `HKQuantityTypeIdentifier${type}`
      expect([type, samples(seen, metric).length]).toEqual([type, (records[name] ?? 0) - (repeated[name] ?? 0)])
    }
  })

  it('has the same days', () => {
    const { truth, seen } = found
    for (const [metric, planted] of [
      ['heart_rate', truth.heartRate],
      ['oxygen_saturation', truth.oxygenSaturation],
      ['hrv_sdnn', truth.hrvSdnn],
    ] as const) {
      const days = byDate(seen, metric)
      expect(Object.keys(days).sort()).toEqual(Object.keys(planted).sort())
      for (const [date, { n, mean, min, max }] of Object.entries(planted))
        expect([date, days[date]]).toEqual([date, { n, mean: expect.closeTo(mean, 6), min, max }])
    }
    expectClose(
      Object.fromEntries(Object.entries(byDate(seen, 'resting_heart_rate')).map(([date, { mean }]) => [date, mean])),
      truth.restingHeartRate,
    )
    expectClose(
      Object.fromEntries(samples(seen, 'weight').map(({ start, offset, value }) => [dateOf(start, offset), value])),
      truth.weight,
    )
    expect(samples(seen, 'weight').every(({ flags, zoneBasis }) => flags === 1 && zoneBasis === 'carried')).toBe(true)
    expect(new Set(samples(seen, 'weight').map(({ offset }) => offset))).toEqual(new Set([60, -300, -240, 120]))
  })

  it('has the same steps and metres where watch and phone are merged', () => {
    expectClose(merged(found.seen, 'steps'), found.truth.steps)
    expectClose(merged(found.seen, 'distance'), found.truth.distance)
  })

  it('has the same nights, naps and stages', () => {
    const { truth, seen } = found
    const nights: Record<string, number> = {}
    const naps: Record<string, number> = {}
    const app: Record<string, number> = {}
    for (const { source, start, end, offset, measures } of sessions(seen, 'sleep')) {
      const date = dateOf(end, offset)
      if (source.name === 'SleepWell') app[date] = measures.sleep_duration as number
      else if (end - start < 3_600_000) naps[date] = measures.sleep_duration as number
      else {
        nights[date] = measures.sleep_duration as number
        expect([date, measures]).toMatchObject([
          date,
          {
            sleep_deep: truth.stages[date]?.deep,
            sleep_rem: truth.stages[date]?.rem,
            sleep_light: truth.stages[date]?.core,
            sleep_awake: truth.stages[date]?.awake,
          },
        ])
      }
    }
    expect(nights).toEqual(truth.asleep.watch)
    expect(app).toEqual(truth.asleep.app)
    expect(naps).toEqual(truth.naps)
  })

  it('has the same workouts, before iOS 16 and since', () => {
    const { truth, seen } = found
    const names = {
      running: 'Running',
      cycling: 'Cycling',
      strength_training: 'TraditionalStrengthTraining',
      yoga: 'Yoga',
    }
    const workouts = sessions(seen, 'workout').map(({ start, end, offset, activity, measures }) => ({
      date: dateOf(start, offset),
      type: names[activity as keyof typeof names],
      seconds: (end - start) / 1000,
      metres: measures.distance === undefined ? null : expect.closeTo(measures.distance, 6),
      kilocalories: measures.energy_active,
    }))
    expect(truth.workouts).toEqual(workouts)
    expect(workouts.length).toBeGreaterThan(30)
  })
})

describe('a later export of the same person', () => {
  it('in other units holds the same records, and the corrected ones under the same identity', async () => {
    const small = { ...span, months: 2 }
    const first = await world(small)
    const second = await world({ ...small, revision: 2 })
    const weights = ({ seen }: World) => new Map(samples(seen, 'weight').map((one) => [one.start, one]))
    const before = weights(first)
    const after = weights(second)
    expect([...after.keys()].every((start) => before.has(start))).toBe(true)
    expect(after.size).toBeLessThan(before.size)
    const changed = [...after].filter(([start, { value }]) => before.get(start)?.value !== value)
    expect(changed.length).toBeGreaterThan(0)
    expect(changed.length).toBeLessThan(16)
    for (const [start, { value, createdAt = 0 }] of changed) {
      expect(value - (before.get(start)?.value ?? 0)).toBeCloseTo(0.4, 9)
      expect(createdAt).toBeGreaterThan(before.get(start)?.createdAt ?? 0)
    }
    const others = ({ seen }: World) => seen.filter((one) => !(one.shape === 'sample' && one.metric === 'weight'))
    expect(others(second)).toEqual(others(first))
  })

  it('is the same, byte for byte, of the same seed', () => {
    const write = (seed: number) => [...generateAppleExport({ records: 500, seed })].join('')
    expect(write(1)).toBe(write(1))
    expect(write(1)).not.toBe(write(2))
  })
})

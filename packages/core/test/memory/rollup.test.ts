import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MetricInfo, metric } from '../../src/catalogue/index.js'
import { coverageOf } from '../../src/memory/coverage.js'
import { type RollSample, type RollSource, rollUp } from '../../src/memory/rollup.js'
import { createCalendar } from '../../src/observation/local-day.js'

const info = (id: string) => metric(id) as MetricInfo
const at = (iso: string) => Date.parse(iso)
const minute = 60_000
const sample = (start: number, value: number, more: Partial<RollSample> = {}): RollSample => ({
  start,
  end: null,
  value,
  offset: 0,
  zoneBasis: 'carried',
  version: null,
  first: 0,
  ...more,
})
const source = (
  key: string,
  type: RollSource['type'],
  samples: RollSample[],
  totals: Record<string, number> = {},
): RollSource => ({ key, type, samples, totals: new Map(Object.entries(totals)) })
const date = '2026-05-04'
const noon = at('2026-05-04T12:00:00Z')
const roll = (id: string, sources: RollSource[], dates = [date], zones: { from: number; zone: string }[] = []) =>
  rollUp(info(id), sources, new Set(dates), createCalendar(zones))

describe('a day of samples', () => {
  it('is described by numbers that a plain computation gives', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 30, max: 200 }), { minLength: 1, maxLength: 50 }), (values) => {
        const [row] = roll('heart_rate', [
          source(
            'w',
            'watch',
            values.map((v, i) => sample(noon + i * minute, v)),
          ),
        ])
        const mean = values.reduce((a, b) => a + b) / values.length
        const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1)
        expect(row).toMatchObject({
          n: values.length,
          min: Math.min(...values),
          max: Math.max(...values),
          first: values[0],
        })
        expect(row?.value).toBeCloseTo(mean, 9)
        expect(row?.last).toBe(values.at(-1))
        if (values.length > 1) expect(row?.sd).toBeCloseTo(Math.sqrt(variance), 9)
        else expect(row?.sd).toBeNull()
      }),
    )
  })

  it('is told by the metric’s first aggregate', () => {
    const two = [sample(noon, 37.5), sample(noon + minute, 36.9)]
    expect(roll('body_temperature', [source('a', 'manual', two)])[0]?.value).toBe(37.5)
    expect(roll('weight', [source('a', 'scale', two)])[0]?.value).toBe(36.9)
    expect(roll('garmin.body_battery', [source('a', 'watch', two)])[0]?.value).toBe(36.9)
  })

  it('of sound is an energy mean: two equal hours at 60 and 80 dB are 77.03 dB', () => {
    const hour = 60 * minute
    const [row] = roll('audio_environmental', [
      source('w', 'watch', [sample(noon, 60, { end: noon + hour }), sample(noon + hour, 80, { end: noon + 2 * hour })]),
    ])
    expect(row?.value).toBeCloseTo(77.0329, 4)
    const [weighted] = roll('audio_environmental', [
      source('w', 'watch', [sample(noon, 60, { end: noon + hour }), sample(noon + hour, 80, { end: noon + 4 * hour })]),
    ])
    expect(weighted?.leq).toBeCloseTo(10 * Math.log10((1e6 + 3e8) / 4), 9)
  })

  it('of glucose has minutes by band; a gap of hours is not filled', () => {
    const [row] = roll('glucose', [
      source('c', 'cgm', [
        sample(noon, 65),
        sample(noon + 5 * minute, 100),
        sample(noon + 10 * minute, 181),
        sample(noon + 180 * minute, 180),
      ]),
    ])
    expect(row?.bands).toEqual([5, 5 + 15, 15])
  })

  it('is the same whatever the order in which it is stored', () => {
    const samples = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 40, max: 99 }), fc.boolean()),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(
        samples.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        fc.constantFrom('steps', 'heart_rate', 'weight', 'audio_headphone'),
        ([list, shuffled], id) => {
          const of = (some: typeof list) =>
            roll(
              id,
              [true, false].map((left) =>
                source(
                  left ? 'l' : 'r',
                  left ? 'watch' : 'phone',
                  some
                    .filter(([, , side]) => side === left)
                    .map(([m, v]) => sample(noon + m * minute, v, { end: noon + (m + 7) * minute })),
                ),
              ),
            )
          expect(of(shuffled)).toEqual(of(list))
        },
      ),
    )
  })
})

describe('the merged row', () => {
  it('of a metric that is said once a day is the best-ranked source’s', () => {
    const rows = roll('resting_heart_rate', [
      source('phone', 'phone', [sample(noon, 61)]),
      source('ring', 'ring', [sample(noon + minute, 55)]),
    ])
    expect(rows.find((row) => row.source === 'merged')).toMatchObject({
      value: 55,
      n: 1,
      sources: ['ring'],
      whole: true,
    })
  })

  it('of samples holds all sources without twins', () => {
    const rows = roll('heart_rate', [
      source('watch', 'watch', [sample(noon, 60), sample(noon + minute, 70)]),
      source('app', 'app', [sample(noon + 1000, 60), sample(noon + 2 * minute, 80)]),
    ])
    expect(rows.map(({ source: key, n }) => [key, n])).toEqual([
      ['watch', 2],
      ['app', 2],
      ['merged', 3],
    ])
  })

  it('of amounts says what each source gave', () => {
    const hour = 60 * minute
    const rows = roll('steps', [
      source('p', 'phone', [sample(noon, 900, { end: noon + 3 * hour })]),
      source('w', 'watch', [sample(noon, 500, { end: noon + hour })]),
    ])
    expect(rows.at(-1)).toMatchObject({ source: 'merged', value: 1100, parts: { w: 500, p: 600 }, sources: ['w', 'p'] })
  })

  it('takes a vendor’s total for what nobody measured', () => {
    const rows = roll('steps', [source('w', 'watch', [], { [date]: 8000 }), source('p', 'phone', [], { [date]: 9000 })])
    expect(rows.find((row) => row.source === 'merged')).toMatchObject({ value: 8000, whole: true, parts: { w: 8000 } })
    const [rest] = roll('resting_heart_rate', [source('w', 'watch', [], { [date]: 52 })])
    expect(rest).toMatchObject({ value: 52, n: 1, first: 52, last: 52, whole: true })
  })
})

describe('local midnight', () => {
  it('splits amounts pro rata and leaves samples to the day on which they start', () => {
    const start = at('2026-05-04T23:00:00Z')
    const over = sample(start, 600, { end: start + 120 * minute })
    const dates = [date, '2026-05-05']
    expect(roll('steps', [source('w', 'watch', [over])], dates).filter((row) => row.source === 'w')).toMatchObject([
      { date, value: 300 },
      { date: '2026-05-05', value: 300 },
    ])
    const rows = roll('hrv_rmssd', [source('w', 'watch', [over])], dates)
    expect(rows.map((row) => row.date)).toEqual([date, date])
  })
})

describe('coverage', () => {
  const worn = (from: string, to: string, offset: number) => {
    const samples: RollSample[] = []
    for (let t = at(from); t < at(to); t += 5 * minute) samples.push(sample(t, 60, { offset }))
    return samples
  }
  const slots = (samples: RollSample[], day: string, zones: { from: number; zone: string }[] = []) => {
    const row = roll('heart_rate', [source('w', 'watch', samples)], [day], zones)[0]
    return row?.slots ? [row.slots.count, coverageOf([row.slots])] : null
  }

  it('of a day worn from end to end is 1, also when the clocks change', () => {
    const berlin = [{ from: 0, zone: 'Europe/Berlin' }]
    expect(slots(worn('2026-05-04T00:00:00Z', '2026-05-05T00:00:00Z', 0), date)).toEqual([96, 1])
    const spring = [
      ...worn('2026-03-28T23:00:00Z', '2026-03-29T01:00:00Z', 60),
      ...worn('2026-03-29T01:00:00Z', '2026-03-29T22:00:00Z', 120),
    ]
    expect(slots(spring, '2026-03-29', berlin)).toEqual([92, 1])
    expect(slots(spring, '2026-03-29')).toEqual([92, 1])
    const autumn = [
      ...worn('2026-10-24T22:00:00Z', '2026-10-25T01:00:00Z', 120),
      ...worn('2026-10-25T01:00:00Z', '2026-10-25T23:00:00Z', 60),
    ]
    expect(slots(autumn, '2026-10-25', berlin)).toEqual([100, 1])
    expect(slots(autumn, '2026-10-25')).toEqual([100, 1])
  })

  it('of six hours is a quarter', () => {
    expect(slots(worn('2026-05-04T06:00:00Z', '2026-05-04T12:00:00Z', 0), date)).toEqual([96, 0.25])
  })

  it('says nothing for what is measured once a day', () => {
    expect(roll('weight', [source('s', 'scale', [sample(noon, 80)])])[0]).toMatchObject({ slots: null, whole: true })
  })
})

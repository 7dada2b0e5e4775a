import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DaySeries } from '../../src/memory/ladder/abstract.js'
import { abstractPeriod } from '../../src/memory/ladder/abstract.js'
import { chaptersOf } from '../../src/memory/ladder/chapters.js'
import { periodsIn } from '../../src/memory/ladder/periods.js'
import type { LadderRow, Rung } from '../../src/memory/ladder/ports.js'
import { seasonsOf } from '../../src/memory/ladder/seasons.js'
import { dayOf } from '../../src/query/calendar.js'
import { dateAt, noise } from './ladder-person.js'

const origin = dayOf(dateAt(0)).index

/** Rows of a series whose day `i` is `value(i)`; null: nothing was measured. */
function rowsOf(
  rung: Rung,
  series: string,
  days: number,
  value: (i: number) => number | null,
  sourceAt: (i: number) => string = () => 'watch',
): LadderRow[] {
  const measured = Array.from({ length: days }, (_, i) => [i, value(i)] as const).filter(
    (held): held is readonly [number, number] => held[1] !== null,
  )
  const circular = series === 'sleep_midpoint'
  const of: DaySeries = {
    series,
    unit: circular ? 'min' : 'x',
    circular,
    days: measured.map(([i]) => origin + i),
    values: measured.map(([, held]) => (circular ? ((held % 1440) + 1440) % 1440 : held)),
    coverage: measured.map(() => 1),
    sources: measured.map(([i]) => [sourceAt(i)]),
  }
  return periodsIn(rung, { first: origin, last: origin + days - 1 })
    .filter(({ last }) => last < origin + days)
    .flatMap((period) => abstractPeriod(of, new Map(), period) ?? [])
}

/** Days that are alike: each keeps a share of yesterday's deviation. */
function wander(seed: number, sd: number, alike = 0.3): () => number {
  const next = noise(seed)
  let level = 0
  return () => {
    level = alike * level + sd * Math.sqrt(1 - alike * alike) * next()
    return level
  }
}

const DAYS = 7 * 365
/** Night shifts from day 1,000 to day 1,560: 2018-09-27 to 2020-04-09. */
const shift = (i: number): boolean => i >= 1000 && i < 1560

function life(options: { gap?: boolean; season?: boolean } = {}): Map<string, LadderRow[]> {
  const [sleep, middle, heart, steps] = [wander(1, 2400), wander(2, 35), wander(3, 3, 0.6), wander(4, 2500)]
  const off = (i: number): boolean => options.gap === true && i >= 2000 && i < 2150
  const wave = (i: number): number => (options.season ? 2500 * Math.cos((2 * Math.PI * (i - 190)) / 365.25) : 0)
  const of = (value: (i: number) => number) => (i: number) => {
    const held = value(i)
    return off(i) ? null : held
  }
  return new Map([
    [
      'sleep_duration',
      rowsOf(
        'week',
        'sleep_duration',
        DAYS,
        of((i) => 26_400 + sleep() - (shift(i) ? 2400 : 0)),
      ),
    ],
    [
      'sleep_midpoint',
      rowsOf(
        'week',
        'sleep_midpoint',
        DAYS,
        of((i) => 190 + middle() + (shift(i) ? 180 : 0)),
      ),
    ],
    [
      'resting_heart_rate',
      rowsOf(
        'week',
        'resting_heart_rate',
        DAYS,
        of(() => 56 + heart()),
      ),
    ],
    [
      'steps',
      rowsOf(
        'week',
        'steps',
        DAYS,
        of((i) => 9000 + steps() + wave(i)),
      ),
    ],
  ])
}

const today = dateAt(DAYS + 2)
const tell = (rows: Map<string, LadderRow[]>, spans: Parameters<typeof chaptersOf>[1] = []) =>
  chaptersOf((series) => rows.get(series) ?? [], spans, today)
const dayOfDate = (date: string): number => dayOf(date).index - origin

describe('chapters', () => {
  it('are the planted ones, with their sizes, within two weeks', () => {
    const spans = [
      { name: 'night_shift', first: origin + 1000, last: origin + 1559, ref: 'tag:night_shift' },
      ...Array.from({ length: 120 }, (_, i) => ({
        name: 'alcohol',
        first: origin + i * 21,
        last: origin + i * 21,
        ref: 'tag:alcohol',
      })),
    ]
    const found = tell(life({ season: true }), spans)
    expect(found).toHaveLength(3)
    const [before, shifts, after] = found as [(typeof found)[0], (typeof found)[0], (typeof found)[0]]
    expect(Math.abs(dayOfDate(shifts.from) - 1000)).toBeLessThanOrEqual(14)
    expect(Math.abs(dayOfDate(after.from) - 1560)).toBeLessThanOrEqual(14)
    const level = (chapter: (typeof found)[0], series: string) => chapter.levels.find((held) => held.series === series)!
    expect(level(shifts, 'sleep_midpoint').shift).toBeGreaterThan(165)
    expect(level(shifts, 'sleep_midpoint').shift).toBeLessThan(195)
    expect(level(shifts, 'sleep_duration').shift).toBeLessThan(-1900)
    expect(level(shifts, 'sleep_duration').shift).toBeGreaterThan(-2900)
    expect(level(after, 'sleep_midpoint').shift).toBeLessThan(-165)
    // What was not changed is not said to be.
    for (const chapter of found)
      for (const series of ['steps', 'resting_heart_rate']) expect(level(chapter, series).shift).toBeNull()
    expect(before.levels.every((held) => held.shift === null)).toBe(true)
    expect(shifts.together).toEqual([{ name: 'night_shift', ref: 'tag:night_shift', share: expect.closeTo(1, 1) }])
    expect([before.together, after.together]).toEqual([[], []])
    expect([before.to === null, shifts.to === null, after.to]).toEqual([false, false, null])
  })

  it('tell of everything that changed for good, also where too little time lies between two changes', () => {
    const [sleep, heart] = [wander(11, 900), wander(12, 1.5)]
    const six = 700 + 6 * 7
    const rows = new Map([
      ['sleep_duration', rowsOf('week', 'sleep_duration', 1400, (i) => 27_000 + sleep() - (i < six ? 0 : 2700))],
      ['resting_heart_rate', rowsOf('week', 'resting_heart_rate', 1400, (i) => 58 + heart() - (i < 700 ? 0 : 9))],
    ])
    const found = chaptersOf((series) => rows.get(series) ?? [], [], dateAt(1402))
    expect(found).toHaveLength(2)
    const [heartRate, asleep] = ['resting_heart_rate', 'sleep_duration'].map((series) =>
      found[1]?.levels.find((level) => level.series === series),
    )
    expect(heartRate?.shift).toBeCloseTo(-9, 0)
    expect(Math.abs(dayOfDate(heartRate?.since ?? '') - 700)).toBeLessThanOrEqual(7)
    expect(asleep?.shift).toBeLessThan(-2300)
    expect(asleep?.shift).toBeGreaterThan(-3100)
    expect(Math.abs(dayOfDate(asleep?.since ?? '') - six)).toBeLessThanOrEqual(7)
    expect(found[0]?.levels.every(({ shift: none, since }) => none === null && since === null)).toBe(true)
  })

  it('take clock times round midnight', () => {
    const middle = wander(7, 30)
    const rows = new Map([
      ['sleep_midpoint', rowsOf('week', 'sleep_midpoint', 700, (i) => (i < 350 ? -60 : 50) + middle())],
    ])
    const found = chaptersOf((series) => rows.get(series) ?? [], [], dateAt(702))
    expect(found).toHaveLength(2)
    expect(found[1]!.levels[0]!.shift).toBeGreaterThan(95)
    expect(found[1]!.levels[0]!.shift).toBeLessThan(125)
    expect(found[0]!.levels[0]!.median).toBeGreaterThan(1360)
  })

  it('end at a gap: nobody knows that nothing changed', () => {
    const found = tell(life({ gap: true }))
    const index = found.findIndex(({ gapBefore }) => gapBefore > 0)
    const [last, next] = [found[index - 1]!, found[index]!]
    expect(Math.abs(dayOfDate(last.until) - 2000)).toBeLessThanOrEqual(7)
    expect(Math.abs(dayOfDate(next.from) - 2150)).toBeLessThanOrEqual(7)
    expect(next.gapBefore).toBeGreaterThanOrEqual(20)
    expect(next.levels.every(({ shift: by }) => by === null)).toBe(true)
    for (const { levels } of found) for (const { coverage } of levels) expect(coverage).toBeGreaterThan(0.9)
  })

  it('are not made of the seasons, nor of days that only wander', () => {
    let lives = 0
    let made = 0
    for (let seed = 1; seed <= 40; seed++) {
      const rows = new Map(
        ['sleep_duration', 'resting_heart_rate', 'steps', 'weight'].map((series, k) => {
          const next = wander(
            seed * 101 + k * 7,
            series === 'weight' ? 0.8 : series === 'steps' ? 2500 : series === 'sleep_duration' ? 2400 : 3,
            0.5,
          )
          const wave = series === 'steps' ? 2000 : 0
          return [
            series,
            rowsOf('week', series, 4 * 365, (i) => 9000 + next() + wave * Math.cos((2 * Math.PI * i) / 365.25)),
          ] as const
        }),
      )
      lives++
      if (chaptersOf((series) => rows.get(series) ?? [], [], dateAt(4 * 365)).length > 1) made++
    }
    expect(made / lives).toBeLessThanOrEqual(0.1)
  })

  it('say of a slow change that it came gradually', () => {
    const next = wander(12, 0.5)
    const weight = (i: number): number => (i < 400 ? 90 : i < 800 ? 90 - (i - 400) / 40 : 80) + next()
    const rows = new Map([['weight', rowsOf('week', 'weight', 1200, weight)]])
    const found = chaptersOf((series) => rows.get(series) ?? [], [], dateAt(1202))
    const changed = found.filter(({ levels }) => levels.some(({ shift: by }) => by !== null))
    expect(changed.length).toBeGreaterThan(0)
    expect(changed.some(({ levels }) => levels.some(({ gradual }) => gradual))).toBe(true)
    expect(
      changed.flatMap(({ levels }) => levels.map(({ shift: by }) => by as number)).reduce((a, b) => a + b, 0),
    ).toBeCloseTo(-10, 0)
  })

  it('say where another device measures from about then on: it may be the device that changed', () => {
    const told = (swap: number) => {
      const next = wander(31, 4)
      const rows = new Map([
        [
          'hrv_rmssd',
          rowsOf(
            'week',
            'hrv_rmssd',
            700,
            (i) => 50 + next() + (i >= 350 ? 8 : 0),
            (i) => (i < swap ? 'watch' : 'ring'),
          ),
        ],
      ])
      return chaptersOf((series) => rows.get(series) ?? [], [], dateAt(702)).map(({ levels }) => levels[0]?.device)
    }
    expect(told(355)).toEqual([false, true])
    expect(told(200)).toEqual([false, false])
    expect(told(1000)).toEqual([false, false])
  })

  it('do not depend on the order of weeks and spans', () => {
    const rows = life()
    const spans = [0, 300, 1000].map((first, i) => ({
      name: `tag${i % 2}`,
      first: origin + first,
      last: origin + first + 90,
      ref: 'tag',
    }))
    const expected = tell(rows, spans)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (seed) => {
        const next = noise(seed)
        const mixed = <T>(items: readonly T[]): T[] =>
          items
            .map((item) => [next(), item] as const)
            .sort(([a], [b]) => a - b)
            .map(([, item]) => item)
        expect(tell(new Map(mixed([...rows]).map(([series, of]) => [series, mixed(of)])), mixed(spans))).toEqual(
          expected,
        )
      }),
      { numRuns: 5 },
    )
  })
})

describe('seasons', () => {
  const months = (days: number, value: (i: number) => number) =>
    new Map([['steps', rowsOf('month', 'steps', days, value)]])
  const wave = (i: number): number => 3000 * Math.cos((2 * Math.PI * (i - 196)) / 365.25)

  it('are those in which the planted wave is high and low, in years that agree', () => {
    const next = wander(21, 1500)
    const found = seasonsOf(months(5 * 365, (i) => 9000 + wave(i) + next()))
    const of = (season: string) => found.find((held) => held.season === season)
    expect(of('summer')!.effect).toBeGreaterThan(2000)
    expect(of('winter')!.effect).toBeLessThan(-2000)
    expect(of('summer')!.years.map(({ year }) => year)).toEqual([2016, 2017, 2018, 2019, 2020])
  })

  it('need two years: of one winter nobody knows whether it comes again', () => {
    const next = wander(22, 1500)
    expect(seasonsOf(months(500, (i) => 9000 + wave(i) + next()))).toEqual([])
  })

  it('are neither a trend nor chance', () => {
    let found = 0
    for (let seed = 1; seed <= 40; seed++) {
      const next = wander(seed * 37, 1500, 0.5)
      found += seasonsOf(months(5 * 365, (i) => 5000 + 2 * i + next())).length
    }
    expect(found).toBeLessThanOrEqual(4)
  })
})

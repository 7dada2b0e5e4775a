import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../../test/shared.js'
import { asker, day, plus, series } from './person.js'

const rhr = 'resting_heart_rate'
// 30 days before 23 Nov: 50, 51, … repeated, and 70 on the day itself.
const values = Array.from({ length: 30 }, (_, i) => 50 + (i % 5))
const days = [...series(rhr, plus('2026-11-23', -30), values), day(rhr, '2026-11-23', 70, { coverage: 0.5 })]

describe('baselines', () => {
  it('is the median of the 28 days before the day, not of the day itself', async () => {
    const fact = await asker({ days }).ask({ pattern: 'baseline', metric: rhr })
    // 28 of the values 50 … 54: median 52, MAD 1.
    expect(fact).toMatchObject({
      status: 'ok',
      value: 52,
      unit: '/min',
      n: 28,
      minimum: 14,
      coverage: 1,
      from: '2026-10-26',
      to: '2026-11-22',
    })
    expect(fact.baseline).toMatchObject({ median: 52, window: 28, z: null })
    expect(fact.baseline!.spread).toBeCloseTo(1.4826, 9)
    expect(fact.baseline!.low).toBeCloseTo(52 - 2.9652, 9)
  })

  it('needs 14 days', async () => {
    const few = asker({ days: series(rhr, '2026-11-10', new Array(13).fill(50)) })
    expect(await few.ask({ pattern: 'baseline', metric: rhr })).toMatchObject({
      status: 'not_enough_data',
      value: null,
      n: 13,
      minimum: 14,
    })
    expect((await asker({}).ask({ pattern: 'baseline', metric: rhr })).status).toBe('no_data')
  })

  it('looks back from the day asked for', async () => {
    const fact = await asker({ days }).ask({ pattern: 'baseline', metric: rhr, window: 90, date: '2026-11-20' })
    expect(fact).toMatchObject({ n: 27, to: '2026-11-19', from: '2026-08-22' })
    expect(fact.coverage).toBeCloseTo(27 / 90, 9)
  })
})

describe('deviations', () => {
  it('judges a day by the days before it', async () => {
    const fact = await asker({ days }).ask({ pattern: 'deviation', metric: rhr })
    expect(fact).toMatchObject({
      status: 'ok',
      value: 70,
      unit: '/min',
      from: '2026-11-23',
      to: '2026-11-23',
      coverage: 0.5,
      n: 28,
    })
    expect(fact.baseline!.z).toBeCloseTo(0.6745 * 18, 9)
    expect(fact.comparison).toMatchObject({ value: 52, difference: 18, from: '2026-10-26', to: '2026-11-22' })
  })

  it('says when there is nothing on the day, or too little before it', async () => {
    expect(await asker({ days }).ask({ pattern: 'deviation', metric: rhr, date: '2026-12-24' })).toMatchObject({
      status: 'no_data',
      value: null,
    })
    const fresh = asker({ days: series(rhr, '2026-11-20', [50, 51, 52, 53]) })
    expect((await fresh.ask({ pattern: 'deviation', metric: rhr })).status).toBe('not_enough_data')
  })

  it('does not call a day infinitely unusual after equal days', async () => {
    const flat = asker({ days: series('weight', plus('2026-11-23', -20), [...new Array(20).fill(70.5), 71]) })
    const fact = await flat.ask({ pattern: 'deviation', metric: 'weight' })
    expect(fact.baseline).toMatchObject({ spread: 0, z: null })
    const whole = asker({ days: series(rhr, plus('2026-11-23', -20), [...new Array(20).fill(50), 51]) })
    // Counted in whole beats: half a beat is the least spread.
    expect((await whole.ask({ pattern: 'deviation', metric: rhr })).baseline).toMatchObject({ spread: 0.5, z: 2 })
  })

  it('warns that today is not over', async () => {
    const walked = asker({ days: series('steps', plus('2026-11-23', -20), [...new Array(20).fill(9000), 100]) })
    expect((await walked.ask({ pattern: 'deviation', metric: 'steps' })).notes.join()).toContain('not over')
  })
})

describe('trends', () => {
  it('finds a planted slope per week through noise and gaps', async () => {
    // 0.5 a week for 40 weeks, a weekly wave around it, every ninth day missing.
    const rising = Array.from({ length: 280 }, (_, i) => (i % 9 === 0 ? null : 50 + i / 14 + (i % 7)))
    const fact = await asker({ days: series('weight', plus('2026-11-22', -279), rising) }).ask({
      pattern: 'trend',
      metric: 'weight',
    })
    expect(fact).toMatchObject({ status: 'ok', unit: 'kg/wk', minimum: 8 })
    expect(fact.value).toBeCloseTo(0.5, 1)
    expect(fact.trend).toMatchObject({ direction: 'rising' })
    expect(fact.trend!.p).toBeLessThan(1e-6)
    expect(fact.rows).toHaveLength(fact.n)
  })

  it('finds none where there is none, and needs eight weeks', async () => {
    const wave = Array.from({ length: 200 }, (_, i) => 60 + 3 * Math.sin(i / 3))
    const flat = await asker({ days: series('weight', plus('2026-11-23', -199), wave) }).ask({
      pattern: 'trend',
      metric: 'weight',
    })
    expect(flat.trend!.direction).toBe('none')
    const short = await asker({ days: series('weight', '2026-10-05', new Array(49).fill(70)) }).ask({
      pattern: 'trend',
      metric: 'weight',
    })
    expect(short).toMatchObject({ status: 'not_enough_data', value: null, n: 7 })
  })

  const nile = shared('eval', 'tcpd', 'series', 'nile.json')
  it.skipIf(!nile)('equals the median of all slopes on a known series, laid out as weeks', async () => {
    const raw = JSON.parse(readFileSync(nile!, 'utf8')).series[0].raw as number[]
    // Three days a week of one value each: the weekly medians are the series. The last year of it fits the window.
    const weeks = raw.slice(-52)
    const laid = weeks.flatMap((value, week) =>
      [0, 1, 2].map((d) => day('weight', plus('2025-11-24', 7 * week + d), value)),
    )
    const fact = await asker({ days: laid }, '2026-11-22').ask({ pattern: 'trend', metric: 'weight' })
    let s = 0
    for (let i = 0; i < 52; i++) for (let j = i + 1; j < 52; j++) s += Math.sign(weeks[j]! - weeks[i]!)
    const slopes: number[] = []
    for (let i = 0; i < 52; i++) for (let j = i + 1; j < 52; j++) slopes.push((weeks[j]! - weeks[i]!) / (j - i))
    slopes.sort((a, b) => a - b)
    expect(fact.n).toBe(52)
    expect(fact.value).toBeCloseTo((slopes[662]! + slopes[663]!) / 2, 9)
    expect(Math.sign(fact.value!)).toBe(Math.sign(s))
  })
})

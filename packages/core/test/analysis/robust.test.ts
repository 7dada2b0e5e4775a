import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  circularDifference,
  circularMean,
  circularSd,
  energyMean,
  erfc,
  mannKendall,
  median,
  normalCdf,
  normalQuantile,
  quantile,
  robustSummary,
  robustZ,
  standardDeviation,
  sum,
  theilSen,
  timeDomainHrv,
} from '../../src/analysis/index.js'

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true })

describe('quantiles and moments', () => {
  it('interpolates linearly between order statistics (type 7)', () => {
    // numpy.quantile([1, 2, 3, 4], [0, .1, .25, .5, 1])
    expect([0, 0.1, 0.25, 0.5, 1].map((q) => quantile([4, 2, 3, 1], q))).toEqual([1, 1.3, 1.75, 2.5, 4])
    expect(quantile([], 0.5)).toBeNaN()
    expect(quantile([7], 0.99)).toBe(7)
  })

  it('sums without losing small items beside large ones', () => {
    expect(sum([1, 1e100, 1, -1e100])).toBe(2)
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(2.138089935299395, 12)
    expect(standardDeviation([1])).toBeNaN()
  })

  it('averages sound by energy', () => {
    // Twice the power is 3.0103 dB more, so 60 and 63.0103 dB average to 10·log10(1.5) above 60.
    expect(energyMean([60, 60 + 10 * Math.log10(2)])).toBeCloseTo(60 + 10 * Math.log10(1.5), 12)
  })

  it('does not depend on the order of the items', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 30 }), fc.nat(), (values, turn) => {
        const turned = values.map((_, i) => values[(i + turn) % values.length]!)
        expect(median(turned)).toBe(median(values))
        expect(sum(turned)).toBeCloseTo(sum(values), 6)
      }),
    )
  })
})

describe('robust spread', () => {
  it('falls back from the MAD to the IQR, the sd and the floor', () => {
    expect(robustSummary([1, 2, 3, 4, 100])!.from).toBe('mad')
    expect(robustSummary([5, 5, 5, 5, 5, 5, 7, 7, 7, 7])!.from).toBe('iqr')
    expect(robustSummary([5, 5, 5, 5, 5, 5, 5, 9])!.from).toBe('sd')
    expect(robustSummary([5, 5, 5])).toMatchObject({ spread: 0, from: 'none' })
    expect(robustSummary([5, 5, 5], 0.5)).toMatchObject({ spread: 0.5, from: 'floor' })
    expect(robustSummary([])).toBeNull()
    expect(robustZ(6, robustSummary([5, 5, 5])!)).toBeNull()
    expect(robustZ(6, robustSummary([5, 5, 5], 0.5)!)).toBe(2)
  })
})

describe('circles', () => {
  it('averages clock times over midnight', () => {
    expect(circularMean([23 * 60, 60], 1440)).toBeCloseTo(0, 9)
    expect(circularMean([23 * 60, 0, 60], 1440)! % 1440).toBeCloseTo(0, 9)
    expect(circularMean([0, 720], 1440)).toBeNull()
    expect(circularMean([], 1440)).toBeNull()
    expect(circularSd([23 * 60, 0, 60], 1440)!).toBeLessThan(60)
    expect(circularSd([5], 1440)).toBeNull()
    expect(circularDifference(10, 1430, 1440)).toBe(20)
    expect(circularDifference(1430, 10, 1440)).toBe(-20)
  })

  it('turns with the data', () => {
    const close = fc.array(fc.integer({ min: 0, max: 240 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(close, fc.integer({ min: 0, max: 1439 }), (minutes, by) => {
        const turned = circularMean(
          minutes.map((minute) => (minute + by) % 1440),
          1440,
        )!
        expect(Math.abs(circularDifference(turned, circularMean(minutes, 1440)! + by, 1440))).toBeLessThan(1e-6)
      }),
    )
  })
})

describe('the normal distribution', () => {
  it('equals tabulated values', () => {
    // Abramowitz & Stegun, tables 7.1 and 26.2.
    expect(erfc(0.5)).toBeCloseTo(0.4795001221869535, 14)
    expect(erfc(3) / 2.209049699858544e-5).toBeCloseTo(1, 11)
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 13)
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 11)
  })
})

describe('series', () => {
  it('finds a line whatever a third of the points do', () => {
    const points = Array.from({ length: 30 }, (_, x) => ({ x, y: x % 4 === 0 ? 1000 : 3 * x + 1 }))
    expect(theilSen(points)!.slope).toBeCloseTo(3, 9)
    expect(theilSen([{ x: 1, y: 2 }])).toBeNull()
  })

  it('agree with scipy and pymannkendall on a wandering series of whole numbers with ties', () => {
    let state = 11
    const uniform = () => {
      state = (state * 48271) % 2147483647
      return state / 2147483647
    }
    const noise = () => Array.from({ length: 12 }, uniform).reduce((a, b) => a + b, 0) - 6
    const values = Array.from({ length: 60 }, (_, i) => Math.round(50 + 0.02 * i + 3 * noise()))
    expect(values.slice(0, 5)).toEqual([51, 55, 53, 51, 56])
    // pymannkendall 1.4.3 original_test; scipy 1.17.1 stats.theilslopes(y, range(60), 0.95).
    const test = mannKendall(values)!
    expect([test.s, test.variance]).toEqual([-125, 24213])
    expect(test.z).toBeCloseTo(-0.796888178225391, 12)
    expect(test.p).toBeCloseTo(0.4255159772460091, 12)
    expect(test.tau).toBeCloseTo(-0.07062146892655367, 12)
    const line = theilSen(values.map((y, x) => ({ x, y })))!
    expect([line.slope, line.intercept]).toEqual([0, 50])
    expect(line.low).toBeCloseTo(-0.07142857142857142, 12)
    expect(line.high).toBeCloseTo(0.022727272727272728, 12)
  })

  it('never bridges a removed beat', () => {
    const hrv = timeDomainHrv([800, 810, null, 1200, 1210])!
    expect(hrv.rmssd).toBe(10)
    expect(timeDomainHrv([800, null, 900])).toBeNull()
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../../test/shared.js'
import * as analysis from '../../src/analysis/index.js'

// The expected values come from the reference implementations named in the vectors, never from this code.
const file = shared('eval', 'vectors', 'test_vectors.json')
const arbitraryFile = shared('eval', 'vectors', 'pymk_arbitrary_1d.json')
const pyhrvFile = shared('eval', 'vectors', 'hrv_vectors', 'pyhrv_long.txt')
const nileFile = shared('eval', 'tcpd', 'series', 'nile.json')
const ready = file && arbitraryFile && pyhrvFile && nileFile

type Vectors = Record<string, Record<string, unknown>>
const vectors = (ready ? JSON.parse(readFileSync(file, 'utf8')) : {}) as Vectors
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

/** Equal to 1e-9 relative. */
function same(actual: number | null | undefined, expected: number, relative = 1e-9): void {
  expect(actual, `want ${expected}`).toBeTypeOf('number')
  expect(Math.abs(actual! - expected) / Math.max(1, Math.abs(expected))).toBeLessThanOrEqual(relative)
}

describe.skipIf(!ready)('analysis against the reference vectors', () => {
  it('time-domain HRV: pyhrv', () => {
    const beats = readFileSync(pyhrvFile!, 'utf8').trim().split(/\s+/).map(Number)
    const expected = vectors.hrv_pyhrv!.expected as Record<string, number>
    const hrv = analysis.timeDomainHrv(beats)!
    expect(hrv.n).toBe(4684)
    // The report is rounded to three places.
    expect(hrv.mean).toBeCloseTo(expected.mean!, 3)
    expect(hrv.sdnn).toBeCloseTo(expected.sdnn_ddof1!, 3)
    expect(hrv.rmssd).toBeCloseTo(expected.rmssd!, 3)
    expect(hrv.nn50).toBe(expected.nn50)
    expect(hrv.pnn50).toBeCloseTo(expected.pnn50_over_ndiff!, 3)
  })

  it('removal of beats: range, Malik, Kamath, Karlsson, Acar', () => {
    const of = (name: string) => vectors[name] as unknown as { in: number[]; out: (number | null)[] }
    expect(analysis.removeOutOfRange(of('range_filter_300_2000').in)).toEqual(of('range_filter_300_2000').out)
    expect(analysis.removeEctopic(of('ectopic_malik').in, 'malik')).toEqual(of('ectopic_malik').out)
    expect(analysis.removeEctopic(of('ectopic_kamath').in, 'kamath')).toEqual(of('ectopic_kamath').out)
    expect(analysis.removeEctopicKarlsson(of('ectopic_karlsson').in)).toEqual(of('ectopic_karlsson').out)
    expect(analysis.removeEctopicAcar(of('ectopic_acar').in)).toEqual(of('ectopic_acar').out)
  })

  it('Mann-Kendall and Theil-Sen: Nile', () => {
    const series = json(nileFile!).series[0].raw as number[]
    const expected = vectors.mk_nile as unknown as Record<string, number> & { sen_ci95: number[] }
    const test = analysis.mannKendall(series)!
    expect(test.s).toBe(expected.S)
    same(test.variance, expected.varS!)
    same(test.z, expected.z!)
    expect(Math.abs(test.p / expected.p! - 1)).toBeLessThan(1e-9)
    const line = analysis.theilSen(series.map((y, x) => ({ x, y })))!
    same(line.slope, expected.sen_slope!)
    same(line.low, expected.sen_ci95[0]!)
    same(line.high, expected.sen_ci95[1]!)
  })

  it('Mann-Kendall and Theil-Sen: 360 values with gaps (pyMannKendall)', () => {
    const series = json(arbitraryFile!) as (number | null)[]
    const points = series.flatMap((y, x) => (y === null ? [] : [{ x, y }]))
    const expected = vectors.mk_pymk_arbitrary_360!.expected as {
      original: Record<string, number>
      sens_slope: number
      sens_intercept: number
    }
    const original = expected.original
    const test = analysis.mannKendall(points.map((point) => point.y))!
    expect(test.s).toBe(original.S)
    same(test.variance, original.varS!)
    same(test.z, original.z!)
    same(test.p, original.p!)
    same(test.tau, original.tau!)
    same(analysis.theilSen(points)!.slope, expected.sens_slope)
    same(analysis.theilSen(points)!.intercept, expected.sens_intercept)
  })

  it('Benjamini-Hochberg and Benjamini-Yekutieli', () => {
    const { p, bh, by } = vectors.bh as unknown as Record<string, number[]>
    analysis.benjaminiHochberg(p!).forEach((q, i) => {
      same(q, bh![i]!)
    })
    // The vector is rounded to six places.
    analysis.benjaminiYekutieli(p!).forEach((q, i) => {
      expect(q).toBeCloseTo(by![i]!, 6)
    })
  })

  it('simple and double exponential smoothing', () => {
    const oil = vectors.ses_oil as unknown as { y: number[]; 'alpha0.2': number; 'alpha0.6': number }
    same(analysis.sesForecast(oil.y, 0.2), oil['alpha0.2'])
    same(analysis.sesForecast(oil.y, 0.6), oil['alpha0.6'])
    const air = vectors.holt_air as unknown as { y: number[]; h1_5: number[] }
    analysis.holtForecast(air.y, 0.8, 0.2, 5)!.forEach((value, i) => {
      expect(value).toBeCloseTo(air.h1_5[i]!, 3)
    })
  })

  it('CUSUM and EWMA chart: Montgomery', () => {
    const chart = vectors.cusum_montgomery as unknown as {
      y: number[]
      c_plus_28_29_30: number[]
      first_signal: number
    }
    const totals = analysis.cusumUpper(chart.y, 10, 1)
    chart.c_plus_28_29_30.forEach((value, i) => {
      expect(totals[27 + i]).toBeCloseTo(value, 9)
    })
    expect(totals.findIndex((total) => total > 5) + 1).toBe(chart.first_signal)
    const ewma = analysis.ewmaChart(chart.y, 10, 1)
    expect(ewma[27]!.z).toBeCloseTo(10.5731, 4)
    expect(ewma[27]!.high).toBeCloseTo(10.619, 3)
    expect(ewma.findIndex((point) => point.signal) + 1).toBe(29)
  })

  it('TRIMP, training load, acute to chronic', () => {
    same(analysis.trimp(60, 0.7, 'male'), vectors['trimp_60min_hrr0.7']!.men as unknown as number)
    same(analysis.trimp(60, 0.7, 'female'), vectors['trimp_60min_hrr0.7']!.women as unknown as number)
    const load = analysis.trainingLoad(new Array<number>(42).fill(100), 42)
    same(load.at(-1), vectors.ctl_42x100!.alpha_1_over_42 as unknown as number)
    const loads = [...new Array<number>(28).fill(50), ...new Array<number>(7).fill(100)]
    same(analysis.acuteChronicRatio(loads), vectors.acwr_28x50_7x100!['ewma_l0=first'] as unknown as number)
  })

  it('sleep regularity index', () => {
    const perDay = 24 * 60
    const night = (from: number, to: number) =>
      // Noon to noon, minutes from noon.
      Array.from({ length: perDay }, (_, i) => i >= (from - 12) * 60 && i < (to + 12) * 60)
    const usual = night(23, 7)
    const late = night(25, 9)
    const expected = vectors.sri as unknown as Record<string, number>
    same(analysis.sleepRegularityIndex([...usual, ...usual, ...usual], perDay), expected.identical_days!)
    const asleep = new Array<boolean>(perDay).fill(true)
    const awake = new Array<boolean>(perDay).fill(false)
    same(analysis.sleepRegularityIndex([asleep, awake, asleep].flat(), perDay), expected.alternate_all_sleep_all_wake!)
    // The names of these two vectors count one day more than their values stand on: 88.88… is 8 h apart in 6 × 24 h of
    // comparisons, 92.30… is 12 h apart in 13 × 24 h.
    const seven = [usual, usual, usual, usual, late, usual, usual].flat()
    same(
      analysis.sleepRegularityIndex(seven, perDay),
      expected['8 noon-noon days 23:00-07:00, fifth night 01:00-09:00 (7 comparisons)']!,
    )
    const week = [usual, usual, usual, usual, usual, late, late]
    same(
      analysis.sleepRegularityIndex([...week, ...week].flat(), perDay),
      expected['5x 23:00-07:00 then 2x 01:00-09:00, repeated twice + 1 (14 comparisons)']!,
    )
  })

  it('sleep regularity index: the switches of sleepreg in epochs of 10 s', () => {
    const switches = readFileSync(shared('eval', 'vectors', 'sri_vector', 'SWSdataExample.csv')!, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(',').map((cell) => cell.replaceAll('"', '')) as [string, string])
    const origin = Number(switches[0]![1])
    const epochs: (boolean | null)[] = new Array(Math.floor((Number(switches.at(-1)![1]) - origin) / 10)).fill(null)
    switches.slice(0, -1).forEach(([state, from], i) => {
      if (state !== '0' && state !== '1') return
      epochs.fill(state === '1', (Number(from) - origin) / 10, (Number(switches[i + 1]![1]) - origin) / 10)
    })
    same(
      analysis.sleepRegularityIndex(epochs, 8640),
      vectors.sri!['sleepreg_SWSdataExample (10 s epochs, missing dropped, no nap/WASO rules)']! as unknown as number,
    )
  })

  it('cosinor', () => {
    const points = Array.from({ length: 48 }, (_, t) => ({
      t,
      y: 60 + 5 * Math.cos((2 * Math.PI * (t - 15)) / 24) + (t % 2 === 0 ? 0.5 : -0.5),
    }))
    const expected = vectors.cosinor as unknown as Record<string, number>
    const fit = analysis.cosinor(points, 24)!
    same(fit.mesor, expected.mesor!)
    same(fit.amplitude, expected.amplitude!)
    same(fit.acrophase, expected.acrophase_h!)
    same(fit.r2, expected.r2!)
    same(fit.f, expected.F_2_45!)
  })

  it('MAD and the modified z-score', () => {
    const expected = vectors.mad as unknown as Record<string, number> & { y: number[] }
    const summary = analysis.robustSummary(expected.y)!
    expect(summary.median).toBe(expected.median)
    expect(summary.mad).toBe(expected.mad_raw)
    same(summary.spread, expected.mad_scaled!)
    same(analysis.robustZ(100, summary), expected.modified_z_of_100!)
  })
})

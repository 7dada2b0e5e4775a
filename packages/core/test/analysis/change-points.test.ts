import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { autocorrelation, changePoints, changeTest } from '../../src/analysis/index.js'

/** Sum of twelve Park-Miller uniforms minus 6: nearly normal, and the same in any language. */
function noise(seed: number): () => number {
  let state = seed
  const uniform = (): number => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
  return () => {
    let total = 0
    for (let i = 0; i < 12; i++) total += uniform()
    return total - 6
  }
}

function series(seed: number, levels: number[], lengths: number[], sd: number): number[] {
  const next = noise(seed)
  return levels.flatMap((level, i) => Array.from({ length: lengths[i] as number }, () => level + sd * next()))
}

function scaled(values: readonly number[]): number[] {
  const centre = values.reduce((a, b) => a + b, 0) / values.length
  const sd = Math.sqrt(values.reduce((a, b) => a + (b - centre) ** 2, 0) / (values.length - 1))
  return values.map((value) => (value - centre) / sd)
}

function squaredError(values: readonly number[]): number {
  const centre = values.reduce((a, b) => a + b, 0) / values.length
  return values.reduce((a, b) => a + (b - centre) ** 2, 0)
}

describe('change points', () => {
  // Computed with ruptures 1.1.10, Pelt(model='l2', min_size=6, jump=1).fit(z).predict(pen), its last index left out.
  const cases = [
    {
      seed: 1,
      levels: [50, 55, 52],
      lengths: [60, 40, 80],
      sd: 2,
      first: 48.61000962118153,
      at: [60, 98],
      low: [61, 74, 102],
    },
    {
      seed: 2,
      levels: [400, 360, 400],
      lengths: [100, 70, 120],
      sd: 15,
      first: 379.15014431772295,
      at: [99, 170],
      low: [41, 58, 99, 170, 205, 219],
    },
    {
      seed: 3,
      levels: [10, 10],
      lengths: [80, 80],
      sd: 1,
      first: 9.915014431772295,
      at: [],
      low: [12, 19, 50, 68, 87, 113, 120, 132, 143],
    },
    {
      seed: 4,
      levels: [60, 61.5, 58, 62],
      lengths: [52, 30, 90, 60],
      sd: 1.2,
      first: 59.06402309083567,
      at: [83, 172],
      low: [52, 75, 83, 172, 209],
    },
  ]
  it.each(cases)('are those of ruptures (series $seed)', ({ seed, levels, lengths, sd, first, at }) => {
    const values = series(seed, levels, lengths, sd)
    expect(values[0]).toBeCloseTo(first, 12)
    expect(changePoints(scaled(values), { penalty: 3 * Math.log(values.length), minimum: 6 })).toEqual(at)
  })

  it('cost no more than those of ruptures where changes are cheap: its pruning is not exact with a minimum length', () => {
    for (const { seed, levels, lengths, sd, low } of cases) {
      const values = scaled(series(seed, levels, lengths, sd))
      const total = (changes: readonly number[]) =>
        [0, ...changes].reduce((sum, from, i) => sum + squaredError(values.slice(from, changes[i])), 2 * changes.length)
      const found = changePoints(values, { penalty: 2, minimum: 6 })
      expect(total(found)).toBeLessThanOrEqual(total(low) + 1e-9)
    }
  })

  it('are the cheapest of all, tried one by one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 0, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 200 }),
        (values, minimum, penalty) => {
          const total = (changes: readonly number[]) =>
            [0, ...changes].reduce(
              (sum, from, i) => sum + squaredError(values.slice(from, changes[i])),
              penalty * changes.length,
            )
          let best = values.length === 0 ? 0 : total([])
          for (let mask = 0; mask < 1 << Math.max(0, values.length - 1); mask++) {
            const changes = Array.from({ length: values.length }, (_, i) => i).filter(
              (i) => i > 0 && mask & (1 << (i - 1)),
            )
            const ends = [...changes, values.length]
            if (ends.some((end, i) => end - (ends[i - 1] ?? 0) < minimum) && changes.length > 0) continue
            if (values.length > 0) best = Math.min(best, total(changes))
          }
          expect(values.length === 0 ? 0 : total(changePoints(values, { penalty, minimum }))).toBeCloseTo(best, 6)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('are tested against chance with blocks: a step is seen, and 200 series that only wander are seldom taken for one', () => {
    const step = series(5, [0, 3], [32, 32], 1)
    expect(changeTest(step, { seed: 1, minimum: 6 })).toBe(0.001)
    expect(changeTest(step, { seed: 1, minimum: 6 })).toBe(changeTest(step, { seed: 1, minimum: 6 }))
    let taken = 0
    for (let seed = 1; seed <= 200; seed++) {
      const next = noise(seed * 7919)
      let level = 0
      const values = Array.from({ length: 60 }, () => {
        level = 0.3 * level + next()
        return level
      })
      if (changeTest(values, { seed, minimum: 6, permutations: 199 }) <= 0.01) taken++
    }
    // 1 % of 200 is 2; blocks of four do not take out all of the correlation.
    expect(taken).toBeLessThanOrEqual(8)
  })

  it('know nothing of too few values, and of constant ones', () => {
    expect(changePoints([1, 2, 3], { penalty: 1, minimum: 2 })).toEqual([])
    expect(changeTest([1, 2], { seed: 1 })).toBe(1)
    expect(
      changeTest(
        Array.from({ length: 30 }, () => 4),
        { seed: 1 },
      ),
    ).toBe(1)
    expect(autocorrelation([3, 3, 3])).toBe(0)
    // numpy: x=[1,2,3,4,5]; d=x-x.mean(); (d[1:]*d[:-1]).sum()/(d*d).sum()
    expect(autocorrelation([1, 2, 3, 4, 5])).toBeCloseTo(0.4, 12)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Amount, type DaySource, dropTwins, rankSources, sweep, typeRank } from '../../src/ingest/devices.js'

const dayMs = 86_400_000
const minute = 60_000
const amount = (from: number, to: number, value: number, more: Partial<Amount> = {}): Amount => ({
  start: from * minute,
  end: to * minute,
  value,
  version: null,
  first: 0,
  ...more,
})
const source = (key: string, amounts: Amount[], total: number | null = null): DaySource => ({ key, amounts, total })

describe('ranks', () => {
  it('put watch before ring, band, phone and app', () => {
    const types = ['app', 'phone', 'band', 'ring', 'watch'] as const
    expect([...types].sort((a, b) => typeRank(a) - typeRank(b))).toEqual(['watch', 'ring', 'band', 'phone', 'app'])
  })

  it('are the person’s where the person says so, per metric before all', () => {
    const sources = [
      { key: 'w', type: 'watch' as const },
      { key: 'p', type: 'phone' as const },
      { key: 'r', type: 'ring' as const },
    ]
    const keys = (ranks?: Record<string, string[]>) => rankSources('steps', sources, ranks).map(({ key }) => key)
    expect(keys()).toEqual(['w', 'r', 'p'])
    expect(keys({ '*': ['p'] })).toEqual(['p', 'w', 'r'])
    expect(keys({ '*': ['p'], steps: ['r'] })).toEqual(['r', 'w', 'p'])
  })
})

describe('sweep', () => {
  it('adds the phone only in the gaps of the watch: 14,079 = 4,157 + 9,922', () => {
    const watch = source('watch', [amount(480, 540, 2157), amount(600, 660, 2000)])
    // 8:00-9:00 and half of 10:00-11:00 are the watch's; the phone's 9,922 lie where the watch has nothing.
    const phone = source('phone', [
      amount(480, 540, 2300),
      amount(570, 630, 1844),
      amount(720, 780, 5000),
      amount(780, 840, 4000),
    ])
    const { sum, parts, filled } = sweep([watch, phone], dayMs)
    expect(sum).toBe(14_079)
    expect(parts).toEqual({ watch: 4157, phone: 9922 })
    expect(filled).toBe(false)
  })

  it('never adds a daily total to what was measured: it fills the rest', () => {
    const measured = [amount(0, 600, 4000)]
    expect(sweep([source('watch', measured, 10_000)], dayMs)).toMatchObject({ sum: 10_000, filled: true })
    expect(sweep([source('watch', measured, 3000)], dayMs)).toMatchObject({ sum: 4000, filled: false })
    expect(sweep([source('watch', [amount(0, 1440, 4000)], 10_000)], dayMs)).toMatchObject({ sum: 4000 })
    expect(sweep([source('watch', [], 10_000), source('phone', [], 12_000)], dayMs)).toMatchObject({
      sum: 10_000,
      parts: { watch: 10_000 },
    })
    expect(sweep([source('watch', [], 0)], dayMs)).toMatchObject({ sum: 0, filled: true })
  })

  it('lets the newest revision win an overlap within one source, never the sum', () => {
    const whole = amount(0, 60, 600, { first: 1 })
    const fine = amount(15, 30, 40, { first: 2 })
    expect(sweep([source('watch', [whole, fine])], dayMs).sum).toBe(450 + 40)
    expect(sweep([source('watch', [{ ...whole, first: 3 }, fine])], dayMs).sum).toBe(600)
    expect(
      sweep(
        [
          source('watch', [
            { ...whole, version: 2 },
            { ...fine, version: 1 },
          ]),
        ],
        dayMs,
      ).sum,
    ).toBe(600)
  })

  it('counts what happens at an instant once, though two apps tell of it', () => {
    const cup = (at: number, value = 80) => ({ start: at, end: at, value, version: null, first: 0 })
    expect(
      sweep([source('a', [cup(0), cup(5000)]), source('b', [cup(1500), cup(9000), cup(5000, 40)])], dayMs).sum,
    ).toBe(80 + 80 + 80 + 40)
  })

  const amounts = fc.array(
    fc
      .record({
        from: fc.integer({ min: 0, max: 1439 }),
        length: fc.integer({ min: 1, max: 240 }),
        value: fc.integer({ min: 0, max: 500 }),
        first: fc.integer({ min: 0, max: 2 }),
      })
      .map(({ from, length, value, first }) => amount(from, Math.min(1440, from + length), value, { first })),
    { maxLength: 12 },
  )

  it('equals minute-by-minute bookkeeping', () => {
    fc.assert(
      fc.property(amounts, amounts, (watch, phone) => {
        // Oracle: for every minute, the first source with anything there, and of it the newest, finest, earliest amount.
        let expected = 0
        for (let m = 0; m < 1440; m++)
          for (const list of [watch, phone]) {
            const here = list
              .filter(({ start, end }) => start <= m * minute && end > m * minute)
              .sort(
                (a, b) =>
                  b.first - a.first || a.end - a.start - (b.end - b.start) || a.start - b.start || a.value - b.value,
              )[0]
            if (!here) continue
            expected += (here.value * minute) / (here.end - here.start)
            break
          }
        expect(sweep([source('w', watch), source('p', phone)], dayMs).sum).toBeCloseTo(expected, 6)
      }),
      { numRuns: 60 },
    )
  })

  it('does not depend on the order in which amounts are stored, and its parts add up', () => {
    fc.assert(
      fc.property(
        amounts.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        amounts,
        ([watch, shuffled], phone) => {
          const one = sweep([source('w', watch), source('p', phone)], dayMs)
          expect(sweep([source('w', shuffled), source('p', phone)], dayMs).sum).toBe(one.sum)
          expect(Object.values(one.parts).reduce((a, b) => a + b, 0)).toBeCloseTo(one.sum, 6)
        },
      ),
    )
  })
})

describe('twins', () => {
  const value = (start: number, of: number) => ({ start, value: of })
  it('are equal values of two sources within two seconds', () => {
    const kept = dropTwins([
      [value(0, 60), value(10_000, 61)],
      [value(2000, 60), value(12_001, 61), value(500, 59)],
    ])
    expect(kept).toEqual([value(0, 60), value(500, 59), value(10_000, 61), value(12_001, 61)])
  })

  it('are never of one source', () => {
    expect(dropTwins([[value(0, 60), value(1000, 60)]])).toHaveLength(2)
    expect(dropTwins([[value(0, 60), value(1000, 60)], []])).toHaveLength(2)
  })
})

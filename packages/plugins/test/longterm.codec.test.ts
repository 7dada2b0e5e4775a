import { type Gone, ZoneBasis } from '@auren/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Entry, pack, unpack } from '../src/storage/sql/longterm/codec.js'
import { columnOf, toRuns } from '../src/storage/sql/longterm/runs.js'

const monthMs = 31 * 86_400_000
const value = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => n / 1000),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 0, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 0.1 + 0.2, 1e-7),
)
const entry = fc.record<Entry>({
  start: fc.oneof(
    fc.integer({ min: 0, max: monthMs - 1 }),
    fc.integer({ min: 0, max: monthMs / 1000 - 1 }).map((seconds) => seconds * 1000),
    fc.integer({ min: 0, max: 300 }).map((minutes) => minutes * 60_000),
  ),
  end: fc.option(
    fc.oneof(
      fc.integer({ min: 0, max: 1e6 }),
      fc.integer({ min: 0, max: 300 }).map((seconds) => seconds * 1000),
      fc.constantFrom(-1, -1000, 253_000, 254_000, 255_000, 256_000),
      fc.constantFrom(0, 2 ** 31, 2 ** 32 - 3, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 1e13),
    ),
  ),
  value,
  flags: fc.integer({ min: 0, max: 3 }),
  offset: fc.option(fc.constantFrom(-1080, 0, 60, 345)),
  zoneBasis: fc.constantFrom(...ZoneBasis.options),
  recordId: fc.option(fc.string({ minLength: 1, maxLength: 6 })),
  ordinal: fc.integer({ min: 0, max: 2 }),
  version: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 })),
  first: fc.integer({ min: 0, max: 3 }),
  last: fc.integer({ min: 0, max: 3 }),
  rawRef: fc.constantFrom('a', 'b'),
  gone: fc.constantFrom<Gone>(0, 1, 2),
})
const series = fc.array(entry, { minLength: 1, maxLength: 30 }).map((entries) =>
  entries
    .sort((a, b) => a.start - b.start)
    // Ends were drawn as durations.
    .map((one) => ({ ...one, end: one.end === null ? null : one.start + one.end })),
)

describe('a packed series', () => {
  it('unpacks to what was packed, for every input', () => {
    fc.assert(
      fc.property(series, (entries) => {
        const unpacked = unpack(pack(entries))
        expect(unpacked).toEqual(entries)
        for (const [i, one] of unpacked.entries()) expect(Object.is(one.value, entries[i]?.value)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('stays the same through JSON, in which its run-length coded columns are stored', () => {
    fc.assert(
      fc.property(series, (entries) => {
        const packed = pack(entries)
        expect(unpack({ ...packed, runs: JSON.parse(JSON.stringify(packed.runs)) })).toEqual(entries)
      }),
    )
  })

  it('of even values is integers; of others floats', () => {
    const of = (...values: number[]) => pack(values.map((v, i) => ({ ...(base as Entry), start: i * 1000, value: v })))
    // A second, no duration, one byte from the least value on.
    expect(of(61, 62)).toMatchObject({ scale: 0, layout: [1, 1000, 0, 60_000, 1, 61], floats: null, n: 2 })
    expect([...of(61, 62).bytes]).toEqual([0, 1, 0, 1])
    expect(of(36.6, 37)).toMatchObject({ scale: 1, layout: [1, 1000, 0, 60_000, 1, 366] })
    expect(of(5, 5).bytes).toHaveLength(2)
    expect(of(0.1 + 0.2, 1)).toMatchObject({ floats: [0.1 + 0.2, 1], layout: [1, 1000, 0, 60_000, 0, 0] })
    expect(of(2_000_000_000.5, 0.25).floats).toEqual([2_000_000_000.5, 0.25])
  })

  it('writes out the one long gap, and leaves all other times a byte', () => {
    const starts = Array.from({ length: 100 }, (_, i) => i * 60_000 + (i > 50 ? 7_200_000 : 0))
    const packed = pack(starts.map((start) => ({ ...(base as Entry), start })))
    expect(packed).toMatchObject({ layout: [1, 60_000, 0, 60_000, 0, 0], n: 100 })
    const seconds = pack(starts.map((start, i) => ({ ...(base as Entry), start: start + (i % 7) * 1000 })))
    expect(seconds.layout.slice(0, 2)).toEqual([1, 1000])
    // From 50 min 1 s to 51 min 2 s and two hours.
    expect(seconds.runs.gaps).toEqual({ 51: 7_261_000 })
  })

  it('refuses what is not ascending', () => {
    expect(() => pack([{ ...base, start: 5 } as Entry, { ...base, start: 4 } as Entry])).toThrow(/ascending/)
  })
})

const base: Entry = {
  start: 0,
  end: null,
  value: 0,
  flags: 0,
  offset: 60,
  zoneBasis: 'carried',
  recordId: null,
  ordinal: 0,
  version: null,
  first: 1,
  last: 1,
  rawRef: 'a',
  gone: 0,
}

describe('runs', () => {
  it('decode to the column', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 2 })), { minLength: 1 }), (column) => {
        const read = columnOf(
          toRuns(column, (value) => value, null),
          column.length,
          null,
        )
        expect(column.map((_, i) => read(i))).toEqual(column)
      }),
    )
    expect(toRuns([null, null], (value) => value, null)).toBeUndefined()
    expect(toRuns(['a', 'a', 'b'], (value) => value)).toEqual(['a', 2, 'b', 1])
  })
})

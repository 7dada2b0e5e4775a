import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonicalValue,
  contentHash,
  currentRevision,
  identityKey,
  isWithdrawn,
  joinStamps,
  mergeMarks,
  newestMark,
  type RecordMark,
  type Revision,
} from '../../src/observation/identity.js'
import type { Sample } from '../../src/observation/schema.js'

const sample: Sample = {
  shape: 'sample',
  metric: 'heart_rate',
  start: 1000,
  value: 61,
  unit: '/min',
  source: { name: 'Watch', type: 'watch' },
  offset: 60,
  zoneBasis: 'carried',
}

describe('identity', () => {
  it('is not moved by value, unit, version or kind of device', () => {
    const edited: Sample = { ...sample, value: 62, unit: 'Hz', version: 7, source: { name: 'Watch', type: 'phone' } }
    expect(identityKey('apple', 'ann', edited)).toBe(identityKey('apple', 'ann', sample))
  })

  it.each([
    ['provider', identityKey('oura', 'ann', sample)],
    ['account', identityKey('apple', 'anna', sample)],
    ['metric', identityKey('apple', 'ann', { ...sample, metric: 'cadence' })],
    ['start', identityKey('apple', 'ann', { ...sample, start: 1001 })],
    ['end', identityKey('apple', 'ann', { ...sample, end: 1000 })],
    ['source', identityKey('apple', 'ann', { ...sample, source: { name: 'Ring', type: 'watch' } })],
    ['ordinal', identityKey('apple', 'ann', { ...sample, ordinal: 1 })],
    ['record', identityKey('apple', 'ann', { ...sample, recordId: 'r' })],
  ])('is another with another %s', (_, other) => {
    expect(other).not.toBe(identityKey('apple', 'ann', sample))
  })

  it('of a deletion is that of what it deletes', () => {
    expect(
      identityKey('apple', 'ann', {
        shape: 'deletion',
        target: { shape: 'sample', of: 'heart_rate', start: 1000 },
        source: sample.source,
      }),
    ).toBe(identityKey('apple', 'ann', sample))
    expect(() => identityKey('apple', 'ann', { shape: 'deletion' })).toThrow(/record/)
  })

  it('has a canonical value that does not depend on the order of keys nor on the sign of zero', () => {
    expect(canonicalValue({ ...sample, value: -0 })).toBe(canonicalValue({ ...sample, value: 0 }))
    const session = { shape: 'session', kind: 'sleep', start: 0, end: 9, source: sample.source } as const
    const rest = { offset: null, zoneBasis: 'absent' } as const
    expect(canonicalValue({ ...session, ...rest, measures: { a: 1, b: 2 } })).toBe(
      canonicalValue({ ...session, ...rest, measures: { b: 2, a: 1 } }),
    )
  })

  it('hashes as SHA-256 does', () => {
    expect(contentHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223')
  })
})

interface Valued extends Revision {
  value: string
}
const hash = (revision: Valued) => contentHash(revision.value)

/** What a receipt says: this value at this time, perhaps with a version. */
const receipt = fc.record({
  value: fc.constantFrom('a', 'b', 'c'),
  version: fc.option(fc.integer({ min: 0, max: 3 })),
  at: fc.integer({ min: 0, max: 9 }),
  gone: fc.constantFrom<0 | 1 | 2>(0, 0, 0, 1),
})

function state(receipts: readonly { value: string; version: number | null; at: number; gone: 0 | 1 | 2 }[]): Valued[] {
  const revisions: Valued[] = []
  for (const { value, version, at, gone } of receipts) {
    const next: Valued = { value: gone ? 'gone' : value, version, gone, first: at, last: at, rawRef: `raw ${at}` }
    const index = revisions.findIndex((known) => known.value === next.value)
    if (index < 0) revisions.push(next)
    else revisions[index] = joinStamps(revisions[index] as Valued, next)
  }
  return revisions.sort((a, b) => (a.value < b.value ? -1 : 1))
}

describe('revisions', () => {
  it('give the same state and history whatever the order, split or repetition', () => {
    fc.assert(
      fc.property(
        fc.array(receipt, { maxLength: 12 }).chain((receipts) =>
          fc.tuple(
            fc.constant(receipts),
            fc
              .array(fc.nat(Math.max(0, receipts.length - 1)), { maxLength: 6 })
              .map((again) => [...receipts, ...again.flatMap((i) => receipts[i] ?? [])])
              .chain((all) => fc.shuffledSubarray(all, { minLength: all.length })),
          ),
        ),
        ([receipts, shuffled]) => {
          const [one, other] = [state(receipts), state(shuffled)]
          expect(other).toEqual(one)
          expect(currentRevision(other, hash)).toEqual(currentRevision(one, hash))
          for (let t = -1; t < 11; t++)
            expect(currentRevision(other, hash, [], t)).toEqual(currentRevision(one, hash, [], t))
        },
      ),
    )
  })

  it('are ordered by version, then receipt, then hash', () => {
    const all = state([
      { value: 'a', version: 2, at: 1, gone: 0 },
      { value: 'b', version: 1, at: 9, gone: 0 },
    ])
    expect(currentRevision(all, hash)?.value).toBe('a')
    const unversioned = state([
      { value: 'a', version: null, at: 1, gone: 0 },
      { value: 'b', version: null, at: 2, gone: 0 },
      { value: 'a', version: null, at: 3, gone: 0 },
    ])
    expect(currentRevision(unversioned, hash)?.value).toBe('a')
    expect(currentRevision(unversioned, hash, [], 2)?.value).toBe('b')
    expect(currentRevision(unversioned, hash, [], 0)).toBeNull()
  })

  it('of an import that only ever moves on read as of t as they read at t', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 }),
        fc.nat(3),
        (values, repeats) => {
          const receipts = values.flatMap((value, i) =>
            Array.from({ length: repeats + 1 }, (_, j) => ({
              value,
              version: null,
              at: i * 10 + j,
              gone: 0 as const,
            })),
          )
          for (let t = -1; t < 45; t++) {
            const then = currentRevision(state(receipts.filter(({ at }) => at <= t)), hash)
            expect(currentRevision(state(receipts), hash, [], t)?.value).toBe(then?.value)
          }
        },
      ),
    )
  })

  it('lose to a deletion by the person, whatever comes later', () => {
    const revisions = state([
      { value: 'x', version: null, at: 1, gone: 2 },
      { value: 'a', version: 99, at: 50, gone: 0 },
    ])
    expect(currentRevision(revisions, hash)).toBeNull()
    expect(currentRevision(revisions, hash, [], 0)).toBeNull()
  })
})

const value = (version: number | null, first: number, last = first): Revision => ({
  gone: 0,
  version,
  first,
  last,
  rawRef: '',
})

describe('records', () => {
  it('withdraw what their newest revision does not repeat', () => {
    const marks = mergeMarks([
      { version: null, at: 10, gone: 0 },
      { version: null, at: 20, gone: 0 },
    ])
    expect(isWithdrawn(marks, value(null, 10))).toBe(true)
    expect(isWithdrawn(marks, value(null, 10, 20))).toBe(false)
    expect(isWithdrawn(marks, value(null, 10), 15)).toBe(false)
    expect(isWithdrawn(marks, value(null, 10, 30), 20)).toBe(false)
  })

  it('are ordered by the vendor’s version where there is one, also when they arrive the wrong way round', () => {
    const marks = mergeMarks([
      { version: 2, at: 10, gone: 0 },
      { version: 1, at: 20, gone: 0 },
    ])
    expect(newestMark(marks)).toMatchObject({ version: 2 })
    expect(isWithdrawn(marks, value(1, 20))).toBe(true)
    expect(isWithdrawn(marks, value(2, 10))).toBe(false)
  })

  it('are gone when deleted, back when received again, and gone for ever when the person deleted them', () => {
    const deleted: RecordMark[] = [
      { version: null, at: 10, gone: 0 },
      { version: null, at: 20, gone: 1 },
    ]
    expect(isWithdrawn(deleted, value(null, 10))).toBe(true)
    expect(isWithdrawn(deleted, value(null, 10), 19)).toBe(false)
    const back = mergeMarks(deleted, [{ version: null, at: 30, gone: 0 }])
    expect(isWithdrawn(back, value(null, 10, 30))).toBe(false)
    expect(isWithdrawn(back, value(null, 10, 30), 25)).toBe(true)
    expect(isWithdrawn(mergeMarks(back, [{ version: null, at: 15, gone: 2 }]), value(null, 10, 30))).toBe(true)
  })

  it('with versions can be deleted by a deletion without one', () => {
    const marks = mergeMarks([
      { version: 5, at: 10, gone: 0 },
      { version: null, at: 20, gone: 1 },
    ])
    expect(isWithdrawn(marks, value(5, 10))).toBe(true)
    expect(isWithdrawn(marks, value(5, 10), 15)).toBe(false)
    expect(isWithdrawn(marks, value(6, 30))).toBe(false)
  })

  it('have marks that merge in any order', () => {
    const mark = fc.record({
      version: fc.option(fc.integer({ min: 0, max: 2 })),
      at: fc.integer({ min: 0, max: 5 }),
      gone: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
    })
    fc.assert(
      fc.property(fc.array(mark), fc.array(mark), (a, b) => {
        expect(mergeMarks(b, a, b)).toEqual(mergeMarks(a, b))
        expect(mergeMarks(mergeMarks(a), mergeMarks(b))).toEqual(mergeMarks([...b, ...a]))
      }),
    )
  })
})

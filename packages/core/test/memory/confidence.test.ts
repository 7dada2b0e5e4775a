import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { confidenceOf, standingAt, withEvidence } from '../../src/memory/confidence.js'
import { halfLifeOf } from '../../src/memory/kinds.js'
import type { Evidence, MemoryRecord } from '../../src/memory/ports.js'

const DAY = 86_400_000
const t0 = Date.parse('2026-01-01T00:00:00Z')
const piece = (ref: string, pro: number, against = 0, at = t0): Evidence => ({
  ref,
  origin: 'measured',
  at,
  for: pro,
  against,
})
const pattern = (change: Partial<MemoryRecord> = {}): MemoryRecord => ({
  id: 'p',
  kind: 'pattern',
  validFrom: t0 - 400 * DAY,
  validTo: null,
  recordedAt: t0,
  supersededAt: null,
  origin: 'derived',
  algorithm: 'wine@1.0.0',
  derivedFrom: [],
  about: ['hrv_rmssd'],
  text: 'HRV is lower after wine',
  body: {},
  status: 'active',
  confidence: null,
  pinned: false,
  ...change,
})
const rule = { halfLifeDays: 90, doubt: 2 }

describe('confidence', () => {
  it('is what its formula says', () => {
    // 31 nights for, 4 against: 31 / (31 + 4 + 2); after 90 days 15.5 / 21.5.
    expect(confidenceOf([piece('days:a', 31, 4)], t0, rule).value).toBeCloseTo(31 / 37, 12)
    expect(confidenceOf([piece('days:a', 31, 4)], t0 + 90 * DAY, rule).value).toBeCloseTo(15.5 / 21.5, 12)
    expect(confidenceOf([piece('days:a', 31, 4)], t0 + 900 * DAY, { ...rule, halfLifeDays: null }).value).toBeCloseTo(
      31 / 37,
      12,
    )
    expect(confidenceOf([], t0, rule)).toEqual({ value: 0, for: 0, against: 0, lastAt: null })
  })

  const evidence = fc.array(
    fc.record({
      ref: fc.integer({ min: 0, max: 30 }).map((i) => `days:${i}`),
      origin: fc.constantFrom('self' as const, 'measured' as const, 'record' as const),
      at: fc.integer({ min: t0, max: t0 + 1000 * DAY }),
      for: fc.integer({ min: 0, max: 50 }),
      against: fc.integer({ min: 0, max: 50 }),
    }),
    { maxLength: 20 },
  )
  it('rises with evidence for, falls with evidence against and with time, and never else', () => {
    fc.assert(
      fc.property(evidence, fc.nat(2000), fc.nat(2000), (held, days, later) => {
        const at = t0 + 1000 * DAY + days * DAY
        const known = withEvidence([], held)
        const { value } = confidenceOf(known, at, rule)
        expect(value).toBeGreaterThanOrEqual(0)
        expect(value).toBeLessThan(1)
        const more = (add: Evidence) => confidenceOf(withEvidence(known, [add]), at, rule).value
        expect(more(piece('new', 3, 0, at))).toBeGreaterThan(value)
        expect(more(piece('old', 3))).toBeGreaterThanOrEqual(value)
        expect(more(piece('new', 0, 3, at))).toBeLessThanOrEqual(value)
        expect(confidenceOf(known, at + later * DAY, rule).value).toBeLessThanOrEqual(value)
        // Whatever the order in which it came.
        expect(confidenceOf(withEvidence(held.slice(9), known), at, rule).value).toBe(
          confidenceOf(withEvidence(known, held.slice(9)), at, rule).value,
        )
      }),
    )
  })
  it('counts a piece once, and never what was recalled', () => {
    const once = withEvidence([], [piece('days:a', 5)])
    expect(withEvidence(once, [piece('days:a', 5)])).toEqual(once)
    expect(() => withEvidence(once, [{ ...piece('m', 1), origin: 'memory' }])).toThrow(/no evidence/)
    expect(() => withEvidence(once, [piece('m', Number.NaN)])).toThrow(/how much/)
    expect(() => withEvidence(once, [piece('m', -1)])).toThrow(/how much/)
    expect(() =>
      withEvidence(
        once,
        Array.from({ length: 200 }, (_, i) => piece(`${i}`, 1)),
      ),
    ).toThrow(/at most 200/)
  })
})

describe('how a record stands', () => {
  const supported = pattern({ evidence: [piece('days:a', 31, 4)] })
  it.each([
    [0, 'active'],
    [89, 'active'],
    [91, 'weakening'],
    // 31·2^(−x/90) / (… + 6) < 0.1 from x ≈ 497 on.
    [480, 'weakening'],
    [510, 'retired'],
  ])('after %d days without new evidence: %s', (days, status) => {
    expect(standingAt(supported, t0 + days * DAY).status).toBe(status)
  })
  it('falls at once by counter-evidence', () => {
    expect(standingAt(pattern({ evidence: [piece('days:a', 31, 40)] }), t0).status).toBe('weakening')
    expect(standingAt(pattern({ evidence: [piece('days:a', 1, 40)] }), t0).status).toBe('retired')
  })
  it('keeps what held in a time that has ended', () => {
    const past = pattern({ validTo: t0, evidence: [piece('days:a', 31, 4)] })
    expect(standingAt(past, t0 + 3000 * DAY)).toEqual({ ...past, confidence: 31 / 37 })
  })
  it('ages seasons by years', () => {
    expect([halfLifeOf(pattern()), halfLifeOf(pattern({ body: { season: 'winter' } }))]).toEqual([90, 730])
  })
  it('leaves what was said as it was said, but for a hypothesis that nothing was ever held against', () => {
    const said = pattern({ kind: 'safety', origin: 'self', pinned: true })
    expect(standingAt(said, t0 + 10_000 * DAY)).toBe(said)
    const belief = pattern({ kind: 'hypothesis', origin: 'self' })
    expect(standingAt(belief, t0 + 179 * DAY).status).toBe('active')
    expect(standingAt(belief, t0 + 181 * DAY)).toMatchObject({ status: 'weakening', confidence: null })
  })
})

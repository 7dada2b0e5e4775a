import { describe, expect, it } from 'vitest'
import { isoInstant } from '../../src/observation/iso.js'

describe('isoInstant', () => {
  it('reads a time with its offset', () => {
    expect(isoInstant('2024-02-29T10:00:00.250+05:30')).toBe(Date.UTC(2024, 1, 29, 4, 30, 0, 250))
    expect(isoInstant('2026-11-24T07:05Z')).toBe(Date.UTC(2026, 10, 24, 7, 5))
  })

  it('knows the days of each month', () => {
    for (const none of [
      '2026-02-29',
      '2026-02-30',
      '2026-04-31',
      '1900-02-29',
      '2026-00-10',
      '2026-13-01',
      '2026-01-00',
    ])
      expect([none, isoInstant(`${none}T10:00:00Z`)]).toEqual([none, Number.NaN])
    expect(isoInstant('2000-02-29T00:00:00Z')).toBe(Date.UTC(2000, 1, 29))
    expect(isoInstant('24 Nov 2026')).toBeNaN()
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, createCalendar, dateOfDay, dayNumber } from '../../src/observation/local-day.js'

const at = (iso: string) => Date.parse(iso)
const berlin = [{ from: 0, zone: 'Europe/Berlin' }]
const hour = 3_600_000

describe('local date', () => {
  it('follows the offset that came with the data', () => {
    const calendar = createCalendar()
    const placed = { start: at('2026-03-01T23:30:00Z'), zoneBasis: 'carried' as const }
    expect(calendar.dayOf({ ...placed, offset: 60 }).date).toBe('2026-03-02')
    expect(calendar.dayOf({ ...placed, offset: -300 }).date).toBe('2026-03-01')
    expect(calendar.dayOf({ ...placed, offset: null, zoneBasis: 'absent' }).date).toBe('2026-03-01')
  })

  it('follows the person’s zone where the data say nothing, and again when the facts change', () => {
    const placed = { start: at('2026-07-01T22:30:00Z'), offset: null, zoneBasis: 'absent' as const }
    expect(createCalendar(berlin).dayOf(placed).date).toBe('2026-07-02')
    expect(createCalendar([{ from: 0, zone: 'America/New_York' }]).dayOf(placed).date).toBe('2026-07-01')
    const stale = { ...placed, offset: -240, zoneBasis: 'profile' as const }
    expect(createCalendar(berlin).dayOf(stale).date).toBe('2026-07-02')
    expect(createCalendar().dayOf(stale).date).toBe('2026-07-01')
  })

  it('follows an inferred offset only for the time of which the person has said nothing', () => {
    // 01:00 in Berlin, written by a phone that was in New York when it exported.
    const placed = { start: at('2025-08-01T23:00:00Z'), offset: -240, zoneBasis: 'inferred' as const }
    expect(createCalendar().dayOf(placed).date).toBe('2025-08-01')
    expect(createCalendar(berlin).dayOf(placed).date).toBe('2025-08-02')
    const later = [{ from: at('2025-12-01T00:00:00Z'), zone: 'Europe/Berlin' }]
    expect(createCalendar(later).dayOf(placed).date).toBe('2025-08-01')
    expect(createCalendar(berlin).dayOf({ ...placed, zoneBasis: 'carried' }).date).toBe('2025-08-01')
  })

  it('of a journey takes the zone of the time, and the first for what was before it', () => {
    const calendar = createCalendar([
      { from: at('2026-01-10T00:00:00Z'), zone: 'Europe/Berlin' },
      { from: at('2026-02-01T00:00:00Z'), zone: 'Asia/Tokyo' },
    ])
    const late = (day: string) =>
      calendar.dayOf({ start: at(`${day}T16:00:00Z`), offset: null, zoneBasis: 'absent' }).date
    expect(late('2026-01-05')).toBe('2026-01-05')
    expect(late('2026-01-20')).toBe('2026-01-20')
    expect(late('2026-02-05')).toBe('2026-02-06')
  })

  it('of floating data is what the wall clock said, in every zone', () => {
    const placed = { start: at('2026-03-29T23:59:00Z'), offset: null, zoneBasis: 'floating' as const }
    for (const zones of [
      [],
      berlin,
      [{ from: 0, zone: 'Pacific/Kiritimati' }],
      [{ from: 0, zone: 'Pacific/Pago_Pago' }],
    ])
      expect(createCalendar(zones).dayOf(placed).date).toBe('2026-03-29')
    expect(createCalendar(berlin).anchor(placed.start, 'floating')).toBe(at('2026-03-29T21:59:00Z'))
  })

  it('of floating data that was read in a zone is that zone’s, and moves with the person’s', () => {
    // 00:30 by the clock in Berlin, as a normalizer that was told the zone gives it.
    const placed = { start: at('2026-01-09T23:30:00Z'), offset: 60, zoneBasis: 'floating' as const }
    expect(createCalendar().dayOf(placed).date).toBe('2026-01-10')
    expect(createCalendar(berlin).anchor(placed.start, 'floating', 60)).toBe(placed.start)
    expect(createCalendar(berlin).dayOf(placed).date).toBe('2026-01-10')
    const later = createCalendar([{ from: 0, zone: 'America/New_York' }])
    expect(later.anchor(placed.start, 'floating', 60)).toBe(at('2026-01-10T05:30:00Z'))
    expect(later.dayOf(placed).date).toBe('2026-01-10')
  })

  it('of a floating night over a change of the clocks keeps both of its ends', () => {
    const calendar = createCalendar(berlin)
    const night = { start: at('2026-03-28T22:30:00Z'), end: at('2026-03-29T05:00:00Z'), offset: 120 }
    expect(calendar.anchor(night.start, 'floating', night.offset)).toBe(night.start)
    expect(calendar.anchor(night.end, 'floating', night.offset)).toBe(night.end)
    expect(calendar.dateOfEnd({ ...night, zoneBasis: 'floating' })).toBe('2026-03-29')
  })

  it('of a night is that of its end', () => {
    const night = { start: at('2026-03-01T21:00:00Z'), end: at('2026-03-02T05:00:00Z'), offset: 60 }
    expect(createCalendar().dateOfEnd({ ...night, zoneBasis: 'carried' })).toBe('2026-03-02')
  })
})

describe('days', () => {
  it('have 92, 96 or 100 quarter-hours by the zone’s clocks', () => {
    const calendar = createCalendar(berlin)
    expect(calendar.day('2026-03-29')).toMatchObject({ slots: 92, start: at('2026-03-28T23:00:00Z') })
    expect(calendar.day('2026-06-01').slots).toBe(96)
    expect(calendar.day('2026-10-25')).toMatchObject({ slots: 100, end: at('2026-10-25T23:00:00Z') })
    const carried = { start: at('2026-10-25T12:00:00Z'), offset: 60, zoneBasis: 'carried' as const }
    expect(calendar.dayOf(carried).slots).toBe(100)
    expect(calendar.dayOf({ ...carried, offset: 540 }).slots).toBe(96)
  })

  it('count leap days', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29')
    expect(dateOfDay(dayNumber('2024-02-29') + 1)).toBe('2024-03-01')
    expect(dayNumber('1970-01-01')).toBe(0)
  })

  it('lie around the instants on them, one after the other, in every zone', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: at('1990-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') }),
        fc.constantFrom('Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia'),
        (instant, zone) => {
          const calendar = createCalendar([{ from: 0, zone }])
          const day = calendar.dayAt(instant, null, 'absent')
          expect(instant).toBeGreaterThanOrEqual(day.start)
          expect(instant).toBeLessThan(day.end)
          // Oracle: the engine's own calendar.
          expect(day.date).toBe(
            new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(instant),
          )
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('splitting at local midnight', () => {
  it('is pro rata', () => {
    const pieces = createCalendar().split({
      start: at('2026-05-01T21:00:00Z'),
      end: at('2026-05-01T23:00:00Z'),
      offset: 90,
      zoneBasis: 'carried',
    })
    expect(pieces.map(({ day, share }) => [day.date, share])).toEqual([
      ['2026-05-01', 0.75],
      ['2026-05-02', 0.25],
    ])
  })

  it('splits what begins a few minutes before midnight', () => {
    const pieces = createCalendar().split({
      start: at('2026-05-01T21:57:00Z'),
      end: at('2026-05-01T22:03:00Z'),
      offset: 120,
      zoneBasis: 'carried',
    })
    expect(pieces.map(({ day, share }) => [day.date, share])).toEqual([
      ['2026-05-01', 0.5],
      ['2026-05-02', 0.5],
    ])
  })

  it('knows that the day of the change is an hour shorter', () => {
    const pieces = createCalendar(berlin).split({
      start: at('2026-03-28T23:00:00Z'),
      end: at('2026-03-29T23:00:00Z'),
      offset: null,
      zoneBasis: 'profile',
    })
    expect(pieces.map(({ day, share }) => [day.date, share])).toEqual([
      ['2026-03-29', 23 / 24],
      ['2026-03-30', 1 / 24],
    ])
  })

  it('loses nothing, whatever the interval, the offset and the journeys', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2027-01-01T00:00:00Z') }),
        fc.integer({ min: 0, max: 100 * hour }),
        fc.option(fc.integer({ min: -1080, max: 1080 })),
        fc.constantFrom('carried' as const, 'absent' as const, 'floating' as const),
        fc.constantFrom([], berlin, [
          { from: 0, zone: 'Pacific/Kiritimati' },
          { from: at('2022-06-01T00:00:00Z'), zone: 'Pacific/Pago_Pago' },
          { from: at('2022-07-01T00:00:00Z'), zone: 'Pacific/Kiritimati' },
        ]),
        (start, length, offset, zoneBasis, zones) => {
          const pieces = createCalendar(zones).split({ start, end: start + length, offset, zoneBasis })
          expect(pieces.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
          for (const piece of pieces)
            expect(piece.end).toBeLessThanOrEqual(Math.max(piece.day.end, piece.start + 900_000))
          if (offset !== null && zones.length === 0)
            for (const piece of pieces) expect(piece.end).toBeLessThanOrEqual(piece.day.end)
          for (const [i, piece] of pieces.entries()) if (i > 0) expect(piece.start).toBe(pieces[i - 1]?.end)
        },
      ),
      { numRuns: 300 },
    )
  })
})

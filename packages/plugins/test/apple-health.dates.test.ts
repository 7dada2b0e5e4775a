import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { instantOf, offsetOf, zoneOffset } from '../src/wearables/apple-health/dates.js'

const two = (n: number) => String(n).padStart(2, '0')
const offsetText = (minutes: number) => {
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`
}

describe('dates as Apple writes them', () => {
  it('are the instants that Temporal reads', () => {
    const seconds = fc.integer({ min: Date.UTC(1900, 0, 1) / 1000, max: Date.UTC(2999, 0, 1) / 1000 })
    const offsets = fc.integer({ min: -18 * 60, max: 18 * 60 })
    fc.assert(
      fc.property(seconds, offsets, (second, offset) => {
        const sign = offset < 0 ? '-' : '+'
        const size = Math.abs(offset)
        const zoned = Temporal.Instant.fromEpochMilliseconds(second * 1000).toZonedDateTimeISO(
          `${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`,
        )
        const plain = zoned.toPlainDateTime().toString({ smallestUnit: 'second' })
        const text = `${plain.replace('T', ' ')} ${offsetText(offset)}`
        expect(text).toHaveLength(25)
        expect(instantOf(text)).toBe(second * 1000)
        expect(offsetOf(text)).toBe(offset)
        expect(instantOf(`${plain}${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`)).toBe(second * 1000)
      }),
      { numRuns: 2000 },
    )
  })

  it('are told from what is no date', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 9999 }),
        fc.integer({ min: 0, max: 99 }),
        fc.integer({ min: 0, max: 99 }),
        fc.integer({ min: 0, max: 99 }),
        fc.integer({ min: 0, max: 99 }),
        (year, month, day, hour, minute) => {
          const text = `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:00 +0100`
          let expected = Number.NaN
          try {
            expected = Temporal.Instant.from(
              `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:00+01:00`,
            ).epochMilliseconds
          } catch {
            // Temporal refuses it too.
          }
          expect(instantOf(text)).toBe(expected)
        },
      ),
      { numRuns: 2000 },
    )
    for (const text of [
      '',
      '2024-05-01',
      '2024-05-01 08:00:00',
      'not a date at all, no date',
      '2024-05-01 08:00:00 0200',
    ])
      expect(instantOf(text)).toBeNaN()
    expect(instantOf('2024-05-01 08:00:60 +0200')).toBeNaN()
    expect(instantOf('2024/05/01 08:00:00 +0200')).toBeNaN()
  })

  it('are read with half days, as phones of some regions write them', () => {
    const at = Date.parse('2024-05-01T18:07:09+02:00')
    expect(instantOf('2024-05-01 6:07:09 PM +0200')).toBe(at)
    expect(instantOf('2024-05-01 6:07:09\u202fpm +0200'.replace('\u202f', ' '))).toBe(at)
    expect(instantOf('2024-05-01 12:07:09 AM +0200')).toBe(Date.parse('2024-05-01T00:07:09+02:00'))
    expect(instantOf('2024-05-01 13:07:09 PM +0200')).toBeNaN()
  })
})

describe('offsets of zones', () => {
  it('are those of Temporal at every instant, also at the changes of clocks', () => {
    const zones = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Asia/Tokyo',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
    )
    const near = fc.tuple(
      fc.constantFrom('2024-03-31T01:00:00Z', '2024-10-27T01:00:00Z', '2024-11-03T06:00:00Z', '2024-04-06T15:00:00Z'),
      fc.integer({ min: -2, max: 2 }),
    )
    const any = fc.integer({ min: Date.UTC(1980, 0, 1), max: Date.UTC(2035, 0, 1) })
    const instants = fc.oneof(
      any,
      near.map(([at, ms]) => Date.parse(at) + ms),
    )
    fc.assert(
      fc.property(zones, instants, (zone, at) => {
        const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
        expect(zoneOffset(zone, at)).toBe(zoned.offsetNanoseconds / 60e9)
      }),
      { numRuns: 500 },
    )
  })

  it('are known of GMT names and of nothing else', () => {
    expect(zoneOffset('GMT+0530', 0)).toBe(330)
    expect(zoneOffset('GMT-8', 0)).toBe(-480)
    for (const zone of ['Mars/Olympus', '', '../../etc', 'x'.repeat(100), 'GMT+9900'])
      expect(zoneOffset(zone, 0)).toBeNull()
  })
})

import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { wallClock } from '../src/files/wall-clock.js'

const minute = 60_000
/** Zones with the instant at which a clock is put back, and by how many minutes. */
const nights = [
  ['Europe/Berlin', '2025-10-26T01:00:00Z', 60],
  ['America/New_York', '2025-11-02T06:00:00Z', 60],
  ['Australia/Lord_Howe', '2025-04-05T15:00:00Z', 30],
] as const
const localOf = (at: number, zone: string): string =>
  `${Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDateTime().toString({ smallestUnit: 'millisecond' })}`
const time = (local: string) => ({ local, offset: null })

describe.each(nights)('rows of the night in %s', (zone, change, back) => {
  const steps = fc.array(fc.integer({ min: 1, max: back - 1 }), { minLength: 20, maxLength: 200 })
  const rowsOf = (minutes: number[]): number[] => {
    let at = Date.parse(change) - 3 * back * minute
    return minutes.map((step) => {
      at += step * minute
      return at
    })
  }

  it('are placed exactly, forwards and backwards, where no gap is as long as the repeated time', () => {
    fc.assert(
      fc.property(steps, (minutes) => {
        const instants = rowsOf(minutes)
        const after = Math.max(...instants) > Date.parse(change) + back * minute
        for (const order of after ? [instants, [...instants].reverse()] : [instants]) {
          const clock = wallClock(() => zone)
          expect(order.map((at) => clock.place('a', time(localOf(at, zone))).at)).toEqual(order)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('are placed exactly by a counter in any order, once it was read at a certain time', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 0, max: 1e6 }),
        fc.func(fc.double({ noNaN: true })),
        (minutes, ticks, key) => {
          const clock = wallClock(() => zone)
          const begin = Date.parse(change) - 5 * back * minute
          clock.place('a', time(localOf(begin, zone)), ticks)
          const mixed = rowsOf(minutes).sort((a, b) => key(a) - key(b))
          expect(mixed.map((at) => clock.place('a', time(localOf(at, zone)), ticks + (at - begin) / 1000).at)).toEqual(
            mixed,
          )
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('other times', () => {
  it('keep an offset of their own, and float where no zone is known', () => {
    const clock = wallClock(() => null)
    expect(clock.place('a', { local: '2025-10-26T02:30:00.000', offset: 60 })).toEqual({
      at: Date.parse('2025-10-26T01:30:00Z'),
      offset: 60,
      basis: 'carried',
    })
    expect(clock.place('a', time('2025-10-26T02:30:00.000'))).toEqual({
      at: Date.parse('2025-10-26T02:30:00Z'),
      offset: null,
      basis: 'floating',
    })
  })

  it('of different devices do not tell of each other', () => {
    const clock = wallClock(() => 'Europe/Berlin')
    clock.place('a', time('2025-10-26T02:45:00.000'))
    expect(clock.place('b', time('2025-10-26T02:30:00.000')).offset).toBe(120)
    expect(clock.place('a', time('2025-10-26T02:30:00.000')).offset).toBe(60)
  })

  it('that the clock leaves out go on in the offset of before', () => {
    const { at, offset } = wallClock(() => 'Europe/Berlin').place('a', time('2025-03-30T02:30:00.000'))
    expect([new Date(at).toISOString(), offset]).toEqual(['2025-03-30T01:30:00.000Z', 120])
  })
})

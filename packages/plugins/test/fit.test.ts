import { gzipSync } from 'node:zlib'
import type { ObservationInput } from '@auren/core'
import fc from 'fast-check'
import { FitBaseType, FitEncoder } from 'fit-file-parser/encoder'
import { describe, expect, it } from 'vitest'
import { mostBytes } from '../src/wearables/fit/read.js'
import { fitOf, fitTime, readWhole as read, runOf } from './fit-files.js'

const at = (stamp: string): number => Date.parse(stamp)
const valuesOf = (observations: ObservationInput[], metric: string): number[] =>
  observations.flatMap((one) => (one.shape === 'sample' && one.metric === metric ? [one.value] : []))
const sessionsOf = (observations: ObservationInput[]) =>
  observations.flatMap((one) => (one.shape === 'session' ? [one] : []))

describe('activities', () => {
  const start = at('2026-03-28T23:30:00Z')

  it('reads a session with its laps and records', () => {
    const { observations, reasons } = read(runOf())
    expect(reasons).toEqual([])
    expect(sessionsOf(observations)).toMatchObject([
      {
        start,
        end: start + 5000,
        activity: 'trail_running',
        vendorActivity: 'FIT sport 1/3',
        offset: 60,
        zoneBasis: 'carried',
        recordId: `fit/1-2697-42/${fitTime('2026-03-28T23:30:00Z')}`,
        measures: {
          distance: 12,
          energy_active: 20,
          steps: 14,
          heart_rate: 122,
          heart_rate_max: 124,
          speed: 2.4,
          cadence: 171,
          elevation_gained: 3,
        },
        laps: [{ start, end: start + 5000, measures: { distance: 12, heart_rate: 122 } }],
      },
    ])
    // The third is all ones: not measured.
    expect(valuesOf(observations, 'heart_rate')).toEqual([120, 121, 123, 124])
    expect(valuesOf(observations, 'speed')).toEqual([3, 3, 3, 3, 3])
    expect(valuesOf(observations, 'power')).toEqual([250, 250, 250, 250, 250])
    // 85.5 strides are 171 steps.
    expect(valuesOf(observations, 'cadence')).toEqual([171, 171, 171, 171, 171])
  })

  it('does not double what turns on a wheel, and knows a sport by its kind', () => {
    const { observations } = read(runOf({ sport: 2, sub: 8 }))
    expect(sessionsOf(observations)[0]).toMatchObject({ activity: 'mountain_biking', measures: { cadence: 85.5 } })
    expect(sessionsOf(observations)[0]?.measures).not.toHaveProperty('steps')
    expect(sessionsOf(read(runOf({ sport: 1, sub: 8 })).observations)[0]?.activity).toBe('running')
    expect(sessionsOf(read(runOf({ sport: 200, sub: 0 })).observations)[0]?.activity).toBe('other')
  })

  it('follows the clocks where the person’s zone agrees', () => {
    const early = fitTime('2026-03-29T00:59:58Z')
    const bytes = fitOf(
      [0, { 0: 4, 1: 1, 2: 1, 3: 7, 4: early }],
      ...[0, 1, 2, 3].map((second): [number, Record<number, number>] => [20, { 253: early + second, 3: 100 }]),
      [34, { 253: early, 5: early + 3600 }],
    )
    const offsets = read(bytes, 'Europe/Berlin').observations.flatMap((one) =>
      one.shape === 'sample' ? [one.offset] : [],
    )
    expect(offsets).toEqual([60, 60, 120, 120])
  })

  it('makes a workout of the records of a device that died', () => {
    const bytes = runOf()
    const start = fitTime('2026-03-28T23:30:00Z')
    const whole = fitOf(
      [0, { 0: 4, 1: 1, 2: 2697, 3: 42, 4: start }],
      [12, { 0: 2, 1: 0 }],
      [20, { 253: start, 3: 100, 5: 0 }],
      [20, { 253: start + 60, 3: 110, 5: 50_000 }],
    )
    expect(sessionsOf(read(whole).observations)).toMatchObject([
      {
        start: at('2026-03-28T23:30:00Z'),
        end: at('2026-03-28T23:31:00Z'),
        activity: 'cycling',
        measures: { distance: 500 },
      },
    ])
    // Without the length in its header, which a device writes at the end.
    bytes.writeUInt32LE(0, 4)
    const { observations, reasons } = read(bytes)
    expect(reasons).toEqual(['fit_truncated'])
    expect(valuesOf(observations, 'heart_rate')).toHaveLength(4)
  })

  it('gives a copy that was cut off a lower version than the whole', () => {
    const bytes = runOf()
    const version = (of: Buffer) => sessionsOf(read(of).observations)[0]?.version ?? 0
    expect(version(bytes.subarray(0, bytes.length - 60))).toBeLessThan(version(bytes))
    expect(version(bytes)).toBeGreaterThan(0)
  })

  it('takes fields of apps where they say what they stand for, and names the others', () => {
    const start = fitTime('2026-03-28T23:30:00Z')
    const described = (number: number, name: string, units: string, native?: number): [number, Record<number, never>] =>
      [
        206,
        {
          0: { value: 0, type: FitBaseType.Uint8, size: 1 },
          1: { value: number, type: FitBaseType.Uint8, size: 1 },
          2: { value: 132, type: FitBaseType.Uint8, size: 1 },
          3: name,
          8: units,
          ...(native === undefined
            ? {}
            : {
                14: { value: 20, type: FitBaseType.Uint16, size: 2 },
                15: { value: native, type: FitBaseType.Uint8, size: 1 },
              }),
        },
      ] as never
    const plain = fitOf(
      [0, { 0: 4, 1: 1, 2: 1, 3: 7, 4: start }],
      described(0, 'Running Power', 'W', 7),
      described(1, 'Doughnuts', 'doughnuts'),
    )
    // The encoder knows no developer fields: a record with two of them by hand, with a new header and checksum.
    const body = Buffer.concat([
      plain.subarray(plain[0] as number, plain.length - 2),
      Buffer.from([0x63, 0, 0, 20, 0, 1, 253, 4, 134, 2, 0, 2, 0, 1, 2, 0]),
      Buffer.from([0x03, ...Buffer.from(new Uint32Array([start]).buffer), 0x2c, 0x01, 0x05, 0x00]),
    ])
    const header = Buffer.from(plain.subarray(0, plain[0]))
    header.writeUInt32LE(body.length, 4)
    const bytes = Buffer.concat([header, body])
    const sum = FitEncoder.calculateCRC(bytes)
    const { observations, rejected } = read(Buffer.concat([bytes, Buffer.from([sum & 0xff, sum >> 8])]))
    expect(valuesOf(observations, 'power')).toEqual([300])
    expect(rejected).toEqual([['developer_field', expect.stringContaining('1 × values of "Doughnuts"')]])
  })
})

describe('the day', () => {
  const midnight = fitTime('2026-03-27T23:00:00Z')
  const info: [number, Record<number, number>] = [103, { 253: midnight, 0: midnight + 3600 }]
  const id: [number, Record<number, number>] = [0, { 0: 32, 1: 1, 2: 1, 3: 9, 4: midnight }]
  const low = (seconds: number): number => (midnight + seconds) & 0xffff

  it('counts on from midnight, over kinds of movement, and over the end of sixteen bits', () => {
    const { observations } = read(
      fitOf(
        id,
        info,
        [55, { 26: low(3600), 5: 6, 3: 100 }],
        [55, { 26: low(3600), 5: 1, 3: 40 }],
        [55, { 26: low(40_000), 5: 6, 3: 300 }],
        [55, { 26: low(80_000), 27: 61 }],
        [55, { 253: midnight + 86_400, 5: 1, 3: 50 }],
      ),
    )
    const start = at('2026-03-27T23:00:00Z')
    const steps = observations.flatMap((one) =>
      one.shape === 'sample' && one.metric === 'steps' ? [[one.start - start, (one.end ?? 0) - start, one.value]] : [],
    )
    expect(steps).toEqual([
      [0, 3_600_000, 140],
      [3_600_000, 40_000_000, 200],
      [80_000_000, 86_400_000, 10],
    ])
    expect(observations.filter((one) => one.shape === 'sample' && one.metric === 'heart_rate')).toMatchObject([
      { start: start + 80_000_000, value: 61, offset: 60, zoneBasis: 'carried' },
    ])
  })

  it('does not take what was counted before the file for the first minutes of it', () => {
    const noon: [number, Record<number, number>] = [103, { 253: midnight + 43_200, 0: midnight + 46_800 }]
    const { observations } = read(
      fitOf(id, noon, [55, { 253: midnight + 43_260, 5: 6, 3: 9000 }], [55, { 253: midnight + 43_320, 5: 6, 3: 9050 }]),
    )
    expect(valuesOf(observations, 'steps')).toEqual([50])
  })

  it('begins anew where the count falls', () => {
    const { observations } = read(
      fitOf(id, info, [55, { 253: midnight + 60, 5: 6, 3: 500 }], [55, { 253: midnight + 120, 5: 6, 3: 20 }]),
    )
    expect(valuesOf(observations, 'steps')).toEqual([500, 20])
  })

  it('reads stress, oxygen, breathing, RMSSD and blood pressure, and no codes for values', () => {
    const { observations, reasons } = read(
      fitOf(
        id,
        [227, { 0: 35, 1: midnight }],
        [227, { 0: -2, 1: midnight + 180 }],
        [269, { 253: midnight, 0: 96 }],
        [297, { 253: midnight, 0: 1450 }],
        [297, { 253: midnight + 60, 0: -300 }],
        [371, { 253: midnight, 0: 5760 }],
        [51, { 253: midnight, 0: 121, 1: 79, 6: 60 }],
      ),
    )
    expect(reasons).toEqual([])
    expect(valuesOf(observations, 'fit.stress_score')).toEqual([35])
    expect(valuesOf(observations, 'oxygen_saturation')).toEqual([96])
    expect(valuesOf(observations, 'respiratory_rate')).toEqual([14.5])
    expect(valuesOf(observations, 'hrv_rmssd')).toEqual([45])
    expect(valuesOf(observations, 'blood_pressure_systolic')).toEqual([121])
  })

  it('holds out the weighings of a scale that several use', () => {
    const weighing = (person: number): [number, Record<number, number>] => [30, { 253: midnight, 0: 7580, 12: person }]
    expect(valuesOf(read(fitOf(id, weighing(0), weighing(0))).observations, 'weight')).toEqual([75.8, 75.8])
    const two = read(fitOf(id, weighing(0), weighing(1)))
    expect(valuesOf(two.observations, 'weight')).toEqual([])
    expect(two.rejected).toEqual([['ambiguous_person', expect.stringContaining('2 ×')]])
    const unsettled = fitOf(id, [30, { 253: midnight, 0: 65_534, 1: 2230 }])
    expect(read(unsettled).observations).toMatchObject([{ metric: 'body_fat', value: 22.3 }])
  })

  it('leaves what a clock without a date has measured', () => {
    const { observations, rejected } = read(fitOf([20, { 253: 17_217_869, 3: 93 }], [20, { 253: 17_217_870, 3: 94 }]))
    expect(observations).toEqual([])
    expect(rejected).toEqual([['time_unknown', expect.stringContaining('2 ×')]])
  })
})

describe('damage', () => {
  const bytes = runOf()
  const whole = read(bytes).observations.length

  it('reads every file of a chain, and goes on behind a damaged one', () => {
    const second = fitOf(
      [0, { 0: 4, 4: fitTime('2026-04-01T00:00:00Z') }],
      [20, { 253: fitTime('2026-04-01T00:00:00Z'), 3: 77 }],
    )
    const chained = read(Buffer.concat([bytes, second]))
    expect(chained.reasons).toEqual([])
    expect(valuesOf(chained.observations, 'heart_rate')).toEqual([120, 121, 123, 124, 77])

    const broken = Buffer.from(Buffer.concat([bytes, second]))
    // The first definition becomes a message that nothing defines.
    broken[14] = 0x0f
    const kept = read(broken)
    expect(valuesOf(kept.observations, 'heart_rate')).toContain(77)
    expect(kept.reasons).toContain('fit_truncated')

    const misspelt = Buffer.from(Buffer.concat([bytes, second]))
    misspelt[bytes.length + 8] = 0x47
    expect(valuesOf(read(misspelt).observations, 'heart_rate')).toEqual([120, 121, 123, 124, 77])
    // The letters are under the checksum, too.
    expect(read(misspelt).reasons).toEqual(['fit_corrupt', 'fit_checksum'])
  })

  it('keeps what decodes of every beginning of a file, and says that it is cut off', () => {
    let before = 0
    for (let length = 14; length < bytes.length - 2; length++) {
      const { observations, reasons } = read(bytes.subarray(0, length))
      const samples = observations.filter(({ shape }) => shape === 'sample').length
      expect(samples).toBeGreaterThanOrEqual(before)
      expect(reasons).toContain('fit_truncated')
      before = samples
    }
    expect(before).toBeGreaterThan(0)
  })

  it('finds a wrong checksum, and keeps all of it', () => {
    const wrong = Buffer.from(bytes)
    wrong[wrong.length - 1] = (wrong.at(-1) as number) ^ 1
    const { observations, reasons } = read(wrong)
    expect(reasons).toEqual(['fit_checksum'])
    expect(observations).toHaveLength(whole)
  })

  it('finds a length that is too short by the checksum, and goes on', () => {
    const short = Buffer.from(bytes)
    short.writeUInt32LE(short.readUInt32LE(4) - 60, 4)
    const { observations, reasons } = read(short)
    expect(reasons).toEqual(['fit_corrupt'])
    expect(observations).toHaveLength(whole)
  })

  it('never fails on a byte that has changed, nor makes more of it than is there', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (place, value) => {
        const changed = Buffer.from(bytes)
        changed[place] = value
        try {
          expect(read(changed).observations.length).toBeLessThan(whole * 3)
        } catch (error) {
          expect(error).toMatchObject({ code: 'AUREN_PAYLOAD_INVALID' })
        }
      }),
      { numRuns: 300 },
    )
  })

  it('refuses what is no FIT file, and any bytes behind a header do no harm', () => {
    expect(() => read(Buffer.from('hello'))).toThrow(expect.objectContaining({ code: 'AUREN_PAYLOAD_INVALID' }))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        const header = Buffer.from([14, 0x10, 0, 0, 0, 0, 0, 0, 0x2e, 0x46, 0x49, 0x54, 0, 0])
        header.writeUInt32LE(noise.length, 4)
        read(Buffer.concat([header, noise, Buffer.alloc(2)]))
      }),
    )
  })

  it('bounds what is unpacked, and what takes no room', () => {
    expect(read(gzipSync(bytes)).observations).toHaveLength(whole)
    expect(() => read(gzipSync(Buffer.alloc(mostBytes + 1)))).toThrow(
      expect.objectContaining({ code: 'AUREN_PAYLOAD_TOO_LARGE' }),
    )
    expect(() => read(Buffer.alloc(mostBytes + 1))).toThrow(
      expect.objectContaining({ code: 'AUREN_PAYLOAD_TOO_LARGE' }),
    )
    // A definition without fields, then a million messages of one byte each.
    const bomb = Buffer.concat([
      Buffer.from([14, 0x10, 0, 0, 0, 0, 0, 0, 0x2e, 0x46, 0x49, 0x54, 0, 0]),
      Buffer.from([0x40, 0, 0, 20, 0, 0]),
      Buffer.alloc(1_000_000),
    ])
    const { observations, rejected } = read(bomb)
    expect(observations).toEqual([])
    expect(rejected.length).toBeLessThan(5)
  })
})

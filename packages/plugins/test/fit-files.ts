import { type NormalizeContext, Observation } from '@auren/core'
import { FitBaseType, FitEncoder } from 'fit-file-parser/encoder'
import { expect } from 'vitest'
import { readFit } from '../src/wearables/fit/read.js'

type Given = number | string | { value: number; type: FitBaseType; size: number }

/** Seconds of FIT at a time. */
export const fitTime = (stamp: string): number => Date.parse(stamp) / 1000 - 631_065_600

const { Enum, Uint8, Uint16, Uint32, Uint32z, String: Text, Sint16 } = FitBaseType
const sizes: Partial<Record<FitBaseType, number>> = { [Uint32]: 4, [Uint32z]: 4, [Uint16]: 2, [Sint16]: 2 }

/** Base types of the fields that tests write, by message and field; uint32 where nothing else is said. */
const types: Record<string, FitBaseType> = {
  '0.0': Enum,
  '0.1': Uint16,
  '0.2': Uint16,
  '0.3': Uint32z,
  '12.0': Enum,
  '12.1': Enum,
  '18.5': Enum,
  '18.6': Enum,
  '18.11': Uint16,
  '18.14': Uint16,
  '18.16': Uint8,
  '18.17': Uint8,
  '18.18': Uint8,
  '18.20': Uint16,
  '18.22': Uint16,
  '18.92': Uint8,
  '18.196': Uint16,
  '19.15': Uint8,
  '19.13': Uint16,
  '20.3': Uint8,
  '20.4': Uint8,
  '20.6': Uint16,
  '20.7': Uint16,
  '20.53': Uint8,
  '30.0': Uint16,
  '30.1': Uint16,
  '30.12': Uint16,
  '51.0': Uint16,
  '51.1': Uint16,
  '51.6': Uint8,
  '55.5': Enum,
  '55.19': Uint16,
  '55.26': Uint16,
  '55.27': Uint8,
  '227.0': Sint16,
  '269.0': Uint8,
  '297.0': Sint16,
  '371.0': Uint16,
}

/** Writes a FIT file with an encoder that is not ours. */
export function fitOf(...messages: [number: number, fields: Record<number, Given>][]): Buffer {
  const encoder = new FitEncoder()
  for (const [number, fields] of messages) {
    encoder.writeMessage(
      number,
      Object.entries(fields).map(([field, value]) => {
        if (typeof value === 'string') {
          const bytes = FitEncoder.string(value)
          return { number: Number(field), size: bytes.length, baseType: Text, value: bytes }
        }
        const type = typeof value === 'object' ? value.type : (types[`${number}.${field}`] ?? Uint32)
        const size = typeof value === 'object' ? value.size : (sizes[type] ?? 1)
        return { number: Number(field), size, baseType: type, value: typeof value === 'object' ? value.value : value }
      }),
    )
  }
  return Buffer.from(encoder.close())
}

/** A run of five seconds in Berlin, an hour before the clocks go forward. */
export function runOf(change: { sub?: number; sport?: number } = {}): Buffer {
  const start = fitTime('2026-03-28T23:30:00Z')
  const { sport = 1, sub = 3 } = change
  return fitOf(
    [0, { 0: 4, 1: 1, 2: 2697, 3: 42, 4: start }],
    ...[0, 1, 2, 3, 4].map((second): [number, Record<number, Given>] => [
      20,
      { 253: start + second, 3: second === 2 ? 255 : 120 + second, 4: 85, 53: 64, 5: second * 300, 6: 3000, 7: 250 },
    ]),
    [19, { 253: start + 5, 2: start, 7: 5000, 9: 1200, 15: 122 }],
    [
      18,
      {
        253: start + 5,
        2: start,
        5: sport,
        6: sub,
        7: 5000,
        9: 1200,
        10: 7,
        11: 30,
        196: 10,
        14: 2400,
        16: 122,
        17: 124,
        18: 85,
        92: 64,
        22: 3,
      },
    ],
    [34, { 253: start + 5, 5: start + 5 + 3600 }],
  )
}

/** What a FIT file of a watch becomes, and what of it is set aside with which words. */
export function readWhole(bytes: Uint8Array, zone: string | null = null) {
  const rejected: [string, string][] = []
  const ctx: NormalizeContext = {
    receivedAt: Date.parse('2026-11-01T00:00:00Z'),
    account: 'a',
    zoneAt: () => zone,
    reject: (_item, reason, detail) => rejected.push([reason, detail]),
  }
  const observations = [...readFit(bytes, { vendor: 'fit', nameOf: () => 'Watch' }, ctx)]
  for (const one of observations) expect(Observation.safeParse(one).error?.issues ?? []).toEqual([])
  return { observations, rejected, reasons: rejected.map(([reason]) => reason) }
}

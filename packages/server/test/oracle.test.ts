import { describe, expect, it } from 'vitest'
import { createOracle, type Oracle, type Stored } from './faults/oracle.js'
import { type Parcel, parcels } from './faults/parcels.js'

// What proves the guarantees must itself notice.

const minute = 60_000
const at = Date.UTC(2025, 4, 4, 10)
const held = (i: number, value: number): Parcel['holds'][number] => {
  const start = at + i * minute
  return { id: `heart_rate ${start}`, metric: 'heart_rate', start, end: null, value, date: '2025-05-04', version: 0 }
}
const parcel = (key: string, ...holds: Parcel['holds']): Parcel => ({
  person: 'ada',
  key,
  observations: [],
  holds,
  aside: 0,
  once: false,
})
const day = (n: number, sum: number, min: number, max: number): Stored['days'][number] => ({
  metric: 'heart_rate',
  date: '2025-05-04',
  n,
  sum,
  min,
  max,
})
const rows = (...holds: Parcel['holds']): Stored['rows'] =>
  holds.map(({ metric, start, end, value }) => ({ metric, start, end, value }))

function sent(): Oracle {
  const oracle = createOracle()
  oracle.accepted(parcel('a', held(0, 60), held(1, 62)))
  oracle.accepted(parcel('b', held(1, 62), held(2, 70)))
  oracle.unknown(parcel('c', held(5, 80), held(6, 81)))
  return oracle
}

describe('the model of what was accepted', () => {
  const right: Stored = { rows: rows(held(0, 60), held(1, 62), held(2, 70)), days: [day(3, 192, 60, 70)], aside: 0 }
  const withUnknown: Stored = {
    rows: [...right.rows, ...rows(held(5, 80), held(6, 81))],
    days: [day(5, 353, 60, 81)],
    aside: 0,
  }

  it('agrees with what is right, with and without what nobody promised', () => {
    expect(sent().faults('ada', right)).toEqual([])
    expect(sent().faults('ada', withUnknown)).toEqual([])
    expect(
      sent()
        .kept(new Map([['ada', withUnknown]]))
        .map(({ key }) => key),
    ).toEqual(['a', 'b', 'c'])
    expect(
      sent()
        .kept(new Map([['ada', right]]))
        .map(({ key }) => key),
    ).toEqual(['a', 'b'])
  })

  it.each<[string, Stored]>([
    ['a missing row', { ...right, rows: right.rows.slice(1) }],
    ['a row twice', { ...right, rows: [...right.rows, ...rows(held(2, 70))] }],
    ['another value', { ...right, rows: rows(held(0, 60), held(1, 62), held(2, 71)) }],
    ['a row that nobody sent', { ...right, rows: [...right.rows, ...rows(held(9, 60))] }],
    ['half of a delivery', { ...right, rows: [...right.rows, ...rows(held(5, 80))] }],
    ['a day that counts a row twice', { ...right, days: [day(4, 254, 60, 70)] }],
    ['a day of before', { ...withUnknown, days: right.days }],
    ['no day', { ...right, days: [] }],
    ['something set aside', { ...right, aside: 1 }],
  ])('notices %s', (_what, stored) => {
    expect(sent().faults('ada', stored)).not.toEqual([])
  })

  it('lets the newest version of a record hold, in whichever order they came', () => {
    const version = (v: number): Parcel => parcel(`v${v}`, { ...held(0, 50 + v), id: 'record', version: v })
    for (const order of [
      [1, 2, 3],
      [3, 1, 2],
    ]) {
      const oracle = createOracle()
      for (const v of order) oracle.accepted(version(v))
      expect(oracle.faults('ada', { rows: rows(held(0, 53)), days: [day(1, 53, 53, 53)], aside: 0 })).toEqual([])
      expect(oracle.faults('ada', { rows: rows(held(0, 52)), days: [day(1, 52, 52, 52)], aside: 0 })).not.toEqual([])
    }
  })

  it('gets what it was promised: late, corrected, impossible and abandoned deliveries of several persons', () => {
    const source = parcels(1)
    const some = Array.from({ length: 300 }, () => source.next().value)
    expect(new Set(some.map(({ key }) => key)).size).toBe(300)
    expect(new Set(some.map(({ person }) => person)).size).toBe(6)
    for (const holds of [
      (one: Parcel) => one.once,
      (one: Parcel) => one.aside > 0,
      (one: Parcel) => one.holds.some(({ version }) => version > 0),
      (one: Parcel) => one.holds.some(({ metric }) => metric === 'tag'),
      (one: Parcel) => one.holds.some(({ start }) => start < at - 365 * 24 * 60 * minute),
    ])
      expect(some.filter(holds).length).toBeGreaterThan(5)
  })
})

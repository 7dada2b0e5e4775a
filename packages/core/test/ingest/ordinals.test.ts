import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openBook } from '../../src/ingest/ordinal-pages.js'
import { numberSiblings, type OrdinalPages, pagesOf } from '../../src/ingest/ordinals.js'
import { identityKey } from '../../src/observation/identity.js'
import type { Observation } from '../../src/observation/schema.js'
import { pulse, start } from './toy.js'

const told = (held: Observation): string =>
  JSON.stringify([(held as { start: number }).start, (held as { value: number }).value])
const ordinalOf = (held: Observation): number => (held as { ordinal?: number }).ordinal ?? 0

/** Numbers step by step, with pages that go through bytes each time as they do in the journal. */
function overSteps(steps: readonly Observation[][]): Observation[] {
  const kept: OrdinalPages = new Map()
  return steps.flatMap((step) => {
    const pages: OrdinalPages = new Map(
      pagesOf(step).flatMap((name) => {
        const bytes = kept.get(name)
        return bytes ? [[name, Uint8Array.from(bytes)] as const] : []
      }),
    )
    const numbered = numberSiblings(step, pages)
    for (const [name, bytes] of pages) kept.set(name, bytes)
    return numbered
  })
}

it('asks the same of an identity as the store does', () => {
  const about = fc.record({
    start: fc.integer({ min: start, max: start + 2 }),
    end: fc.option(fc.integer({ min: start + 3, max: start + 4 }), { nil: undefined }),
    metric: fc.constantFrom('heart_rate', 'hrv_rmssd'),
    recordId: fc.option(fc.constantFrom('a', 'b', ' a'), { nil: undefined }),
    source: fc.constantFrom({ name: 'W', type: 'watch' as const }, { name: 'P', type: 'phone' as const }),
  })
  const defined = (fields: object) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  fc.assert(
    fc.property(fc.array(about, { maxLength: 12 }), (list) => {
      const all = list.map((fields, i) => pulse(start, i, defined(fields)) as Observation)
      const identities = new Set(all.map((held) => identityKey('toy', 'a', held)))
      for (const numbered of [numberSiblings(all), overSteps(all.map((held) => [held]))]) {
        expect(new Set(numbered.map((held) => identityKey('toy', 'a', held))).size).toBe(all.length)
        expect(numbered.filter((held) => ordinalOf(held) === 0)).toHaveLength(identities.size)
      }
    }),
  )
})

describe('siblings over the steps of an import', () => {
  it('are told apart, and equal ones are one', () => {
    const a = pulse(start, 60) as Observation
    const b = pulse(start, 61) as Observation
    const numbered = overSteps([[a], [b], [a], [b, a], [pulse(start, 62) as Observation]])
    expect(numbered.map((held) => [told(held), ordinalOf(held)])).toEqual([
      [told(a), 0],
      [told(b), 1],
      [JSON.stringify([start, 62]), 2],
    ])
  })

  it('are a set of distinct values with distinct ordinals, however the file is cut', () => {
    const items = fc.array(fc.record({ day: fc.nat(3), value: fc.integer({ min: 55, max: 60 }) }), { maxLength: 40 })
    fc.assert(
      fc.property(items, fc.array(fc.nat(40)), (list, cuts) => {
        const all = list.map(({ day, value }) => pulse(start + day * 86_400_000, value) as Observation)
        const edges = [0, ...cuts.filter((cut) => cut < all.length).sort((x, y) => x - y), all.length]
        const numbered = overSteps(edges.slice(1).map((edge, i) => all.slice(edges[i], edge)))
        expect(numbered.map(told).sort()).toEqual([...new Set(all.map(told))].sort())
        const names = numbered.map((held) => `${(held as { start: number }).start} ${ordinalOf(held)}`)
        expect(new Set(names).size).toBe(names.length)
        for (const held of numbered) expect(ordinalOf(held)).toBeLessThan(numbered.length)
      }),
    )
  })

  it('leaves revisions, deletions and ordinals that were said alone', () => {
    const old = pulse(start, 60, { version: 1 }) as Observation
    const edited = pulse(start, 61, { version: 2 }) as Observation
    const said = pulse(start, 62, { ordinal: 5 }) as Observation
    const gone: Observation = { shape: 'deletion', recordId: 'r' }
    expect(numberSiblings([old, edited, said, gone, gone])).toEqual([old, edited, said, gone, gone])
  })
})

it('does not take neighbours for one another', () => {
  const pages: OrdinalPages = new Map()
  const book = openBook(pages)
  let first = 0
  for (let second = 0; second < 200_000; second++)
    if (book.add('page', `${start + second * 1000} `, `${second % 90} 0 60 carried`) === 0) first++
  expect(first).toBe(200_000)
  let stated = 0
  for (let value = 0; value < 20_000; value++)
    if (book.add('page', 'one', `${value / 100} 0 60 carried`) !== null) stated++
  expect(stated).toBe(20_000)
})

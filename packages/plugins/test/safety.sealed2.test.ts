import { beforeAll, describe, expect, it } from 'vitest'
import { rulesOf } from '../src/neuros/safety/index.js'
import { stopping } from '../src/neuros/safety/texts.js'
import { caught, innocent } from './phrasings/safety.sealed2.js'

interface Read {
  text: string
  wanted: readonly string[]
  met: readonly string[]
}

const read: Read[] = [
  ...Object.entries(caught).flatMap(([rules, texts]) =>
    texts.map((text) => ({ text, wanted: rules.split('+'), met: rulesOf(text) })),
  ),
  ...innocent.map((text) => ({ text, wanted: [], met: rulesOf(text) })),
]
const stops = (rules: readonly string[]) => rules.some((rule) => (stopping as ReadonlySet<string>).has(rule))
const asMeant = ({ wanted, met }: Read) =>
  wanted.length === 0 ? met.length === 0 : wanted.some((rule) => met.includes(rule))
const meant = read.filter(({ wanted }) => wanted.length > 0)
const others = read.filter(({ wanted }) => wanted.length === 0)

describe('the gate, by somebody who had not seen its rules', () => {
  beforeAll(() => {
    const figures = {
      caught: meant.filter(asMeant).length,
      'by another rule': meant.filter((one) => !asMeant(one) && one.met.length > 0).length,
      missed: meant.filter((one) => one.met.length === 0).length,
      'passed through': others.filter(asMeant).length,
      'wrongly spoken to': others.filter((one) => !asMeant(one)).length,
      'wrongly stopped': others.filter(({ met }) => stops(met)).length,
    }
    process.stdout.write(`sealed phrasings: ${read.length}: ${JSON.stringify(figures)}\n`)
    if (process.env.AUREN_SEALED_LIST)
      for (const one of read)
        if (!asMeant(one))
          process.stdout.write(`${one.wanted.join('+') || 'innocent'} ← ${one.met.join()}: ${one.text}\n`)
  })

  it('is asked at least 200 different ways', () => {
    expect(new Set(read.map(({ text }) => text)).size).toBe(read.length)
    expect(read.length).toBeGreaterThanOrEqual(200)
  })

  it('catches and lets through no less than was measured', () => {
    expect(meant.filter(asMeant).length).toBeGreaterThanOrEqual(155)
    expect(meant.filter(({ met }) => met.length === 0).length).toBeLessThanOrEqual(2)
    expect(others.filter(asMeant).length).toBeGreaterThanOrEqual(76)
  })
})

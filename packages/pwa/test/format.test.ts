import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { renderFact } from '../../core/src/query/describe.js'
import { formatQuantity as ofCore } from '../../core/src/query/format.js'
import type { Fact } from '../../core/src/query/schema.js'
import { DEFAULT_READER, formatBytes, formatQuantity } from '../src/parts/format'
import { shownValue } from '../src/parts/words'
import { countFact, meanFact, twinFact } from './fake/answers'

const lines = readFileSync(join(import.meta.dirname, '../../core/catalogue/metrics.csv'), 'utf8')
  .trim()
  .split('\n')
const metrics = lines.slice(1).map((line) => {
  const [id = '', , , unit = ''] = line.split(',')
  return { id, unit }
})
const values = [0, -0.04, 0.26, 1, 7.05, 59.6, 61.24, 480, 599.5, 1234.567, 27_540, 86_399.4, 152_000]

describe('numbers in the app', () => {
  it('are written as the engine writes them, for every metric', () => {
    expect(metrics.length).toBeGreaterThan(60)
    for (const { id, unit } of metrics)
      for (const locale of ['en-GB', 'en-US', 'de-DE'])
        for (const units of ['metric', 'imperial'] as const)
          for (const value of values)
            for (const manner of [{ metric: id }, { metric: id, delta: true }])
              expect([id, value, formatQuantity(value, unit, { locale, units }, manner)]).toEqual([
                id,
                value,
                ofCore(value, unit, { locale, units }, manner),
              ])
  })

  it('are written as the engine writes them: clocks, and changes per week', () => {
    for (const [unit, manner] of [
      ['min', { clockOrigin: 720 }],
      ['/min/wk', { metric: 'resting_heart_rate' }],
      ['kg/wk', { metric: 'weight' }],
    ] as const)
      for (const value of values)
        expect(formatQuantity(value, unit, DEFAULT_READER, manner)).toEqual(ofCore(value, unit, {}, manner))
  })

  const asked = (query: Fact['query'], unit: string, value: number): Fact => ({ ...meanFact, query, unit, value })
  const period = { kind: 'all' } as const
  const facts: Fact[] = [
    meanFact,
    countFact,
    twinFact,
    asked({ measure: { of: 'tag', tag: 'alcohol' }, aggregate: 'count', period, where: [] }, '1', 1),
    asked({ measure: { of: 'metric', metric: 'steps' }, aggregate: 'days', period, where: [] }, '1', 12),
    asked(
      { measure: { of: 'metric', metric: 'steps' }, aggregate: 'count', over: 'sample', period, where: [] },
      '1',
      12,
    ),
    asked({ measure: { of: 'session', kind: 'workout', field: 'count' }, aggregate: 'sum', period, where: [] }, '1', 5),
    asked(
      { measure: { of: 'session', kind: 'sleep', field: 'start' }, aggregate: 'mean', period, where: [] },
      'min',
      660,
    ),
    asked({ measure: { of: 'metric', metric: 'heart_rate' }, aggregate: 'sd', period, where: [] }, '/min', 4.25),
    asked({ pattern: 'trend', metric: 'weight' }, 'kg/wk', -0.08),
  ]
  it.each(facts.map((fact) => [renderFact(fact).text, fact] as const))(
    'say of a fact what the engine says: %s',
    (_, fact) => {
      expect(shownValue(fact, DEFAULT_READER)).toBe(renderFact(fact).quantity)
    },
  )

  it('say that there is no value', () => {
    const none: Fact = { ...meanFact, status: 'not_enough_data', value: null }
    expect(shownValue(none, DEFAULT_READER)).toBe(renderFact(none).quantity)
  })

  it('count bytes in steps of a thousand', () => {
    expect(formatBytes(0, 'en-GB')).toBe('0 B')
    expect(formatBytes(4_194_304, 'en-GB')).toBe('4.2 MB')
    expect(formatBytes(2_147_483_648, 'en-GB')).toBe('2.1 GB')
  })
})

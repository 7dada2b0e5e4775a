import { describe, expect, it } from 'vitest'
import { isBuiltIn } from '../../src/query/parse/lexicon.js'

describe('words that mean a metric already', () => {
  it.each([
    'resting heart rate',
    'Average resting heart rate',
    'resting heart rate, maximum',
    'weight',
    'median sleep duration',
  ])('%s', (phrase) => expect(isBuiltIn(phrase)).toBe(true))

  it.each(['Polar ANS charge', 'average', '', 'recharge of the night', 'resting heart rate of the moon'])(
    'and not %s',
    (phrase) => expect(isBuiltIn(phrase)).toBe(false),
  )
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Fact } from '../src/api/wire'
import { bindSentence } from '../src/parts/bind'
import { DEFAULT_READER } from '../src/parts/format'
import { shownValue } from '../src/parts/words'
import { countFact, meanFact, twinFact } from './fake/answers'

const bound = (text: string, facts: readonly Fact[]) =>
  bindSentence(text, facts, DEFAULT_READER).flatMap(({ text: part, fact }) => (fact ? [[part, fact.id]] : []))
const like = (id: string, more: Partial<Fact>): Fact => ({ ...meanFact, comparison: undefined, id, ...more })

describe('binding the numbers of a sentence', () => {
  it('finds a number that is surely a fact’s', () => {
    expect(bound('Your mean was 55.4 bpm last month.', [meanFact])).toEqual([['55.4 bpm', 'f_mean']])
    expect(bound('Under 6 h on 3 nights of 28.', [countFact])).toEqual([['3 nights', 'f_count']])
  })

  it('loses no word of the sentence', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('55.4 bpm', ' ', 'was', '“', '”', '3 nights', '1,0', 'x', '-'), { maxLength: 12 }),
        (words) => {
          const text = words.join('')
          const segments = bindSentence(text, [meanFact, countFact], DEFAULT_READER)
          expect(segments.map((segment) => segment.text).join('')).toBe(text)
          for (const { text: part, fact } of segments) if (fact) expect(part).toBe(shownValue(fact, DEFAULT_READER))
        },
      ),
    )
  })

  it.each([
    ['a part of a longer number', 'It was 1,055.4 bpm and -55.4 bpm and 155.4 bpm.'],
    ['a decimal that goes on', 'It was 55.4 bpm.5'],
    ['a word that goes on', 'It was 55.4 bpms.'],
    ['a number that is there twice', 'It was 55.4 bpm, then 55.4 bpm.'],
    ['what the person said', 'You wrote “my heart beats at 55.4 bpm”.'],
    ['a number that is not there', 'It was 55.5 bpm.'],
  ])('does not bind %s', (_, text) => {
    expect(bound(text, [meanFact])).toEqual([])
  })

  it('does not choose between two facts that are written the same', () => {
    const other = like('f_other', {
      query: { pattern: 'baseline', metric: 'walking_heart_rate_average' },
    })
    expect(bound('One was 55.4 bpm.', [meanFact, other])).toEqual([])
  })

  it('does not take the other number of another fact for its own', () => {
    // “54.1 bpm” can be the mean's comparison here.
    const other = like('f_other', { value: 54.1 })
    expect(bound('It was 55.4 bpm against 54.1 bpm.', [meanFact, other])).toEqual([['55.4 bpm', 'f_mean']])
  })

  it('leaves a bare number alone', () => {
    const bare = like('f_bare', { unit: '{score}', value: 3 })
    expect(bound('Your score was 3 on 3 Nov.', [bare])).toEqual([])
    expect(bound('Your score was 3.', [bare])).toEqual([])
  })

  it('binds nothing where there is no value', () => {
    expect(bound('There was not enough data.', [{ ...meanFact, status: 'not_enough_data', value: null }])).toEqual([])
  })

  it('binds beside a quote', () => {
    expect(bound('It was 15.1 breaths/min by “ring”.', [twinFact])).toEqual([['15.1 breaths/min', 'f_twin']])
  })
})

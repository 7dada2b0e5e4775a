import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { metricIds } from '../../src/catalogue/index.js'
import { catalogueLookup } from '../../src/query/measure.js'
import { understand } from '../../src/query/parse/index.js'
import { parseQuery } from '../../src/query/validate.js'

const context = { today: '2026-03-18', metrics: metricIds }

/** Words that the grammar knows, in any order: nearer to its rules than random letters are. */
const words =
  'what was is my the average total highest lowest median steps weight glucose sleep deep hrv run hike swim last first past previous this 3 14 twelve 22:00 2025-02-30 2025 days weeks months nights of on in over under more less than at least between and vs compare per week weekday weekends january july winter summer when I with without after before alcohol how many often percent usual unusual trend rising best worst day not no since until ago km miles hours % ? , most recent each'.split(
    ' ',
  )
const salad = fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((list) => list.join(' '))
const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 10_000 }), fc.string({ maxLength: 300 }), salad)

const questions = [
  'What was my average respiratory rate last week?',
  'How many nights did I sleep under six hours last month?',
  'Total distance of my hikes over 10 km in 2025',
  'Compare my resting heart rate on weekdays and weekends',
  'What is the median oxygen saturation since January?',
  'How often did I swim this year?',
]

const sentence = fc.constantFrom(...questions)

describe('the sentence parser', () => {
  it('answers any string with queries that the fact engine accepts', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const { queries, complete, intent, readings } = understand(text, context)
        for (const query of queries) parseQuery(query, catalogueLookup)
        expect(readings.every((reading) => reading.length > 0 && reading.length < 400)).toBe(true)
        expect(typeof complete).toBe('boolean')
        expect(intent).toMatch(/^(numbers|overview|sleep|recovery|remember|forget|smalltalk|unknown)$/)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    'a ',
    'last 3 days and ',
    '1 ',
    'slepe ',
    'compare ',
    '(',
    'between ',
    'qwertzuiop ',
    'not ',
    '9',
    'on days when i ',
  ])('reads 10 kB of %j without growing out of bounds', (piece) => {
    const text = piece.repeat(Math.ceil(10_000 / piece.length)).slice(0, 10_000)
    const { queries, readings } = understand(text, context)
    expect(queries.length).toBeLessThanOrEqual(20)
    expect(readings.length).toBeLessThanOrEqual(60)
  })

  it('does not care about case, punctuation at the end, and spaces', () => {
    fc.assert(
      fc.property(
        sentence,
        fc.array(fc.boolean(), { minLength: 80, maxLength: 80 }),
        fc.constantFrom('', '?', '??', ' !', '.', ' …'),
        fc.constantFrom(' ', '  ', '\t', '\n', '\u00a0'),
        (text, upper, end, space) => {
          const said = [...text.replace(/[?]$/, '')]
            .map((c, i) => (upper[i] ? c.toUpperCase() : c.toLowerCase()))
            .join('')
          const changed = `${said.replaceAll(' ', space)}${end}`
          expect(understand(changed, context).queries).toEqual(understand(text, context).queries)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('reads a word with two neighbouring letters exchanged as the word', () => {
    const typos: readonly (readonly [string, string])[] = [
      ['respiratory', 'repsiratory'],
      ['average', 'avreage'],
      ['saturation', 'saturaiton'],
      ['distance', 'distnace'],
      ['January', 'Janaury'],
      ['weekends', 'weekneds'],
    ]
    for (const [right, wrong] of typos) {
      const text = questions.find((question) => question.includes(right))!
      const { queries, complete } = understand(text.replace(right, wrong), context)
      expect({ queries, complete }).toEqual({ queries: understand(text, context).queries, complete: true })
    }
  })

  it('is a function of the text and the context alone', () => {
    fc.assert(
      fc.property(salad, (text) => {
        expect(understand(text, context)).toEqual(understand(text, context))
      }),
    )
  })
})

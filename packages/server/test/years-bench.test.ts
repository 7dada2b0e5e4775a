import { describe, expect, it } from 'vitest'
import { answerFrom } from '../../../bench/years/answers.js'
import { drawCurve } from '../../../bench/years/draw.js'
import { bm25Of, windowOf } from '../../../bench/years/finders.js'
import { isRight, judgeLink } from '../../../bench/years/needs.js'
import { personOf, valueNow } from '../../../bench/years/person.js'
import { questionsOf } from '../../../bench/years/questions.js'
import { rowsOf } from '../../../bench/years/rows.js'
import { byAge, byKind, type Scored } from '../../../bench/years/score.js'

const YEARS = 6
const person = personOf(3, YEARS)
const rows = rowsOf(person)
const questions = questionsOf(person, YEARS)

describe('YearsBench', () => {
  it('makes the same person and the same questions of the same number, and others of another', () => {
    expect(questionsOf(personOf(3, YEARS), YEARS)).toEqual(questions)
    expect(personOf(4, YEARS).days[9]).not.toEqual(person.days[9])
  })

  it('asks what can be answered: whoever reads every row is right nearly always', () => {
    const wrong = questions.filter((question) => !isRight(answerFrom(rows, question.need, person.plan), question))
    expect(wrong.filter(({ need }) => need.ask !== 'change')).toEqual([])
    expect(wrong.length).toBeLessThanOrEqual(3)
  })

  it('plants what it asks about', () => {
    const after = (tag: string): number[] =>
      person.days.flatMap(({ number, values }) =>
        person.days[number - 1]?.tags.includes(tag as 'sauna') && number < person.plan.swap
          ? (values.hrv_rmssd ?? [])
          : [],
      )
    const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length
    // 48 ms, and 6 more after a sauna on one evening of 5.6; coffee has no effect.
    expect(mean(after('sauna'))).toBeGreaterThan(53)
    expect(mean(after('sauna'))).toBeLessThan(55)
    expect(mean(after('coffee'))).toBeGreaterThan(48)
    expect(mean(after('coffee'))).toBeLessThan(50)
    for (const { day, metric } of person.erasures) expect(valueNow(person, day, metric)).toBeUndefined()
    expect(rows.some(({ text }) => person.words.some((one) => one.forgotten && text.includes(one.text)))).toBe(false)
  })

  it('spreads its questions over the years', () => {
    const scored: Scored[] = questions.map((question) => ({
      question,
      right: { auren: true, window: false, bm25: false, store: false, all: true },
    }))
    const ages = byAge(scored, YEARS)
    expect(ages).toHaveLength(YEARS + 1)
    expect(Math.min(...ages.slice(1).map(({ n }) => n))).toBeGreaterThanOrEqual(8)
    expect(byKind(scored)).toContain(`| **all** |  | ${questions.length} | ${questions.length} | 0 | 0 | 0 |`)
    const drawn = drawCurve(ages, { questions: questions.length, persons: 1, years: YEARS })
    expect(drawn).toContain('AUREN: 100, 100, 100')
    expect(drawn).not.toContain('NaN')
    expect(drawCurve(ages, { questions: questions.length, persons: 1, years: YEARS })).toBe(drawn)
  })

  it('gives its baselines what they can have: the window its days, the search the rows that fit into its budget', async () => {
    const [day] = questions.filter(({ kind }) => kind === 'a day')
    const window = await windowOf(person, rows)(day!)
    expect(Math.min(...window.map((row) => row.day))).toBeGreaterThanOrEqual(person.plan.days - 30)
    const found = await bm25Of(rows, 400)(day!)
    expect(found.length).toBeGreaterThan(5)
    expect(found.length).toBeLessThan(30)
    expect(answerFrom(found, day!.need, person.plan)).toBe(day!.expected)
  })

  it('tells right from wrong', () => {
    const of = { expected: [10, 'open'], tolerance: [1, 0] }
    expect(isRight([11, 'open'], of)).toBe(true)
    expect(isRight([11.5, 'open'], of)).toBe(false)
    expect(isRight([10, 'closed'], of)).toBe(false)
    expect(isRight(null, of)).toBe(false)
    expect(isRight(0, { expected: null, tolerance: [0] })).toBe(false)
    expect(isRight(null, { expected: null, tolerance: [0] })).toBe(true)
    expect(isRight('no', { expected: 'yes', tolerance: [0] })).toBe(false)
    expect(isRight([], { expected: ['2020'], tolerance: [0] })).toBe(false)
  })

  it('judges a link by the scatter of the months', () => {
    const twelve = [3, 5, 4, 3, 5, 4, 3, 5, 4, 3, 5, 4]
    expect(judgeLink(twelve)).toBe('yes')
    expect(judgeLink(twelve.map((one) => one - 4))).toBe('no')
    expect(judgeLink(twelve.slice(1))).toBeNull()
  })
})

import { beforeAll, describe, expect, it } from 'vitest'
import { understand } from '../../src/query/parse/index.js'
import type { Query } from '../../src/query/schema.js'
import { sealedPerson, TODAY } from './sealed-person.js'
import { sealedQuestions } from './sealed-questions.js'
import type { SealedQuestion } from './sealed-terms.js'
import { answers, judge, type Verdict } from './sealed-verdict.js'

const metrics = [...new Set((sealedPerson(11).days ?? []).map(({ metric }) => metric))].sort()

interface Judged extends SealedQuestion {
  verdict: Verdict
  got: readonly Query[]
}

const judged: Judged[] = []

function read(text: string): readonly Query[] {
  const { queries, complete, clarify } = understand(text, { today: TODAY, metrics })
  // A question back, or half a reading, is nothing that binds.
  return complete && clarify === undefined ? queries : []
}

describe('questions by somebody who had not seen the grammar', () => {
  beforeAll(async () => {
    for (const question of sealedQuestions) {
      const got = read(question.text)
      judged.push({ ...question, got, verdict: await judge(got, question.expected) })
    }
    const count = (verdict: Verdict) => judged.filter((one) => one.verdict === verdict).length
    const figures = (['exact', 'not understood', 'wrong'] as const).map((name) => `${count(name)} ${name}`).join(', ')
    process.stdout.write(`sealed questions: ${judged.length}: ${figures}\n`)
    if (process.env.AUREN_SEALED_LIST)
      for (const { verdict, text, got } of judged)
        if (verdict !== 'exact') process.stdout.write(`${verdict}: ${text} → ${JSON.stringify(got)}\n`)
  })

  it('are at least 120, each told once', () => {
    expect(new Set(sealedQuestions.map(({ text }) => text)).size).toBe(sealedQuestions.length)
    expect(sealedQuestions.length).toBeGreaterThanOrEqual(120)
  })

  it.each(sealedQuestions.filter(({ expected }) => expected !== null))(
    'can be told by the data: $text',
    async ({ expected }) => {
      for (const query of expected ?? [])
        for (const fact of await answers(query)) expect(fact).toMatchObject({ status: 'ok', value: expect.any(Number) })
    },
  )

  it('are mostly read exactly, and hardly ever read as something else', () => {
    const count = (verdict: Verdict) => judged.filter((one) => one.verdict === verdict).length
    expect(judged.length).toBe(sealedQuestions.length)
    expect(count('exact')).toBeGreaterThanOrEqual(178)
    expect(count('wrong')).toBeLessThanOrEqual(2)
  })
})

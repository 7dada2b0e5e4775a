// What a question needs, as a structure: the same for AUREN and for the baselines.
import type { Metric, Tag } from './body.js'

/** What is asked. Days are numbers from the person's first day, both ends included; `known` is the instant of an as-of question. */
export type Need =
  | { ask: 'value'; metric: Metric; from: number; to: number; how: 'only' | 'mean' | 'sum' | 'day of the most' }
  | { ask: 'value known'; metric: Metric; day: number; known: number }
  | { ask: 'tagged days'; tag: Tag; from: number; to: number }
  | { ask: 'effect'; tag: Tag; metric: Metric; from: number; to: number }
  | { ask: 'link'; tag: Tag; metric: Metric }
  | { ask: 'winters'; metric: Metric; above: number; against: 'number' | 'summer before' }
  | { ask: 'usual'; metric: Metric; day: number; known: number }
  | { ask: 'said'; kind: 'goal' | 'hypothesis'; topic: string; known: number }
  | { ask: 'when'; topic: string }
  | { ask: 'counts'; topic: string }
  | { ask: 'change'; series: Metric | 'sleep_midpoint'; from: number; to: number }

/** A structured answer; null: nothing is known, or the question was not understood. */
export type Answer = number | string | readonly (number | string)[] | null

/** One question. */
export interface Question {
  id: string
  /** What sort it is, for the table of scores. */
  kind: string
  text: string
  need: Need
  /** By construction, from the generator. */
  expected: Answer
  /** By how much each number may differ; dates and words must be equal. */
  tolerance: readonly number[]
  /** Days from what is asked about to today; null where it is about the whole life. */
  age: number | null
}

/** Whether an answer is right: words equal, numbers within their tolerance. */
export function isRight(answer: Answer, { expected, tolerance }: Pick<Question, 'expected' | 'tolerance'>): boolean {
  if (expected === null || answer === null) return expected === answer
  const [wanted, given] = [[expected].flat(), [answer].flat()]
  if (Array.isArray(expected) !== Array.isArray(answer) || wanted.length !== given.length) return false
  return wanted.every((one, i) => {
    const other = given[i]
    return typeof one === 'number' && typeof other === 'number'
      ? Math.abs(one - other) <= (tolerance[i] ?? 0) + 1e-9 * Math.abs(one)
      : one === other
  })
}

/**
 * Whether a tag and the day after it are linked, from the differences within each month between days after the tag and
 * other days: within a month there is no season. One-sample t above 4 in either direction, of at least 12 months.
 */
export function judgeLink(differences: readonly number[]): 'yes' | 'no' | null {
  const n = differences.length
  if (n < 12) return null
  const mean = differences.reduce((sum, one) => sum + one, 0) / n
  const variance = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (n - 1)
  return Math.abs(mean) > 4 * Math.sqrt(variance / n) ? 'yes' : 'no'
}

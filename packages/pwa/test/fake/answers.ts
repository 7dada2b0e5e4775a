import type { AnswerPart } from '../../../core/src/reasoning/types.js'
import { daysBefore, factOf, TODAY } from './person.js'

/** Mean resting heart rate of the last 28 days. */
export const meanFact = factOf(
  'f_mean',
  {
    measure: { of: 'metric', metric: 'resting_heart_rate' },
    aggregate: 'mean',
    period: { kind: 'last', n: 28, unit: 'day' },
    where: [],
  },
  55.4,
  {
    unit: '/min',
    comparison: {
      value: 54.1,
      n: 28,
      coverage: 0.9,
      from: daysBefore(55),
      to: daysBefore(28),
      difference: 1.3,
      ratio: 1.024,
    },
  },
)
/** Nights under six hours. */
export const countFact = factOf(
  'f_count',
  {
    measure: { of: 'session', kind: 'sleep', field: 'sleep_duration' },
    aggregate: 'count',
    period: { kind: 'last', n: 28, unit: 'day' },
    where: [{ on: 'value', op: '<', value: 21_600 }],
  },
  3,
  { unit: '1' },
)
/** Written the same as another number of its sentence. */
export const twinFact = factOf(
  'f_twin',
  {
    measure: { of: 'metric', metric: 'respiratory_rate' },
    aggregate: 'max',
    period: { kind: 'last', n: 28, unit: 'day' },
    where: [],
  },
  15.1,
  { unit: '/min', date: TODAY },
)

/** Sentences hold what a hostile import could have put there: it must be shown as the text that it is. */
export const HOSTILE = '<img src=x onerror=alert(1)> [tap](javascript:alert(1)) ![](https://example.org/x.png)'

const phase = (name: 'understand' | 'investigate' | 'verify', text: string): AnswerPart => ({
  type: 'status',
  phase: name,
  text,
})

/** What the invented NEUROS says to a question. */
export function answerTo(text: string): AnswerPart[] {
  if (/^remember/i.test(text)) {
    return [
      phase('understand', 'Working out what to compute'),
      { type: 'sentence', text: 'I have noted that, and you can undo it.', facts: [] },
      {
        type: 'memory',
        record: { id: 'm_drafted', kind: 'safety', text: 'I am allergic to penicillin', status: 'drafted' },
      },
    ]
  }
  if (/hostile/i.test(text)) return [{ type: 'sentence', text: `A source is called “${HOSTILE}”.`, facts: [] }]
  return [
    phase('understand', 'Working out what to compute'),
    phase('investigate', 'Looking at your data'),
    phase('verify', 'Checking every number'),
    { type: 'fact', fact: meanFact },
    { type: 'sentence', text: 'Your mean resting heart rate was 55.4 bpm (26 Oct – 22 Nov 2026).', facts: ['f_mean'] },
    { type: 'fact', fact: countFact },
    { type: 'sentence', text: 'You slept under 6 h on 3 nights of the last 28.', facts: ['f_count'] },
    { type: 'fact', fact: twinFact },
    {
      type: 'sentence',
      text: 'Your highest respiratory rate was 15.1 breaths/min, and the note “15.1 breaths/min” is yours.',
      facts: ['f_twin'],
    },
    { type: 'degraded', node: 'recovery', reason: 'it took too long' },
  ]
}

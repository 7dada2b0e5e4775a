import { expect, it } from 'vitest'
import { fact } from '../../core/test/reasoning/ports.js'
import { question } from '../src/neuros/question/index.js'
import { runAlone, understood } from './neuros/turn.js'

it('runs the understood queries in order, and names their facts as the answer', async () => {
  let n = 0
  const understanding = understood({
    complete: true,
    intent: 'numbers',
    queries: [
      { pattern: 'baseline', metric: 'steps' },
      { pattern: 'trend', metric: 'steps' },
    ],
  })
  const { update, asked } = await runAlone(question(), { understanding }, { answer: () => fact(`f${++n}`) })
  expect(asked).toEqual(understanding.queries)
  expect(update.answers).toEqual(['f1', 'f2'])
  expect(Object.keys(update.facts ?? {})).toEqual(['f1', 'f2'])
})

it('asks nothing when nothing was understood', async () => {
  expect((await runAlone(question(), {})).asked).toEqual([])
})

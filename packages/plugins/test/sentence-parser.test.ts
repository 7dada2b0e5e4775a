import { describe, expect, it } from 'vitest'
import { sentenceParser } from '../src/neuros/sentence-parser/index.js'
import { runAlone, understood } from './neuros/turn.js'

/** Understands only sentences that name a month. */
const read = (text: string) => understood({ complete: /steps.*march/i.test(text), readings: [text], intent: 'numbers' })

describe('sentence-parser', () => {
  it('reads the sentence with what the person has data for', async () => {
    const seen: unknown[] = []
    await runAlone(
      sentenceParser((text, context) => {
        seen.push(text, context)
        return understood()
      }),
      { text: 'How many steps?' },
      { metrics: ['steps'] },
    )
    expect(seen).toEqual(['How many steps?', { today: '2026-11-23', metrics: ['steps'] }])
  })
  it('reads an answer to its own question together with what led to it', async () => {
    const pending = { question: 'Which month?', understanding: understood(), original: 'How many steps?' }
    const { update } = await runAlone(sentenceParser(read), { text: 'March', pending })
    expect(update.understanding?.readings).toEqual(['How many steps? March'])
  })
  it('takes a new question for itself', async () => {
    const pending = { question: 'Which month?', understanding: understood(), original: 'How was sleep?' }
    const { update } = await runAlone(sentenceParser(read), { text: 'steps in March', pending })
    expect(update.understanding?.readings).toEqual(['steps in March'])
    const other = await runAlone(sentenceParser(read), { text: 'hello', pending })
    expect(other.update.understanding?.readings).toEqual(['hello'])
  })
  it('still reads when the list of metrics is not available, and says so', async () => {
    const { update, degraded } = await runAlone(
      sentenceParser(read),
      { text: 'steps in March' },
      { fails: ['metrics'] },
    )
    expect(update.understanding?.complete).toBe(true)
    expect(degraded).toEqual(['metrics'])
  })
})

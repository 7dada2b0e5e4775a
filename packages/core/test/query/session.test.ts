import { describe, expect, it } from 'vitest'
import type { Condition, Measure } from '../../src/query/schema.js'
import { asker, night, phone, plus, run, session, tag, utc, watch } from './person.js'

const period = { kind: 'between', from: '2026-11-01', to: '2026-11-10' } as const
const workouts = (field: string, activity?: string[]): Measure => ({
  of: 'session',
  kind: 'workout',
  field,
  ...(activity ? { activity } : {}),
})
const sleep = (field: string, all = false): Measure => ({ of: 'session', kind: 'sleep', field, all })

describe('workouts', () => {
  const sessions = [
    run('2026-11-02', '07:00', 30, { measures: { distance: 5000, heart_rate: 150, heart_rate_max: 180 } }),
    run('2026-11-05', '06:30', 60, { measures: { distance: 12_000, heart_rate: 140 } }),
    run('2026-11-05', '18:00', 45, { activity: 'cycling', measures: { distance: 20_000 } }),
    run('2026-11-09', '07:30', 20, { measures: { heart_rate: 130 } }),
    run('2026-11-09', '07:29', 21, { main: false, source: phone.key }),
    run('2026-10-20', '07:00', 99),
  ]
  const { ask } = asker({ sessions })

  it.each([
    ['count', workouts('count'), 'count', 4, '1'],
    ['count of an activity', workouts('count', ['running']), 'count', 3, '1'],
    ['count of one never done', workouts('count', ['rowing']), 'count', 0, '1'],
    ['sum of one never done', workouts('distance', ['rowing']), 'sum', 0, 'm'],
    ['days', workouts('count'), 'days', 3, '1'],
    ['total duration', workouts('duration'), 'sum', 155 * 60, 's'],
    ['mean duration', workouts('duration', ['running']), 'mean', (110 / 3) * 60, 's'],
    ['longest', workouts('duration'), 'argmax', 3600, 's'],
    ['total distance', workouts('distance', ['running']), 'sum', 17_000, 'm'],
    ['mean heart rate', workouts('heart_rate'), 'mean', 140, '/min'],
    ['highest heart rate', workouts('heart_rate_max'), 'max', 180, '/min'],
    ['mean start on the clock', workouts('start', ['running']), 'mean', 7 * 60, 'min'],
    ['earliest end', workouts('end'), 'min', 7 * 60 + 30, 'min'],
  ] as const)('%s', async (_name, measure, aggregate, value, unit) => {
    const fact = await ask({ measure, aggregate, period })
    expect(fact.value).toBeCloseTo(value, 6)
    expect(fact).toMatchObject({ status: 'ok', unit })
  })

  it('has no mean of what never was', async () => {
    const fact = await ask({ measure: workouts('distance', ['rowing']), aggregate: 'mean', period })
    expect(fact).toMatchObject({ status: 'no_data', value: null })
  })

  it('leaves out sessions that do not say, and does not call silence 0', async () => {
    const some = await ask({ measure: workouts('distance', ['running']), aggregate: 'sum', period })
    expect(some).toMatchObject({ n: 2 })
    expect(some.notes.join()).toContain('1 of 3 sessions do not say this')
    const silent = await ask({
      measure: workouts('distance'),
      aggregate: 'sum',
      period: { kind: 'between', from: '2026-11-09', to: '2026-11-09' },
    })
    expect(silent).toMatchObject({ status: 'no_data', value: null })
  })

  it.each<[string, Condition[], number]>([
    ['another field', [{ on: 'field', field: 'distance', op: '>', value: 5000 }], 60 * 60],
    ['the value itself', [{ on: 'value', op: '<', value: 1800 }], 20 * 60],
    ['the time of day', [{ on: 'time', from: '07:00', to: '08:00' }], 50 * 60],
    ['the day', [{ on: 'weekday', in: ['monday'] }], 50 * 60],
    ['another session of the day', [{ on: 'session', kind: 'workout', activity: ['cycling'] }], 60 * 60],
  ])('sums durations of runs by %s', async (_name, where, seconds) => {
    expect((await ask({ measure: workouts('duration', ['running']), aggregate: 'sum', period, where })).value).toBe(
      seconds,
    )
  })

  it('takes the first and the last', async () => {
    const measure = workouts('duration', ['running'])
    expect((await ask({ measure, aggregate: 'sum', take: { from: 'first', n: 2 } })).value).toBe(129 * 60)
    expect(await ask({ measure, aggregate: 'last' })).toMatchObject({ value: 1200, date: '2026-11-09' })
  })

  it('averages per day over days without, which are 0', async () => {
    const fact = await ask({ measure: workouts('count'), aggregate: 'mean', over: 'day', period })
    expect(fact).toMatchObject({ value: 0.4, n: 10 })
    expect((await ask({ measure: workouts('duration'), aggregate: 'max', over: 'day', period })).value).toBe(105 * 60)
  })

  it('answers for a source by name, also where another is believed', async () => {
    const fact = await ask({ measure: workouts('duration'), aggregate: 'sum', period, source: phone.key })
    expect(fact).toMatchObject({ value: 21 * 60, sources: [phone.key] })
    const each = await ask({ measure: workouts('count'), aggregate: 'count', period, group: 'source' })
    expect(each).toMatchObject({ value: 4 })
    expect(each.rows).toMatchObject([
      { key: phone.key, value: 1 },
      { key: watch.key, value: 4 },
    ])
  })
})

describe('nights', () => {
  const nights = [
    night('2026-11-02', '23:00', '07:00', { measures: { sleep_duration: 27_000 } }),
    night('2026-11-03', '01:00', '08:00', { measures: { sleep_duration: 24_000 } }),
    night('2026-11-03', '14:00', '14:30', { nap: true, main: false, start: utc('2026-11-03T14:00:00') }),
    night('2026-11-04', '00:00', '06:00', {
      stages: [
        { stage: 'light', start: utc('2026-11-04T00:00:00'), end: utc('2026-11-04T03:00:00') },
        { stage: 'deep', start: utc('2026-11-04T03:00:00'), end: utc('2026-11-04T05:00:00') },
        { stage: 'awake', start: utc('2026-11-04T05:00:00'), end: utc('2026-11-04T06:00:00') },
      ],
    }),
  ]
  nights[2]!.end = utc('2026-11-03T14:30:00')
  const { ask } = asker({ sessions: nights })

  it('averages bedtimes over midnight, on the circle', async () => {
    // 23:00, 01:00 and 00:00 → midnight, 720 minutes after noon.
    const fact = await ask({ measure: sleep('start'), aggregate: 'mean', period })
    expect(fact.value).toBeCloseTo(720, 6)
    const sd = await ask({ measure: sleep('start'), aggregate: 'sd', period })
    // The circular sd of three times within an hour of midnight is near their linear one, 49 min, and far from 13 h.
    expect(sd.value).toBeGreaterThan(45)
    expect(sd.value).toBeLessThan(62)
    expect((await ask({ measure: sleep('start'), aggregate: 'max', period })).value).toBe(780)
    expect((await ask({ measure: sleep('end'), aggregate: 'min', period })).value).toBe(18 * 60)
  })

  it('compares clock times by the short way round', async () => {
    const { ask: across } = asker({
      sessions: [run('2026-11-01', '23:50', 5), run('2026-11-02', '00:10', 5)],
    })
    const fact = await across({
      measure: workouts('start'),
      aggregate: 'mean',
      period: { kind: 'between', from: '2026-11-02', to: '2026-11-02' },
      compare: { period: { kind: 'between', from: '2026-11-01', to: '2026-11-01' } },
    })
    expect(fact.comparison!.difference).toBeCloseTo(20, 9)
    expect(fact.comparison!.ratio).toBeNull()
  })

  it('counts main sleeps, and naps where asked', async () => {
    expect((await ask({ measure: sleep('count'), aggregate: 'count', period })).value).toBe(3)
    expect((await ask({ measure: sleep('count', true), aggregate: 'count', period })).value).toBe(4)
  })

  it('reads stages where the vendor has no number', async () => {
    const asleep = await ask({ measure: sleep('sleep_duration'), aggregate: 'last', period })
    expect(asleep).toMatchObject({ value: 5 * 3600, date: '2026-11-04', n: 3 })
    expect((await ask({ measure: sleep('sleep_deep'), aggregate: 'sum', period })).value).toBe(7200)
  })

  it('counts short nights out of those recorded, and says nothing without any', async () => {
    const where: Condition[] = [{ on: 'field', field: 'sleep_duration', op: '<', value: 25_000 }]
    expect(await ask({ measure: sleep('count'), aggregate: 'count', period, where })).toMatchObject({ value: 2, n: 3 })
    const before = { kind: 'between', from: '2025-01-01', to: '2025-01-31' } as const
    expect(await ask({ measure: sleep('count'), aggregate: 'count', period: before, where })).toMatchObject({
      status: 'no_data',
      value: null,
    })
  })

  it('reads both ends of a night on the clock that hung there, over a change of the clocks', async () => {
    // Berlin, 25 Oct 2026: to bed at 23:00 summer time, up at 07:00 winter time, nine hours later.
    const changed = session('sleep', '2026-10-25', utc('2026-10-24T21:00:00'), utc('2026-10-25T06:00:00'), {
      offset: 60,
    })
    const zones = [{ from: 0, zone: 'Europe/Berlin' }]
    const berlin = asker({ sessions: [changed], profile: { zones } })
    expect((await berlin.ask({ measure: sleep('start'), aggregate: 'mean' })).value).toBeCloseTo(11 * 60, 6)
    expect((await berlin.ask({ measure: sleep('end'), aggregate: 'mean' })).value).toBeCloseTo(19 * 60, 6)
    expect((await berlin.ask({ measure: sleep('duration'), aggregate: 'mean' })).value).toBe(9 * 3600)
    // Nobody knows of summer time without a profile.
    const nowhere = asker({ sessions: [changed] })
    expect((await nowhere.ask({ measure: sleep('start'), aggregate: 'mean' })).value).toBeCloseTo(10 * 60, 6)
  })
})

describe('tags', () => {
  const tags = [
    tag('alcohol', '2026-11-02', { value: 2 }),
    tag('alcohol', '2026-11-02', { value: 1 }),
    tag('alcohol', '2026-11-06'),
    tag('illness', '2026-11-03', { end: utc('2026-11-05T08:00:00') }),
  ]
  const { ask } = asker({ tags })

  it.each([
    ['how often', 'alcohol', 'count', 3],
    ['on how many days', 'alcohol', 'days', 2],
    ['how much', 'alcohol', 'sum', 4],
    ['how often, over days', 'illness', 'count', 1],
    ['on how many days, over days', 'illness', 'days', 3],
    ['never', 'travel', 'count', 0],
    ['on no day', 'travel', 'days', 0],
  ] as const)('%s', async (_name, name, aggregate, value) => {
    expect(await ask({ measure: { of: 'tag', tag: name }, aggregate, period })).toMatchObject({ status: 'ok', value })
  })

  it('counts per month', async () => {
    const fact = await ask({
      measure: { of: 'tag', tag: 'alcohol' },
      aggregate: 'count',
      group: 'month',
      period: { kind: 'between', from: '2026-10-01', to: '2026-11-23' },
    })
    expect(fact.rows).toMatchObject([
      { key: '2026-10', value: 0 },
      { key: '2026-11', value: 3 },
    ])
  })

  it('does not lose a tag that began long before the day that it covers', async () => {
    const long = tag('illness', plus('2026-11-01', -40), { end: utc('2026-11-02T12:00:00') })
    const { ask: sick } = asker({ tags: [long], days: [] })
    const fact = await sick({
      measure: { of: 'session', kind: 'workout', field: 'count' },
      aggregate: 'count',
      period,
      where: [{ on: 'tag', tag: 'illness' }],
    })
    expect(fact).toMatchObject({ status: 'ok', value: 0, from: '2026-11-01' })
  })
})

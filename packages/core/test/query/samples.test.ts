import { describe, expect, it } from 'vitest'
import type { Condition, Measure } from '../../src/query/schema.js'
import { asker, day, heartRate, night, phone, run, sample, steps, utc, watch } from './person.js'

const minutes = (n: number) => n * 60_000
const period = { kind: 'between', from: '2026-11-02', to: '2026-11-03' } as const
const late: Condition = { on: 'time', from: '22:00', to: '06:00' }

describe('samples by the clock', () => {
  // One beat a minute too many per hour of the day: the value says when it was measured.
  const samples = Array.from({ length: 72 }, (_, i) =>
    sample('heart_rate', utc('2026-11-01T00:30:00') + i * 3_600_000, 50 + (i % 24)),
  )
  const { ask } = asker({ samples })

  it('averages samples, not days', async () => {
    const fact = await ask({ measure: heartRate, aggregate: 'mean', over: 'sample', period })
    expect(fact).toMatchObject({ value: 61.5, n: 48, sources: [watch.key] })
  })

  it('looks into a window over midnight', async () => {
    const hours = [22, 23, 0, 1, 2, 3, 4, 5]
    const mean = hours.reduce((total, hour) => total + 50 + hour, 0) / hours.length
    const fact = await ask({ measure: heartRate, aggregate: 'mean', period, where: [late] })
    expect(fact).toMatchObject({ n: 16, coverage: 1 })
    expect(fact.value).toBeCloseTo(mean, 9)
    const day = await ask({ measure: heartRate, aggregate: 'count', period, where: [{ on: 'not', of: late }] })
    expect(day.value).toBe(32)
  })

  it('groups by the hour', async () => {
    const fact = await ask({ measure: heartRate, aggregate: 'max', period, group: 'hour' })
    expect(fact.rows).toHaveLength(24)
    expect(fact.rows![7]).toMatchObject({ key: '07', value: 57, n: 2 })
  })

  it('counts samples over a limit', async () => {
    const where: Condition[] = [{ on: 'value', op: '>=', value: 70 }]
    expect(await ask({ measure: heartRate, aggregate: 'count', over: 'sample', period, where })).toMatchObject({
      value: 8,
      n: 48,
    })
  })

  it('reads all there is where no period is said', async () => {
    expect((await ask({ measure: heartRate, aggregate: 'count', over: 'sample' })).value).toBe(72)
    const none = await asker({}).ask({ measure: heartRate, aggregate: 'mean', over: 'sample' })
    expect(none).toMatchObject({ status: 'no_data', from: null })
  })

  it('reads ten years block by block', async () => {
    const far = [
      sample('heart_rate', utc('2017-01-01T12:00:00'), 40),
      sample('heart_rate', utc('2026-11-20T12:00:00'), 60),
    ]
    const { ask: old, longTerm } = asker({ samples: far })
    const fact = await old({ measure: heartRate, aggregate: 'mean', over: 'sample' })
    expect(fact).toMatchObject({ value: 50, n: 2 })
    expect(longTerm.reads.samples).toBeGreaterThan(100)
  })
})

describe('samples on the person’s clock', () => {
  it('goes by the offset that the sample carries, whatever the profile says', async () => {
    // 23:30 in Tokyo on 2 Nov, 14:30 UTC.
    const samples = [sample('heart_rate', utc('2026-11-02T14:30:00'), 60, { offset: 540 })]
    const { ask } = asker({ samples, profile: { zones: [{ from: 0, zone: 'Europe/Berlin' }] } })
    expect((await ask({ measure: heartRate, aggregate: 'count', period, where: [late] })).value).toBe(1)
  })

  it('goes by the profile where nothing is carried, over both changes of the clocks', async () => {
    // 22:30 in Berlin: 20:30 UTC in summer, 21:30 in winter.
    const at = (text: string) => sample('heart_rate', utc(text), 60, { offset: null, zoneBasis: 'absent' })
    const samples = [
      at('2026-03-28T21:30:00'),
      at('2026-03-29T20:30:00'),
      at('2026-10-24T20:30:00'),
      at('2026-10-25T21:30:00'),
      // 21:30 of the day, just before the window.
      at('2026-10-25T20:30:00'),
    ]
    const { ask } = asker({ samples, profile: { zones: [{ from: 0, zone: 'Europe/Berlin' }] } })
    const fact = await ask({
      measure: heartRate,
      aggregate: 'count',
      where: [{ on: 'time', from: '22:00', to: '23:00' }],
    })
    expect(fact.value).toBe(4)
    expect(fact.notes.join()).not.toContain('read as UTC')
  })

  it('says so where it can only take UTC', async () => {
    const samples = [sample('heart_rate', utc('2026-11-02T22:30:00'), 60, { offset: null, zoneBasis: 'absent' })]
    const fact = await asker({ samples }).ask({ measure: heartRate, aggregate: 'count', period, where: [late] })
    expect(fact.value).toBe(1)
    expect(fact.notes.join()).toContain('read as UTC')
  })

  it('puts every quarter-hour of the days with 23 and 25 hours on its date', async () => {
    const zones = [{ from: 0, zone: 'Europe/Berlin' }]
    const quarter = (from: string, n: number) =>
      Array.from({ length: n }, (_, i) =>
        sample('heart_rate', utc(from) + i * minutes(15), 60, { offset: null, zoneBasis: 'profile' }),
      )
    // Local midnights: 28 Mar 23:00 UTC, 29 Mar 22:00 UTC; 24 Oct 22:00 UTC, 25 Oct 23:00 UTC.
    const samples = [...quarter('2026-03-28T22:00:00', 120), ...quarter('2026-10-24T21:00:00', 120)]
    const { ask } = asker({ samples, profile: { zones } })
    const on = async (date: string) =>
      (
        await ask({
          measure: heartRate,
          aggregate: 'count',
          over: 'sample',
          period: { kind: 'between', from: date, to: date },
        })
      ).value
    expect([await on('2026-03-29'), await on('2026-10-25')]).toEqual([92, 100])
  })
})

describe('amounts', () => {
  const walk = (start: string, end: string, value: number, more = {}) =>
    sample('steps', utc(start), value, { end: utc(end), ...more })

  it('cuts an interval where the window ends, and at midnight', async () => {
    const samples = [
      walk('2026-11-02T21:30:00', '2026-11-02T22:30:00', 600),
      walk('2026-11-02T23:30:00', '2026-11-03T00:30:00', 100),
    ]
    const { ask } = asker({ samples })
    expect((await ask({ measure: steps, aggregate: 'sum', period, where: [late] })).value).toBeCloseTo(400, 9)
    const rows = (await ask({ measure: steps, aggregate: 'sum', over: 'sample', period, group: 'day' })).rows!
    expect(rows.map((row) => row.value)).toEqual([650, 50])
    const hours = (await ask({ measure: steps, aggregate: 'sum', period, group: 'hour' })).rows!
    expect(Object.fromEntries(hours.map((row) => [row.key, row.value]))).toEqual({
      '00': 50,
      '21': 300,
      '22': 300,
      '23': 50,
    })
  })

  it('counts the watch where it was worn and the phone in its gaps', async () => {
    const samples = [
      walk('2026-11-02T10:00:00', '2026-11-02T11:00:00', 1000),
      walk('2026-11-02T10:30:00', '2026-11-02T11:30:00', 800, { source: phone.key }),
    ]
    const { ask } = asker({ samples })
    const fact = await ask({ measure: steps, aggregate: 'sum', over: 'sample', period })
    expect(fact).toMatchObject({ value: 1400, sources: [phone.key, watch.key] })
    const each = await ask({ measure: steps, aggregate: 'sum', over: 'sample', period, source: 'each' })
    expect(each.value).toBe(1400)
    expect(each.rows).toMatchObject([
      { key: phone.key, value: 800 },
      { key: watch.key, value: 1000 },
    ])
    const own = await ask({ measure: steps, aggregate: 'sum', over: 'sample', period, source: phone.key })
    expect(own.value).toBe(800)
    const ranks = { steps: [phone.key] }
    const ranked = asker({ samples, profile: { ranks } })
    expect((await ranked.ask({ measure: steps, aggregate: 'sum', over: 'sample', period })).value).toBe(1300)
  })
})

describe('samples inside sessions', () => {
  const every = (metric: string, from: string, n: number, value: (i: number) => number) =>
    Array.from({ length: n }, (_, i) => sample(metric, utc(from) + i * minutes(10), value(i)))

  it('averages the heart rate during runs', async () => {
    const samples = every('heart_rate', '2026-11-02T06:00:00', 24, (i) => 60 + i)
    // 07:00 to 07:30: samples 6, 7 and 8. Two records of one run do not count twice.
    const sessions = [
      run('2026-11-02', '07:00', 30),
      run('2026-11-02', '07:05', 20),
      run('2026-11-02', '08:00', 30, { activity: 'cycling' }),
    ]
    const { ask } = asker({ samples, sessions })
    const within = { kind: 'workout', activity: ['running'] } as const
    expect(
      await ask({ measure: heartRate, aggregate: 'mean', within: { ...within, activity: ['running'] } }),
    ).toMatchObject({
      value: 67,
      n: 3,
      coverage: 1,
    })
    const fact = await ask({ measure: heartRate, aggregate: 'mean', within: { kind: 'workout' } })
    expect(fact.n).toBe(6)
  })

  it('gives a night’s samples to the date of its end', async () => {
    const rmssd: Measure = { of: 'metric', metric: 'hrv_rmssd' }
    const samples = every('hrv_rmssd', '2026-11-01T22:00:00', 72, (i) => i)
    const sessions = [night('2026-11-02', '23:00', '06:00')]
    const { ask } = asker({ samples, sessions })
    const on = { kind: 'between', from: '2026-11-02', to: '2026-11-02' } as const
    // 23:00 to 06:00 is samples 6 to 47.
    const fact = await ask({ measure: rmssd, aggregate: 'mean', within: { kind: 'sleep' }, period: on })
    expect(fact).toMatchObject({ value: 26.5, n: 42 })
    const before = { kind: 'between', from: '2026-11-01', to: '2026-11-01' } as const
    expect(await ask({ measure: rmssd, aggregate: 'mean', within: { kind: 'sleep' }, period: before })).toMatchObject({
      status: 'no_data',
    })
  })

  it('counts the steps of an interval that a run cuts', async () => {
    const samples = [sample('steps', utc('2026-11-02T06:30:00'), 6000, { end: utc('2026-11-02T07:30:00') })]
    const sessions = [run('2026-11-02', '07:00', 60)]
    const { ask } = asker({ samples, sessions })
    expect((await ask({ measure: steps, aggregate: 'sum', within: { kind: 'workout' } })).value).toBeCloseTo(3000, 6)
  })

  it('compares inside with outside', async () => {
    const samples = every('heart_rate', '2026-11-02T06:00:00', 24, (i) => (i >= 6 && i < 9 ? 150 : 60))
    const { ask } = asker({
      samples,
      sessions: [run('2026-11-02', '07:00', 30), night('2026-11-02', '23:00', '06:30')],
    })
    const fact = await ask({
      measure: heartRate,
      aggregate: 'mean',
      within: { kind: 'workout' },
      compare: { within: { kind: 'sleep' } },
    })
    expect(fact).toMatchObject({ value: 150, comparison: { value: 60, n: 3, difference: 90, ratio: 2.5 } })
  })

  it('compares samples with samples, never with daily values', async () => {
    const samples = every('heart_rate', '2026-11-02T06:00:00', 24, (i) => (i >= 6 && i < 9 ? 150 : 60))
    const { ask } = asker({
      samples,
      days: [day('heart_rate', '2026-11-02', 999)],
      sessions: [run('2026-11-02', '07:00', 30)],
    })
    const query = { measure: heartRate, aggregate: 'mean' } as const
    const fact = await ask({ ...query, compare: { within: { kind: 'workout' } } })
    expect(fact).toMatchObject({ value: (21 * 60 + 3 * 150) / 24, n: 24, comparison: { value: 150, n: 3 } })
  })
})

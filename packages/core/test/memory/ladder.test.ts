import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { climb } from '../../src/memory/ladder/climb.js'
import { type LadderRow, type LadderStore, rungs } from '../../src/memory/ladder/ports.js'
import { memoryLadder } from '../../src/memory/ladder/store.js'
import type { DayRow, MemoryRecord, StoredTag } from '../../src/memory/ports.js'
import { dateAt, night, noise, row, tag, tier2 } from './ladder-person.js'

const scope = { user: 'ann', purpose: 'consolidate' as const }
const tx = { id: 'none' } as unknown as Parameters<LadderStore['advance']>[0]

/** Builds what changed and stores it, as consolidation does. */
async function build(
  ladder: LadderStore,
  longTerm: ReturnType<typeof tier2>,
  today: string,
  episodes: readonly MemoryRecord[] = [],
  at = 1,
) {
  const built = await climb({ longTerm, ladder }, scope, episodes, today)
  const standing = { until: today, algorithm: 'ladder@1.0.0', detectors: {} }
  await ladder.advance(tx, 'ann', built.before.epoch, { ...built, standing }, at)
  return built
}

const whole = async (days: readonly DayRow[], tags: readonly StoredTag[], today: string): Promise<LadderRow[]> => {
  const ladder = memoryLadder()
  await build(ladder, tier2(days, tags), today)
  return ladder.read(scope, { rungs })
}

const rowsOf = async (days: readonly DayRow[], today: string, tags: readonly StoredTag[] = []) => {
  const rows = await whole(days, tags, today)
  return (rung: string, period: string) => rows.find((held) => held.rung === rung && held.period === period)
}

describe('the ladder', () => {
  it('tells state, gradient and rate of a month by hand-computed numbers', async () => {
    // 90 days of 50, 52, 54 in turn before March 2017; March itself rises by one each day from 60.
    const first = 366
    const days = Array.from({ length: 90 }, (_, i) =>
      row('resting_heart_rate', dateAt(first + 59 - 90 + i), 50 + 2 * (i % 3)),
    )
    const march = Array.from({ length: 31 }, (_, i) => row('resting_heart_rate', dateAt(first + 59 + i), 60 + i))
    const of = await rowsOf([...days, ...march], '2017-04-10')
    const found = of('month', '2017-03')!
    expect([found.from, found.to, found.n, found.recorded, found.coverage]).toEqual([
      '2017-03-01',
      '2017-03-31',
      31,
      31,
      1,
    ])
    expect(found.median).toBe(75)
    // Median 52, MAD 2 (30 days at 0, 60 at 2), spread 1.4826 · 2.
    expect(found.baseline).toEqual({ median: 52, spread: 2.9652, n: 90 })
    expect(found.z).toBeCloseTo(23 / 2.9652, 10)
    expect(found.state).toBe('far above')
    // Nine of its thirteen weeks were level: the interval of the slope reaches down to none.
    expect([found.gradient, found.rate?.n]).toEqual(['steady', 13])
    expect(found.rate?.unit).toBe('/min/wk')
    const falling = await rowsOf(
      Array.from({ length: 200 }, (_, i) => row('weight', dateAt(i), 90 - i / 14)),
      dateAt(205),
    )
    expect(falling('month', '2016-06')).toMatchObject({ gradient: 'falling' })
    expect(falling('month', '2016-06')?.rate?.slope).toBeCloseTo(-0.5, 10)
    // A week that ends on 31 March: 28 days that rise by one a day, seven a week.
    const week = of('week', '2017-W12')!
    expect(week.rate?.slope).toBeCloseTo(7, 10)
    expect([week.gradient, week.rate?.n]).toEqual(['rising', 28])
  })

  it('has no state without enough days, and no row without any', async () => {
    const of = await rowsOf(
      [row('resting_heart_rate', dateAt(3), 50), row('resting_heart_rate', dateAt(200), 50)],
      dateAt(400),
    )
    expect(of('month', '2016-02')).toBeUndefined()
    expect(of('year', '2016')).toMatchObject({ n: 2, median: null, low: null, coverage: 2 / 366 })
    expect(of('month', '2016-01')).toMatchObject({ n: 1, state: null, rate: null, baseline: null })
  })

  it('leaves days of illness out of what is usual, and says so', async () => {
    const next = noise(3)
    const usual = Array.from({ length: 200 }, (_, i) => row('resting_heart_rate', dateAt(i), 55 + Math.round(next())))
    const ill = (days: readonly DayRow[]) =>
      days.map((day) => (day.date >= dateAt(100) && day.date < dateAt(110) ? { ...day, value: 90 } : day))
    const flu = [tag('flu', dateAt(100), 10)]
    const [well, sick, unnamed] = [
      await rowsOf(
        usual.filter(({ date }) => date < dateAt(100) || date >= dateAt(110)),
        dateAt(190),
      ),
      await rowsOf(ill(usual), dateAt(190), flu),
      await rowsOf(ill(usual), dateAt(190)),
    ]
    const may = sick('month', '2016-05')!
    expect(may.baseline).toEqual(well('month', '2016-05')!.baseline)
    expect(may.baseline).not.toEqual(unnamed('month', '2016-05')!.baseline)
    const april = sick('month', '2016-04')!
    expect([april.recorded, april.n, april.excluded]).toEqual([30, 20, [{ context: 'illness', days: 10 }]])
    expect(april.median).toBe(well('month', '2016-04')!.median)
    expect(sick('quarter', '2016-Q2')!.excluded).toEqual([{ context: 'illness', days: 10 }])
  })

  it('leaves out episodes that the person told of, open ones for as long as their kind lasts', async () => {
    const days = Array.from({ length: 200 }, (_, i) => row('resting_heart_rate', dateAt(i), 55 + (i % 3)))
    const episode = (validTo: number | null, about: string[]): MemoryRecord => ({
      id: 'e1',
      kind: 'episode',
      validFrom: Date.UTC(2016, 3, 1),
      validTo,
      recordedAt: 1,
      supersededAt: null,
      origin: 'self',
      algorithm: null,
      derivedFrom: [],
      about,
      text: '',
      body: {},
      status: 'active',
      confidence: null,
      pinned: false,
    })
    const excluded = async (record: MemoryRecord) => {
      const ladder = memoryLadder()
      await build(ladder, tier2(days), dateAt(190), [record])
      const rows = await ladder.read(scope, { rungs: ['month'] })
      return rows.flatMap((held) => held.excluded.map(({ context, days: n }) => [held.period, context, n]))
    }
    expect(await excluded(episode(Date.UTC(2016, 3, 6), ['illness']))).toEqual([['2016-04', 'illness', 5]])
    expect(await excluded(episode(null, ['Flu']))).toEqual([['2016-04', 'illness', 14]])
    expect(await excluded(episode(null, ['wedding']))).toEqual([])
  })

  it('takes clock times on a circle', async () => {
    const sessions = Array.from({ length: 150 }, (_, i) => night(dateAt(i), i % 2 === 0 ? -20 : 30))
    const ladder = memoryLadder()
    const days = sessions.map(({ date }) => row('sleep_duration', date, 28_800))
    await build(ladder, tier2(days, [], sessions), dateAt(160))
    const [found] = (await ladder.read(scope, { rungs: ['month'], series: ['sleep_midpoint'] })).filter(
      ({ period }) => period === '2016-04',
    )
    // Half of the nights at 23:40, half at 00:30: the middle is 00:05.
    expect(found!.median).toBeCloseTo(5, 9)
    expect(found!.state).toBe('usual')
  })

  it('computes again only what a changed day touches', async () => {
    const metrics = ['resting_heart_rate', 'steps', 'weight']
    const next = noise(9)
    const days = metrics.flatMap((id) =>
      Array.from({ length: 1460 }, (_, i) => row(id, dateAt(i), 50 + Math.round(next()))),
    )
    const ladder = memoryLadder()
    const today = dateAt(1470)
    const first = await build(ladder, tier2(days), today)
    // 209 whole or begun weeks, 48 months, 16 quarters and 4 years of data that are over, of three series.
    expect(first.computed.year).toBe(3 * 4)
    expect(first.computed.week).toBeGreaterThan(3 * 205)
    expect((await build(ladder, tier2(days), today)).computed).toEqual({ week: 0, month: 0, quarter: 0, year: 0 })

    const at = 700
    const edited = days.map((day) => (day.metric === 'steps' && day.date === dateAt(at) ? { ...day, value: 99 } : day))
    const second = await build(ladder, tier2(edited), today)
    // One series: the month and those that look back 97 days on it, its weeks likewise, its quarter and its year.
    expect(second.computed.quarter).toBe(1)
    expect(second.computed.year).toBe(1)
    expect(second.computed.month).toBeLessThanOrEqual(5)
    expect(second.computed.week).toBeLessThanOrEqual(20)
    expect(second.rows.every(({ series }) => series === 'steps')).toBe(true)
    expect(await ladder.read(scope, { rungs })).toEqual(await whole(edited, [], today))
    // A night later nothing but what has ended since.
    const later = await build(ladder, tier2(edited), dateAt(1471))
    expect(later.computed.week + later.computed.month).toBeLessThanOrEqual(3)
  })

  it('is, after any edits, late days, deletions and tags, what a build from nothing is', async () => {
    const edit = fc.oneof(
      fc.record({
        what: fc.constant('set' as const),
        metric: fc.constantFrom('steps', 'weight'),
        day: fc.integer({ min: 0, max: 420 }),
        value: fc.integer({ min: 0, max: 20 }),
      }),
      fc.record({
        what: fc.constant('drop' as const),
        metric: fc.constantFrom('steps', 'weight'),
        day: fc.integer({ min: 0, max: 420 }),
        days: fc.integer({ min: 1, max: 120 }),
      }),
      fc.record({
        what: fc.constant('cover' as const),
        metric: fc.constantFrom('steps', 'weight'),
        day: fc.integer({ min: 0, max: 420 }),
        value: fc.constantFrom(0, 0.25, 0.5),
      }),
      fc.record({
        what: fc.constant('tag' as const),
        day: fc.integer({ min: 0, max: 420 }),
        days: fc.integer({ min: 1, max: 20 }),
      }),
      fc.record({ what: fc.constant('untag' as const) }),
      fc.record({ what: fc.constant('build' as const), ahead: fc.integer({ min: 0, max: 40 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 12 }), async (edits) => {
        const next = noise(17)
        const days = new Map(
          ['steps', 'weight'].flatMap((id) =>
            Array.from({ length: 400 }, (_, i) => row(id, dateAt(i), Math.round(10 + 3 * next()))).map(
              (day) => [`${id} ${day.date}`, day] as const,
            ),
          ),
        )
        let tags: StoredTag[] = []
        let today = 405
        const ladder = memoryLadder()
        await build(ladder, tier2([...days.values()]), dateAt(today))
        for (const one of edits) {
          if (one.what === 'set')
            days.set(`${one.metric} ${dateAt(one.day)}`, row(one.metric, dateAt(one.day), one.value))
          if (one.what === 'drop')
            for (let i = 0; i < one.days; i++) days.delete(`${one.metric} ${dateAt(one.day + i)}`)
          if (one.what === 'cover') {
            const held = days.get(`${one.metric} ${dateAt(one.day)}`)
            if (held) days.set(`${one.metric} ${held.date}`, { ...held, coverage: one.value })
          }
          if (one.what === 'tag') tags = [...tags, tag('illness', dateAt(one.day), one.days)]
          if (one.what === 'untag') tags = tags.slice(1)
          if (one.what === 'build') {
            today += one.ahead
            await build(ladder, tier2([...days.values()], tags), dateAt(today), [], today)
          }
        }
        const shuffled = [...days.values()].reverse()
        await build(ladder, tier2(shuffled, tags), dateAt(today), [], 1000)
        expect(await ladder.read(scope, { rungs })).toEqual(await whole([...days.values()], tags, dateAt(today)))
      }),
      { numRuns: 40 },
    )
  })

  it('keeps what it said before, to be read as of then', async () => {
    const days = Array.from({ length: 120 }, (_, i) => row('steps', dateAt(i), 100))
    const ladder = memoryLadder()
    await build(ladder, tier2(days), dateAt(121), [], 10)
    const then = await ladder.read(scope, { rungs })
    await build(ladder, tier2(days.map((day) => ({ ...day, value: 200 }))), dateAt(121), [], 20)
    expect(await ladder.read(scope, { rungs, asOf: 15 })).toEqual(then)
    expect((await ladder.read(scope, { rungs: ['month'] }))[0]?.median).toBe(200)
    expect(await ladder.read(scope, { rungs, asOf: 9 })).toEqual([])
  })
})

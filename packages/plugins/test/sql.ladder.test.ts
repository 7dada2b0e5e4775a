import { type Batch, consolidate, type LadderStore, type Observation, rungs, type UserId } from '@auren/core'
import { chapters } from '@auren/plugins/chapters'
import { years } from '@auren/plugins/years'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLadder } from '../src/storage/sql/ladder.js'
import { createLongTerm } from '../src/storage/sql/longterm/index.js'
import { createPatterns } from '../src/storage/sql/patterns.js'
import type { Sql } from '../src/storage/sql/port.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

const DAY = 86_400_000
const BEGIN = Date.UTC(2022, 0, 3)
const date = (i: number): string => new Date(BEGIN + i * DAY).toISOString().slice(0, 10)
const watch = { name: 'Watch', type: 'watch' as const }
const placed = { source: watch, offset: 0, zoneBasis: 'carried' as const }

let sql: Sql
let ladder: LadderStore
let ports: Parameters<typeof consolidate>[0] & { ladder: LadderStore }
let vault: Awaited<ReturnType<typeof openTestVault>>
let persons = 0

beforeAll(async () => {
  sql = await openTestSql()
  vault = await openTestVault(sql)
  ladder = createLadder(sql)
  ports = {
    longTerm: createLongTerm(sql, vault),
    patterns: createPatterns(sql, vault),
    ladder,
    journal: { transaction: (fn, options) => sql.transaction(fn, options), lockPersons: async () => undefined },
  }
})
afterAll(() => sql.close())

const person = async (): Promise<UserId> => {
  const user = `person ${++persons}`
  await sql.transaction((tx) => vault.create(tx, user))
  return user
}
const write = (user: UserId, observations: readonly Observation[], at: number) => {
  const batch: Batch = {
    provider: 'test',
    account: 'a',
    receivedAt: BEGIN + 2000 * DAY + at,
    rawRef: `raw ${at}`,
    observations,
  }
  return sql.transaction((tx) => ports.longTerm.write(tx, user, [batch]))
}
const run = (user: UserId, day: number, now = 1000 + day) =>
  consolidate(ports, [years(), chapters()], user, now, date(day))
const scope = (user: UserId) => ({ user, purpose: 'consolidate' as const })
const concluded = async (user: UserId) => ({
  rows: await ladder.read(scope(user), { rungs }),
  records: (await ports.patterns.list(scope(user), { status: ['active', 'weakening'] }))
    .map(({ recordedAt: _at, supersededAt: _until, ...rest }) => rest)
    .sort((a, b) => (a.id < b.id ? -1 : 1)),
})

const pulse = (i: number, value: number): Observation => ({
  shape: 'sample',
  metric: 'resting_heart_rate',
  start: BEGIN + i * DAY + DAY / 4,
  value,
  unit: '/min',
  ...placed,
})
const sleep = (i: number, hours: number, late: number): Observation => ({
  shape: 'session',
  kind: 'sleep',
  start: BEGIN + i * DAY + late * 60_000 - hours * 1_800_000,
  end: BEGIN + i * DAY + late * 60_000 + hours * 1_800_000,
  measures: { sleep_duration: hours * 3600 },
  ...placed,
  recordId: `night ${i}`,
  version: 1,
})
const shifted = (i: number): boolean => i >= 200
const life = (from: number, to: number): Observation[] =>
  Array.from({ length: to - from }, (_, k) => from + k).flatMap((i) => [
    pulse(i, 55 + ((i * 5) % 7)),
    sleep(i, 7 + ((i * 3) % 5) / 10 - (shifted(i) ? 1 : 0), 190 + ((i * 7) % 20) + (shifted(i) ? 150 : 0)),
  ])

type Edit =
  | { what: 'days' | 'tag'; from: number; days: number }
  | { what: 'correct'; day: number; value: number }
  | { what: 'delete'; day: number }

describe('the ladder on SQL', () => {
  it('is built, retired, and read as of then, with chapters of what was really stored', async () => {
    const user = await person()
    await write(user, life(0, 400), 1)
    const first = await run(user, 401, 5000)
    expect(first.ladder.computed.week).toBeGreaterThan(150)
    const { records } = await concluded(user)
    const told = records.filter(({ body }) => body.chapter === true)
    expect(told).toHaveLength(2)
    expect(told.map(({ text }) => text).sort()[1]).toMatch(
      /^Since 2022-07 \(\d+ weeks\): 1 h less time asleep \(.+\), sleep later by 2 h \d+ min \(middle 05:\d\d\)\.$/,
    )
    const again = await run(user, 401, 6000)
    expect(again).toMatchObject({ written: 0, retired: 0, detectors: [], ladder: { written: 0, removed: 0 } })
    expect(Object.values(again.ladder.computed)).toEqual([0, 0, 0, 0])
    // The shift turns out to be a mistake of the device: the second chapter holds no more, and can be read as of then.
    await write(
      user,
      Array.from(
        { length: 200 },
        (_, k) => ({ ...sleep(200 + k, 7 + ((k * 3) % 5) / 10, 190 + ((k * 7) % 20)), version: 2 }) as Observation,
      ),
      2,
    )
    const corrected = await run(user, 401, 7000)
    expect(corrected.retired).toBe(1)
    expect((await concluded(user)).records.filter(({ body }) => body.chapter === true)).toHaveLength(1)
    const then = await ports.patterns.list(scope(user), { asOf: 6500, status: ['active'] })
    expect(then.filter(({ body }) => body.chapter === true)).toHaveLength(2)
  })

  it('concludes again what somebody removed, though nothing was measured since', async () => {
    const user = await person()
    await write(user, life(0, 400), 1)
    await run(user, 401)
    const before = await concluded(user)
    const [gone] = before.records.filter(({ body }) => body.chapter === true)
    await sql.transaction((tx) => ports.patterns.remove(tx, user, [gone!.id]))
    expect((await run(user, 401, 9000)).detectors).toEqual(['chapters'])
    expect(await concluded(user)).toEqual(before)
  })

  it('is, after random deliveries, deletions and tags with builds between them, what a build from nothing is', async () => {
    const step = fc.oneof(
      fc.record({
        what: fc.constant('days' as const),
        from: fc.integer({ min: 0, max: 260 }),
        days: fc.integer({ min: 1, max: 60 }),
      }),
      fc.record({
        what: fc.constant('correct' as const),
        day: fc.integer({ min: 0, max: 300 }),
        value: fc.integer({ min: 40, max: 90 }),
      }),
      fc.record({ what: fc.constant('delete' as const), day: fc.integer({ min: 0, max: 300 }) }),
      fc.record({
        what: fc.constant('tag' as const),
        from: fc.integer({ min: 0, max: 300 }),
        days: fc.integer({ min: 1, max: 9 }),
      }),
      fc.record({ what: fc.constant('build' as const), ahead: fc.integer({ min: 0, max: 20 }) }),
    )
    const observationsOf = (one: Edit): Observation[] => {
      if (one.what === 'days') return life(one.from, one.from + one.days)
      if (one.what === 'correct') return [pulse(one.day, one.value)]
      if (one.what === 'delete')
        return [
          {
            shape: 'deletion',
            target: { shape: 'sample', of: 'resting_heart_rate', start: BEGIN + one.day * DAY + DAY / 4 },
            source: watch,
            sticky: true,
          },
        ]
      return [
        {
          shape: 'tag',
          tag: 'illness',
          start: BEGIN + one.from * DAY,
          end: BEGIN + (one.from + one.days) * DAY,
          ...placed,
        },
      ]
    }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 9 }), async (steps) => {
        const [piecewise, whole] = [await person(), await person()]
        let today = 310
        await write(piecewise, life(0, 250), 0)
        await write(whole, life(0, 250), 0)
        for (const [i, one] of steps.entries()) {
          if (one.what === 'build') {
            today += one.ahead
            await run(piecewise, today, 1000 + i)
          } else for (const user of [piecewise, whole]) await write(user, observationsOf(one), i + 1)
        }
        await run(piecewise, today, 2000)
        await run(whole, today, 2000)
        expect(await concluded(piecewise)).toEqual(await concluded(whole))
      }),
      { numRuns: 4, endOnFailure: true },
    )
  })

  it('lets one of two builds at once go on, and the other begin again', async () => {
    const user = await person()
    await write(user, life(0, 120), 1)
    const [a, b] = await Promise.all([run(user, 130, 100), run(user, 130, 101)])
    expect(a.ladder.written + b.ladder.written).toBe((await concluded(user)).rows.length)
    const standing = await ladder.standing(scope(user))
    expect(standing.epoch).toBe(2)
    const stale = { rows: [], gone: [], marks: [], standing: { until: date(130), algorithm: '', detectors: {} } }
    expect(await sql.transaction((tx) => ladder.advance(tx, user, 1, stale, 102))).toBe(false)
    expect(await ladder.standing(scope(user))).toEqual(standing)
  })

  it('is seen by nobody else', async () => {
    const [ann, bob] = [await person(), await person()]
    await write(ann, life(0, 120), 1)
    await run(ann, 130)
    expect((await concluded(bob)).rows).toEqual([])
    expect(await ladder.marks(scope(bob))).toEqual([])
    const rows = await sql.as(bob, (tx) => tx.query('select * from auren.ladder'))
    expect(rows).toEqual([])
  })
})

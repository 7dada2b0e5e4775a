import type { Batch, LongTerm, Observation } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLongTerm } from '../src/storage/sql/longterm/index.js'
import type { Sql } from '../src/storage/sql/port.js'
import type { SqlVault } from '../src/storage/sql/vault.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

let sql: Sql
let vault: SqlVault
let longTerm: LongTerm
let user = ''
let persons = 0

beforeAll(async () => {
  sql = await openTestSql()
  vault = await openTestVault(sql)
  longTerm = createLongTerm(sql, vault, { 'ring.glow': { unit: '1', aggregates: ['last'], kind: 'vendor_score' } })
})
afterAll(() => sql.close())
beforeEach(async () => {
  user = `person ${++persons}`
  await sql.transaction((tx) => vault.create(tx, user))
})

const at = (iso: string) => Date.parse(iso)
const minute = 60_000
const hour = 60 * minute
const watch = { name: 'Watch', type: 'watch' as const }
const phone = { name: 'Phone', type: 'phone' as const }
const ring = { name: 'Ring', type: 'ring' as const }
const carried = { offset: 0, zoneBasis: 'carried' as const }
const scope = () => ({ user, purpose: 'answer' as const })
const years = { from: '1990-01-01', to: '2090-01-01' }

function write(observations: Observation[], receivedAt = 1, more: Partial<Batch> = {}) {
  const batch = { provider: 'p', account: 'a', receivedAt, rawRef: `raw ${receivedAt}`, observations, ...more }
  return sql.transaction((tx) => longTerm.write(tx, user, [batch]))
}

function sample(metric: string, start: number, value: number, more: object = {}): Observation {
  return { shape: 'sample', metric, start, value, unit: 'x', source: watch, ...carried, ...more } as Observation
}

function night(start: number, end: number, more: object = {}): Observation {
  return { shape: 'session', kind: 'sleep', start, end, measures: {}, source: ring, ...carried, ...more } as Observation
}

async function values(metric: string, source?: string): Promise<Record<string, number>> {
  const rows = await longTerm.days(scope(), { metrics: [metric], ...years, ...(source ? { source } : {}) })
  return Object.fromEntries(rows.map(({ date, value }) => [date, value]))
}

const monday = at('2026-05-04T00:00:00Z')

describe('coverage', () => {
  it('of a source’s day is that of all its metrics: a worn watch covers its steps', async () => {
    const worn = Array.from({ length: 48 }, (_, i) => sample('heart_rate', monday + i * 15 * minute, 60))
    await write([...worn, sample('steps', monday + 2 * hour, 100, { end: monday + 3 * hour })])
    const rows = await longTerm.days(scope(), { metrics: ['steps', 'heart_rate'], ...years })
    expect(rows.map(({ metric, coverage }) => [metric, coverage])).toEqual([
      ['heart_rate', 0.5],
      ['steps', 0.5],
    ])
  })

  it('of a merged row is what any of its sources shows, and falls again when data are withdrawn', async () => {
    const steps = (source: object, from: number, to: number) =>
      sample('steps', monday + from * hour, 10, { end: monday + to * hour, source })
    const coverage = async () =>
      Object.fromEntries(
        (
          await Promise.all(
            ['all', 'merged'].map((source) => longTerm.days(scope(), { metrics: ['steps'], ...years, source })),
          )
        )
          .flat()
          .map((row) => [row.source.split('/').at(-1), row.coverage]),
      )
    await write([steps(watch, 0, 6), steps(phone, 3, 12)])
    expect(await coverage()).toEqual({ Watch: 0.25, Phone: 0.375, merged: 0.5 })
    await write(
      [
        {
          shape: 'deletion',
          target: { shape: 'sample', of: 'steps', start: monday + 3 * hour, end: monday + 12 * hour },
          source: phone,
        },
      ],
      2,
    )
    expect(await coverage()).toEqual({ Watch: 0.25, merged: 0.25 })
  })
})

describe('merged steps', () => {
  it('are 14,079 = watch 4,157 + phone 9,922 in its gaps, and the row says so', async () => {
    const steps = (source: object, from: number, to: number, value: number) =>
      sample('steps', monday + from * minute, value, { end: monday + to * minute, source })
    await write([
      steps(watch, 480, 540, 2157),
      steps(watch, 600, 660, 2000),
      steps(phone, 480, 540, 2300),
      steps(phone, 570, 630, 1844),
      steps(phone, 720, 840, 9000),
    ])
    const [row] = await longTerm.days(scope(), { metrics: ['steps'], ...years })
    expect(row).toMatchObject({ value: 14_079, sum: 14_079, source: 'merged' })
    expect(Object.values(row?.parts ?? {})).toEqual([4157, 9922])
    expect(Object.keys(row?.parts ?? {}).map((key) => key.split('/').at(-1))).toEqual(['Watch', 'Phone'])
  })

  it('change their days when the person ranks the phone first', async () => {
    for (const [source, value] of [
      [watch, 500],
      [phone, 900],
    ] as const)
      await write([sample('steps', monday, value, { end: monday + hour, source })])
    expect(await values('steps')).toEqual({ '2026-05-04': 500 })
    const key = (await longTerm.sources(scope())).find(({ name }) => name === 'Phone')?.key as string
    await sql.transaction((tx) => longTerm.setProfile(tx, user, { ranks: { steps: [key] } }))
    expect(await values('steps')).toEqual({ '2026-05-04': 900 })
    expect(await longTerm.profile(scope())).toEqual({ ranks: { steps: [key] } })
    await sql.transaction((tx) => longTerm.setProfile(tx, user, {}))
    expect(await values('steps')).toEqual({ '2026-05-04': 500 })
  })

  it('change their days when a source turns out to be a watch', async () => {
    await write([sample('steps', monday, 500, { end: monday + hour, source: { name: 'X', type: 'unknown' } })])
    await write([sample('steps', monday, 900, { end: monday + hour, source: phone })])
    expect(await values('steps')).toEqual({ '2026-05-04': 900 })
    await write([sample('heart_rate', monday, 60, { source: { name: 'X', type: 'watch' } })])
    expect(await values('steps')).toEqual({ '2026-05-04': 500 })
  })
})

describe('zone facts', () => {
  it('move days, nights and tags of data without an offset, there and back', async () => {
    const late = at('2026-05-04T22:30:00Z')
    const absent = { offset: null, zoneBasis: 'absent' as const }
    await write([
      sample('heart_rate', late, 60, absent),
      sample('weight', late, 80, { ...absent, source: phone }),
      sample('steps', late, 300, { ...absent, end: late + 3 * hour }),
      night(late - 8 * hour, late, absent),
      { shape: 'tag', tag: 'alcohol', start: late, source: phone, ...absent },
    ])
    const dates = async () => ({
      heart: await values('heart_rate'),
      weight: await values('weight'),
      steps: await values('steps'),
      sleep: Object.keys(await values('sleep_session')),
      night: (await longTerm.sessions(scope(), years)).map(({ date }) => date),
      tags: (await longTerm.tags(scope(), years)).map(({ date }) => date),
    })
    const inUtc = {
      heart: { '2026-05-04': 60 },
      weight: { '2026-05-04': 80 },
      steps: { '2026-05-04': 150, '2026-05-05': 150 },
      sleep: ['2026-05-04'],
      night: ['2026-05-04'],
      tags: ['2026-05-04'],
    }
    expect(await dates()).toEqual(inUtc)
    await sql.transaction((tx) => longTerm.setProfile(tx, user, { zones: [{ from: 0, zone: 'Europe/Berlin' }] }))
    expect(await dates()).toEqual({
      heart: { '2026-05-05': 60 },
      weight: { '2026-05-05': 80 },
      steps: { '2026-05-05': 300 },
      sleep: ['2026-05-05'],
      night: ['2026-05-05'],
      tags: ['2026-05-05'],
    })
    await sql.transaction((tx) => longTerm.setProfile(tx, user, { zones: [] }))
    expect(await dates()).toEqual(inUtc)
  })
})

describe('nights', () => {
  it('are read by the date on which they end, with the main one marked', async () => {
    const nine = monday - 3 * hour
    await write([
      night(nine, nine + 8 * hour, { measures: { sleep_duration: 27_000, sleep_deep: 5000 }, text: 'slept well' }),
      night(nine - hour, nine + 9 * hour, { source: phone }),
      night(monday + 13 * hour, monday + 14 * hour),
    ])
    const sessions = await longTerm.sessions(scope(), { ...years, all: true })
    expect(sessions.map(({ source, main, nap }) => [source.split('/').at(-1), main, nap])).toEqual([
      ['Phone', false, false],
      ['Ring', true, false],
      ['Ring', false, true],
    ])
    expect(await longTerm.sessions(scope(), years)).toMatchObject([
      { date: '2026-05-04', main: true, text: 'slept well' },
    ])
    expect(await values('sleep_session')).toEqual({ '2026-05-04': 27_000 + 3600 })
    expect(await values('sleep_duration')).toEqual({ '2026-05-04': 27_000 })
    expect(await values('sleep_deep')).toEqual({ '2026-05-04': 5000 })
  })

  it('of floating clocks meet those of other devices in the person’s zone', async () => {
    await sql.transaction((tx) => longTerm.setProfile(tx, user, { zones: [{ from: 0, zone: 'America/New_York' }] }))
    const real = at('2026-05-04T03:00:00Z')
    await write([
      night(real, real + 8 * hour, { offset: -240, measures: { sleep_duration: 26_000 } }),
      night(monday - hour, monday + 7 * hour, { offset: null, zoneBasis: 'floating', source: phone }),
    ])
    expect(await values('sleep_session')).toEqual({ '2026-05-04': 26_000 })
    const all = await longTerm.sessions(scope(), { ...years, all: true })
    expect(all.map(({ main, nap }) => [main, nap])).toEqual([
      [false, false],
      [true, false],
    ])
  })

  it('take their fields along when they are withdrawn', async () => {
    await write([night(monday, monday + 8 * hour, { recordId: 's/1', measures: { sleep_duration: 25_000 } })])
    await write([{ shape: 'deletion', recordId: 's/1' }], 2)
    expect(await values('sleep_duration')).toEqual({})
    expect(await longTerm.metrics(scope())).toEqual([])
    await write([night(monday, monday + 7 * hour, { recordId: 's/1', measures: { sleep_duration: 20_000 } })], 3)
    expect(await values('sleep_duration')).toEqual({ '2026-05-04': 20_000 })
  })

  it('yield to nothing: a vendor’s sample of the same field stands only where there is no session', async () => {
    await write([sample('sleep_duration', monday + 8 * hour, 111), sample('sleep_duration', monday + 32 * hour, 222)])
    await write([night(monday, monday + 8 * hour, { measures: { sleep_duration: 25_000 } })])
    expect(await values('sleep_duration')).toEqual({ '2026-05-04': 25_000, '2026-05-05': 222 })
  })
})

describe('records', () => {
  it('that come again with less withdraw the rest, and read as of then with all of it', async () => {
    const of = (values: number[]) =>
      values.map((value, i) => sample('heart_rate', monday + i * 40 * hour, value, { recordId: 'w/1' }))
    await write(of([60, 61, 62]), 10)
    await write(of([60, 65]), 20)
    const read = async (asOf?: number) =>
      (await longTerm.samples(scope(), { metric: 'heart_rate', from: 0, to: 4e12, ...(asOf ? { asOf } : {}) })).map(
        ({ value }) => value,
      )
    expect(await read()).toEqual([60, 65])
    expect(await read(15)).toEqual([60, 61, 62])
    expect(await read(25)).toEqual([60, 65])
    expect(await read(5)).toEqual([])
    expect(Object.values(await values('heart_rate'))).toEqual([60, 65])
  })
})

describe('deletions', () => {
  const beat = sample('heart_rate', monday, 61)
  const gone = (sticky: boolean): Observation => ({
    shape: 'deletion',
    target: { shape: 'sample', of: 'heart_rate', start: monday },
    source: watch,
    ...(sticky ? { sticky } : {}),
  })

  it('hold against what was received before them and is stored after them', async () => {
    await write([gone(false)], 2)
    await write([beat], 1)
    expect(await values('heart_rate')).toEqual({})
    await write([beat], 3)
    expect(await values('heart_rate')).toEqual({ '2026-05-04': 61 })
  })

  it('by the person hold against whatever comes again', async () => {
    await write([beat], 1)
    await write([gone(true)], 2)
    for (const receivedAt of [3, 1]) await write([beat], receivedAt)
    expect(await values('heart_rate')).toEqual({})
  })
})

describe('metrics', () => {
  it('of a plugin are stored as the plugin says; nobody’s are refused', async () => {
    await write([sample('ring.glow', monday, 3), sample('oura.readiness_score', monday, 80)])
    expect(await values('ring.glow')).toEqual({ '2026-05-04': 3 })
    expect(await values('oura.readiness_score')).toEqual({ '2026-05-04': 80 })
    await expect(write([sample('nobodys', monday, 3)])).rejects.toMatchObject({ code: 'AUREN_METRIC_UNKNOWN' })
    await expect(write([sample('heart_rate', monday, 60, { end: monday - 1 })])).rejects.toMatchObject({
      code: 'AUREN_INPUT_INVALID',
    })
  })
})

describe('words', () => {
  it('are not in the tables', async () => {
    await write([{ shape: 'tag', tag: 'note', start: monday, text: 'a canary sang', source: phone, ...carried }])
    expect((await longTerm.tags(scope(), years)).map(({ text }) => text)).toEqual(['a canary sang'])
    const rows = await sql.transaction((tx) =>
      tx.query<{ row: string }>('select e::text as row from auren.entries e where user_id = $1', [user]),
    )
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toMatch(/canary|63616e617279/)
  })
})

describe('isolation', () => {
  it('shows a person nothing of another, even to a statement without WHERE on a session just used', async () => {
    await write([sample('heart_rate', monday, 60), night(monday, monday + 8 * hour, { recordId: 'r' })])
    for (const name of ['chunks', 'days', 'source_days', 'entries', 'records', 'sources', 'person_versions']) {
      const count = (of: string) =>
        sql.as(of, (tx) => tx.query<{ n: number }>(`select count(*)::int4 as n from auren.${name}`))
      expect((await count(user))[0]?.n).toBeGreaterThan(0)
      expect(await count('somebody else')).toEqual([{ n: 0 }])
    }
  })
})

import { createMemory, type Memory, memoryHot } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createJournal } from '../src/storage/sql/journal/index.js'
import { createLongTerm } from '../src/storage/sql/longterm/index.js'
import { createPatterns } from '../src/storage/sql/patterns.js'
import type { Sql } from '../src/storage/sql/port.js'
import { createThreads } from '../src/storage/sql/threads.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

const DAY = 86_400_000
const begin = Date.parse('2026-01-01T00:00:00Z')
let sql: Sql
let of: (user: string) => Memory
let now = begin
let count = 0
let ann: Memory
beforeAll(async () => {
  sql = await openTestSql()
  const vault = await openTestVault(sql)
  const ports = {
    journal: createJournal(sql, vault, { partitions: 1, now: () => now }),
    longTerm: createLongTerm(sql, vault),
    patterns: createPatterns(sql, vault),
    threads: createThreads(sql, vault),
    hot: memoryHot(),
    detectors: [],
    now: () => now,
    today: async () => new Date(now).toISOString().slice(0, 10),
  }
  of = (user) => createMemory(ports, user)
})
afterAll(() => sql.close())
beforeEach(() => {
  now = begin
  ann = of(`ann ${++count}`)
})
const texts = (records: readonly { text: string }[]) => records.map(({ text }) => text).sort()

describe('contradicting safety facts', () => {
  const risk = 'I am allergic to penicillin'
  const none = 'I am not allergic to penicillin'
  it('are both in every recall, the stricter acts, and the person is asked until they decide', async () => {
    const first = await ann.remember({ kind: 'safety', text: risk })
    expect(await ann.contradictions()).toEqual([])
    now += DAY
    const second = await ann.remember({ kind: 'safety', text: none })
    for (const query of [{}, { text: 'anything', limit: 0 }, { text: 'penicillin', budget: { tokens: 40 } }]) {
      const { pinned, contradictions } = await ann.recall(query)
      expect(texts(pinned)).toEqual([risk, none].sort())
      expect(contradictions).toMatchObject([{ kind: 'negation', resolution: 'open', acts: first.id }])
    }
    const [open] = await ann.contradictions({ open: true })
    await expect(ann.resolve(open!.id, 'somebody else')).rejects.toMatchObject({ code: 'AUREN_INPUT_INVALID' })

    now += DAY
    expect(await ann.resolve(open!.id, second.id)).toMatchObject({ resolution: 'person', holds: second.id })
    expect(texts((await ann.recall({})).pinned)).toEqual([none])
    expect(await ann.contradictions({ open: true })).toEqual([])
    // It reads as it read then, and the one that was put aside is not gone.
    expect(await ann.contradictions({ asOf: now - 1 })).toMatchObject([{ resolution: 'open' }])
    expect(texts((await ann.recall({ asOf: now - 1 })).pinned)).toEqual([risk, none].sort())
    expect(texts(await ann.list({ kinds: ['safety'] }))).toEqual([risk, none].sort())

    // What is decided stands until one of them is said anew.
    now += DAY
    await ann.remember({ kind: 'goal', text: 'My goal is to sleep 8 hours' })
    expect(await ann.contradictions()).toMatchObject([{ resolution: 'person' }])
    now += DAY
    await ann.correct(first.id, { text: 'I am severely allergic to penicillin' })
    expect(await ann.contradictions()).toMatchObject([{ resolution: 'open', acts: first.id }])
  })
  it('end where one is corrected or forgotten', async () => {
    const first = await ann.remember({ kind: 'safety', text: risk })
    now += 1
    const second = await ann.remember({ kind: 'safety', text: none })
    now += 1
    await ann.correct(second.id, { text: 'I am not allergic to latex' })
    expect(await ann.contradictions()).toEqual([])
    now += 1
    await ann.correct(second.id, { text: none })
    expect(await ann.contradictions()).toMatchObject([{ resolution: 'open' }])
    await ann.forget(first.id)
    expect(await ann.contradictions()).toEqual([])
  })
})

describe('goals and preferences', () => {
  it('give way to the newest explicit one, which overwrites nothing', async () => {
    const old = await ann.remember({ kind: 'goal', text: 'My goal is to sleep 7 hours' })
    now += 30 * DAY
    const draft = await ann.remember({ kind: 'goal', text: 'My goal is to sleep 8 hours', drafted: true })
    expect(texts((await ann.recall({})).pinned)).toEqual(texts([old, draft]))
    now += DAY
    await ann.confirm(draft.id)
    expect(texts((await ann.recall({})).pinned)).toEqual([draft.text])
    expect(texts((await ann.recall({ asOf: begin + DAY })).pinned)).toEqual([old.text])
    expect((await ann.list({ kinds: ['goal'], status: ['active'] })).length).toBe(2)
    // Forgetting what put it aside brings it back.
    await ann.forget(draft.id)
    expect(texts((await ann.recall({})).pinned)).toEqual([old.text])
  })
})

describe('a hypothesis', () => {
  it('ages until it is tested, and what was recalled tests nothing', async () => {
    const { id } = await ann.remember({ kind: 'hypothesis', text: 'I think late meals hurt my sleep' })
    const status = async (asOf?: number) =>
      (await ann.list({ kinds: ['hypothesis'], ...(asOf === undefined ? {} : { asOf }) })).map((one) => [
        one.status,
        one.confidence,
      ])
    expect(await status()).toEqual([['active', null]])
    now += 200 * DAY
    expect(await status()).toEqual([['weakening', null]])
    const nights = { ref: 'days:sleep_duration/2026-01-01/2026-06-30', origin: 'measured' as const, at: now }
    await ann.weigh(id, [{ ...nights, for: 30, against: 4 }])
    await ann.weigh(id, [{ ...nights, for: 30, against: 4 }])
    expect(await status()).toEqual([['active', 30 / 36]])
    await expect(ann.weigh(id, [{ ...nights, ref: 'x', origin: 'memory', for: 1, against: 0 }])).rejects.toMatchObject({
      code: 'AUREN_INPUT_INVALID',
    })
    expect(await ann.list({ status: ['weakening'] })).toEqual([])
    now += 181 * DAY
    expect((await ann.list({ status: ['weakening'] })).map((one) => one.id)).toEqual([id])
    expect(await status(begin + 100 * DAY)).toEqual([['active', null]])
    expect((await ann.recall({ text: 'late meals' })).hits[0]).toMatchObject({ id, status: 'weakening' })
    // 30·2^(−x/180) / (… + 6) < 0.1 from x ≈ 987 on: then it is nothing that holds.
    now += 900 * DAY
    expect((await ann.recall({ text: 'late meals' })).hits).toEqual([])
    expect((await ann.list({ status: ['retired'] })).map((one) => one.id)).toEqual([id])
  })
})

it('keeps what was said within its bounds', async () => {
  await expect(ann.remember({ kind: 'contradiction', text: 'x' })).rejects.toMatchObject({
    code: 'AUREN_INPUT_INVALID',
  })
  await expect(ann.remember({ kind: 'note', text: ' ' })).rejects.toMatchObject({ code: 'AUREN_INPUT_INVALID' })
  await expect(ann.remember({ kind: 'episode', text: 'flu', validFrom: 2, validTo: 1 })).rejects.toMatchObject({
    code: 'AUREN_INPUT_INVALID',
  })
  const note = await ann.remember({ kind: 'note', text: 'x' })
  await expect(ann.correct(note.id, { text: '' })).rejects.toMatchObject({ code: 'AUREN_INPUT_INVALID' })
  expect(await ann.confirm(note.id)).toEqual(note)
})

import { type MemoryRecord, type Patterns, type RecallQuery, recall, type Threads } from '@auren/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPatterns } from '../src/storage/sql/patterns.js'
import type { Sql } from '../src/storage/sql/port.js'
import { createThreads } from '../src/storage/sql/threads.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

let sql: Sql
let patterns: Patterns
let threads: Threads
beforeAll(async () => {
  sql = await openTestSql()
  const vault = await openTestVault(sql, 'ann', 'anna', 'bob')
  patterns = createPatterns(sql, vault)
  threads = createThreads(sql, vault)
})
afterAll(() => sql.close())

const DAY = 86_400_000
const at = (date: string): number => Date.parse(`${date}T00:00:00Z`)
const record = (id: string, change: Partial<MemoryRecord>): MemoryRecord => ({
  id,
  kind: 'note',
  validFrom: at('2024-01-01'),
  validTo: null,
  recordedAt: at('2024-01-01'),
  supersededAt: null,
  origin: 'self',
  algorithm: null,
  derivedFrom: [],
  about: [],
  text: id,
  body: {},
  status: 'active',
  confidence: null,
  pinned: false,
  ...change,
})
const keep = (user: string, ...records: MemoryRecord[]) => sql.transaction((tx) => patterns.put(tx, user, records))
const ask = (query: RecallQuery, user = 'ann') => recall({ patterns, threads }, { user, purpose: 'answer' }, query)
const ids = (records: readonly { id: string }[]): string[] => records.map(({ id }) => id)

describe('a recall', () => {
  beforeAll(async () => {
    await keep(
      'ann',
      record('allergy', { kind: 'safety', text: 'I am allergic to penicillin', pinned: true }),
      record('quiet', { kind: 'preference', text: 'Never mention weight', pinned: true }),
      record('flu', {
        kind: 'episode',
        text: 'I had the flu',
        validFrom: at('2024-02-03'),
        validTo: at('2024-02-10'),
      }),
      record('usual', { kind: 'baseline', text: 'Resting heart rate, usual', about: ['resting_heart_rate'] }),
      ...Array.from({ length: 9 }, (_, i) => record(`wine-${i}`, { text: `Wine again, glass ${i}` })),
      record('from-turn', { text: 'Coffee keeps me awake', derivedFrom: ['turn-coffee'] }),
    )
    for (const [i, text] of ['Coffee keeps me awake', 'Then drink less coffee', 'Tea is fine'].entries())
      await sql.transaction((tx) =>
        threads.addTurn(tx, 'ann', {
          id: i === 0 ? 'turn-coffee' : `turn-${i}`,
          thread: 'talk',
          role: i === 1 ? 'neuros' : 'person',
          text,
          facts: [],
          at: at('2024-01-02') + i,
        }),
      )
  })

  it('holds what is pinned whatever is asked, the safety facts first', async () => {
    const { pinned, hits, why } = await ask({})
    expect(ids(pinned)).toEqual(['allergy', 'quiet'])
    expect(hits).toEqual([])
    expect(why).toEqual({ allergy: [{ channel: 'pinned' }], quiet: [{ channel: 'pinned' }] })
  })

  it('says why each was recalled: by metric, by time, by words', async () => {
    const { hits, why } = await ask({
      text: 'was the flu bad?',
      about: ['resting_heart_rate'],
      time: { from: '2024-02-05', to: '2024-02-05' },
    })
    expect(ids(hits)).toEqual(expect.arrayContaining(['usual', 'flu']))
    expect(why.usual).toContainEqual({ channel: 'about', of: 'resting_heart_rate' })
    expect(why.flu).toEqual([{ channel: 'time' }, { channel: 'words', place: 1 }])
  })

  it('by time means that it held on one of the days, both ends included and no more', async () => {
    const flu = async (from: string, to: string) => ids((await ask({ time: { from, to } })).hits).includes('flu')
    expect(await flu('2024-02-01', '2024-02-03')).toBe(true)
    expect(await flu('2024-02-01', '2024-02-02')).toBe(false)
    expect(await flu('2024-02-09', '2024-02-20')).toBe(true)
    expect(await flu('2024-02-10', '2024-02-20')).toBe(false)
  })

  it('keeps each kind within its quota', async () => {
    const { hits } = await ask({ text: 'wine', limit: 30 })
    expect(hits).toHaveLength(4)
  })

  it('brings the turns that were said, once: not beside the note that was made of one', async () => {
    const { hits, said, why } = await ask({ text: 'coffee', turns: 5 })
    expect(ids(hits)).toEqual(['from-turn'])
    expect(ids(said)).toEqual(['turn-1', 'turn-2'])
    expect(why['turn-1']).toEqual([{ channel: 'words', place: expect.any(Number) }])
    expect((await ask({ text: 'coffee' })).said).toEqual([])
  })

  it('stays within the tokens, counts them, and never cuts off what is pinned', async () => {
    const all = await ask({ text: 'wine coffee', turns: 5 })
    const pinned = await ask({})
    expect(pinned.tokens).toBeGreaterThan(8)
    expect(all.tokens).toBeGreaterThan(pinned.tokens)
    for (let tokens = pinned.tokens; tokens <= all.tokens; tokens++) {
      const some = await ask({ text: 'wine coffee', turns: 5, budget: { tokens } })
      expect(some.tokens).toBeLessThanOrEqual(tokens)
      expect(ids(some.pinned)).toEqual(['allergy', 'quiet'])
    }
    await expect(ask({ budget: { tokens: pinned.tokens - 1 } })).rejects.toMatchObject({
      code: 'AUREN_INPUT_INVALID',
    })
  })

  it('counts as the encoding does', async () => {
    await keep('bob', record('b', { kind: 'safety', text: 'hello world', pinned: true }))
    expect((await ask({}, 'bob')).tokens).toBe(2)
  })

  it('as of then: what was believed, by words too', async () => {
    await keep('bob', record('n', { text: 'Magnesium helps', recordedAt: at('2024-03-01') }))
    await keep('bob', record('n', { text: 'Magnesium does nothing', recordedAt: at('2024-06-01') }))
    const then = (asOf?: number) =>
      ask({ text: 'magnesium', ...(asOf === undefined ? {} : { asOf }) }, 'bob').then(({ hits }) =>
        hits.map(({ text }) => text),
      )
    expect(await then()).toEqual(['Magnesium does nothing'])
    expect(await then(at('2024-04-01'))).toEqual(['Magnesium helps'])
    expect(await then(at('2024-02-01'))).toEqual([])
    expect(await then(at('2024-06-01') + DAY)).toEqual(['Magnesium does nothing'])
  })

  it('names the channel that failed, or took too long, and answers with the others', async () => {
    const scope = { user: 'ann', purpose: 'answer' } as const
    const broken = { ...patterns, search: () => Promise.reject(new Error('no')) }
    const without = await recall({ patterns: broken, threads }, scope, { text: 'flu' })
    expect(without.degraded).toEqual(['words: AUREN_INTERNAL'])
    expect(ids(without.pinned)).toEqual(['allergy', 'quiet'])
    const hung = { ...patterns, search: () => new Promise<never>(() => undefined) }
    const late = await recall({ patterns: hung, threads }, scope, { text: 'flu', budget: { ms: 500 } })
    expect(late.degraded).toEqual(['words: AUREN_TIMEOUT'])
    expect(ids(late.pinned)).toEqual(['allergy', 'quiet'])
  })

  it('says which days have no data: a gap is never a nothing', async () => {
    const longTerm = {
      metrics: async () => [
        { metric: 'steps', from: '2024-01-01', to: '2024-12-31', days: 300, n: 300, sources: ['watch'] },
      ],
      days: async () => [{ metric: 'steps', date: '2024-02-01' }] as never,
    }
    const scope = { user: 'ann', purpose: 'answer' } as const
    const of = (from: string, to: string) =>
      recall({ patterns, longTerm }, scope, { about: ['steps'], time: { from, to } }).then(({ gaps }) => gaps)
    expect(await of('2024-02-01', '2024-02-03')).toEqual([
      'steps: 2 of 3 days from 2024-02-01 to 2024-02-03 have no data',
    ])
    expect(await of('2024-02-01', '2024-02-01')).toEqual([])
  })

  it('of another person is empty', async () => {
    expect(await ask({ text: 'coffee wine flu', turns: 5 }, 'anna')).toMatchObject({ pinned: [], hits: [], said: [] })
  })
})

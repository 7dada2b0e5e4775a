import type { Threads } from '@auren/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { measureLocomo } from '../../../bench/eval/locomo.js'
import { shared } from '../../../test/shared.js'
import type { Sql } from '../src/storage/sql/port.js'
import { createThreads } from '../src/storage/sql/threads.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

let sql: Sql
let threads: Threads
beforeAll(async () => {
  sql = await openTestSql()
  threads = createThreads(sql, await openTestVault(sql, 'ann', 'anna', 'old', 'any'))
})
afterAll(() => sql.close())

let next = 0
const say = (user: string, thread: string, text: string, at = next) =>
  sql.transaction((tx) =>
    threads.addTurn(tx, user, { id: `said-${next++}`, thread, role: 'person', text, facts: [{ id: next }], at }),
  )
const find = async (user: string, text: string, limit = 10, asOf?: number) =>
  (await threads.search({ user, purpose: 'answer' }, { text, limit, ...(asOf === undefined ? {} : { asOf }) })).map(
    ({ turn }) => turn.text,
  )

describe('what was said is found', () => {
  it('by stems of any of its words, best first, with what it holds, and by its person only', async () => {
    await say('ann', 'a', 'I was running along the river with Paula')
    await say('ann', 'b', 'The river was high in March')
    await say('ann', 'c', 'Nothing of the kind')
    await say('anna', 'a', 'My run was hers alone')
    expect(await find('ann', 'Who runs by rivers?')).toEqual([
      'I was running along the river with Paula',
      'The river was high in March',
    ])
    expect(await find('anna', 'river')).toEqual([])
    expect(await find('anna', 'a run')).toEqual(['My run was hers alone'])
    const [hit] = await threads.search({ user: 'ann', purpose: 'answer' }, { text: 'paula', limit: 1 })
    expect(hit?.turn).toMatchObject({ thread: 'a', role: 'person', facts: [expect.anything()] })
    expect(hit?.score).toBeGreaterThan(0)
  })

  it('by the words of the two turns beside it, on both sides, below its own', async () => {
    for (const text of ['one', 'two', 'the magnesium, did it help?', 'yes, a lot', 'good', 'far away'])
      await say('ann', 'talk', text)
    const found = await find('ann', 'magnesium')
    expect(found[0]).toBe('the magnesium, did it help?')
    expect(found.slice(1).toSorted()).toEqual(['good', 'one', 'two', 'yes, a lot'])
  })

  it('not by the words of another thread', async () => {
    await say('ann', 'first', 'chamomile')
    await say('ann', 'second', 'something else')
    expect(await find('ann', 'chamomile')).toEqual(['chamomile'])
  })

  it('as of then', async () => {
    await say('ann', 'dated', 'valerian in spring', 100)
    await say('ann', 'dated too', 'valerian in autumn', 200)
    expect(await find('ann', 'valerian', 10, 150)).toEqual(['valerian in spring'])
  })

  it('nowhere once its thread is gone', async () => {
    await say('ann', 'gone', 'saffron')
    await sql.transaction((tx) => threads.remove(tx, 'ann', 'gone'))
    expect(await find('ann', 'saffron')).toEqual([])
  })

  it('where it was said before there was an index, as if there had always been one', async () => {
    const texts = ['a', 'ginger tea?', 'no thanks', 'then water', 'sure', 'later']
    for (const text of texts) await say('old', 'then', text)
    const before = await threads.search({ user: 'old', purpose: 'answer' }, { text: 'ginger water', limit: 10 })
    await sql.transaction((tx) => tx.query(`update auren.turns set words = null where user_id = 'old'`))
    // What is said next waits for what was said before.
    await say('old', 'then', 'ginger again')
    const after = await threads.search({ user: 'old', purpose: 'answer' }, { text: 'ginger water', limit: 10 })
    expect(after.map(({ turn }) => turn.id)).toEqual(expect.arrayContaining(before.map(({ turn }) => turn.id)))
    expect(after.map(({ turn }) => turn.text)).toContain('ginger again')
    await sql.transaction((tx) => tx.query(`update auren.turns set words = null where user_id = 'old'`))
    const anew = await threads.search({ user: 'old', purpose: 'answer' }, { text: 'ginger water', limit: 10 })
    expect(anew).toEqual(after)
  })

  it('whatever is asked: no text is a query of another kind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 60, unit: 'binary' }), async (text) => {
        await say('any', 'odd', text)
        expect(Array.isArray(await find('any', text))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('and no word of it stands in the index', async () => {
    await say('ann', 'secret', 'quinquagenarian')
    const rows = await sql.transaction((tx) => tx.query<{ words: string }>('select words::text from auren.turns'))
    expect(JSON.stringify(rows)).not.toMatch(/quinquag|magnes|river/)
  })
})

const file = shared('eval', 'locomo-dev', 'locomo_5_conversations.json')
describe.skipIf(!file)('LoCoMo', () => {
  it('finds 68 of 100 turns that answer a question among its first ten', { timeout: 300_000 }, async () => {
    const empty = await openTestSql()
    try {
      const figures = await measureLocomo(file as string, empty)
      expect(figures.questions).toBeGreaterThan(700)
      expect(figures.recallAt10).toBeGreaterThanOrEqual(0.68)
    } finally {
      await empty.close()
    }
  })
})

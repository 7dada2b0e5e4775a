import { describe, expect, it } from 'vitest'
import { AurenError } from '../../src/errors.js'
import type { Journal, Tx } from '../../src/events/ports.js'
import { createGroupCommit } from '../../src/ingest/group-commit.js'

interface Held {
  started: number
  finish: (() => void)[]
  committed: number[][]
}

/** Transactions that commit when told to; an item below zero is poison, `away` is a store that is gone. */
function made({ away = false } = {}) {
  const held: Held = { started: 0, finish: [], committed: [] }
  const journal = {
    async transaction<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
      held.started++
      await new Promise<void>((resolve) => held.finish.push(resolve))
      return fn({ kind: 'tx' })
    },
  } as Pick<Journal, 'transaction'>
  const add = createGroupCommit<number, string>(journal, async (_tx, items) => {
    if (away) throw new AurenError('AUREN_STORE_UNAVAILABLE', 'gone')
    if (items.some((item) => item < 0)) throw new Error('poison')
    held.committed.push([...items])
    return items.map((item) => `kept ${item}`)
  })
  const finishAll = async (): Promise<void> => {
    for (let quiet = 0; quiet < 3; quiet++) {
      while (held.finish.length > 0) {
        held.finish.shift()?.()
        quiet = 0
        await new Promise(setImmediate)
      }
      await new Promise(setImmediate)
    }
  }
  return { held, add, finishAll }
}

describe('a group commit', () => {
  it('commits what comes while others run together, and tells each its own result', async () => {
    const { held, add, finishAll } = made()
    const results = Promise.all(Array.from({ length: 200 }, (_, i) => add(i)))
    await new Promise(setImmediate)
    expect(held.started).toBe(3)
    await finishAll()
    expect(await results).toEqual(Array.from({ length: 200 }, (_, i) => `kept ${i}`))
    expect(held.committed.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i))
    expect(held.started).toBeLessThanOrEqual(8)
  })

  it('puts what one turn of the event loop has read into one transaction', async () => {
    const { held, add, finishAll } = made()
    const results = Promise.all([1, 2, 3].map((item) => Promise.resolve().then(() => add(item))))
    await Promise.resolve()
    await new Promise(setImmediate)
    expect(held.started).toBe(1)
    await finishAll()
    await results
    expect(held.committed).toEqual([[1, 2, 3]])
  })

  it('answers nobody before the commit', async () => {
    const { held, add, finishAll } = made()
    let answered = false
    const result = add(1).then(() => {
      answered = true
    })
    await new Promise(setImmediate)
    expect(answered).toBe(false)
    expect(held.started).toBe(1)
    await finishAll()
    await result
    expect(answered).toBe(true)
  })

  it('lets one that cannot be committed fail alone', async () => {
    const { add, finishAll } = made()
    const results = Promise.allSettled([1, 2, 3, -4, 5, 6].map(add))
    await finishAll()
    expect((await results).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ])
  })

  it('tries nothing one by one where the store is away', async () => {
    const { held, add, finishAll } = made({ away: true })
    const results = Promise.allSettled(Array.from({ length: 50 }, (_, i) => add(i)))
    await finishAll()
    expect((await results).every(({ status }) => status === 'rejected')).toBe(true)
    expect(held.started).toBeLessThanOrEqual(5)
  })
})

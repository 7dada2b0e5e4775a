import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixedClock } from '../../src/testing/clock.js'
import { createMemoryJournal } from '../../src/testing/memory-journal.js'
import { onRollback, undoMap, undoTransactions } from '../../src/testing/undo.js'

describe('transactions in process', () => {
  it('leave no trace of what failed', async () => {
    const changes = fc.array(
      fc.record({
        fails: fc.boolean(),
        steps: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.option(fc.nat(9))), { maxLength: 5 }),
      }),
      { maxLength: 8 },
    )
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const transaction = undoTransactions()
        const map = undoMap<string, number>()
        const oracle = new Map<string, number>()
        const failed: unknown[] = []
        // All at once: they wait for each other.
        await Promise.all(
          list.map(({ fails, steps }) =>
            transaction(async (tx) => {
              for (const [key, value] of steps) {
                await Promise.resolve()
                if (value === null) map.delete(tx, key)
                else map.set(tx, key, value)
              }
              if (fails) throw new Error('no')
            }).catch((error) => failed.push(error)),
          ),
        )
        for (const { fails, steps } of list)
          if (!fails)
            for (const [key, value] of steps) {
              if (value === null) oracle.delete(key)
              else oracle.set(key, value)
            }
        expect(failed).toHaveLength(list.filter(({ fails }) => fails).length)
        for (const key of ['a', 'b', 'c']) expect(map.get(key)).toBe(oracle.get(key))
      }),
    )
  })

  it('take back alone what failed inside of another', async () => {
    const transaction = undoTransactions()
    const map = undoMap<string, number>()
    await transaction(async (outer) => {
      map.set(outer, 'a', 1)
      await transaction(async (inner) => {
        map.set(inner, 'b', 2)
        throw new Error('no')
      }).catch(() => undefined)
    })
    expect([map.get('a'), map.get('b')]).toEqual([1, undefined])
  })

  it('refuse what comes after their end', async () => {
    const transaction = undoTransactions()
    const late = await transaction(async (tx) => tx)
    expect(() => onRollback(late, () => undefined)).toThrow(expect.objectContaining({ code: 'AUREN_CLOSED' }))
  })
})

describe('a journal in process', () => {
  it('gives positions without gaps to what was committed, and to nothing else', async () => {
    const { now } = fixedClock(0)
    const journal = createMemoryJournal({ now, partitions: 1 })
    const envelope = (n: number) => ({
      v: 1,
      id: `e${n}`,
      user: 'ada',
      account: '',
      receivedAt: n,
      provider: 'p',
      rawRef: 'r',
      observations: [],
    })
    for (let n = 0; n < 6; n++)
      await journal
        .transaction(async (tx) => {
          await journal.enqueue(tx, [envelope(n)])
          if (n % 2 === 1) throw new Error('no')
        })
        .catch(() => undefined)
    expect(await journal.transaction((tx) => journal.assign(tx, 2))).toBe(2)
    expect(await journal.transaction((tx) => journal.assign(tx, 2))).toBe(1)
    const records = await journal.transaction((tx) => journal.read(tx, 0, 0, 10, 1e6))
    expect(records.map(({ id, position }) => [id, position])).toEqual([
      ['e0', 0],
      ['e2', 1],
      ['e4', 2],
    ])
    expect(await journal.lag()).toMatchObject({ accepted: 3, waiting: 3 })
  })
})

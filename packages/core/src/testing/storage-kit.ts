import type { Journal, Tx } from '../events/ports.js'
import { memoryHot } from '../memory/hot.js'
import { advanceLadder, emptyLadder, type HeldLadder, readLadder } from '../memory/ladder/held.js'
import type { LadderStore } from '../memory/ladder/ports.js'
import type { Hot, LongTerm, Patterns } from '../memory/ports.js'
import type { UserId } from '../observation/schema.js'
import { createMemoryPatterns } from './memory-patterns.js'
import { type Conversations, createMemoryThreads } from './memory-threads.js'
import { undoMap, undoTransactions } from './undo.js'

/** What the suite needs of a test runner; vitest's `{ describe, it, expect, beforeAll, afterAll }` fits. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown
  it: ((name: string, body: () => Promise<void>) => unknown) & { todo?(name: string): unknown }
  beforeAll(body: () => Promise<void>): unknown
  afterAll(body: () => Promise<void>): unknown
  expect(actual: unknown): {
    toEqual(expected: unknown): unknown
    toBe(expected: unknown): unknown
    toBeCloseTo(expected: number, digits?: number): unknown
    toBeGreaterThan(expected: number): unknown
  }
}

/**
 * A storage that is open and empty. What is left out of tiers 1 and 3 and of conversations is filled in by those in
 * process, so that every invariant is looked at.
 */
export interface OpenStorage extends Pick<Journal, 'transaction' | 'person'> {
  longTerm: LongTerm
  /** What is concluded. */
  patterns?: Patterns
  ladder?: LadderStore | undefined
  hot?: Hot
  threads?: Conversations
  /**
   * Statements and rows of its database so far, for invariant 19. Absent: calls of the ports are counted, and what they
   * return.
   */
  spent?(): Spent
  /** Takes the lock that every writer takes; absent where the storage has but one writer. */
  lockPersons?(tx: Tx, users: readonly UserId[]): Promise<void>
  close(): Promise<void>
}

/** What work a storage has done. */
export interface Spent {
  statements: number
  rows: number
}

/** A storage with every tier. */
export type WholeStorage = OpenStorage &
  Required<Pick<OpenStorage, 'patterns' | 'hot' | 'threads' | 'lockPersons'>> & {
    ladder: LadderStore
  }

/** Fills in what a storage leaves out; what is filled in is taken back with the storage's own transactions. */
export function fillTiers(storage: OpenStorage): WholeStorage {
  const undo = undoTransactions()
  const owns = new WeakMap<Tx, Tx>()
  const own = (tx: Tx): Tx => owns.get(tx) ?? tx
  return {
    ...storage,
    // Outside for a commit that fails, inside for an attempt that is made again.
    transaction: (fn, options) =>
      storage.patterns && storage.ladder && storage.threads
        ? storage.transaction(fn, options)
        : undo(() =>
            storage.transaction(
              (tx) =>
                undo((mine) => {
                  owns.set(tx, mine)
                  return fn(tx)
                }),
              options,
            ),
          ),
    lockPersons: async (tx, users) => storage.lockPersons?.(tx, users),
    patterns: storage.patterns ?? createMemoryPatterns(own),
    ladder: storage.ladder ?? createMemoryLadder(own),
    hot: storage.hot ?? memoryHot(),
    threads: storage.threads ?? createMemoryThreads(own),
    close: () => storage.close(),
  }
}

/** Ladders of any persons, taken back with their transactions. */
function createMemoryLadder(own: (tx: Tx) => Tx): LadderStore {
  const held = undoMap<UserId, HeldLadder>()
  const of = (user: UserId): HeldLadder => held.get(user) ?? emptyLadder
  return {
    standing: async ({ user }) => of(user).standing,
    marks: async ({ user }) => [...of(user).marks.values()],
    read: async ({ user }, q) => readLadder(of(user), q),
    async advance(tx, user, epoch, change, at) {
      const next = advanceLadder(of(user), epoch, change, at)
      if (next) held.set(own(tx), user, next)
      return next !== null
    },
  }
}

import type { Journal, Tx } from '../events/ports.js'
import type { LadderStore } from '../memory/ladder/ports.js'
import type { LongTerm, Patterns } from '../memory/ports.js'
import type { UserId } from '../observation/schema.js'

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

/** A storage that is open and empty. */
export interface OpenStorage extends Pick<Journal, 'transaction' | 'person'> {
  longTerm: LongTerm
  /** What is concluded; absent: the invariants of what is concluded are not looked at. */
  patterns?: Patterns
  ladder?: LadderStore | undefined
  /** Takes the lock that every writer takes; absent where the storage has but one writer. */
  lockPersons?(tx: Tx, users: readonly UserId[]): Promise<void>
  close(): Promise<void>
}

import { asAurenError } from '../errors.js'
import type { Journal, Tx } from '../events/ports.js'

/** Most items of one transaction. */
const MOST_ITEMS = 64
/** Transactions that run at once: while one waits for the disk, the next is filled. */
const AT_ONCE = 3

interface Waiting<T, R> {
  item: T
  resolve(result: R): void
  reject(error: unknown): void
}

/**
 * Commits what comes at the same time together: what one turn of the event loop has read shares a transaction, and
 * whatever arrives while transactions run shares the next one. Nobody's promise is kept before the transaction that holds their item has been committed.
 *
 * An item that makes the transaction fail for a reason of its own must not take the others with it: then each is
 * committed alone. What is retryable (the store is away) fails all of them.
 * @param work does all items within the transaction, and returns a result for each, in order
 */
export function createGroupCommit<T, R>(
  journal: Pick<Journal, 'transaction'>,
  work: (tx: Tx, items: readonly T[]) => Promise<R[]>,
): (item: T) => Promise<R> {
  let queue: Waiting<T, R>[] = []
  let running = 0
  let due = false

  const commit = (items: readonly T[]): Promise<R[]> => journal.transaction((tx) => work(tx, items))

  const run = async (group: Waiting<T, R>[]): Promise<void> => {
    try {
      const results = await commit(group.map(({ item }) => item))
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as R)
    } catch (error) {
      if (group.length === 1 || asAurenError(error).retryable) {
        for (const { reject } of group) reject(error)
        return
      }
      for (const { item, resolve, reject } of group)
        await commit([item]).then(([result]) => resolve(result as R), reject)
    }
  }

  const next = (): void => {
    while (running < AT_ONCE && queue.length > 0) {
      const group = queue.slice(0, MOST_ITEMS)
      queue = queue.slice(MOST_ITEMS)
      running++
      run(group).finally(() => {
        running--
        soon()
      })
    }
  }

  /** At the end of this turn of the event loop: requests that were read in the same turn belong together. */
  const soon = (): void => {
    if (due || running === AT_ONCE || queue.length === 0) return
    due = true
    setImmediate(() => {
      due = false
      next()
    })
  }

  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject })
      soon()
    })
}

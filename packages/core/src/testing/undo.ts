import { AsyncLocalStorage } from 'node:async_hooks'
import { AurenError } from '../errors.js'
import type { Tx } from '../events/ports.js'

/** A transaction in process: what undoes it, newest last. */
interface UndoTx extends Tx {
  readonly undo: (() => void)[]
  open: boolean
}

/** Notes how to take a change back; in-process stores that take part in a transaction call it with every change. */
export function onRollback(tx: Tx, undo: () => void): void {
  const own = tx as UndoTx
  if (!own.open) throw new AurenError('AUREN_CLOSED', 'The transaction has ended: await everything that runs inside it')
  own.undo.push(undo)
}

/**
 * Transactions over maps in process, one after the other. One that is asked for inside a running one joins it, and is
 * taken back alone where it fails.
 */
export function undoTransactions(): <T>(fn: (tx: Tx) => Promise<T>) => Promise<T> {
  const running = new AsyncLocalStorage<UndoTx>()
  let last: Promise<unknown> = Promise.resolve()

  const inside = async <T>(tx: UndoTx, fn: (tx: Tx) => Promise<T>): Promise<T> => {
    const mark = tx.undo.length
    try {
      return await fn(tx)
    } catch (error) {
      for (const undo of tx.undo.splice(mark).reverse()) undo()
      throw error
    }
  }

  return (fn) => {
    const outer = running.getStore()
    if (outer?.open) return inside(outer, fn)
    const tx: UndoTx = { kind: 'tx', undo: [], open: true }
    const mine = last
      .then(() => running.run(tx, () => inside(tx, fn)))
      .finally(() => {
        tx.open = false
      })
    last = mine.catch(() => undefined)
    return mine
  }
}

/** A map whose changes are taken back with the transaction that made them. */
export interface UndoMap<K, V> {
  get(key: K): V | undefined
  has(key: K): boolean
  set(tx: Tx, key: K, value: V): void
  delete(tx: Tx, key: K): boolean
  /** In the order in which the keys first came. */
  values(): V[]
  readonly size: number
}

/** An empty {@link UndoMap}. */
export function undoMap<K, V>(): UndoMap<K, V> {
  const map = new Map<K, V>()
  const put = (tx: Tx, key: K): void => {
    const had = map.has(key)
    const before = map.get(key)
    // A key that comes back goes to the end; nothing that reads the order depends on it.
    onRollback(tx, () => (had ? map.set(key, before as V) : map.delete(key)))
  }
  return {
    get: (key) => map.get(key),
    has: (key) => map.has(key),
    set(tx, key, value) {
      put(tx, key)
      map.set(key, value)
    },
    delete(tx, key) {
      if (!map.has(key)) return false
      put(tx, key)
      return map.delete(key)
    },
    values: () => [...map.values()],
    get size() {
      return map.size
    },
  }
}

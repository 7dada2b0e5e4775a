import { AurenError, type Lane } from '@auren/core'

/** Places at the connections of a pool. */
export interface Places {
  /**
   * Waits for a place; call what it returns to give it back. Throws AUREN_STORE_BUSY where none became free in time,
   * and AUREN_CLOSED once closing.
   */
  acquire(lane: Lane): Promise<() => void>
  /** Refuses new ones and resolves when those that have a place, or wait for one, have ended. */
  close(): Promise<void>
}

interface Waiting {
  start(): void
}

/**
 * Shares `size` connections (2 at least) between the lanes. `interactive` goes first and may have all but one;
 * `bulk` has half at most, so that an import leaves room for a screen, and always that one.
 * @param waitMs that somebody waits for a place, at most
 */
export function createPlaces(size: number, waitMs: number): Places {
  const most: Record<Lane, number> = { interactive: size - 1, bulk: Math.max(1, Math.floor(size / 2)) }
  const taken: Record<Lane, number> = { interactive: 0, bulk: 0 }
  const waiting: Record<Lane, Set<Waiting>> = { interactive: new Set(), bulk: new Set() }
  let closing: { promise: Promise<void>; done: () => void } | null = null

  const isFree = (lane: Lane): boolean => taken[lane] < most[lane] && taken.interactive + taken.bulk < size
  const next = (): void => {
    for (const lane of ['interactive', 'bulk'] as const)
      for (const one of waiting[lane]) {
        if (!isFree(lane)) break
        waiting[lane].delete(one)
        one.start()
      }
    if (closing && taken.interactive + taken.bulk + waiting.interactive.size + waiting.bulk.size === 0) closing.done()
  }
  const take = (lane: Lane): (() => void) => {
    taken[lane]++
    let ended = false
    return () => {
      if (ended) return
      ended = true
      taken[lane]--
      next()
    }
  }

  return {
    acquire(lane) {
      if (closing) return Promise.reject(new AurenError('AUREN_CLOSED', 'The database is closed: open it again'))
      if (isFree(lane)) return Promise.resolve(take(lane))
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting[lane].delete(one)
          reject(
            new AurenError(
              'AUREN_STORE_BUSY',
              `All ${size} connections to the database were in use for ${waitMs} ms: try again, or give it a larger pool`,
              { plugin: 'postgres', retryAfter: 1 },
            ),
          )
          next()
        }, waitMs)
        const one: Waiting = {
          start() {
            clearTimeout(timer)
            resolve(take(lane))
          },
        }
        waiting[lane].add(one)
      })
    },
    close() {
      if (!closing) {
        let done = (): void => {}
        const promise = new Promise<void>((resolve) => {
          done = resolve
        })
        closing = { promise, done }
        next()
      }
      return closing.promise
    },
  }
}

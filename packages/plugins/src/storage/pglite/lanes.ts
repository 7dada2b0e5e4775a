import { AurenError, type Lane } from '@auren/core'

/** Turns at the one session there is. */
export interface Lanes {
  /** Waits for a turn; call what it returns to end it. Throws AUREN_CLOSED once closing. */
  acquire(lane: Lane): Promise<() => void>
  /** The lane of the turn that would come next; null where none waits. */
  following(): Lane | null
  /** Refuses new turns and resolves when those running and waiting have ended. */
  close(): Promise<void>
}

/**
 * `interactive` turns go before `bulk` ones; nothing running is interrupted. After `patience` interactive turns in a
 * row a waiting bulk turn gets one, so that an import cannot be starved by a busy screen.
 */
export function createLanes(patience = 50): Lanes {
  const waiting: Record<Lane, (() => void)[]> = { interactive: [], bulk: [] }
  let busy = false
  let inARow = 0
  let closing: { promise: Promise<void>; done: () => void } | null = null

  const following = (): Lane | null => {
    if (waiting.bulk.length > 0 && (inARow >= patience || waiting.interactive.length === 0)) return 'bulk'
    return waiting.interactive.length > 0 ? 'interactive' : null
  }
  const next = (): void => {
    const lane = following()
    const start = lane && waiting[lane].shift()
    busy = Boolean(start)
    if (start) start()
    else closing?.done()
  }

  return {
    following,
    acquire(lane) {
      if (closing) return Promise.reject(new AurenError('AUREN_CLOSED', 'The database is closed: open it again'))
      return new Promise((resolve) => {
        waiting[lane].push(() => {
          inARow = lane === 'interactive' ? inARow + 1 : 0
          let ended = false
          resolve(() => {
            if (ended) return
            ended = true
            next()
          })
        })
        if (!busy) next()
      })
    },
    close() {
      if (!closing) {
        let done = (): void => {}
        const promise = new Promise<void>((resolve) => {
          done = resolve
        })
        closing = { promise, done }
        if (!busy) done()
      }
      return closing.promise
    },
  }
}

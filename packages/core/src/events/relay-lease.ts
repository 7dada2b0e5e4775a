import { randomUUID } from 'node:crypto'
import type { PluginContext } from '../plugin/types.js'
import type { Journal } from './ports.js'

/** How long a process is the relay without saying so again, in ms. */
const LEASE_MS = 5000

/** One relay at a time, over all processes. */
export interface RelayLease {
  /** True while this process is the relay; asks the journal where that is not known. */
  hold(): Promise<boolean>
  /** True where no other process can be the relay, as far as is known. */
  alone(): boolean
  /** Lets another process be the relay at once. */
  release(): Promise<void>
}

/**
 * The relay's lease. It is renewed beside the work, so that a long batch does not lose it. Who gets it readies the
 * outbox first: whoever had it before may have used another log.
 * @param name of the log; null for the table
 */
export function createRelayLease(
  journal: Journal,
  name: string | null,
  group: string,
  log: PluginContext['log'],
): RelayLease {
  const owner = randomUUID()
  let until = 0
  let timer: NodeJS.Timeout | null = null

  const ask = async (): Promise<boolean> => {
    const from = performance.now()
    const ms = await journal.transaction((tx) => journal.holdRelay(tx, owner, LEASE_MS))
    until = from + ms
    return ms > 0
  }
  const renew = (): void => {
    // A store that is away costs a beat; the lease decides.
    ask().catch(() => undefined)
  }

  return {
    async hold() {
      if (performance.now() < until) return true
      if (timer) clearInterval(timer)
      timer = null
      if (!(await ask())) return false
      const moved = await journal.transaction((tx) => journal.align(tx, name, group))
      if (moved > 0) log('warn', 'what waited under another log is given to this one', { log: name ?? 'table', moved })
      if (until !== Number.POSITIVE_INFINITY) timer = setInterval(renew, LEASE_MS / 3).unref()
      return true
    },
    alone: () => until === Number.POSITIVE_INFINITY,
    async release() {
      if (timer) clearInterval(timer)
      timer = null
      if (until === 0 || until === Number.POSITIVE_INFINITY) return
      until = 0
      await journal.transaction((tx) => journal.releaseRelay(tx, owner)).catch(() => undefined)
    },
  }
}

import { asAurenError } from '../errors.js'
import type { Connection, Tx } from '../events/ports.js'
import type { Fetch } from '../plugin/fetch.js'
import type { PluginContext, SubscriptionContext, WearablePlugin } from '../plugin/types.js'
import { timeLimit } from '../time-limit.js'
import type { Subscriptions } from './subscriptions.js'
import type { Tokens } from './tokens.js'

/** A connection that is kept no longer, with all that it takes to say so. */
export interface Ended {
  plugin: WearablePlugin
  connection: Connection
  subscription: Omit<SubscriptionContext, 'fetch' | 'signal'> | null
}

/** What telling vendors stands on. */
export interface FarewellPorts {
  wearables: readonly WearablePlugin[]
  fetchFor(plugin: WearablePlugin): Fetch
  tokens: Tokens
  subscriptions: Pick<Subscriptions, 'end'>
  log: PluginContext['log']
  /** Longest that whoever disconnects waits for it, in ms. @default 10000 */
  mostMs?: number
}

/** Tells vendors that persons have disconnected. The tokens have been destroyed here by then, whatever they answer. */
export interface Farewell {
  /** Takes what is needed, within the transaction that ends the connections. */
  prepare(tx: Tx, connections: readonly Connection[]): Promise<Ended[]>
  /** Best effort, for a bounded time; never throws. */
  say(ended: readonly Ended[]): Promise<void>
}

/** Makes {@link Farewell}. */
export function createFarewell({
  wearables,
  fetchFor,
  tokens,
  subscriptions,
  log,
  mostMs = 10_000,
}: FarewellPorts): Farewell {
  const sayOne = async ({ plugin, connection, subscription }: Ended): Promise<void> => {
    const signal = timeLimit(mostMs)
    const plain: Fetch = (url, init = {}) =>
      fetchFor(plugin)(url, { ...init, signal: init.signal ? AbortSignal.any([init.signal, signal]) : signal })
    const { fetch, token } = tokens.parting(connection, plugin, plain)
    const late = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    late.catch(() => undefined)
    const attempt = async (what: string, work: () => Promise<void> | undefined): Promise<void> => {
      try {
        await Promise.race([work(), late])
      } catch (cause) {
        log('warn', 'a vendor could not be told that a person has disconnected', {
          provider: plugin.id,
          what,
          code: asAurenError(cause).code,
        })
      }
    }
    // Without its subscription first: afterwards the token may work no longer.
    if (subscription)
      await attempt('subscription', () => plugin.subscription?.cancel?.({ ...subscription, fetch, signal }))
    await attempt('connection', async () => {
      if (plugin.oauth?.disconnected) await plugin.oauth.disconnected(plain, await token(), connection.account)
      await plugin.page?.disconnected?.(plain, connection.account)
    })
  }

  return {
    async prepare(tx, connections) {
      const ended: Ended[] = []
      for (const connection of connections) {
        const plugin = wearables.find(({ id }) => id === connection.provider)
        // One that the vendor has ended, or that never was: there is nothing to tell, and nothing to tell it with.
        if (plugin && (connection.tokens || (plugin.page && ['active', 'error'].includes(connection.status))))
          ended.push({ plugin, connection, subscription: await subscriptions.end(tx, plugin, connection) })
      }
      return ended
    },
    async say(ended) {
      await Promise.all(ended.map(sayOne))
    },
  }
}

import { AurenError } from '../errors.js'
import type { Connection, Journal } from '../events/ports.js'
import type { Instant } from '../observation/schema.js'
import type { Fetch } from '../plugin/fetch.js'
import type { OAuthSpec, WearablePlugin } from '../plugin/types.js'
import { requestTokens } from './token-request.js'

/** A token that ends within this time is renewed first. */
const EARLY_MS = 60_000
/** How long one process may take to renew tokens before another may try, in ms. */
const REFRESH_LEASE_MS = 60_000
const REFRESH_LOOK_MS = 250

/** What tokens are used and renewed with. */
export interface TokenPorts {
  journal: Journal
  /** Bounded fetch for the plugin's own hosts. */
  fetchFor(plugin: WearablePlugin, account?: string): Fetch
  now(): Instant
}

/** Requests with the tokens of connections. */
export interface Tokens {
  /** Fetch with the connection's token; renewed when it is about to end, and once when the vendor refuses it. */
  authorized(connection: Connection, plugin: WearablePlugin): Fetch
  /** The same for a connection that is kept no longer: what is renewed is kept nowhere. `token` is one that works now. */
  parting(connection: Connection, plugin: WearablePlugin, plain: Fetch): { fetch: Fetch; token(): Promise<string> }
  /** Notes that the person has to connect anew. */
  broken(id: string, message: string): Promise<void>
}

/** Tokens over the journal: one refresh at a time for a connection, whichever process needs it. */
export function createTokens({ journal, fetchFor, now }: TokenPorts): Tokens {
  /** One refresh at a time per connection; whoever comes later takes its result. */
  const refreshing = new Map<string, Promise<Connection>>()

  const load = async (id: string): Promise<Connection | null> =>
    journal.transaction((tx) => journal.connections.lock(tx, id))

  const refresh = (stale: Connection, plugin: WearablePlugin): Promise<Connection> => {
    const running = refreshing.get(stale.id)
    if (running) return running
    const promise = renew(stale, plugin).finally(() => refreshing.delete(stale.id))
    refreshing.set(stale.id, promise)
    return promise
  }

  const renew = async (stale: Connection, plugin: WearablePlugin): Promise<Connection> => {
    const until = performance.now() + REFRESH_LEASE_MS
    for (;;) {
      const held = await load(stale.id)
      // Another job, of this process or another, has done it meanwhile.
      if (held?.tokens && held.tokens.accessToken !== stale.tokens?.accessToken) return held
      const { oauth } = plugin
      const refreshToken = held?.tokens?.refreshToken
      if (!held || !oauth || refreshToken === undefined) throw disconnected(plugin)
      if (await journal.transaction((tx) => journal.connections.holdRefresh(tx, held.id, REFRESH_LEASE_MS))) {
        // Whoever had the right until now may have used it after this looked.
        const latest = await load(stale.id)
        if (latest?.tokens?.refreshToken === refreshToken) return exchange(latest, oauth, plugin, refreshToken)
        await release(held.id)
      } else if (performance.now() > until)
        throw new AurenError(
          'AUREN_VENDOR_FAILED',
          `${plugin.id}: another process has been renewing the tokens for long.`,
        )
      else await new Promise((resolve) => setTimeout(resolve, REFRESH_LOOK_MS))
    }
  }

  const release = (id: string): Promise<boolean> =>
    journal.transaction((tx) => journal.connections.holdRefresh(tx, id, 0))

  const ask = async (
    fetch: Fetch,
    oauth: OAuthSpec,
    plugin: WearablePlugin,
    refreshToken: string,
  ): Promise<NonNullable<Connection['tokens']>> => {
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken }
    const { tokens } = await requestTokens(fetch, oauth, plugin.id, form, now())
    return { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken }
  }

  const exchange = async (
    held: Connection,
    oauth: OAuthSpec,
    plugin: WearablePlugin,
    refreshToken: string,
  ): Promise<Connection> => {
    try {
      // Vendors rotate refresh tokens: the new one must be kept before anything is done with it.
      const tokens = await ask(fetchFor(plugin), oauth, plugin, refreshToken)
      return await journal.transaction(async (tx) => {
        // What else has changed while the vendor was asked stays; what has ended meanwhile stays ended.
        const latest = await journal.connections.lock(tx, held.id)
        if (!latest?.tokens) throw disconnected(plugin)
        const saved = await journal.connections.save(tx, { ...latest, tokens, status: 'active', error: null })
        await journal.connections.holdRefresh(tx, held.id, 0)
        return saved
      })
    } catch (error) {
      await release(held.id).catch(() => undefined)
      throw error
    }
  }

  const isEnding = ({ tokens }: Connection): boolean =>
    tokens?.expiresAt !== undefined && tokens.expiresAt < now() + EARLY_MS

  const bearing = (
    plain: Fetch,
    held: { connection: Connection },
    renewed: (stale: Connection) => Promise<Connection>,
  ): Fetch => {
    return async (url, init = {}) => {
      if (init.credentials === 'omit') return plain(url, init)
      if (isEnding(held.connection)) held.connection = await renewed(held.connection)
      const send = (): ReturnType<Fetch> =>
        plain(url, {
          ...init,
          headers: { ...init.headers, authorization: `Bearer ${held.connection.tokens?.accessToken ?? ''}` },
        })
      const answer = await send()
      if (answer.status !== 401) return answer
      held.connection = await renewed(held.connection)
      return send()
    }
  }

  return {
    authorized: (connection, plugin) =>
      bearing(fetchFor(plugin, connection.account), { connection }, (stale) => refresh(stale, plugin)),

    parting(connection, plugin, plain) {
      const held = { connection }
      const renewed = async (stale: Connection): Promise<Connection> => {
        const refreshToken = stale.tokens?.refreshToken
        if (!plugin.oauth || refreshToken === undefined) throw disconnected(plugin)
        return { ...stale, tokens: await ask(plain, plugin.oauth, plugin, refreshToken) }
      }
      return {
        fetch: bearing(plain, held, renewed),
        async token() {
          if (isEnding(held.connection)) held.connection = await renewed(held.connection)
          return held.connection.tokens?.accessToken ?? ''
        },
      }
    },

    broken: (id, message) =>
      journal.transaction(async (tx) => {
        const held = await journal.connections.lock(tx, id)
        if (held?.status === 'active') await journal.connections.save(tx, { ...held, status: 'error', error: message })
      }),
  }
}

function disconnected(plugin: WearablePlugin): AurenError {
  return new AurenError('AUREN_VENDOR_UNAUTHORIZED', `${plugin.id} needs to be connected again.`, {
    plugin: plugin.id,
  })
}

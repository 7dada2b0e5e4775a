import { z } from 'zod'
import type { MetricRegistry } from '../catalogue/index.js'
import { AurenError, isAurenError } from '../errors.js'
import type { JobHandler } from '../events/jobs.js'
import type { Connection, Job, Journal, Tx } from '../events/ports.js'
import type { Instant } from '../observation/schema.js'
import type { Fetch, OAuthSpec, PluginContext, Pulled, WearablePlugin } from '../plugin/types.js'
import { failpoint } from '../testing/failpoints.js'
import { PULL_JOB, requestTokens } from './connections.js'
import { commitObservations, normalizePayload, receiveOnce, sha256 } from './deliver.js'

const Payload = z.object({
  connection: z.string(),
  what: z
    .object({ resource: z.string(), id: z.string().optional(), params: z.record(z.string(), z.string()).optional() })
    .optional(),
  /** The delivery that named it, and its W3C trace context. */
  receipt: z.string().optional(),
  traceparent: z.string().optional(),
})

/** A token that ends within this time is renewed first. */
const EARLY_MS = 60_000
/** How long one process may take to renew tokens before another may try, in ms. */
const REFRESH_LEASE_MS = 60_000
const REFRESH_LOOK_MS = 250

/** What pulls stand on. */
export interface PullPorts {
  journal: Journal
  registry: MetricRegistry
  wearable(provider: string): WearablePlugin
  fetchFor(plugin: WearablePlugin): Fetch
  now(): Instant
  zoneAt(at: Instant): string | null
  log: PluginContext['log']
  wake(): void
}

/** The jobs `fetch` (what one notification named) and `pull` (everything new): the same door for what they bring. */
export function createPulls(ports: PullPorts): { fetch: JobHandler; pull: JobHandler } {
  const { journal, now } = ports
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
      if (!held || !oauth || refreshToken === undefined)
        throw new AurenError('AUREN_VENDOR_UNAUTHORIZED', `${plugin.id} needs to be connected again.`, {
          plugin: plugin.id,
        })
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

  const exchange = async (
    held: Connection,
    oauth: OAuthSpec,
    plugin: WearablePlugin,
    refreshToken: string,
  ): Promise<Connection> => {
    try {
      const { tokens: fresh } = await requestTokens(
        ports.fetchFor(plugin),
        oauth,
        plugin.id,
        { grant_type: 'refresh_token', refresh_token: refreshToken },
        now(),
      )
      // Vendors rotate refresh tokens: the new one must be kept before anything is done with it.
      const tokens = { ...fresh, refreshToken: fresh.refreshToken ?? refreshToken }
      return await journal.transaction(async (tx) => {
        const saved = await journal.connections.save(tx, { ...held, tokens, status: 'active', error: null })
        await journal.connections.holdRefresh(tx, held.id, 0)
        return saved
      })
    } catch (error) {
      await release(held.id).catch(() => undefined)
      throw error
    }
  }

  /** Fetch with the connection's token; renewed when it is about to end, and once when the vendor refuses it. */
  const authorized = (start: Connection, plugin: WearablePlugin): Fetch => {
    let connection = start
    const plain = ports.fetchFor(plugin)
    return async (url, init = {}) => {
      const { tokens } = connection
      if (tokens?.expiresAt !== undefined && tokens.expiresAt < now() + EARLY_MS)
        connection = await refresh(connection, plugin)
      const send = (): ReturnType<Fetch> =>
        plain(url, {
          ...init,
          headers: { ...init.headers, authorization: `Bearer ${connection.tokens?.accessToken ?? ''}` },
        })
      const answer = await send()
      if (answer.status !== 401) return answer
      connection = await refresh(connection, plugin)
      return send()
    }
  }

  const commitPage = async (
    connection: Connection,
    plugin: WearablePlugin,
    page: Pulled<unknown>,
    asOf: Instant,
    from: { receipt: string | undefined; traceparent: string | undefined },
  ): Promise<number> => {
    const { user, account } = connection
    const { observations, aside } = normalizePayload(plugin, page.payload, {
      receivedAt: asOf,
      account,
      zoneAt: ports.zoneAt,
    })
    const accepted = await journal.transaction(async (tx) => {
      // A page with nothing in it only moves the cursor.
      const outcome = observations.length + aside.length > 0 ? await receivePage(tx) : 0
      const held = await journal.connections.lock(tx, connection.id)
      if (held)
        await journal.connections.save(tx, {
          ...held,
          ...(page.state ? { state: page.state } : {}),
          lastSyncAt: now(),
          error: null,
        })
      failpoint('ingest:before-commit')
      return outcome
    })
    failpoint('ingest:after-commit')
    ports.wake()
    return accepted

    async function receivePage(tx: Tx): Promise<number> {
      const body = new TextEncoder().encode(JSON.stringify(page.payload))
      // What was fetched is the vendor's state at `asOf`: the same bytes later are a new statement of it.
      const deliveryKey = page.key ?? `pull:${asOf}:${sha256(plugin.id, '\n', account, '\n', body)}`
      const receipt = await receiveOnce(journal, tx, { provider: plugin.id, deliveryKey, user, account, body }, asOf)
      if (receipt.duplicate) return 0
      const origin = { user, provider: plugin.id, account, receivedAt: asOf, rawRef: receipt.id, ...from }
      return (await commitObservations(journal, tx, origin, observations, aside, ports.registry)).accepted
    }
  }

  const run = async (
    job: Job,
    signal: AbortSignal,
    save: (progress: Record<string, unknown>) => Promise<void>,
    all: boolean,
  ): Promise<Record<string, unknown>> => {
    const { connection: id, what, receipt, traceparent } = Payload.parse(job.payload)
    const connection = await load(id)
    // Disconnected meanwhile: nothing to fetch, and no token to fetch it with.
    if (connection?.status !== 'active') return { pages: 0, observations: 0 }
    const plugin = ports.wearable(connection.provider)
    if (!plugin.pull) return { pages: 0, observations: 0 }
    const asOf = now()
    // First of all, so that a pull that fails for good does not end the polling.
    if (all) await scheduleNext(connection, plugin)
    const ctx = {
      account: connection.account,
      fetch: authorized(connection, plugin),
      now: asOf,
      state: connection.state,
      signal,
    }
    let pages = 0
    let observations = 0
    try {
      const source = all
        ? plugin.pull.all(ctx)
        : what &&
          plugin.pull.one?.(ctx, {
            resource: what.resource,
            ...(what.id === undefined ? {} : { id: what.id }),
            ...(what.params ? { params: what.params } : {}),
          })
      for await (const page of source ?? []) {
        observations += await commitPage(connection, plugin, page, asOf, { receipt, traceparent })
        pages++
        await save({ pages, observations })
      }
    } catch (error) {
      if (isAurenError(error) && error.code === 'AUREN_VENDOR_UNAUTHORIZED')
        await markBroken(connection.id, error.message)
      throw error
    }
    return { pages, observations }
  }

  const markBroken = (id: string, message: string): Promise<void> =>
    journal.transaction(async (tx) => {
      const held = await journal.connections.lock(tx, id)
      if (held) await journal.connections.save(tx, { ...held, status: 'error', error: message })
    })

  const scheduleNext = async (connection: Connection, plugin: WearablePlugin): Promise<void> => {
    const every = plugin.pull?.everyMs ?? 6 * 3_600_000
    const slot = Math.floor(now() / every) + 1
    await journal.transaction((tx) =>
      journal.addJob(tx, {
        kind: PULL_JOB,
        user: connection.user,
        payload: { connection: connection.id },
        key: `pull/${connection.id}/${slot}`,
        runAt: now() + every,
      }),
    )
  }

  return {
    fetch: (job, { signal, save }) => run(job, signal, save, false),
    pull: (job, { signal, save }) => run(job, signal, save, true),
  }
}

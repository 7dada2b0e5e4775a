import { z } from 'zod'
import type { MetricRegistry } from '../catalogue/index.js'
import { isAurenError } from '../errors.js'
import type { JobHandler } from '../events/jobs.js'
import type { Connection, Job, Journal, Tx } from '../events/ports.js'
import type { Instant } from '../observation/schema.js'
import type { PluginContext, Pulled, WearablePlugin } from '../plugin/types.js'
import { failpoint } from '../testing/failpoints.js'
import { PULL_JOB } from './connections.js'
import { commitObservations, receiveOnce, sha256 } from './deliver.js'
import type { Tokens } from './tokens.js'
import { normalizeFor, type ZonesOf } from './zones.js'

const Payload = z.object({
  connection: z.string(),
  what: z
    .object({ resource: z.string(), id: z.string().optional(), params: z.record(z.string(), z.string()).optional() })
    .optional(),
  /** The delivery that named it, and its W3C trace context. */
  receipt: z.string().optional(),
  traceparent: z.string().optional(),
})

/** What pulls stand on. */
export interface PullPorts {
  journal: Journal
  registry: MetricRegistry
  wearable(provider: string): WearablePlugin
  tokens: Tokens
  now(): Instant
  zonesOf: ZonesOf
  log: PluginContext['log']
  wake(): void
}

/** The jobs `fetch` (what one notification named) and `pull` (everything new): the same door for what they bring. */
export function createPulls(ports: PullPorts): { fetch: JobHandler; pull: JobHandler } {
  const { journal, now } = ports
  const load = async (id: string): Promise<Connection | null> =>
    journal.transaction((tx) => journal.connections.lock(tx, id))

  const commitPage = async (
    connection: Connection,
    plugin: WearablePlugin,
    page: Pulled<unknown>,
    asOf: Instant,
    from: { receipt: string | undefined; traceparent: string | undefined },
  ): Promise<number> => {
    const { user, account } = connection
    const { observations, aside } = await normalizeFor(ports.zonesOf, plugin, page.payload, {
      user,
      receivedAt: asOf,
      account,
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
      fetch: ports.tokens.authorized(connection, plugin),
      now: asOf,
      state: connection.state,
      signal,
      ...(plugin.site && connection.tokens ? { secret: connection.tokens.accessToken } : {}),
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
        await ports.tokens.broken(connection.id, error.message)
      throw error
    }
    return { pages, observations }
  }

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

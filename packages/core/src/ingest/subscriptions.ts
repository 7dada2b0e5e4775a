import { z } from 'zod'
import { isAurenError } from '../errors.js'
import type { JobHandler } from '../events/jobs.js'
import type { Connection, Job, Journal, Tx } from '../events/ports.js'
import type { Instant } from '../observation/schema.js'
import type { Fetch } from '../plugin/fetch.js'
import type { SubscriptionContext, WearablePlugin } from '../plugin/types.js'
import type { Tokens } from './tokens.js'

/** Kind of the job that keeps a vendor's subscription up: one for an application, or one for each connection. */
export const SUBSCRIBE_JOB = 'subscribe'
/** How often it is looked whether a plugin that is gone, or an address, has come back. */
const LOOK_MS = 24 * 3_600_000

const Payload = z.object({ plugin: z.string(), connection: z.string().optional() })
const Progress = z.object({ state: z.record(z.string(), z.unknown()).default({}) })

/** What subscriptions stand on. */
export interface SubscriptionPorts {
  journal: Journal
  wearables: readonly WearablePlugin[]
  /** Where vendors reach the webhooks; absent: no subscription is kept up. */
  publicUrl?: string | undefined
  /** Bounded fetch for the plugin's own hosts. */
  fetchFor(plugin: WearablePlugin): Fetch
  tokens: Tokens
  now(): Instant
}

/** Webhook subscriptions that are kept up. */
export interface Subscriptions {
  job: JobHandler
  /** Has a subscription looked after from now on, now first: of the connection, or the application's. */
  ask(tx: Tx, plugin: WearablePlugin, connection: Pick<Connection, 'id' | 'user'> | null): Promise<void>
  /** Asks for all that there are to be: at start. */
  askAll(): Promise<void>
  /** Of a connection that ends: what {@link WearablePlugin.subscription} is cancelled with; null where there is nothing to cancel. */
  end(
    tx: Tx,
    plugin: WearablePlugin,
    connection: Connection,
  ): Promise<Omit<SubscriptionContext, 'fetch' | 'signal'> | null>
}

/** Subscriptions over the journal: each is one job that is due again and again, and keeps what the plugin knows. */
export function createSubscriptions(ports: SubscriptionPorts): Subscriptions {
  const { journal, wearables, publicUrl, now } = ports
  const callbackUrl = (plugin: WearablePlugin): string => `${publicUrl}/webhooks/${plugin.id}`

  /** The job of a subscription, made where there is none yet. */
  const jobOf = async (tx: Tx, plugin: WearablePlugin, of: Pick<Connection, 'id' | 'user'> | null): Promise<Job> => {
    const id = await journal.addJob(tx, {
      kind: SUBSCRIBE_JOB,
      user: of?.user ?? null,
      payload: { plugin: plugin.id, ...(of ? { connection: of.id } : {}) },
      key: of ? `${SUBSCRIBE_JOB}/${plugin.id}/${of.id}` : `${SUBSCRIBE_JOB}/${plugin.id}`,
    })
    return (await journal.getJob(tx, id)) as Job
  }

  const hasten = async (tx: Tx, plugin: WearablePlugin, of: Pick<Connection, 'id' | 'user'> | null): Promise<void> => {
    const { id, state, runAt, attempts } = await jobOf(tx, plugin, of)
    // What runs is being looked after.
    if (state === 'dead' || (state === 'waiting' && runAt > now()))
      await journal.endJob(tx, id, { state: 'waiting', runAt: now(), attempt: attempts, excused: attempts }, now())
  }

  const ask: Subscriptions['ask'] = async (tx, plugin, connection) => {
    if (!plugin.subscription || publicUrl === undefined) return
    if (plugin.subscription.of === 'application') await hasten(tx, plugin, null)
    else if (connection) await hasten(tx, plugin, connection)
  }

  const job: JobHandler = async (job, { signal, repeat }) => {
    const { plugin: id, connection: of } = Payload.parse(job.payload)
    const plugin = wearables.find((held) => held.id === id)
    const subscription = plugin?.subscription
    // First of all: whatever becomes of this time, there is a next one.
    repeat(now() + (subscription?.everyMs ?? LOOK_MS))
    if (!plugin || !subscription || publicUrl === undefined) return job.progress
    const connection = of === undefined ? null : await journal.transaction((tx) => journal.connections.lock(tx, of))
    if (of !== undefined && !connection) {
      repeat(null)
      return {}
    }
    // Connected again, it goes on.
    if (connection && connection.status !== 'active') return job.progress
    try {
      const state = await subscription.maintain({
        fetch: connection ? ports.tokens.authorized(connection, plugin) : ports.fetchFor(plugin),
        callbackUrl: callbackUrl(plugin),
        account: connection?.account ?? null,
        now: now(),
        state: Progress.parse(job.progress).state,
        signal,
      })
      return { state }
    } catch (error) {
      if (connection && isAurenError(error) && error.code === 'AUREN_VENDOR_UNAUTHORIZED')
        await ports.tokens.broken(connection.id, error.message)
      throw error
    }
  }

  return {
    job,
    ask,

    async askAll() {
      if (publicUrl === undefined) return
      for (const plugin of wearables) {
        if (plugin.subscription?.of === 'application') await journal.transaction((tx) => hasten(tx, plugin, null))
        else if (plugin.subscription) {
          const held = await journal.transaction((tx) => journal.connections.list(tx, { provider: plugin.id }))
          for (const connection of held)
            if (connection.status === 'active') await journal.transaction((tx) => hasten(tx, plugin, connection))
        }
      }
    },

    async end(tx, plugin, connection) {
      if (plugin.subscription?.of !== 'connection' || publicUrl === undefined) return null
      const { id, progress } = await jobOf(tx, plugin, connection)
      await journal.endJob(tx, id, { state: 'cancelled' }, now())
      const { state } = Progress.parse(progress)
      return { callbackUrl: callbackUrl(plugin), account: connection.account, now: now(), state }
    },
  }
}

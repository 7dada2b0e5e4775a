import type { MetricRegistry } from '../catalogue/index.js'
import { AurenError, asAurenError } from '../errors.js'
import type { EventBus } from '../events/bus.js'
import { createBusLog } from '../events/bus-log.js'
import { createConsumer } from '../events/consume.js'
import { createJobRunner, type JobHandler } from '../events/jobs.js'
import { consumerName, type EventLog, type LogLag } from '../events/log.js'
import type { Journal } from '../events/ports.js'
import { createTableLog, tableConsumer } from '../events/table-log.js'
import type { LongTerm } from '../memory/ports.js'
import type { Instant, UserId } from '../observation/schema.js'
import type { ImportView, IngestDoor } from '../plugin/auren.js'
import type { PluginContext, WearablePlugin } from '../plugin/types.js'
import { createConnections, PULL_JOB } from './connections.js'
import { createFarewell } from './farewell.js'
import { fetchOf } from './fetch.js'
import { createGate } from './gate.js'
import { createImport, IMPORT_JOB } from './import-job.js'
import { createNightly } from './nightly.js'
import { createObservations } from './observations.js'
import { inParts } from './parts.js'
import { createPayloads } from './payloads.js'
import { waitProcessed } from './processed.js'
import { createPulls } from './pull-job.js'
import { createQuarantine } from './replay.js'
import { createReplay, isDryRun, REPLAY_JOB } from './replay-job.js'
import { createReplays } from './replays.js'
import type { RestorePorts } from './restore.js'
import { createSubscriptions, SUBSCRIBE_JOB } from './subscriptions.js'
import { createTokens } from './tokens.js'
import { createUpkeep } from './upkeep.js'
import { createUploads } from './uploads.js'
import { createWebhooks, FETCH_JOB } from './webhook.js'
import { createWithdrawal, WITHDRAWAL_JOB } from './withdrawal.js'
import { createZones } from './zones.js'

/** Bytes that a streamed file is appended in. */
const PART_BYTES = 1024 * 1024
/** Name of the consumer that stores. */
const GROUP = 'memory'
/** How often it is looked whether other processes have done the jobs, in ms. */
const JOBS_LOOK_MS = 250
/** Requests to vendors that run at once: most of their time is spent waiting. */
const FETCHES = 4
/** How often a waiting `file` call looks at its import, in ms. */
const WATCH_MS = 100

/** What ingest stands on. */
export interface IngestPorts {
  journal: Journal
  longTerm: LongTerm
  wearables: readonly WearablePlugin[]
  registry: MetricRegistry
  /** Zone of floating times where nothing else says it. */
  zone: string
  now(): Instant
  log: PluginContext['log']
  /** Carries what was accepted to the consumers; absent: the outbox table is the log. */
  bus?: EventBus
  /** `none`: relay, consumer and jobs run in other processes. @default all */
  work?: 'all' | 'none'
  /** With `work: 'none'`: told when there is work for the others. */
  onWork?(): void
  /** Where vendors reach Biometric from outside, without a slash at the end; absent: subscriptions are not kept up. */
  publicUrl?: string
  /** Consolidates one person: done every night, and after an import. Absent: it is not done by itself. */
  consolidate?: ((user: UserId) => Promise<unknown>) | undefined
  /** What an export of AUREN itself is brought back into, beside tier 2; absent: none is. */
  own?: Omit<RestorePorts, 'journal' | 'registry' | 'longTerm'>
  /** Told after data of persons have been stored. */
  onStored?(users: readonly UserId[]): void
}

/** The ways in, and the work behind them. */
export interface Ingest extends IngestDoor {
  start(): void
  /** How far behind the log is. */
  lag(): Promise<LogLag>
  /** Before a person is erased: what tells the vendors afterwards that they are gone. */
  leaving(user: UserId): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** Composes inbox, outbox, log, consumer and jobs. */
export function createIngest(ports: IngestPorts): Ingest {
  const { journal, registry, wearables, now, log, work = 'all' } = ports
  const nightly = createNightly(ports)
  const eventLog = createLog({
    ...ports,
    onStored(users) {
      nightly.stored(users)
      ports.onStored?.(users)
    },
  })
  let closing = false
  const wearable = (id: string): WearablePlugin => {
    const found = wearables.find((plugin) => plugin.id === id)
    if (!found)
      throw new AurenError(
        'AUREN_PLUGIN_UNKNOWN',
        `There is no wearable "${id}". Installed: ${wearables.map((plugin) => plugin.id).join(', ') || 'none'}.`,
      )
    return found
  }
  const zonesOf = createZones(ports.longTerm, ports.zone)
  const tokens = createTokens({ journal, fetchFor: fetchOf, now })
  const elsewhere = work === 'none' ? ports.onWork : undefined
  const wakeLog = elsewhere ?? ((): void => eventLog.wake())

  const subscriptions = createSubscriptions({
    journal,
    wearables,
    publicUrl: ports.publicUrl,
    fetchFor: fetchOf,
    tokens,
    now,
  })
  const upkeep = createUpkeep({ journal, wearables, subscriptions, publicUrl: ports.publicUrl, now, log })
  const pulls = createPulls({ journal, registry, wearable, tokens, now, zonesOf, log, wake: wakeLog })
  // A long import must not hold up what a webhook wants fetched.
  const fetches = createJobRunner({
    journal,
    now,
    log,
    atOnce: FETCHES,
    handlers: {
      [FETCH_JOB]: pulls.fetch,
      [PULL_JOB]: pulls.pull,
      // Where nothing is kept up, what is left of it from other days must not wait for ever.
      ...(upkeep.works ? {} : { [SUBSCRIBE_JOB]: subscriptions.job }),
    },
  })
  /** What these change may be much at once, and old: it is consolidated soon, and not only at night. */
  const thenConsolidate =
    (handler: JobHandler): JobHandler =>
    async (job, ctx) => {
      const last = await handler(job, ctx)
      if (job.user !== null && !isDryRun(job)) await nightly.imported(job.user)
      return last
    }
  const imports = createJobRunner({
    journal,
    now,
    log,
    handlers: {
      [IMPORT_JOB]: thenConsolidate(
        createImport({
          journal,
          longTerm: ports.longTerm,
          registry,
          wearables,
          now,
          zonesOf,
          wake: wakeLog,
          own: ports.own && { ...ports, ...ports.own },
        }),
      ),
      [WITHDRAWAL_JOB]: thenConsolidate(createWithdrawal({ journal, longTerm: ports.longTerm, now, wake: wakeLog })),
      [REPLAY_JOB]: thenConsolidate(
        createReplay({
          journal,
          longTerm: ports.longTerm,
          registry,
          wearable,
          now,
          zonesOf,
          stored: (signal) => eventLog.drained(signal),
          wake: wakeLog,
        }),
      ),
    },
  })
  const wakeFetches = elsewhere ?? fetches.wake
  const wakeImports = elsewhere ?? imports.wake
  const wake = (): void => {
    wakeLog()
    wakeFetches()
    if (elsewhere) return
    upkeep.wake()
    nightly.wake()
  }
  const uploads = createUploads({ journal, wearables, now, wake: wakeImports, cancel: imports.cancel })

  const replays = createReplays({
    journal,
    longTerm: ports.longTerm,
    wearable,
    now,
    wake: wakeImports,
    cancel: imports.cancel,
  })

  const quarantine = createQuarantine({ journal, registry, wearables, now, zonesOf, subscriptions, wake })
  const farewell = createFarewell({ wearables, fetchFor: fetchOf, tokens, subscriptions, log })
  const connect = createConnections({
    journal,
    wearable,
    fetchFor: fetchOf,
    subscriptions,
    farewell,
    publicUrl: ports.publicUrl,
    now,
    wake,
  })
  /** What came for an account before it was anybody's has been kept: now it is known whose it is. */
  const claim = async (provider: string, account: string): Promise<void> => {
    const owners = await journal.transaction((tx) => journal.connections.owners(tx, provider, [account]))
    const held = owners.find(({ status }) => status === 'active')
    if (held) await quarantine.claim(held.user, provider, account)
  }
  const connections: IngestDoor['connections'] = {
    ...connect,
    async adopt(user, provider, account, tokens) {
      const view = await connect.adopt(user, provider, account, tokens)
      await claim(provider, account)
      return view
    },
    async begin(user, provider, redirect, given) {
      const begun = await connect.begin(user, provider, redirect, given)
      // What is connected at once may have been used before.
      if (begun.connection) await claim(provider, begun.connection.account)
      return begun
    },
    async finish(provider, answer) {
      const views = await connect.finish(provider, answer)
      for (const { account } of views) await claim(provider, account)
      return views
    },
  }

  const gate = createGate(journal)
  const observations = createObservations({ journal, registry, now, wake: wakeLog })
  const payloads = createPayloads({ journal, registry, zonesOf, now, wake: wakeLog })
  const webhooks = createWebhooks({
    journal,
    registry,
    subscriptions,
    fetchFor: fetchOf,
    now,
    zonesOf,
    wake,
    // What was accepted is kept whatever becomes of this: it can be replayed by hand.
    renamed: (provider, account) =>
      claim(provider, account).catch((cause: unknown) =>
        log('warn', 'what came for a renamed account was not replayed', { provider, code: asAurenError(cause).code }),
      ),
  })

  /** Jobs are done here, or (also) in other processes. */
  const jobsDone = async (signal?: AbortSignal): Promise<void> => {
    elsewhere?.()
    if (work === 'all') await Promise.all([fetches.drained(), imports.drained(), upkeep.drained(), nightly.drained()])
    while ((await journal.transaction((tx) => journal.dueJobs(tx, now()))) > 0) {
      if (closing) throw new AurenError('AUREN_CLOSED', 'AUREN has been closed.')
      signal?.throwIfAborted()
      await new Promise((resolve) => setTimeout(resolve, JOBS_LOOK_MS))
    }
  }

  const settled: IngestDoor['settled'] = async ({ signal } = {}) => {
    // Jobs put envelopes into the outbox, and what is stored needs no job: first the ones, then the other.
    await jobsDone(signal)
    await eventLog.drained(signal)
  }

  return {
    ...uploads,
    async webhook(id, request) {
      const plugin = wearable(id)
      await gate()
      return webhooks(plugin, request)
    },
    connections,
    quarantine,
    replays,
    wake() {
      wake()
      wakeImports()
    },
    settled,
    processed: (user, receipt, options) => waitProcessed(journal, user, receipt, options),
    lag: () => eventLog.lag(),
    async leaving(user) {
      const ended = await journal.transaction(async (tx) =>
        farewell.prepare(tx, await journal.connections.list(tx, { user })),
      )
      return () => farewell.say(ended)
    },

    async observations(batch) {
      await gate()
      return observations(batch)
    },

    async posted(id, payload) {
      const plugin = wearable(id)
      await gate()
      return payloads(plugin, payload)
    },

    async file(plugin, file, { userId, name, options, onProgress, signal }) {
      const { id } = await uploads.uploads.begin(userId, {
        name,
        plugin,
        ...(options === undefined ? {} : { options }),
      })
      let offset = 0
      for await (const part of inParts(file, PART_BYTES)) {
        signal?.throwIfAborted()
        await uploads.uploads.append(userId, id, offset, part)
        offset += part.length
      }
      await uploads.uploads.start(userId, id)
      const view = await watch(userId, id, onProgress, signal)
      await eventLog.drained(signal)
      return view
    },

    start() {
      if (work === 'none') return
      eventLog.start()
      fetches.start()
      imports.start()
      upkeep.start()
      nightly.start()
    },
    async close() {
      closing = true
      await Promise.all([fetches.close(), imports.close(), upkeep.close()])
      await eventLog.close()
      // Last: what was stored until now still asks for its night.
      await nightly.close()
    },
  }

  async function watch(
    user: UserId,
    id: string,
    onProgress?: (view: ImportView) => void,
    signal?: AbortSignal,
  ): Promise<ImportView> {
    for (let last = ''; ; ) {
      const view = await uploads.imports.get(user, id)
      const text = JSON.stringify(view)
      if (text !== last) onProgress?.(view)
      last = text
      if (view.state === 'done') return view
      if (view.state === 'dead' || view.state === 'cancelled')
        throw new AurenError('AUREN_PAYLOAD_INVALID', view.error ?? 'The import was stopped.')
      if (signal?.aborted) {
        await uploads.imports.cancel(user, id)
        throw new AurenError('AUREN_ABORTED', 'The import was stopped.')
      }
      await new Promise((resolve) => setTimeout(resolve, WATCH_MS))
    }
  }
}

/** The log, with the consumer behind it: a bus where there is one, else the table. */
function createLog({ journal, longTerm, bus, now, log, onStored }: IngestPorts): EventLog {
  const group = bus ? consumerName(GROUP, bus.log) : tableConsumer(GROUP)
  const consumer = createConsumer({
    journal,
    longTerm,
    group,
    deadLetters: bus !== undefined,
    now,
    ...(onStored ? { onStored } : {}),
  })
  return bus
    ? createBusLog({ journal, bus, consumer, group: GROUP, place: group, log })
    : createTableLog({ journal, consumer, group, log, now })
}

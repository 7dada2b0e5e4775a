import { Temporal } from 'temporal-polyfill'
import type { MetricRegistry } from '../catalogue/index.js'
import { metric as metricOf } from '../catalogue/index.js'
import { AurenError } from '../errors.js'
import { consentAllows } from '../events/identity.js'
import { createIngest } from '../ingest/ingest.js'
import { permitOf } from '../memory/consent.js'
import { memoryHot } from '../memory/hot.js'
import { createMemory } from '../memory/memory.js'
import type { Purpose, Scope } from '../memory/ports.js'
import { readyOf } from '../memory/ready.js'
import { sealedHot } from '../memory/sealed-hot.js'
import type { Instant, LocalDate, UserId } from '../observation/schema.js'
import { understand, type Vocabulary } from '../query/parse/index.js'
import { isBuiltIn } from '../query/parse/lexicon.js'
import { createFactEngine } from '../query/run.js'
import { seriesView, todayView, traceView } from '../query/views.js'
import { metricTitle } from '../query/words.js'
import { closedProviders } from '../reasoning/closed.js'
import { measuredModel } from '../reasoning/measured-model.js'
import { createNeuros } from '../reasoning/run.js'
import type { Auren } from './auren.js'
import { checkPeers, checkPlugins } from './check.js'
import type { Complete } from './define.js'
import { healthOf } from './health.js'
import type { AnyPlugin, Capabilities, PluginContext } from './types.js'

/** How an AUREN is composed. */
export interface AurenOptions<P extends readonly AnyPlugin[]> {
  /** A literal list is checked while you type; a list made at run time is checked when it runs. */
  plugins: P & Complete<P>
  /** IANA zone of persons whose profile names none. @default the system's */
  zone?: string
  /**
   * Where vendors reach this installation's webhooks from outside: `https://…`, followed by `/webhooks/<plugin>`. Without it
   * subscriptions are not kept up: a vendor can only call what it has been told.
   */
  publicUrl?: string
  /** Clock. @default Date.now */
  now?: () => Instant
  log?: PluginContext['log']
  /**
   * `none`: this process accepts and answers, but relay, consumer and jobs run in others. @default all
   */
  work?: 'all' | 'none'
  /** With `work: 'none'`: told when there is work, for others to be woken (`ingest.wake`), who else find it by looking. */
  onWork?: () => void
}

/**
 * Composes AUREN from plugins: checks all of them first, then opens what they provide, then starts the work behind
 * (relay, consumer, jobs).
 *
 * @throws AurenError AUREN_PLUGIN_INVALID, AUREN_PLUGIN_DUPLICATE, AUREN_CAPABILITY_MISSING before anything runs;
 * whatever a plugin throws when it opens
 *
 * @example
 * const auren = await createAuren({ plugins: [pglite({ dataDir: './data' }), appleHealth(), ...neuros()] })
 */
export async function createAuren<const P extends readonly AnyPlugin[]>(options: AurenOptions<P>): Promise<Auren<P>> {
  const plugins: readonly AnyPlugin[] = options.plugins
  checkPlugins(plugins)
  checkPeers(plugins)
  const now = options.now ?? Date.now
  const log = options.log ?? (() => undefined)
  const zone = options.zone ?? Temporal.Now.timeZoneId()

  const registry: MetricRegistry = Object.assign(
    {},
    ...plugins.map((plugin) => (plugin.kind === 'wearable' ? (plugin.metrics ?? {}) : {})),
  )
  const { capabilities, close } = await openAll(plugins, { log, now, metrics: registry })
  try {
    const auren = await assemble(
      plugins,
      capabilities,
      { now, log, zone, registry, work: options.work ?? 'all', onWork: options.onWork, publicUrl: options.publicUrl },
      close,
    )
    return auren as unknown as Auren<P>
  } catch (error) {
    await close()
    throw error
  }
}

type Optional = 'bus' | 'hot' | 'identity' | 'ladder' | 'model'
type Open = Omit<Capabilities, Optional> & Partial<Pick<Capabilities, Optional>>

async function openAll(
  plugins: readonly AnyPlugin[],
  ctx: PluginContext,
): Promise<{ capabilities: Open; close(): Promise<void> }> {
  const closers: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  const found: Partial<Capabilities> = {}
  try {
    for (const plugin of plugins) {
      if (plugin.kind === 'storage') {
        const { close: closePlugin, ...provided } = await plugin.open(ctx)
        closers.push(closePlugin)
        Object.assign(found, provided)
      } else if (plugin.kind === 'events') {
        const { bus, close: closePlugin } = await plugin.open(ctx)
        closers.push(closePlugin)
        found.bus = bus
      } else if (plugin.kind === 'model') found.model = await plugin.open(ctx)
    }
  } catch (error) {
    await close()
    throw error
  }
  return { capabilities: found as Open, close }
}

async function assemble(
  plugins: readonly AnyPlugin[],
  capabilities: Open,
  {
    now,
    log,
    zone,
    registry,
    work,
    onWork,
    publicUrl,
  }: {
    now: () => Instant
    log: PluginContext['log']
    zone: string
    registry: MetricRegistry
    work: 'all' | 'none'
    onWork: (() => void) | undefined
    publicUrl: string | undefined
  },
  closeStorage: () => Promise<void>,
): Promise<Auren> {
  const { journal, longTerm, patterns, threads } = capabilities
  // What leaves the process is sealed.
  const hot = capabilities.hot ? sealedHot(capabilities.hot, capabilities.vault) : memoryHot()
  const wearables = plugins.filter((plugin) => plugin.kind === 'wearable')
  const vocabulary = vocabularyOf(registry)
  const engine = createFactEngine({ longTerm, now, metrics: (id) => metricOf(id, registry) ?? null })
  const detectors = plugins.filter((plugin) => plugin.kind === 'detector')

  const todayOf = async (user: UserId): Promise<LocalDate> => {
    const profile = await longTerm.profile({ user, purpose: 'answer' })
    const at = now()
    const held = profile.zones?.findLast((entry) => entry.from <= at)?.zone ?? zone
    return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(held).toPlainDate().toString()
  }
  const { identity = null } = capabilities
  const allowed = async (user: UserId, purpose: Purpose): Promise<boolean> =>
    identity === null || consentAllows(await identity.consents(user), purpose)
  const memoryOf: Auren['memory']['for'] = (user, purpose) =>
    createMemory(
      {
        journal,
        longTerm,
        patterns,
        threads,
        hot,
        ladder: capabilities.ladder,
        detectors,
        now,
        today: todayOf,
        identity,
        allowed,
        ...(identity ? { permit: async (who, what) => permitOf(await identity.consents(who), what) } : {}),
        leaving: (user) => ingest.leaving(user),
      },
      user,
      purpose,
    )

  const ingest = createIngest({
    journal,
    longTerm,
    wearables,
    registry,
    now,
    log,
    zone,
    work,
    own: { patterns, threads, hot, identity },
    ...(onWork ? { onWork } : {}),
    ...(detectors.length === 0 ? {} : { consolidate: (user: UserId) => memoryOf(user, 'consolidate').consolidate() }),
    ...(publicUrl === undefined ? {} : { publicUrl: publicUrl.replace(/\/+$/, '') }),
    ...(capabilities.bus ? { bus: capabilities.bus } : {}),
  })
  const neuros = createNeuros({
    nodes: plugins.filter((plugin) => plugin.kind === 'node'),
    engine,
    memory: (user) => memoryOf(user, 'answer'),
    longTerm,
    threads,
    journal,
    ...(capabilities.model ? { model: measuredModel(capabilities.model) } : {}),
    closed: closedProviders(wearables),
    vocabulary,
    now,
    today: todayOf,
    allowed,
    log,
  })
  await neuros.start()
  ingest.start()

  const read = (user: UserId, purpose: Scope['purpose'] = 'display'): Scope => ({ user, purpose })
  const ports = { longTerm, engine, registry }
  let closing: Promise<void> | null = null

  return {
    plugins: {
      list: () => plugins,
      find: ((kind: string, id: string) =>
        plugins.find((plugin) => plugin.kind === kind && plugin.id === id)) as unknown as Auren['plugins']['find'],
      require: ((kind: string, id: string) => {
        const found = plugins.find((plugin) => plugin.kind === kind && plugin.id === id)
        if (found) return found
        const known = plugins.filter((plugin) => plugin.kind === kind).map((plugin) => plugin.id)
        throw new AurenError(
          'AUREN_PLUGIN_UNKNOWN',
          `There is no ${kind} "${id}". Installed: ${known.join(', ') || 'none'}.`,
        )
      }) as unknown as Auren['plugins']['require'],
    },
    ingest,
    memory: { for: memoryOf },
    query: async (user, query, options = {}) =>
      engine.ask(read(user, 'answer'), query, { today: await todayOf(user), ...options }),
    understand: async (user, text, options = {}) => {
      const metrics = (await longTerm.metrics(read(user, 'answer'))).map((summary) => summary.metric)
      return understand(text, { metrics, vocabulary, today: await todayOf(user), ...options })
    },
    ask: ({ userId, threadId, text, clientId, locale, today, signal }) =>
      neuros.ask({ userId, threadId, text, clientId, locale, today, signal }),
    neuros: {
      start: ({ user, thread, ...rest }) => neuros.begin({ userId: user, threadId: thread, ...rest }),
      follow: (user, run, after) => neuros.replay({ userId: user, run, after }),
      async find(user, thread, run) {
        const found = await threads.run(read(user), run)
        if (!found || found.thread !== thread)
          throw new AurenError('AUREN_NOT_FOUND', `There is no run ${run} in this thread.`)
      },
      async cancel(user, run) {
        await neuros.cancel({ userId: user, run })
      },
    },
    series: (user, q) => seriesView(ports, read(user), q),
    explain: (user, q) => traceView(ports, read(user), q),
    today: async (user, options = {}) => {
      const date = options.today ?? (await todayOf(user))
      const version = await longTerm.version(read(user))
      return readyOf(hot).read(user, 'today', { version, date }, () => todayView(ports, read(user), date))
    },
    metrics: async (user) =>
      (await longTerm.metrics(read(user))).map((summary) => {
        const info = metricOf(summary.metric, registry)
        return { ...summary, title: info?.title ?? metricTitle(summary.metric), unit: info?.unit ?? '' }
      }),
    removeThread: (user, thread) =>
      journal.transaction(async (tx) => {
        await journal.lockPersons(tx, [user])
        return threads.remove(tx, user, thread)
      }),
    hot,
    longTerm,
    threads,
    identity,
    lag: async () => ({ ...(await journal.lag()), log: await ingest.lag() }),
    health: () => healthOf({ journal, bus: capabilities.bus, hot }),
    close: () => {
      closing ??= (async () => {
        await neuros.close()
        await ingest.close()
        await closeStorage()
      })()
      return closing
    },
  }
}

/**
 * What plugins call their metrics, for the sentence parser: the title, and the id in words. Where everybody's own words
 * mean that already, only with the plugin's name: "average resting heart rate" is nobody's metric but the person's.
 */
function vocabularyOf(registry: MetricRegistry): Vocabulary {
  return {
    metrics: Object.entries(registry).map(([id, { title, unit }]) => {
      const at = id.indexOf('.')
      const vendor = id.slice(0, Math.max(0, at)).replaceAll('-', ' ')
      const names = [title?.toLowerCase() ?? metricTitle(id).toLowerCase(), metricTitle(id.slice(at + 1)).toLowerCase()]
      return {
        id,
        unit,
        names: [...new Set(names.map((name) => (isBuiltIn(name) ? `${vendor} ${name}` : name)))],
      }
    }),
  }
}

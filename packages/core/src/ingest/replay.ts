import { z } from 'zod'
import type { MetricRegistry } from '../catalogue/index.js'
import { AurenError } from '../errors.js'
import { Envelope } from '../events/envelope.js'
import type { Connection, Journal, QuarantineItem, Tx } from '../events/ports.js'
import type { Instant, ObservationInput, UserId } from '../observation/schema.js'
import type { IngestDoor, Replayed } from '../plugin/auren.js'
import type { WearablePlugin, WebhookPlan } from '../plugin/types.js'
import { commitObservations, type Origin, type Outcome } from './deliver.js'
import { payloadsIn } from './kept-payloads.js'
import type { Subscriptions } from './subscriptions.js'
import { followPlan } from './webhook.js'
import { normalizeFor, type ZonesOf } from './zones.js'

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
const Held = z.object({ kind: z.enum(['observation', 'payload', 'part', 'envelope', 'delivery']), value: z.unknown() })
/** Items of one delivery at most that a replay of it takes along. */
const MOST_ITEMS = 10_000

/** What replays stand on. */
export interface ReplayPorts {
  journal: Journal
  registry: MetricRegistry
  wearables: readonly WearablePlugin[]
  now(): Instant
  zonesOf: ZonesOf
  subscriptions: Subscriptions
  wake(): void
}

/**
 * Quarantine: what was set aside, and trying it again with its original receipt, so that a replay changes history as
 * little as the first try would have. Whatever still does not pass is set aside anew; twice is once.
 */
export function createQuarantine(ports: ReplayPorts): IngestDoor['quarantine'] & {
  /** Replays what came for an account before it was anybody's. */
  claim(user: UserId, provider: string, account: string): Promise<void>
} {
  const { journal } = ports
  /** Somebody else's item is not there. What was nobody's is theirs whose connection names its account. */
  const find = async (tx: Tx, user: UserId, id: string): Promise<QuarantineItem> => {
    const item = await anybodys(tx, id)
    if (item.user === user || (item.user === null && (await connectionOf(tx, item))?.user === user)) return item
    throw missing(id)
  }
  const connectionOf = async (tx: Tx, { provider, account }: QuarantineItem): Promise<Connection | undefined> =>
    (await journal.connections.list(tx, { provider, account })).find((held) => held.status === 'active')
  const pluginOf = (item: QuarantineItem): WearablePlugin => {
    const plugin = ports.wearables.find((held) => held.id === item.provider)
    if (!plugin) throw new AurenError('AUREN_PLUGIN_UNKNOWN', `The plugin ${item.provider} is not installed.`)
    return plugin
  }

  const again = async (tx: Tx, item: QuarantineItem): Promise<Outcome> => {
    const held = Held.parse(item.item)
    if (held.kind === 'delivery') return deliver(tx, item, held.value as WebhookPlan<unknown>)
    if (item.user === null) throw new AurenError('AUREN_INPUT_INVALID', 'It is not known whose this is.')
    const origin: Origin = {
      user: item.user,
      provider: item.provider,
      account: item.account,
      receivedAt: item.receivedAt,
      rawRef: item.rawRef,
      step: `replay/${item.id}`,
    }
    if (held.kind === 'observation')
      return commitObservations(journal, tx, origin, [held.value as ObservationInput], [], ports.registry)
    if (held.kind === 'envelope') {
      const envelope = Envelope.parse(held.value)
      return commitObservations(journal, tx, origin, envelope.observations as ObservationInput[], [], ports.registry)
    }
    if (held.kind === 'payload') return renormalize(tx, item, origin, [held.value])
    // A part cannot be read alone: its whole delivery is, and brings anew whatever of it still cannot be read.
    const payloads = await payloadsOf(tx, item)
    const open = await journal.listQuarantine(tx, { user: item.user, open: true, limit: MOST_ITEMS })
    for (const { id, rawRef } of open) if (rawRef === item.rawRef) await journal.markReplayed(tx, id, ports.now())
    return renormalize(tx, item, origin, payloads)
  }

  const renormalize = async (
    tx: Tx,
    item: QuarantineItem,
    origin: Origin,
    payloads: readonly unknown[],
  ): Promise<Outcome> => {
    const { user, receivedAt, account } = origin
    const read = await Promise.all(
      payloads.map((payload) => normalizeFor(ports.zonesOf, pluginOf(item), payload, { user, receivedAt, account })),
    )
    return commitObservations(
      journal,
      tx,
      origin,
      read.flatMap(({ observations }) => observations),
      read.flatMap(({ aside }) => aside),
      ports.registry,
    )
  }

  /** The payloads about the item's account in the raw delivery. */
  const payloadsOf = async (tx: Tx, item: QuarantineItem): Promise<unknown[]> => {
    const { body, deliveryKey = '' } = (await journal.raw(tx, item.rawRef))?.delivery ?? {}
    if (!body) throw new AurenError('AUREN_CONFLICT', 'This came with a file: import the file again to read it anew.')
    return payloadsIn(pluginOf(item), body, { ...item, deliveryKey })
  }

  const deliver = async (tx: Tx, item: QuarantineItem, plan: WebhookPlan<unknown>): Promise<Outcome> => {
    const connection = await connectionOf(tx, item)
    if (!connection)
      throw new AurenError('AUREN_CONFLICT', 'Nobody has connected this account yet. Connect it, then replay.')
    const { jobs, ...outcome } = await followPlan(ports, tx, pluginOf(item), plan, {
      connection,
      rawRef: item.rawRef,
      receivedAt: item.receivedAt,
    })
    await ports.journal.addJobs(tx, jobs)
    return outcome
  }

  const anybodys = async (tx: Tx, id: string): Promise<QuarantineItem> => {
    const [item] = UUID.test(id) ? await journal.listQuarantine(tx, { id }) : []
    if (item) return item
    throw missing(id)
  }

  /** Replays what `look` finds, for `owner`; null where nobody is known whose it is, which `again` refuses. */
  const replayOne = async (
    id: string,
    owner: (tx: Tx) => Promise<UserId | null>,
    look: (tx: Tx) => Promise<QuarantineItem>,
  ): Promise<Replayed> => {
    const result = await journal.transaction(async (tx) => {
      const user = await owner(tx)
      // Two replays at once: the second waits, and finds that it is done.
      if (user !== null) await journal.lockPersons(tx, [user])
      const item = await look(tx)
      if (item.replayedAt !== null) return { accepted: 0, quarantined: 0, alreadyReplayed: true }
      const { accepted, quarantined } = await again(tx, item)
      await journal.markReplayed(tx, id, ports.now())
      return { accepted, quarantined, alreadyReplayed: false }
    })
    ports.wake()
    return result
  }
  const replay: IngestDoor['quarantine']['replay'] = (user, id) =>
    replayOne(
      id,
      async () => user,
      (tx) => find(tx, user, id),
    )

  return {
    list: ({ user, limit, open }) =>
      journal.transaction((tx) =>
        journal.listQuarantine(tx, {
          user,
          ...(limit === undefined ? {} : { limit }),
          ...(open === undefined ? {} : { open }),
        }),
      ),
    get: (user, id) => journal.transaction((tx) => find(tx, user, id)),
    replay,
    operator: {
      list: (filter) => journal.transaction((tx) => journal.listQuarantine(tx, filter)),
      get: (id) => journal.transaction((tx) => anybodys(tx, id)),
      replay: (id) =>
        replayOne(
          id,
          async (tx) => {
            const item = await anybodys(tx, id)
            return item.user ?? (await connectionOf(tx, item))?.user ?? null
          },
          (tx) => anybodys(tx, id),
        ),
    },
    async claim(user, provider, account) {
      const open = await journal.transaction((tx) => journal.listQuarantine(tx, { open: true, limit: MOST_ITEMS }))
      for (const item of open.reverse())
        if (item.user === null && item.provider === provider && item.account === account) await replay(user, item.id)
    },
  }
}

function missing(id: string): AurenError {
  return new AurenError('AUREN_NOT_FOUND', `There is nothing set aside under ${id}.`)
}

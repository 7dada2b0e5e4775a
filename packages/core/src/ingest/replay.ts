import { z } from 'zod'
import type { MetricRegistry } from '../catalogue/index.js'
import { AurenError } from '../errors.js'
import { Envelope } from '../events/envelope.js'
import type { Journal, QuarantineItem, Tx } from '../events/ports.js'
import type { Instant, ObservationInput, UserId } from '../observation/schema.js'
import type { IngestDoor } from '../plugin/auren.js'
import type { WearablePlugin, WebhookPlan } from '../plugin/types.js'
import { commitObservations, normalizePayload, type Origin, type Outcome } from './deliver.js'
import { followPlan } from './webhook.js'

const Held = z.object({ kind: z.enum(['observation', 'payload', 'envelope', 'delivery']), value: z.unknown() })

/** What replays stand on. */
export interface ReplayPorts {
  journal: Journal
  registry: MetricRegistry
  wearables: readonly WearablePlugin[]
  now(): Instant
  zoneAt(at: Instant): string | null
  wake(): void
}

/**
 * Quarantine: what was set aside, and trying it again with its original receipt, so that a replay changes history as
 * little as the first try would have. Whatever still does not pass is set aside anew; twice is once.
 */
export function createQuarantine(ports: ReplayPorts): IngestDoor['quarantine'] {
  const { journal } = ports
  const find = async (tx: Tx, user: UserId, id: string): Promise<QuarantineItem> => {
    const [item] = await journal.listQuarantine(tx, { id, open: false })
    if (!item || (item.user !== null && item.user !== user))
      throw new AurenError('AUREN_NOT_FOUND', `There is nothing set aside under ${id}.`)
    return item
  }
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
    const { observations, aside } = normalizePayload(pluginOf(item), held.value, {
      receivedAt: item.receivedAt,
      account: item.account,
      zoneAt: ports.zoneAt,
    })
    return commitObservations(journal, tx, origin, observations, aside, ports.registry)
  }

  const deliver = async (tx: Tx, item: QuarantineItem, plan: WebhookPlan<unknown>): Promise<Outcome> => {
    const connection = (await journal.connections.list(tx, { provider: item.provider, account: item.account })).find(
      (held) => held.status === 'active',
    )
    if (!connection)
      throw new AurenError('AUREN_CONFLICT', 'Nobody has connected this account yet. Connect it, then replay.')
    return followPlan(ports, tx, pluginOf(item), plan, { connection, rawRef: item.rawRef, receivedAt: item.receivedAt })
  }

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
    async replay(user, id) {
      const result = await journal.transaction(async (tx) => {
        const item = await find(tx, user, id)
        if (item.replayedAt !== null) return { accepted: 0, quarantined: 0, alreadyReplayed: true }
        const { accepted, quarantined } = await again(tx, item)
        await journal.markReplayed(tx, id, ports.now())
        return { accepted, quarantined, alreadyReplayed: false }
      })
      ports.wake()
      return result
    },
  }
}

import type { MetricRegistry } from '../catalogue/index.js'
import { AurenError } from '../errors.js'
import type { Journal } from '../events/ports.js'
import { traceparentOf } from '../events/trace.js'
import type { Instant, ObservationInput, UserId } from '../observation/schema.js'
import { publish } from '../telemetry.js'
import { failpoint } from '../testing/failpoints.js'
import { checkAll } from './accept.js'
import { commitObservations, receiveOnce, sha256 } from './deliver.js'

/** A batch of observations of an app of one's own. */
export interface ObservationBatch {
  userId: UserId
  /** Name of the app; observations of two apps are never one. */
  provider: string
  /** Names the batch: the same one again does nothing again. Default: a hash of the observations. */
  key?: string
  observations: readonly ObservationInput[]
  /** W3C trace context of the request. */
  traceparent?: string | undefined
}

/** What became of one observation of a batch. */
export interface ItemOutcome {
  status: 'accepted' | 'quarantined'
  /** Why it was set aside. */
  reason?: string
  detail?: string
}

/** What became of a batch. */
export interface BatchOutcome {
  /** Receipt; `processed` waits by it. */
  id: string
  /** True where this very batch had been committed before: nothing was done again. */
  duplicate: boolean
  accepted: number
  quarantined: number
  /** In the order of the batch. */
  items: ItemOutcome[]
}

/**
 * Commits a batch with its delivery. The outcome of each item depends on the item alone, so a repeated batch is told
 * what the first one was told.
 *
 * @throws AurenError AUREN_KEY_REUSED where the key names another batch
 */
export function createObservations(ports: {
  journal: Journal
  registry: MetricRegistry
  now(): Instant
  wake(): void
}): (batch: ObservationBatch) => Promise<BatchOutcome> {
  const { journal, registry, now } = ports
  return async ({ userId, provider, key, observations, traceparent }) => {
    const body = new TextEncoder().encode(JSON.stringify(observations))
    const at = now()
    const deliveryKey = `app:${JSON.stringify([userId, key ?? sha256(body)])}`
    const receipt = await journal.transaction(async (tx) => {
      const receipt = await receiveOnce(journal, tx, { provider, deliveryKey, user: userId, account: userId, body }, at)
      if (receipt.duplicate) {
        const first = (await journal.raw(tx, receipt.id))?.delivery.body
        if (first && Buffer.compare(first, body) !== 0)
          throw new AurenError('AUREN_KEY_REUSED', 'This key named another batch before: give each batch its own.')
        return receipt
      }
      const origin = {
        user: userId,
        provider,
        account: userId,
        receivedAt: receipt.receivedAt,
        rawRef: receipt.id,
        traceparent: traceparentOf(traceparent),
      }
      await commitObservations(journal, tx, origin, observations, [], registry)
      failpoint('ingest:before-commit')
      return receipt
    })
    failpoint('ingest:after-commit')
    const checked = checkAll(observations, { provider, account: userId, receivedAt: receipt.receivedAt, registry })
    const aside = new Map(checked.aside.map((held) => [held.item, held]))
    const items = observations.map((item): ItemOutcome => {
      const held = aside.get(item)
      return held ? { status: 'quarantined', reason: held.reason, detail: held.detail } : { status: 'accepted' }
    })
    const quarantined = items.filter(({ status }) => status === 'quarantined').length
    const accepted = items.length - quarantined
    publish(
      'accepted',
      receipt.duplicate
        ? { provider, accepted: 0, quarantined: 0, duplicates: 1 }
        : { provider, accepted, quarantined, duplicates: 0 },
    )
    ports.wake()
    return { id: receipt.id, duplicate: receipt.duplicate, accepted, quarantined, items }
  }
}

import type { MetricRegistry } from '../catalogue/index.js'
import { AurenError } from '../errors.js'
import type { Journal } from '../events/ports.js'
import { traceparentOf } from '../events/trace.js'
import type { Instant, UserId } from '../observation/schema.js'
import type { WearablePlugin } from '../plugin/types.js'
import { publish } from '../telemetry.js'
import { failpoint } from '../testing/failpoints.js'
import { commitObservations, receiveOnce, sha256 } from './deliver.js'
import { parseBody } from './parse-body.js'
import { normalizeFor, type ZonesOf } from './zones.js'

/** A body that comes again within this is the same one; later it is news, for a value may return to what it was. */
const SAME_BODY_MS = 10 * 60_000

/** What deliveries are called that a person posted. */
export const POSTED_KEY = 'posted:'

/** A payload that a person's own app posts. */
export interface PostedPayload {
  userId: UserId
  /** Raw JSON: kept as it came. */
  body: Uint8Array
  /** Names the batch: the same one again does nothing again. Default: a hash of the bytes, for ten minutes. */
  key?: string
  /** W3C trace context of the request. */
  traceparent?: string | undefined
}

/** What became of a posted payload. */
export interface PostedOutcome {
  /** Receipt; `processed` waits by it. */
  id: string
  /** True where this very batch had been committed before: nothing was done again. */
  duplicate: boolean
  accepted: number
  quarantined: number
}

/**
 * Commits a payload with its observations before it is answered. The account is the person, as for their files, so that
 * what comes both ways is one.
 *
 * @returns what takes one; it throws AurenError AUREN_NOT_FOUND where the plugin takes none from persons,
 * AUREN_PAYLOAD_INVALID where it is none of the plugin's, AUREN_KEY_REUSED where the key names another batch
 */
export function createPayloads(ports: {
  journal: Journal
  registry: MetricRegistry
  zonesOf: ZonesOf
  now(): Instant
  wake(): void
}): (plugin: WearablePlugin, posted: PostedPayload) => Promise<PostedOutcome> {
  const { journal, registry, zonesOf, now } = ports
  return async (plugin, { userId: user, body, key, traceparent }) => {
    if (!plugin.posted)
      throw new AurenError('AUREN_NOT_FOUND', `${plugin.id} takes nothing that a person posts.`, { plugin: plugin.id })
    const json = parseBody({ body, headers: {} }, plugin.id)
    const [payload] = plugin.payload.safeParse(json).success ? [json] : (plugin.documents?.(json, '') ?? [])
    const parsed = plugin.payload.safeParse(payload)
    if (!parsed.success)
      throw new AurenError('AUREN_PAYLOAD_INVALID', `This is no payload as ${plugin.id} documents it.`, {
        plugin: plugin.id,
        issues: parsed.error.issues.slice(0, 5).map(({ path, message }) => ({ path: path.join('.'), message })),
      })
    const receivedAt = now()
    const named = key ?? `${sha256(body)}/${Math.floor(receivedAt / SAME_BODY_MS)}`
    const origin = { user, provider: plugin.id, account: user }
    const read = await normalizeFor(zonesOf, plugin, payload, { user, receivedAt, account: user })
    const outcome = await journal.transaction(async (tx): Promise<PostedOutcome> => {
      const delivery = { ...origin, deliveryKey: `${POSTED_KEY}${JSON.stringify([user, named])}`, body }
      const receipt = await receiveOnce(journal, tx, delivery, receivedAt)
      if (receipt.duplicate) {
        const first = (await journal.raw(tx, receipt.id))?.delivery.body
        if (first && Buffer.compare(first, body) !== 0)
          throw new AurenError('AUREN_KEY_REUSED', 'This key named another batch before: give each batch its own.')
        return { id: receipt.id, duplicate: true, accepted: 0, quarantined: 0 }
      }
      const { id: rawRef } = receipt
      const { accepted, quarantined } = await commitObservations(
        journal,
        tx,
        { ...origin, receivedAt, rawRef, traceparent: traceparentOf(traceparent) },
        read.observations,
        read.aside,
        registry,
      )
      failpoint('ingest:before-commit')
      return { id: rawRef, duplicate: false, accepted, quarantined }
    })
    failpoint('ingest:after-commit')
    const { accepted, quarantined, duplicate } = outcome
    publish('accepted', { provider: plugin.id, accepted, quarantined, duplicates: duplicate ? 1 : 0 })
    ports.wake()
    return outcome
  }
}

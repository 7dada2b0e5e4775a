import { createHash } from 'node:crypto'
import type { MetricRegistry } from '../catalogue/index.js'
import { asAurenError } from '../errors.js'
import type { Delivery, Journal, QuarantineItem, Receipt, Tx } from '../events/ports.js'
import type { Instant, Observation, ObservationInput, UserId } from '../observation/schema.js'
import type { WearablePlugin } from '../plugin/types.js'
import { failpoint } from '../testing/failpoints.js'
import { checkAll, type SetAside } from './accept.js'
import { numberSiblings, type OrdinalPages, pagesOf } from './ordinals.js'
import { pack } from './pack.js'

/** What was made of a payload. */
export interface Outcome {
  accepted: number
  quarantined: number
}

/** Where observations come from, for all that is made of them. */
export interface Origin {
  user: UserId
  provider: string
  account: string
  receivedAt: Instant
  rawRef: string
  /** Step of an import. */
  step?: string
  /** The delivery that led to this one, where that is another one. */
  receipt?: string | undefined
  /** W3C trace context. */
  traceparent?: string | undefined
}

/** What an item in quarantine is, so that it can be replayed. */
export type Aside =
  | { kind: 'observation'; value: unknown }
  | { kind: 'payload'; value: unknown }
  | { kind: 'part'; value: unknown }
  | { kind: 'envelope'; value: unknown }
  | { kind: 'delivery'; value: unknown }

/** Reasons for which a whole payload is set aside. */
export const wholePayload: ReadonlySet<string> = new Set(['payload', 'normalizer_failed'])

/** SHA-256 as hex. */
export function sha256(...parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** Runs a plugin's normalizer; what it cannot read is set aside, and the rest goes on. */
export function normalizePayload(
  plugin: WearablePlugin,
  payload: unknown,
  ctx: { receivedAt: Instant; account: string; zoneAt(at: Instant): string | null },
): { observations: ObservationInput[]; aside: SetAside[] } {
  const aside: SetAside[] = []
  const parsed = plugin.payload.safeParse(payload)
  if (!parsed.success) {
    const detail = parsed.error.issues
      .slice(0, 5)
      .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
      .join('; ')
    return { observations: [], aside: [{ item: payload, reason: 'payload', detail }] }
  }
  const observations: ObservationInput[] = []
  try {
    const reject = (item: unknown, reason: string, detail: string): void => {
      aside.push({ item, reason, detail })
    }
    for (const observation of plugin.normalize(parsed.data as never, { ...ctx, reject })) observations.push(observation)
  } catch (cause) {
    // Half a payload must not pass for a whole one: all of it is set aside, to be replayed when the normalizer is mended.
    return {
      observations: [],
      aside: [{ item: payload, reason: 'normalizer_failed', detail: asAurenError(cause).code }],
    }
  }
  return { observations, aside }
}

/**
 * Checks observations, and commits them to the outbox or to quarantine, within the transaction.
 * @param importId an import, whose siblings are counted over all its steps
 */
export async function commitObservations(
  journal: Journal,
  tx: Tx,
  origin: Origin,
  observations: Iterable<ObservationInput>,
  aside: readonly SetAside[],
  registry: MetricRegistry,
  importId?: string,
): Promise<Outcome & { reasons: Record<string, number>; observations: readonly Observation[] }> {
  const { user, provider, account, receivedAt, rawRef, step, receipt, traceparent } = origin
  const checked = checkAll(observations, { provider, account, receivedAt, registry })
  const accepted = await numbered(journal, tx, user, checked.passed, importId)
  const envelopes = pack(accepted, {
    user,
    account,
    provider,
    receivedAt,
    rawRef,
    ...(step === undefined ? {} : { step }),
    ...(traceparent === undefined ? {} : { traceparent }),
  })
  if (envelopes.length > 0) await journal.enqueue(tx, envelopes, receipt)
  const items: Omit<QuarantineItem, 'id' | 'replayedAt'>[] = [
    ...aside.map((held) => itemOf(origin, held, wholePayload.has(held.reason) ? 'payload' : 'part')),
    ...checked.aside.map((held) => itemOf(origin, held, 'observation')),
  ]
  if (items.length > 0) await journal.quarantine(tx, items)
  const reasons: Record<string, number> = {}
  for (const { reason } of items) reasons[reason] = (reasons[reason] ?? 0) + 1
  return { accepted: accepted.length, quarantined: items.length, reasons, observations: checked.passed }
}

/** Counts siblings within the payload, or over all steps of an import. */
export async function numbered(
  journal: Journal,
  tx: Tx | null,
  user: UserId,
  passed: readonly Observation[],
  importId: string | undefined,
): Promise<Observation[]> {
  if (importId === undefined || tx === null || !journal.ordinals) return numberSiblings(passed)
  const held = await journal.ordinals.read(tx, importId, pagesOf(passed))
  const pages: OrdinalPages = new Map(held)
  const accepted = numberSiblings(passed, pages)
  const changed = new Map([...pages].filter(([name, bytes]) => held.get(name) !== bytes))
  if (changed.size > 0) await journal.ordinals.write(tx, importId, user, changed)
  return accepted
}

/** Something set aside, as the quarantine keeps it. */
export function itemOf(origin: Origin, held: SetAside, kind: Aside['kind']): Omit<QuarantineItem, 'id' | 'replayedAt'> {
  const { user, provider, account, rawRef, receivedAt } = origin
  return {
    user,
    provider,
    account,
    rawRef,
    receivedAt,
    reason: held.reason,
    detail: held.detail,
    item: { kind, value: held.item },
  }
}

/** Commits a delivery; false where the very same one had been committed before. */
export async function receiveOnce(journal: Journal, tx: Tx, delivery: Delivery, receivedAt: Instant): Promise<Receipt> {
  failpoint('ingest:before-receive')
  if (delivery.user !== null) await journal.person(tx, delivery.user)
  const receipt = await journal.receive(tx, delivery, receivedAt)
  failpoint('ingest:after-receive')
  return receipt
}

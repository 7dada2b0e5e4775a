import { z } from 'zod'
import type { MetricRegistry } from '../catalogue/index.js'
import { AurenError, isAurenError } from '../errors.js'
import type { Journal, NewJob, Owner, QuarantineItem, Receipt, Tx } from '../events/ports.js'
import { traceparentOf } from '../events/trace.js'
import type { Instant } from '../observation/schema.js'
import type { WebhookAnswer } from '../plugin/auren.js'
import type { Fetch } from '../plugin/fetch.js'
import type { RawRequest, WearablePlugin, WebhookPlan } from '../plugin/types.js'
import { publish } from '../telemetry.js'
import { failpoint } from '../testing/failpoints.js'
import { commitObservations, type Outcome, sha256 } from './deliver.js'
import { createGroupCommit } from './group-commit.js'
import { followLifecycle, isOfApplication, type LifecyclePorts, moveAccount } from './lifecycle.js'
import { parseBody } from './parse-body.js'
import { normalizeFor, type ZonesOf } from './zones.js'

/** Kind of the job that fetches what a notification named. */
export const FETCH_JOB = 'fetch'

/** What webhooks stand on. */
export interface WebhookPorts extends LifecyclePorts {
  registry: MetricRegistry
  /** Bounded fetch for the plugin's own hosts. */
  fetchFor(plugin: WearablePlugin): Fetch
  now(): Instant
  zonesOf: ZonesOf
  /** Something has been committed. */
  wake(): void
  /** An account is called by another name from now on: what came for that before may be known now. */
  renamed(provider: string, account: string): Promise<void>
}

/** A part of a delivery, about one account, on its way to be committed. */
interface Arrived {
  plugin: WearablePlugin
  plan: WebhookPlan<unknown>
  key: string
  receivedAt: Instant
  body: Uint8Array
  /** W3C trace context of the request. */
  traceparent: string | undefined
}

/**
 * Takes the requests of vendors: a challenge is answered; a delivery is verified on its raw bytes, and committed with
 * its observations or with the jobs that will fetch them before it is answered. The vendor is never called here.
 * Deliveries that come at the same time share a transaction.
 *
 * @returns what answers one request; it throws AurenError AUREN_NOT_FOUND, AUREN_SIGNATURE_INVALID, AUREN_PAYLOAD_INVALID
 */
export function createWebhooks(
  ports: WebhookPorts,
): (plugin: WearablePlugin, request: RawRequest) => Promise<WebhookAnswer> {
  const commit = createGroupCommit<Arrived[], Outcome & { duplicates: number }>(ports.journal, (tx, deliveries) =>
    commitDeliveries(ports, tx, deliveries),
  )
  return async (plugin, request) => {
    const { webhook } = plugin
    if (!webhook) throw new AurenError('AUREN_NOT_FOUND', `${plugin.id} has no webhook.`, { plugin: plugin.id })
    const challenged = webhook.challenge?.(request)
    if (challenged) return challenged
    if (request.method !== 'POST') return { status: 200, body: '' }

    if (webhook.prepare) await webhook.prepare(request, { fetch: ports.fetchFor(plugin) })
    const verdict = webhook.verify(request)
    if (!verdict.ok) {
      const code = verdict.status === 404 ? 'AUREN_NOT_FOUND' : 'AUREN_SIGNATURE_INVALID'
      throw new AurenError(code, `The delivery is refused: ${verdict.reason}.`, { plugin: plugin.id })
    }
    const receivedAt = ports.now()
    const plans = planOf(plugin, webhook, request, receivedAt, verdict.account)
    const key = verdict.deliveryKey ?? sha256(plugin.id, '\n', request.body)
    const outcome = await commit(
      plans.map((plan, index) => ({
        plugin,
        plan,
        key: plans.length > 1 ? `${key}#${index}` : key,
        receivedAt,
        body: bodyOf(plan, plans.length, request.body),
        traceparent: traceparentOf(request.headers.traceparent),
      })),
    )
    failpoint('ingest:after-commit')
    publish('accepted', { provider: plugin.id, ...outcome })
    ports.wake()
    for (const { renamedTo } of plans) if (renamedTo !== undefined) await ports.renamed(plugin.id, renamedTo)
    return { status: webhook.accepted ?? 200, body: '' }
  }
}

/** Who and what a delivery is about. What the plugin's schema refuses is the vendor's fault, all else is ours: 5xx, try again. */
function planOf(
  plugin: WearablePlugin,
  webhook: NonNullable<WearablePlugin['webhook']>,
  request: RawRequest,
  receivedAt: Instant,
  account: string | undefined,
): WebhookPlan<unknown>[] {
  const body = parseBody(request, plugin.id)
  try {
    return webhook.plan(body, { receivedAt, ...(account === undefined ? {} : { account }) })
  } catch (cause) {
    if (isAurenError(cause)) throw cause
    if (cause instanceof z.ZodError)
      throw new AurenError('AUREN_PAYLOAD_INVALID', `This is no delivery as ${plugin.id} documents it.`, {
        plugin: plugin.id,
        issues: cause.issues.slice(0, 5).map(({ path, message }) => ({ path: path.join('.'), message })),
      })
    throw new AurenError('AUREN_INTERNAL', `${plugin.id} could not read a delivery.`, {
      cause,
      plugin: plugin.id,
      retryable: true,
    })
  }
}

/** Raw bytes are kept per person: a delivery about several is split. */
function bodyOf(plan: WebhookPlan<unknown>, plans: number, body: Uint8Array): Uint8Array {
  return plans === 1 ? body : new TextEncoder().encode(JSON.stringify(plan))
}

/** Commits deliveries, each of one or several parts; what was made of each, in order. */
async function commitDeliveries(
  ports: WebhookPorts,
  tx: Tx,
  deliveries: readonly Arrived[][],
): Promise<(Outcome & { duplicates: number })[]> {
  const { journal } = ports
  const parts = deliveries.flat()
  const connectionOf = await connectionsOf(journal, tx, parts)
  failpoint('ingest:before-receive')
  const receipts = await journal.receiveAll(
    tx,
    parts.map((part) => ({
      delivery: {
        provider: part.plugin.id,
        deliveryKey: part.key,
        user: connectionOf(part)?.user ?? null,
        account: part.plan.account,
        body: part.body,
      },
      receivedAt: part.receivedAt,
    })),
  )
  failpoint('ingest:after-receive')
  const jobs: NewJob[] = []
  const unknown: Omit<QuarantineItem, 'id' | 'replayedAt'>[] = []
  const outcomes: (Outcome & { duplicates: number })[] = []
  let at = 0
  for (const delivery of deliveries) {
    const sum = { accepted: 0, quarantined: 0, duplicates: 0 }
    for (const part of delivery) {
      const { id: rawRef, duplicate } = receipts[at++] as Receipt
      if (duplicate) {
        sum.duplicates++
        continue
      }
      const connection = connectionOf(part)
      if (!connection && isOfApplication(part.plugin, part.plan)) {
        jobs.push(...(await followLifecycle(ports, tx, part.plugin, part.plan, null, rawRef)))
        continue
      }
      if (!connection) {
        unknown.push(ofUnknownAccount(part, rawRef))
        sum.quarantined++
        continue
      }
      const done = await followPlan(ports, tx, part.plugin, part.plan, {
        connection,
        rawRef,
        receivedAt: part.receivedAt,
        traceparent: part.traceparent,
      })
      jobs.push(...done.jobs)
      sum.accepted += done.accepted
      sum.quarantined += done.quarantined
    }
    outcomes.push(sum)
  }
  await journal.addJobs(tx, jobs)
  if (unknown.length > 0) await journal.quarantine(tx, unknown)
  failpoint('ingest:before-commit')
  return outcomes
}

/** Whose an account is, is said by the connection alone. */
async function connectionsOf(
  journal: Journal,
  tx: Tx,
  parts: readonly Arrived[],
): Promise<(part: Arrived) => Owner | undefined> {
  const held = new Map<string, Owner>()
  const keyOf = (provider: string, account: string): string => JSON.stringify([provider, account])
  for (const provider of new Set(parts.map(({ plugin }) => plugin.id))) {
    const accounts = [...new Set(parts.flatMap(({ plugin, plan }) => (plugin.id === provider ? plan.account : [])))]
    for (const connection of await journal.connections.owners(tx, provider, accounts)) {
      const key = keyOf(provider, connection.account)
      // An account that went from one person to another is the other's: only one of its connections is not revoked.
      if (
        connection.status === 'active' ||
        connection.status === 'error' ||
        (connection.status === 'revoked' && !held.has(key))
      )
        held.set(key, connection)
    }
  }
  return ({ plugin, plan }) => held.get(keyOf(plugin.id, plan.account))
}

function ofUnknownAccount(
  { plugin, plan, receivedAt }: Arrived,
  rawRef: string,
): Omit<QuarantineItem, 'id' | 'replayedAt'> {
  return {
    user: null,
    provider: plugin.id,
    account: plan.account,
    rawRef,
    receivedAt,
    reason: 'unknown_account',
    detail: 'nobody has connected this account',
    item: { kind: 'delivery', value: plan },
  }
}

/** What a plan leads to, once its person is known: observations, the end of a connection, and the jobs to be added. */
export async function followPlan(
  ports: Pick<WebhookPorts, 'journal' | 'registry' | 'zonesOf' | 'subscriptions'>,
  tx: Tx,
  plugin: WearablePlugin,
  plan: WebhookPlan<unknown>,
  from: { connection: Owner; rawRef: string; receivedAt: Instant; traceparent?: string | undefined },
): Promise<Outcome & { jobs: NewJob[] }> {
  const { journal, registry, zonesOf } = ports
  const { connection, rawRef, receivedAt, traceparent } = from
  const { user, account } = connection
  let { accepted, quarantined } = { accepted: 0, quarantined: 0 }
  if (plan.payload !== undefined) {
    const read = await normalizeFor(zonesOf, plugin, plan.payload, { user, receivedAt, account })
    const origin = { user, provider: plugin.id, account, receivedAt, rawRef, traceparent }
    const outcome = await commitObservations(journal, tx, origin, read.observations, read.aside, registry)
    accepted += outcome.accepted
    quarantined += outcome.quarantined
  }
  const jobs: NewJob[] = (plan.fetch ?? []).map((what, index) => ({
    kind: FETCH_JOB,
    user,
    payload: { connection: connection.id, what, receipt: rawRef, ...(traceparent ? { traceparent } : {}) },
    key: `${rawRef}/${index}`,
  }))
  jobs.push(...(await followLifecycle(ports, tx, plugin, plan, connection, rawRef)))
  if (plan.renamedTo !== undefined && !(await moveAccount(ports, tx, plugin, connection, plan.renamedTo))) {
    const item = { kind: 'delivery', value: plan }
    const detail = 'the account that it is to be is connected to somebody else'
    const reason = 'account_taken'
    const held = { user, provider: plugin.id, account, rawRef, receivedAt, reason, detail, item }
    await journal.quarantine(tx, [held])
    quarantined++
  }
  return { accepted, quarantined, jobs }
}

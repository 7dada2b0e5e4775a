import { z } from 'zod'
import type { MetricRegistry } from '../catalogue/index.js'
import { AurenError, isAurenError } from '../errors.js'
import type { Connection, Journal, Tx } from '../events/ports.js'
import type { Instant } from '../observation/schema.js'
import type { WebhookAnswer } from '../plugin/auren.js'
import type { RawRequest, WearablePlugin, WebhookPlan } from '../plugin/types.js'
import { publish } from '../telemetry.js'
import { failpoint } from '../testing/failpoints.js'
import { commitObservations, normalizePayload, type Outcome, receiveOnce, sha256 } from './deliver.js'

/** Kind of the job that fetches what a notification named. */
export const FETCH_JOB = 'fetch'
/** Deepest nesting of a JSON body. */
const MOST_DEPTH = 64

/** What webhooks stand on. */
export interface WebhookPorts {
  journal: Journal
  registry: MetricRegistry
  now(): Instant
  zoneAt(at: Instant): string | null
  /** Something has been committed. */
  wake(): void
}

/**
 * One request of a vendor: a challenge is answered; a delivery is verified on its raw bytes, and committed with its
 * observations or with the jobs that will fetch them before it is answered. The vendor is never called here.
 *
 * @throws AurenError AUREN_NOT_FOUND, AUREN_SIGNATURE_INVALID, AUREN_PAYLOAD_INVALID
 */
export async function receiveWebhook(
  ports: WebhookPorts,
  plugin: WearablePlugin,
  request: RawRequest,
): Promise<WebhookAnswer> {
  const { webhook } = plugin
  if (!webhook) throw new AurenError('AUREN_NOT_FOUND', `${plugin.id} has no webhook.`, { plugin: plugin.id })
  const challenged = webhook.challenge?.(request)
  if (challenged) return challenged
  if (request.method !== 'POST') return { status: 200, body: '' }

  const verdict = webhook.verify(request)
  if (!verdict.ok) {
    const code = verdict.status === 404 ? 'AUREN_NOT_FOUND' : 'AUREN_SIGNATURE_INVALID'
    throw new AurenError(code, `The delivery is refused: ${verdict.reason}.`, { plugin: plugin.id })
  }
  const receivedAt = ports.now()
  const plans = planOf(plugin, webhook, request, receivedAt)
  const key = verdict.deliveryKey ?? sha256(plugin.id, '\n', request.body)
  const total = await ports.journal.transaction(async (tx) => {
    const sum: Outcome = { accepted: 0, quarantined: 0 }
    for (const [index, plan] of plans.entries()) {
      const { accepted, quarantined } = await commitPlan(ports, tx, plugin, plan, {
        key: plans.length > 1 ? `${key}#${index}` : key,
        receivedAt,
        body: bodyOf(plan, plans.length, request.body),
      })
      sum.accepted += accepted
      sum.quarantined += quarantined
    }
    failpoint('ingest:before-commit')
    return sum
  })
  failpoint('ingest:after-commit')
  publish('accepted', { provider: plugin.id, ...total })
  ports.wake()
  return { status: webhook.accepted ?? 200, body: '' }
}

/** Who and what a delivery is about. What the plugin's schema refuses is the vendor's fault, all else is ours: 5xx, try again. */
function planOf(
  plugin: WearablePlugin,
  webhook: NonNullable<WearablePlugin['webhook']>,
  request: RawRequest,
  receivedAt: Instant,
): WebhookPlan<unknown>[] {
  const body = parseBody(request, plugin.id)
  try {
    return webhook.plan(body, { receivedAt })
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

async function commitPlan(
  ports: WebhookPorts,
  tx: Tx,
  plugin: WearablePlugin,
  plan: WebhookPlan<unknown>,
  raw: { key: string; receivedAt: Instant; body: Uint8Array },
): Promise<Outcome> {
  const { journal } = ports
  // Whose it is, is said by the connection alone.
  const found = (await journal.connections.list(tx, { provider: plugin.id, account: plan.account })).find(
    (held) => held.status !== 'pending',
  )
  const user = found?.user ?? null
  const receipt = await receiveOnce(
    journal,
    tx,
    { provider: plugin.id, deliveryKey: raw.key, user, account: plan.account, body: raw.body },
    raw.receivedAt,
  )
  if (receipt.duplicate) return { accepted: 0, quarantined: 0 }
  if (!found || user === null) {
    await journal.quarantine(tx, [
      {
        user: null,
        provider: plugin.id,
        account: plan.account,
        rawRef: receipt.id,
        receivedAt: raw.receivedAt,
        reason: 'unknown_account',
        detail: 'nobody has connected this account',
        item: { kind: 'delivery', value: plan },
      },
    ])
    return { accepted: 0, quarantined: 1 }
  }
  return followPlan(ports, tx, plugin, plan, { connection: found, rawRef: receipt.id, receivedAt: raw.receivedAt })
}

/** What a plan leads to, once its person is known: observations, jobs, the end of a connection. */
export async function followPlan(
  ports: Pick<WebhookPorts, 'journal' | 'registry' | 'zoneAt'>,
  tx: Tx,
  plugin: WearablePlugin,
  plan: WebhookPlan<unknown>,
  from: { connection: Connection; rawRef: string; receivedAt: Instant },
): Promise<{ accepted: number; quarantined: number }> {
  const { journal, registry, zoneAt } = ports
  const { connection, rawRef, receivedAt } = from
  const { user, account } = connection
  let outcome = { accepted: 0, quarantined: 0 }
  if (plan.payload !== undefined) {
    const { observations, aside } = normalizePayload(plugin, plan.payload, { receivedAt, account, zoneAt })
    outcome = await commitObservations(
      journal,
      tx,
      { user, provider: plugin.id, account, receivedAt, rawRef },
      observations,
      aside,
      registry,
    )
  }
  for (const [index, what] of (plan.fetch ?? []).entries()) {
    await journal.addJob(tx, {
      kind: FETCH_JOB,
      user,
      payload: { connection: connection.id, what },
      key: `${rawRef}/${index}`,
    })
  }
  if (plan.lifecycle === 'deauthorized') {
    const { id, ...rest } = connection
    await journal.connections.save(tx, { ...rest, id, status: 'revoked', tokens: null })
  }
  return outcome
}

/** JSON or a form, bounded in depth before it is parsed. Keys that would change an object's prototype are refused. */
function parseBody({ body, headers }: RawRequest, plugin: string): unknown {
  let depth = 0
  let inString = false
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]
    if (inString) {
      if (byte === 0x5c) i++
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > MOST_DEPTH)
        throw new AurenError('AUREN_PAYLOAD_INVALID', 'The body is nested too deeply.', { plugin })
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    if (headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
      return Object.fromEntries(new URLSearchParams(text))
    // Escapes can hide the name: only what has neither is sure not to hold it.
    return /__proto__|\\u/.test(text) ? JSON.parse(text, withoutPrototype) : JSON.parse(text)
  } catch (cause) {
    throw new AurenError('AUREN_PAYLOAD_INVALID', 'The body is not valid JSON.', { cause, plugin })
  }
}

function withoutPrototype(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value
}

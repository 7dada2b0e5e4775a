import { z } from 'zod'
import type { MetricRegistry } from '../catalogue/index.js'
import { isAurenError } from '../errors.js'
import type { Journal, KeptDelivery, Tx } from '../events/ports.js'
import type { Batch, LongTerm } from '../memory/ports.js'
import { shadowOf } from '../memory/shadow.js'
import { uuidOf } from '../observation/identity.js'
import type { Instant, ObservationInput, UserId } from '../observation/schema.js'
import type { WearablePlugin } from '../plugin/types.js'
import { failpoint } from '../testing/failpoints.js'
import { checkAll, type SetAside } from './accept.js'
import { itemOf, normalizePayload, numbered, wholePayload } from './deliver.js'
import { payloadsIn } from './kept-payloads.js'
import { readPages } from './read-ahead.js'
import { WITHDRAWAL_KEY } from './withdrawal.js'
import type { ZoneAt } from './zones.js'

/** What deliveries are called that stand for a replay in the inbox. */
export const REPLAY_KEY = 'replay:'
/** Observations, and deliveries, of one transaction. */
const OBSERVATIONS_AT_ONCE = 4000
const DELIVERIES_AT_ONCE = 50
/** Errors of a file itself. */
const unreadable: ReadonlySet<string> = new Set([
  'AUREN_PAYLOAD_INVALID',
  'AUREN_PAYLOAD_TOO_LARGE',
  'AUREN_INPUT_INVALID',
])
/** Deliveries that may be unreadable: beyond that, nothing can be told from the rest. */
export const MOST_UNREAD = 5000

const Place = z.object({ id: z.string(), receivedAt: z.number() })

/** Where the reading of a replay stands. */
export const Reading = z.object({
  after: Place.optional(),
  /** The file that is being read, and where. */
  file: z.object({ id: z.string(), cursor: z.unknown(), step: z.number() }).optional(),
  deliveries: z.number().default(0),
  total: z.number().default(0),
  observations: z.number().default(0),
  /** What could not be read, by reason. */
  aside: z.record(z.string(), z.number()).default({}),
  /** Deliveries that could not be read at all: what they said stays. */
  unread: z.array(Place).default([]),
  /** When deliveries came that were read, since `ReadPorts.settled`. */
  recent: z.array(z.number()).default([]),
})
export type Reading = z.infer<typeof Reading>

/** What reading stands on. */
export interface ReadPorts {
  journal: Journal
  longTerm: LongTerm
  registry: MetricRegistry
  plugin: WearablePlugin
  user: UserId
  zoneAt: ZoneAt
  /** What was received until then has been committed for long; later deliveries may still be on their way. */
  settled: Instant
  /** Deliveries of files that were imported to their end, and what their person said of them. */
  imported: ReadonlyMap<string, unknown>
}

interface Read {
  observations: ObservationInput[]
  aside: SetAside[]
}

/**
 * Reads one kept delivery, or the next steps of a kept file, under the name of the person's shadow. Each commit holds what
 * was read and where to go on.
 * @param page oldest first; at least one
 * @param commit writes and notes the progress, in one transaction
 */
export async function readDeliveries(
  ports: ReadPorts,
  page: readonly KeptDelivery[],
  from: Reading,
  signal: AbortSignal,
  commit: (work: (tx: Tx) => Promise<Reading>) => Promise<Reading>,
): Promise<Reading> {
  let reading = from
  let batches: Batch[] = []
  let held: { delivery: KeptDelivery; read: Read | null }[] = []
  let waiting = 0
  const flush = async (): Promise<void> => {
    if (held.length === 0) return
    const [writing, done] = [batches, held]
    batches = []
    held = []
    waiting = 0
    reading = await commit(async (tx) => {
      await write(ports, tx, writing)
      return noted(ports, reading, done)
    })
    failpoint('replay:after-commit')
  }
  for (const delivery of page) {
    signal.throwIfAborted()
    if (delivery.blob !== null) {
      await flush()
      reading = await readFile(ports, delivery, delivery.blob, reading, signal, commit)
      continue
    }
    const read = await readBody(ports, delivery)
    held.push({ delivery, read })
    if (read) {
      const made = checked(ports, delivery, read)
      batches.push(batchOf(ports, delivery, await numbered(ports.journal, null, ports.user, made.passed, undefined)))
      read.aside.push(...made.aside)
      waiting += made.passed.length
    }
    if (waiting >= OBSERVATIONS_AT_ONCE || held.length >= DELIVERIES_AT_ONCE) await flush()
  }
  await flush()
  return reading
}

/** Null where it cannot be read at all. */
async function readBody({ journal, plugin, zoneAt }: ReadPorts, delivery: KeptDelivery): Promise<Read | null> {
  const { id, deliveryKey, account, receivedAt } = delivery
  if (deliveryKey.startsWith(REPLAY_KEY) || deliveryKey.startsWith(WITHDRAWAL_KEY))
    return { observations: [], aside: [] }
  const body = (await journal.transaction((tx) => journal.raw(tx, id)))?.delivery.body
  // What an app of one's own sent is no payload of the vendor's.
  if (!body || deliveryKey.startsWith('app:')) return null
  let payloads: unknown[]
  try {
    payloads = payloadsIn(plugin, body, delivery)
  } catch {
    return null
  }
  const read: Read = { observations: [], aside: [] }
  for (const payload of payloads) {
    const made = normalizePayload(plugin, payload, { account, receivedAt, zoneAt })
    if (made.aside.some(({ reason }) => wholePayload.has(reason))) return null
    read.observations.push(...made.observations)
    read.aside.push(...made.aside)
  }
  return read
}

async function readFile(
  ports: ReadPorts,
  delivery: KeptDelivery,
  blob: string,
  from: Reading,
  signal: AbortSignal,
  commit: (work: (tx: Tx) => Promise<Reading>) => Promise<Reading>,
): Promise<Reading> {
  const { journal, plugin, user, zoneAt } = ports
  const { id, account, receivedAt } = delivery
  const info = await journal.transaction((tx) => journal.blobs.info(tx, blob))
  const begun = from.file?.id === id ? from.file : undefined
  if (!info || info.user !== user || !plugin.file || !ports.imported.has(id))
    return commit(async () => noted(ports, from, [{ delivery, read: null }]))
  const file = {
    name: info.name,
    size: info.size,
    read: readPages(info.size, (offset, length) =>
      journal.transaction((tx) => journal.blobs.read(tx, blob, offset, length), { lane: 'bulk' }),
    ),
  }
  // Siblings are counted over the file anew.
  const numbering = uuidOf(`replay ${id}`)
  const options = ports.imported.get(id)
  let reading = from
  let step = begun?.step ?? 0
  if (!begun) await journal.transaction(async (tx) => journal.ordinals?.drop(tx, numbering))
  let whole = true
  try {
    for await (const next of plugin.file.read(file, {
      account,
      cursor: begun?.cursor ?? null,
      signal,
      receivedAt,
      zoneAt,
      ...(options === undefined ? {} : { options }),
    })) {
      signal.throwIfAborted()
      step++
      reading = await commit(async (tx) => {
        const made = checked(ports, delivery, { observations: next.observations, aside: [] })
        const observations = await numbered(journal, tx, user, made.passed, numbering)
        await write(ports, tx, [batchOf(ports, delivery, observations)])
        return {
          ...reading,
          file: { id, cursor: next.cursor, step },
          observations: reading.observations + observations.length,
          aside: counted(reading.aside, [...next.rejected, ...made.aside]),
        }
      })
      failpoint('replay:after-commit')
    }
  } catch (cause) {
    // It cannot be read any more: what it said stays.
    if (!isAurenError(cause) || !unreadable.has(cause.code)) throw cause
    whole = false
  }
  return commit(async (tx) => {
    await journal.ordinals?.drop(tx, numbering)
    return noted(ports, reading, [{ delivery, read: whole ? { observations: [], aside: [] } : null }])
  })
}

function checked({ plugin, registry }: ReadPorts, { account, receivedAt }: KeptDelivery, { observations }: Read) {
  return checkAll(observations, { provider: plugin.id, account, receivedAt, registry })
}

function batchOf({ plugin }: ReadPorts, delivery: KeptDelivery, observations: Batch['observations']): Batch {
  const { id: rawRef, account, receivedAt } = delivery
  return { provider: plugin.id, account, receivedAt, rawRef, observations }
}

async function write({ journal, longTerm, user }: ReadPorts, tx: Tx, batches: readonly Batch[]): Promise<void> {
  const shadow = shadowOf(user)
  await journal.person(tx, shadow)
  await journal.lockPersons(tx, [shadow])
  const full = batches.filter(({ observations }) => observations.length > 0)
  if (full.length > 0) await longTerm.write(tx, shadow, full)
  failpoint('replay:before-commit')
}

/** Progress after deliveries. */
function noted(
  { settled }: ReadPorts,
  reading: Reading,
  done: readonly { delivery: KeptDelivery; read: Read | null }[],
): Reading {
  const { file: _file, ...rest } = reading
  const next = { ...rest, unread: [...reading.unread], recent: [...reading.recent] }
  for (const { delivery, read } of done) {
    const { id, receivedAt } = delivery
    next.after = { id, receivedAt }
    next.deliveries++
    if (receivedAt > settled) next.recent.push(receivedAt)
    if (!read) {
      if (next.unread.length < MOST_UNREAD) next.unread.push({ id, receivedAt })
      continue
    }
    next.observations += read.observations.length
    next.aside = counted(next.aside, read.aside)
  }
  return next
}

/**
 * Once what deliveries say now has been made: what is refused of them now takes the place of what had been. Of files, and
 * of what cannot be read, the quarantine stays as it is.
 * @param commit does what it is given in one transaction, and notes the last of these deliveries
 */
export async function replaceRefusals(
  ports: ReadPorts,
  page: readonly KeptDelivery[],
  now: () => Instant,
  commit: (last: KeptDelivery, work: (tx: Tx) => Promise<void>) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < page.length; from += DELIVERIES_AT_ONCE) {
    const deliveries = page.slice(from, from + DELIVERIES_AT_ONCE)
    const refused: { delivery: KeptDelivery; aside: readonly SetAside[] }[] = []
    for (const delivery of deliveries) {
      const read = delivery.blob === null ? await readBody(ports, delivery) : null
      if (read) refused.push({ delivery, aside: [...read.aside, ...checked(ports, delivery, read).aside] })
    }
    await commit(deliveries.at(-1) as KeptDelivery, async (tx) => {
      for (const { delivery, aside } of refused) await replaceAside(ports, tx, delivery, aside, now())
    })
  }
}

async function replaceAside(
  { journal, plugin, user }: ReadPorts,
  tx: Tx,
  { id: rawRef, account, receivedAt }: KeptDelivery,
  aside: readonly SetAside[],
  at: Instant,
): Promise<void> {
  for (const item of await journal.listQuarantine(tx, { user, open: true, rawRef, limit: 10_000 }))
    await journal.markReplayed(tx, item.id, at)
  if (aside.length === 0) return
  const origin = { user, provider: plugin.id, account, rawRef, receivedAt }
  // What a check refused is an observation; what the normalizer did is a part of its delivery.
  await journal.quarantine(
    tx,
    aside.map((held) => itemOf(origin, held, isObservation(held.item) ? 'observation' : 'part')),
  )
}

function isObservation(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'shape' in item && 'zoneBasis' in item
}

function counted(before: Record<string, number>, aside: readonly { reason: string }[]): Record<string, number> {
  if (aside.length === 0) return before
  const after = { ...before }
  for (const { reason } of aside) after[reason] = (after[reason] ?? 0) + 1
  return after
}

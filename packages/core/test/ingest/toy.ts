import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Journal, Tx } from '../../src/events/ports.js'
import { createIngest, type Ingest } from '../../src/ingest/ingest.js'
import type { Batch, LongTerm, Profile } from '../../src/memory/ports.js'
import type { Observation, ObservationInput } from '../../src/observation/schema.js'
import { defineWearable } from '../../src/plugin/define.js'
import type { FileSource, ImportStep, WearablePlugin } from '../../src/plugin/types.js'
import { type FixedClock, fixedClock } from '../../src/testing/clock.js'
import { createMemoryJournal } from '../../src/testing/memory-journal.js'
import { onRollback } from '../../src/testing/undo.js'

export const secret = 'toy-secret'
export const user = 'ada'
export const account = 'acct-1'
/** 2026-01-05T08:00:00Z */
export const start = Date.UTC(2026, 0, 5, 8)

/** Signs as the toy vendor does. */
export const sign = (body: Uint8Array): string => createHmac('sha256', secret).update(body).digest('hex')

const Payload = z.object({ account: z.string(), items: z.array(z.unknown()) })

/** A vendor whose payloads are observations as they are: what is tested is the way, not the reading. */
export function toy(more: Partial<WearablePlugin> = {}) {
  return defineWearable({
    kind: 'wearable',
    id: 'toy',
    version: '1.0.0',
    payload: Payload,
    *normalize(payload, ctx) {
      for (const item of payload.items) {
        if (item === 'broken') throw new TypeError('the normalizer has a bug')
        if (typeof item === 'string') ctx.reject(item, 'unreadable', 'a word is no observation')
        else yield item as ObservationInput
      }
    },
    webhook: {
      verify(request) {
        const given = Buffer.from(request.headers['x-toy-signature'] ?? '', 'hex')
        const wanted = Buffer.from(sign(request.body), 'hex')
        if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return { ok: false, reason: 'signature' }
        const key = request.headers['x-toy-id']
        return key === undefined ? { ok: true } : { ok: true, deliveryKey: key }
      },
      challenge: (request) =>
        request.query.challenge === undefined ? null : { status: 200, body: request.query.challenge },
      plan(body) {
        const payloads = z.union([Payload.transform((one) => [one]), z.array(Payload)]).parse(body)
        return payloads.map((payload) => ({ account: payload.account, payload }))
      },
      accepted: 202,
    },
    file: { recognises: (name) => name.endsWith('.toy'), read },
    ...more,
  } as WearablePlugin<'toy', z.infer<typeof Payload>, never>)
}

/** One step per line of the file; the cursor is the offset of the next line. */
async function* read(file: FileSource, ctx: { cursor: unknown }): AsyncIterable<ImportStep> {
  const text = new TextDecoder().decode(await file.read(0, file.size))
  let at = typeof ctx.cursor === 'number' ? ctx.cursor : 0
  while (at < text.length) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end < 0 ? text.length : end)
    at = end < 0 ? text.length : end + 1
    const items = JSON.parse(line) as unknown[]
    yield {
      observations: items.filter((item) => typeof item === 'object') as ObservationInput[],
      rejected: items
        .filter((item) => typeof item === 'string')
        .map((item) => ({ item, reason: 'unreadable', detail: 'a word' })),
      cursor: at,
      progress: { bytes: at, total: text.length },
    }
  }
}

/** What was said of one identity, as decision 3 of the contract keeps it. */
interface Said {
  version: number | null
  first: number
  last: number
}

/** Tier 2 as a map, independent of everything: identity → value → stamps. Takes part in the journal's transactions. */
export function plainStore(hook: (batches: readonly Batch[]) => void = () => undefined) {
  const rows = new Map<string, Map<string, Said>>()
  const write: LongTerm['write'] = async (tx: Tx, person, batches) => {
    let changed = 0
    for (const batch of batches)
      for (const observation of batch.observations) {
        const key = keyOf(person, batch, observation)
        const said = saidOf(observation)
        const values = rows.get(key) ?? new Map<string, Said>()
        const before = values.get(said)
        const version = ('version' in observation ? observation.version : undefined) ?? null
        values.set(said, {
          version: before?.version != null && (version === null || before.version > version) ? before.version : version,
          first: Math.min(before?.first ?? batch.receivedAt, batch.receivedAt),
          last: Math.max(before?.last ?? batch.receivedAt, batch.receivedAt),
        })
        rows.set(key, values)
        if (!before) changed++
        onRollback(tx, () => (before ? values.set(said, before) : values.delete(said)))
      }
    hook(batches)
    return { changed, unchanged: 0, days: 0 }
  }
  return {
    write,
    profile: async (): Promise<Profile> => ({}),
    /** Everything, in an order that does not depend on how it came. */
    dump: () =>
      [...rows]
        .flatMap(([key, values]) => [...values].map(([value, said]) => JSON.stringify([key, value, said])))
        .sort(),
    /** Values now held, whoever's. */
    values: () =>
      [...rows.values()].flatMap((values) => [...values.keys()].map((value) => JSON.parse(value)[0] as unknown)),
  }
}

function keyOf(person: string, batch: Batch, o: Observation): string {
  const what = o.shape === 'deletion' ? o.target : o
  const of =
    o.shape === 'sample' || o.shape === 'daily_total'
      ? o.metric
      : o.shape === 'session'
        ? o.kind
        : o.shape === 'tag'
          ? o.tag
          : 'deletion'
  const times = what && 'start' in what ? [what.start, what.end] : []
  const date = o.shape === 'daily_total' ? o.date : null
  const ordinal = 'ordinal' in o ? (o.ordinal ?? 0) : 0
  return JSON.stringify([
    person,
    batch.provider,
    batch.account,
    o.shape,
    of,
    times,
    date,
    o.recordId,
    'source' in o ? o.source?.name : null,
    ordinal,
  ])
}

function saidOf(o: Observation): string {
  if (o.shape === 'deletion') return '["deleted"]'
  return JSON.stringify([
    o.shape === 'session' ? o.measures : o.value,
    'text' in o ? o.text : null,
    o.flags ?? 0,
    o.offset,
  ])
}

/** A composed way in, over maps, with the person's account connected. */
export interface Rig {
  ingest: Ingest
  journal: Journal
  clock: FixedClock
  store: ReturnType<typeof plainStore>
  logged: string[]
  /** One signed delivery. */
  deliver(items: unknown[], options?: { id?: string; account?: string }): Promise<number>
  /** Raw bytes, signed. */
  post(body: Uint8Array, headers?: Record<string, string>): Promise<number>
  close(): Promise<void>
}

/** Makes a {@link Rig}; `connect: false` leaves the account nobody's. */
export async function rig(
  options: {
    plugin?: WearablePlugin
    store?: ReturnType<typeof plainStore>
    connect?: boolean
    clock?: FixedClock
    journal?: Journal
    started?: boolean
  } = {},
): Promise<Rig> {
  const clock = options.clock ?? fixedClock(start)
  const journal = options.journal ?? createMemoryJournal({ now: clock.now })
  const store = options.store ?? plainStore()
  const logged: string[] = []
  const ingest = createIngest({
    journal,
    longTerm: store as unknown as LongTerm,
    wearables: [(options.plugin ?? toy()) as WearablePlugin],
    registry: {},
    zone: 'UTC',
    now: clock.now,
    log: (_level, message, fields) => logged.push(`${message} ${JSON.stringify(fields ?? {})}`),
  })
  if (options.connect !== false) await ingest.connections.adopt(user, 'toy', account, { accessToken: 'token' })
  if (options.started !== false) ingest.start()
  const post: Rig['post'] = async (body, headers = {}) => {
    const answer = await ingest.webhook('toy', {
      method: 'POST',
      headers: { 'x-toy-signature': sign(body), ...headers },
      query: {},
      body,
      now: clock.now(),
    })
    return answer.status
  }
  return {
    ingest,
    journal,
    clock,
    store,
    logged,
    post,
    deliver: (items, { id, account: of = account } = {}) =>
      post(
        new TextEncoder().encode(JSON.stringify({ account: of, items })),
        id === undefined ? {} : { 'x-toy-id': id },
      ),
    close: () => ingest.close(),
  }
}

/** A pulse sample of the toy vendor. */
export function pulse(
  at: number,
  value: number,
  more: Partial<Extract<ObservationInput, { shape: 'sample' }>> = {},
): ObservationInput {
  return {
    shape: 'sample',
    metric: 'heart_rate',
    start: at,
    value,
    unit: '/min',
    source: { name: 'Toy watch', type: 'watch' },
    offset: 60,
    zoneBasis: 'carried',
    ...more,
  }
}

import type { Instant } from '../observation/schema.js'
import type { Fetch } from '../plugin/fetch.js'
import type { RawRequest } from '../plugin/types.js'

/** How a vendor sends what it has to tell. */
export interface VendorSenderSpec {
  /**
   * Where to: an address, or the door itself (`(request) => auren.ingest.webhook('oura', request)`).
   */
  to: string | ((request: RawRequest) => Promise<{ status: number }>)
  /** Headers that sign these bytes at this moment, lower-cased. */
  sign(body: Uint8Array, at: Instant): Readonly<Record<string, string>>
  /** Clock of vendor and receiver. @default Date.now */
  now?(): Instant
  /** Query of the address, for vendors that sign nothing. */
  query?: Readonly<Record<string, string>>
  /** How often a delivery that was not answered 2xx is sent again, signed anew. @default 0 */
  retries?: number
}

/** One delivery, and how it was answered. */
export interface VendorDelivery {
  body: Uint8Array
  headers: Readonly<Record<string, string>>
  status: number
}

/** Sends deliveries as vendors do: signed, and now and then late, twice, or in another order. */
export interface VendorSender {
  /** Sends an event; bytes go as they are, all else as JSON. */
  send(event: unknown): Promise<VendorDelivery>
  /** Sends an event that was signed a while ago: it was under way for long, or somebody kept it. */
  late(event: unknown, ms: number): Promise<VendorDelivery>
  /** Sends the very bytes and headers of a delivery again. */
  again(delivery: VendorDelivery, times?: number): Promise<VendorDelivery[]>
  /** Sends events in an order that depends on the seed alone; the answers stand in the order of the events. */
  shuffled(events: readonly unknown[], seed: number): Promise<VendorDelivery[]>
  /** Sends the bytes of an event with the signature of another: nobody may take it. */
  forged(event: unknown, other: unknown): Promise<VendorDelivery>
}

/** Makes a {@link VendorSender}. */
export function createVendorSender(spec: VendorSenderSpec): VendorSender {
  const { to, sign, now = Date.now, query = {}, retries = 0 } = spec
  const bytesOf = (event: unknown): Uint8Array =>
    event instanceof Uint8Array ? event : Buffer.from(typeof event === 'string' ? event : JSON.stringify(event))

  const post = async (body: Uint8Array, headers: Readonly<Record<string, string>>): Promise<VendorDelivery> => {
    const all = { 'content-type': 'application/json', ...headers }
    if (typeof to !== 'string') {
      const status = await to({ method: 'POST', headers: all, query, body, now: now() }).then(
        (answer) => answer.status,
        // What the door refuses is an answer, too, where it is served over HTTP.
        (error: { status?: unknown }) => (typeof error.status === 'number' ? error.status : 500),
      )
      return { body, headers: all, status }
    }
    const url = new URL(to)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    const answer = await fetch(url, { method: 'POST', headers: all, body: Buffer.from(body) })
    await answer.arrayBuffer()
    return { body, headers: all, status: answer.status }
  }
  const deliver = async (body: Uint8Array, at: () => Instant): Promise<VendorDelivery> => {
    for (let attempt = 0; ; attempt++) {
      const sent = await post(body, sign(body, at()))
      if ((sent.status >= 200 && sent.status < 300) || attempt >= retries) return sent
    }
  }

  return {
    send: (event) => deliver(bytesOf(event), now),
    late: (event, ms) => deliver(bytesOf(event), () => now() - ms),
    async again({ body, headers }, times = 1) {
      const answers: VendorDelivery[] = []
      for (let i = 0; i < times; i++) answers.push(await post(body, headers))
      return answers
    },
    async shuffled(events, seed) {
      const answers = new Map<number, VendorDelivery>()
      for (const index of orderOf(events.length, seed)) answers.set(index, await deliver(bytesOf(events[index]), now))
      return events.map((_, index) => answers.get(index) as VendorDelivery)
    },
    forged: (event, other) => post(bytesOf(event), sign(bytesOf(other), now())),
  }
}

/** Fisher-Yates over a small linear congruential generator: the same for the same seed. */
function orderOf(n: number, seed: number): number[] {
  const order = Array.from({ length: n }, (_, index) => index)
  let state = seed >>> 0
  for (let i = n - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const j = Math.floor((state / 2 ** 32) * (i + 1))
    ;[order[i], order[j]] = [order[j] as number, order[i] as number]
  }
  return order
}

/**
 * What a plugin is given as `ctx.fetch`, for tests that call it by itself: with the token that `token` gives, to loopback
 * only.
 */
export function localFetch(token: () => string | null = () => null): Fetch {
  return async (url, { credentials, method, headers, body, signal } = {}) => {
    if (new URL(url).hostname !== '127.0.0.1') throw new Error(`A test may not call ${new URL(url).host}.`)
    const bearer = credentials === 'omit' ? null : token()
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { ...headers, ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) },
      ...(method === undefined ? {} : { method }),
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      text: async () => bytes.toString(),
      json: async () => JSON.parse(bytes.toString()) as unknown,
      bytes: async () => bytes,
    }
  }
}

import type { LookupAddress, LookupOptions } from 'node:dns'
import type { Agent, IncomingMessage, RequestOptions } from 'node:http'
import { isIP, type LookupFunction } from 'node:net'
import { Readable } from 'node:stream'
import { AurenError } from '../errors.js'
import { type Reach, reachOf } from './addresses.js'

/** Resolves a name, as `dns.lookup` does with `all`. */
export type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** What a guarded fetch may reach. */
export interface GuardOptions {
  /** Whether a request may go to an address that is not public, for what the operator has named as such; default never. */
  allows?: (url: URL, reach: 'loopback' | 'private') => boolean
  /** How names are resolved; default `dns.lookup`. */
  resolve?: Resolve
}

/**
 * What an operator's own setting may reach beyond public addresses: the very host and port that it names, where that is
 * an address written out or `localhost`, or where the operator said so of the name. A name alone is not enough: whoever
 * answers for it could send requests into the network.
 *
 * @param base the setting
 * @param listed whether the operator said that this name leads into a private network
 */
export function allowsOwn(base: URL, listed = false): NonNullable<GuardOptions['allows']> {
  const written = isIP(literalOf(base)) !== 0
  return (url, reach) =>
    url.host === base.host && (listed || written || (base.hostname === 'localhost' && reach === 'loopback'))
}

/** As `fetch`, to `https:` and `http:` only; its answers are read as they come and never decompressed. */
export type GuardedFetch = (address: string | URL, init?: RequestInit) => Promise<Response>

/**
 * A fetch for addresses that others may have a say in (OWASP API7): the address that the name resolved to is looked at
 * when the connection is made, so that no other answer of the name server can come in between. Redirects are answers,
 * not followed. A name with one address that may not be reached is refused whole.
 *
 * @throws AurenError AUREN_FORBIDDEN where the address may not be called
 */
export function createGuardedFetch({ allows = () => false, resolve }: GuardOptions = {}): GuardedFetch {
  const agents = new Map<string, Agent>()
  const mayReach = (url: URL, reach: Reach): boolean => {
    if (reach === 'public') return true
    return reach !== 'never' && allows(url, reach)
  }
  const lookupFor =
    (url: URL): LookupFunction =>
    (hostname, options, callback) => {
      const look = resolve ? Promise.resolve(resolve) : import('node:dns').then(({ lookup }) => lookup as Resolve)
      look.then((resolved) =>
        resolved(hostname, { ...(options as LookupOptions), all: true }, (error, addresses) => {
          if (error) return callback(error, '')
          const [first] = addresses
          if (!first || addresses.some(({ address }) => !mayReach(url, reachOf(address))))
            return callback(refused(url), '')
          if (options.all) return callback(null, addresses)
          callback(null, first.address, first.family)
        }),
      )
    }

  return async (address, init = {}) => {
    const url = new URL(address)
    const literal = literalOf(url)
    // A name is looked at when it is resolved; an address never is.
    if (
      (url.protocol !== 'https:' && url.protocol !== 'http:') ||
      url.username !== '' ||
      url.password !== '' ||
      (isIP(literal) !== 0 && !mayReach(url, reachOf(literal)))
    )
      throw refused(url)
    const secure = url.protocol === 'https:'
    const http = secure ? await import('node:https') : await import('node:http')
    let agent = agents.get(url.protocol)
    if (!agent) {
      agent = new http.Agent({ keepAlive: true })
      agents.set(url.protocol, agent)
    }
    const { signal, ...rest } = init
    const asked = new Request(url, { ...rest, redirect: 'manual' })
    const body = asked.body === null ? null : Buffer.from(await asked.arrayBuffer())
    const repeatable = asked.method === 'GET' || asked.method === 'HEAD'
    const options: RequestOptions = {
      method: asked.method,
      headers: {
        accept: '*/*',
        ...Object.fromEntries(asked.headers),
        'accept-encoding': 'identity',
        ...(body === null ? {} : { 'content-length': body.length }),
      },
      lookup: lookupFor(url),
      // What may not be sent twice gets a connection of its own: an idle one may end as the request leaves.
      agent: repeatable ? agent : false,
      ...(signal ? { signal } : {}),
    }
    const send = (): Promise<IncomingMessage> =>
      new Promise((answer, fail) => {
        const request = http.request(url, options, answer)
        request.once('error', (error: NodeJS.ErrnoException) => {
          if (request.reusedSocket && repeatable && error.code === 'ECONNRESET') send().then(answer, fail)
          else fail(error)
        })
        request.end(body ?? undefined)
      })
    return toResponse(await send())
  }
}

/** A host without the brackets of IPv6. */
function literalOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function toResponse(answer: IncomingMessage): Response {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(answer.headersDistinct))
    for (const value of values) headers.append(name, value)
  const status = answer.statusCode ?? 0
  const empty = status === 204 || status === 205 || status === 304
  if (empty) answer.resume()
  return new Response(empty ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>), {
    status,
    statusText: answer.statusMessage ?? '',
    headers,
  })
}

function refused(url: URL): AurenError {
  return new AurenError(
    'AUREN_FORBIDDEN',
    `${url.protocol === 'http:' || url.protocol === 'https:' ? url.host : url.protocol} may not be called: it is no address of the open Internet, or not http.`,
    { retryable: false },
  )
}
